"""Recorded answers in the network's place: the same seam, for fixtures and back-tests. It never touches a network."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml
from pydantic import AwareDatetime

from mediawatch.core.model import Failure, Reason, Value
from mediawatch.core.wire import Exchange, Failed, Keeper, Request, Validator

_Question = tuple[str, str, tuple[tuple[str, str], ...]]


class Replay:
    """Answers from recorded exchanges (`core.wire.Wires`).

    A question is found by its method, path and query, whatever the host and the order of the query, so that a
    recording serves under any base address. The n-th time a question is asked in one look, its n-th answer is given,
    and the last one from then on. An answer keeps the instant at which it was recorded.

    base: what `wire.base` shows. keeper: keeps the bodies, as a real wire would, where a keeper is given.
    silent: exchanges that never came about, with why.
    """

    def __init__(
        self,
        exchanges: Iterable[Exchange],
        base: str = "",
        keeper: Keeper | None = None,
        silent: Iterable[tuple[Exchange, Failure]] = (),
    ) -> None:
        self.exchanges = tuple(exchanges)
        self._base = base.rstrip("/")
        self._keeper = keeper
        self._silent = {_question(one.method, one.url): failure for one, failure in silent}

    @classmethod
    def load(cls, path: Path | str, base: str = "", keeper: Keeper | None = None) -> Replay:
        """From a YAML file with `at` (an instant with a zone) and `exchanges`; what else it holds is left alone.

        Each of `exchanges` has `url`, and may have `method`, `status` (200), `headers` (a mapping), `final_url`,
        `elapsed` (seconds), `tls_ends_at` and either `body` (text) or `body_base64`. One with `fails`, a reason, and
        perhaps `says`, stands for no answer at all. Raises `ValueError` where the file is not so.
        """
        document = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        if not isinstance(document, dict):
            raise ValueError(f"{Path(path).name}: no mapping with `at` and `exchanges`")
        tape = _Tape.model_validate({key: document[key] for key in ("at", "exchanges") if key in document})
        silent = [
            (entry.exchange(tape.at), Failure(reason=entry.fails, detail=entry.says))
            for entry in tape.exchanges
            if entry.fails is not None
        ]
        return cls([entry.exchange(tape.at) for entry in tape.exchanges if entry.fails is None], base, keeper, silent)

    def open(self, platform: str, now: datetime, validators: tuple[Validator, ...] = ()) -> _ReplayLook:
        """A wire for one look. The platform does not matter; the validators stay as they were."""
        return _ReplayLook(self.exchanges, self._base, self._keeper, now, validators, self._silent)

    def room(self, platform: str) -> int:
        """A recording has no pace."""
        return 1000


class _ReplayLook:
    def __init__(
        self,
        recorded: tuple[Exchange, ...],
        base: str,
        keeper: Keeper | None,
        now: datetime,
        validators: tuple[Validator, ...],
        silent: Mapping[_Question, Failure],
    ) -> None:
        self._silent = silent
        self._answers: dict[_Question, list[Exchange]] = {}
        for exchange in recorded:
            self._answers.setdefault(_question(exchange.method, exchange.url), []).append(exchange)
        self._keeper = keeper
        self._given: list[Exchange] = []
        self.base = base
        self.now = now
        self.validators = validators

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(self._given)

    async def whole(self, answers: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
        """As they are: each came with its body."""
        return answers

    async def ask(self, request: Request) -> Exchange:
        """The recorded answer. Raises `Failed(unreadable)` where none is, or where it is larger than asked for."""
        question = _question(request.method, request.url)
        if question in self._silent:
            raise Failed(self._silent[question].reason, self._silent[question].detail)
        answers = self._answers.get(question)
        if not answers:
            raise Failed(Reason.UNREADABLE, f"not recorded: {request.method} {request.url}")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if request.max_body is not None and len(answer.body) > request.max_body:
            raise Failed(Reason.UNREADABLE, f"larger than {request.max_body} bytes")
        if self._keeper is not None:
            self._keeper.keep(answer.body)
        self._given.append(answer)
        return answer


class _Entry(Value):
    url: str
    method: str = "GET"
    status: int = 200
    headers: dict[str, str] = {}
    final_url: str = ""
    elapsed: float = 0.0
    fails: Reason | None = None
    says: str = "recorded"
    tls_ends_at: AwareDatetime | None = None
    body: str | None = None
    body_base64: str | None = None

    def model_post_init(self, context: Any) -> None:
        if self.body is not None and self.body_base64 is not None:
            raise ValueError("either `body` or `body_base64`")

    def exchange(self, at: datetime) -> Exchange:
        packed = self.body_base64
        body = (
            (self.body or "").encode() if packed is None else base64.b64decode("".join(packed.split()), validate=True)
        )
        return Exchange(
            url=self.url,
            method=self.method,
            at=at,
            status=self.status,
            headers=tuple(self.headers.items()),
            body=body,
            final_url=self.final_url or self.url,
            elapsed=self.elapsed,
            tls_ends_at=self.tls_ends_at,
        )


class _Tape(Value):
    at: AwareDatetime
    exchanges: tuple[_Entry, ...]


def _question(method: str, url: str) -> _Question:
    parts = urlsplit(url)
    query = tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return method.upper(), unquote(parts.path) or "/", query
