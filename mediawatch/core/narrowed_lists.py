"""By what the lists that are read whole are narrowed: the words of a row, and its labels. Pure.

The console and the listing commands share them, so that one filter means one thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from mediawatch.core.filtering import Filter, matches, searchable
from mediawatch.core.office_views import CampaignLine, CaseLine
from mediawatch.core.receiver_views import ReceiverView

Row = TypeVar("Row")
Labels = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Narrowed(Generic[Row]):
    """keys: the labels that there are. text: made by `searchable`."""

    keys: tuple[str, ...]
    text: Callable[[Row], str]
    labels: Callable[[Row], Labels]

    def of(self, rows: Iterable[Row], only: Filter) -> list[Row]:
        """The rows that the filter leaves, in their order."""
        return [row for row in rows if not only.terms or matches(only, self.text(row), self.labels(row))]


def _case(row: CaseLine) -> Labels:
    named: Labels = {key: (str(getattr(row, key)),) for key in ("unit", "account", "campaign", "indicator")}
    return {**named, "state": (str(row.state),)}


CASES: Narrowed[CaseLine] = Narrowed(
    ("state", "unit", "account", "campaign", "indicator"),
    lambda row: searchable(row.name, row.account, row.unit, row.title, row.says, row.id, spelled=(row.name, row.unit)),
    _case,
)
CAMPAIGNS: Narrowed[CampaignLine] = Narrowed(
    ("id", "stage"),
    lambda row: searchable(row.title, row.id, row.rulebook, spelled=(row.title,)),
    lambda row: {"id": (row.id,), "stage": (str(row.stage),)},
)
RECEIVERS: Narrowed[ReceiverView] = Narrowed(
    ("name", "kind"),
    lambda row: searchable(row.name, row.kind, row.answer, row.error, spelled=(row.name,)),
    lambda row: {"name": (row.name,), "kind": (row.kind,)},
)
