"""The record as it stood at an instant, as a source for every face: judged again from the evidence of that time.

It says what `judge --as-of` says. It must never write to the record.
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, cast

from mediawatch.core.reading import QUESTIONS, Source
from mediawatch.core.rulebook import Language, Rulebook
from mediawatch.core.sessions import Session
from mediawatch.rejudge import Progress, as_of
from mediawatch.store.bodies import Bodies
from mediawatch.store.past import Past
from mediawatch.store.query import Query
from mediawatch.store.replica import Replica
from mediawatch.store.store import Store

_NO_BODIES = Bodies()
_SOME = 500  # accounts in one transaction of the replica


@contextmanager
def as_it_stood(
    store: Store,
    books: Mapping[str, Rulebook],
    language: Language,
    sessions: tuple[Session, ...],
    at: datetime,
    progress: Progress = lambda done, total: None,
    bodies: Bodies = _NO_BODIES,
) -> Iterator[Source]:
    """A source that answers every question as of `at`, whatever instant is asked for; gone with the block.

    It judges every account of that time once, first (a few milliseconds each). Raises NoBook, StoreError.
    """
    with ExitStack() as kept:
        folder = kept.enter_context(tempfile.TemporaryDirectory(prefix="mediawatch-"))
        replica = Replica(store, Path(folder) / "as-of.db", at)
        kept.callback(replica.store.close)
        then = Past(store).books(books, at)
        verdicts = as_of(Past(store), then, at, progress=progress)
        while some := list(islice(verdicts, _SOME)):
            replica.answer((one.evidence, one.findings, one.book.edition) for one in some)
        query = Query(replica.store, then, language, sessions, record=store, bodies=bodies)
        yield cast(Source, _At(query, at))


class Pasts:
    """Sources of past instants, each made when it is asked for the first time; the last few are kept.

    make: as `as_it_stood`, for one instant. Questions come from one thread; `close` ends all.
    """

    def __init__(self, make: Callable[[datetime], AbstractContextManager[Source]], most: int = 3) -> None:
        self._make, self._most = make, most
        self._kept: dict[datetime, tuple[ExitStack, Source]] = {}

    def at(self, moment: datetime) -> Source:
        """The record as it stood then. Nothing is read before the first question."""
        return cast(Source, _Late(self, moment))

    def source(self, moment: datetime) -> Source:
        """The source itself, made now where it is not kept. Raises as `as_it_stood`."""
        if moment in self._kept:
            self._kept[moment] = self._kept.pop(moment)  # the last one asked is the last one to go
            return self._kept[moment][1]
        while len(self._kept) >= self._most:
            self._kept.pop(next(iter(self._kept)))[0].close()
        with ExitStack() as stack:
            source = stack.enter_context(self._make(moment))
            self._kept[moment] = (stack.pop_all(), source)
        return source

    def close(self) -> None:
        """Ends all sources; a question after that makes its own anew."""
        while self._kept:
            self._kept.popitem()[1][0].close()


class _Late:
    def __init__(self, pasts: Pasts, moment: datetime) -> None:
        self._pasts, self._moment = pasts, moment

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in QUESTIONS:
            raise AttributeError(name)
        return lambda *arguments, **named: getattr(self._pasts.source(self._moment), name)(*arguments, **named)


class _At:
    """Asks another source, always as of one instant."""

    def __init__(self, source: Query, at: datetime) -> None:
        self._source, self._at = source, at

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in QUESTIONS:
            raise AttributeError(name)
        asked, signature = getattr(self._source, name), inspect.signature(getattr(Source, name))

        def ask(*arguments: Any, **named: Any) -> Any:
            bound = signature.bind(self, *arguments, **named).arguments
            del bound["self"]
            if "now" in bound:
                bound["now"] = self._at
            if "until" in bound:
                bound["until"] = min(bound["until"], self._at)
            return asked(**bound)

        return ask
