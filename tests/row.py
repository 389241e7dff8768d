"""A row of a table about one line of a book: what was seen, in words, and which of the four answers follows. No IO."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mediawatch.core.model import (
    Account,
    Evidence,
    Look,
    Outcome,
    SeenPost,
)
from mediawatch.core.rulebook import Indicator
from tests.tables import evidence, look

PASS, AT_RISK, FAIL, UNKNOWN = Outcome.PASS, Outcome.AT_RISK, Outcome.FAIL, Outcome.UNKNOWN


@dataclass(frozen=True)
class Row:
    """What was seen, in words; the answer; the evidence. edge: whether an answer turns here."""

    says: str
    expected: Outcome
    on: Evidence
    edge: bool = False


@dataclass(frozen=True)
class Line:
    """A line of a book, its thresholds as the rule takes them, and an account that it is asked of."""

    line: Indicator
    params: Any
    of: Account

    def look(self, when: str | datetime, saw: Any = "posts", **more: Any) -> Look:
        (target,) = self.of.targets
        return look(when, saw, target="a", covers=target.covers, **more)

    def row(
        self,
        says: str,
        expected: Outcome,
        now: str | datetime,
        looks: Sequence[Look] = (),
        posts: Sequence[SeenPost] = (),
        *,
        edge: bool = False,
        of: Account | None = None,
        **more: Any,
    ) -> Row:
        on = evidence(now, looks, posts, of=of or self.of)
        return Row(says, expected, on.model_copy(update=more) if more else on, edge)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.params, name)


Rows = Iterator[Row]


TASKS: dict[str, Any] = {
    "tasks": [{"name": "报告", "from": "2026-03-05T09:00:00+08:00", "hours": 24, "words": ["报告"]}]
}
