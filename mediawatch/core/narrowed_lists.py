"""By what the lists that are read whole are narrowed: the words of a row, and its labels. Pure.

The console and the listing commands share them, so that one filter means one thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from mediawatch.core.filtering import Filter, matches, searchable
from mediawatch.core.list_views import Change, Group
from mediawatch.core.model import Outcome
from mediawatch.core.office_views import CampaignLine, CaseLine
from mediawatch.core.receiver_views import ReceiverView
from mediawatch.core.views import PlatformView, SessionView

Row = TypeVar("Row")
Labels = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Narrowed(Generic[Row]):
    """keys: the labels that there are. text: made by `searchable`. orders: what the rows may be sorted by, by name; a
    name without anything stands for the order in which they come."""

    keys: tuple[str, ...]
    text: Callable[[Row], str]
    labels: Callable[[Row], Labels]
    orders: Mapping[str, Callable[[Row], Any] | None]

    def of(self, rows: Iterable[Row], only: Filter, sort: str = "", *, descending: bool = False) -> list[Row]:
        """The rows that the filter leaves, in their order or another; what is not there comes last, either way."""
        found = [row for row in rows if not only.terms or matches(only, self.text(row), self.labels(row))]
        value = self.orders.get(sort)
        if value is None:
            return found[::-1] if descending else found
        there = [row for row in found if value(row) not in (None, "")]
        there.sort(key=lambda row: _plain(value(row)), reverse=descending)
        return there + [row for row in found if value(row) in (None, "")]


def _plain(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _of(key: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, key)


def _counted(outcome: Outcome, row: Group) -> int:
    return row.by_outcome.get(outcome, 0)


def _case(row: CaseLine) -> Labels:
    named: Labels = {key: (str(getattr(row, key)),) for key in ("unit", "account", "campaign", "indicator")}
    return {**named, "state": (str(row.state),)}


CASES: Narrowed[CaseLine] = Narrowed(
    ("state", "unit", "account", "campaign", "indicator"),
    lambda row: searchable(row.name, row.account, row.unit, row.title, row.says, row.id, spelled=(row.name, row.unit)),
    _case,
    {
        "term": None,
        **{key: _of(key) for key in ("id", "state", "name", "account", "unit", "title", "indicator", "repeat")},
        **{key: _of(key) for key in ("opened_at", "due", "days_left")},
    },
)
CAMPAIGNS: Narrowed[CampaignLine] = Narrowed(
    ("id", "stage"),
    lambda row: searchable(row.title, row.id, row.rulebook, spelled=(row.title,)),
    lambda row: {"id": (row.id,), "stage": (str(row.stage),)},
    {
        "latest": None,
        **{key: _of(key) for key in ("id", "title", "stage", "judged_at", "drawn", "waiting")},
        "failed": lambda row: row.overall.failed,
        "rate": lambda row: float(row.overall.pass_rate) if row.overall.pass_rate else None,
    },
)
RECEIVERS: Narrowed[ReceiverView] = Narrowed(
    ("name", "kind"),
    lambda row: searchable(row.name, row.kind, row.answer, row.error, spelled=(row.name,)),
    lambda row: {"name": (row.name,), "kind": (row.kind,)},
    {
        "settings": None,
        **{key: _of(key) for key in ("name", "kind", "owed", "given_up", "sent_at", "failing_since")},
    },
)
PLATFORMS: Narrowed[PlatformView] = Narrowed(
    ("platform", "state"),
    lambda row: searchable(row.platform),
    lambda row: {"platform": (row.platform,), "state": ("down" if row.incident_since else "ok",)},
    {"usual": None, **{key: _of(key) for key in ("platform", "looks", "seen", "coverage", "lost", "last_seen_at")}},
)
LOGINS: Narrowed[SessionView] = Narrowed(
    ("platform", "state"),
    lambda row: searchable(row.platform, row.name, row.owner),
    lambda row: {"platform": (row.platform,), "state": (row.state,)},
    {
        "settings": None,
        **{key: _of(key) for key in ("name", "platform", "owner", "state", "expires_at", "looks_today", "seen_at")},
    },
)
GROUPS: Narrowed[Group] = Narrowed(
    ("name",),
    lambda row: searchable(row.name, row.key, spelled=(row.name,)),
    lambda row: {"name": (row.name,)},
    {
        "failed": None,
        "name": _of("name"),
        "key": _of("key"),
        "accounts": _of("total"),
        **{str(one): partial(_counted, one) for one in (Outcome.AT_RISK, Outcome.UNKNOWN, Outcome.PASS)},
    },
)
CHANGES: Narrowed[Change] = Narrowed(
    ("what", "account", "name", "by"),
    lambda row: searchable(
        row.name or row.account, row.account, row.by, row.says or row.indicator, row.what, spelled=(row.name,)
    ),
    lambda row: {key: (getattr(row, key),) for key in ("what", "account", "name", "by")},
    {"newest": None, **{key: _of(key) for key in ("what", "account", "name", "by")}},
)
