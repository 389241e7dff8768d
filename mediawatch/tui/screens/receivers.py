"""The receivers: what each is owed, what was last sent to it, and what it answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mediawatch.core.narrowed_lists import RECEIVERS
from mediawatch.core.receiver_views import ReceiverView
from mediawatch.locale import N_
from mediawatch.tui.cells import Piece, age, minute, safe
from mediawatch.tui.columns import Column, Scene
from mediawatch.tui.memory_listing import MemoryListing
from mediawatch.tui.source import Source


def _bad(row: ReceiverView) -> bool:
    return row.failing_since is not None or row.given_up > 0 or not row.kind


def _state(row: ReceiverView, scene: Scene) -> Piece:
    _ = scene.words
    if not row.kind:
        return f"? {_('not in the settings')}", "unknown"
    if row.failing_since is not None:
        return f"X {_('takes nothing')}", "fail"
    if row.sent_at is None:
        return f"? {_('nothing sent yet')}", "unknown"
    return f". {_('takes')}", ""


def _answer(row: ReceiverView, scene: Scene) -> Piece:
    said = row.error if row.failing_since is not None else row.answer
    return "  ".join(filter(None, (said, row.detail))) or "-", "fail" if row.failing_since is not None else ""


COLUMNS: tuple[Column[ReceiverView], ...] = (
    Column("name", N_("Receiver"), lambda row, scene: (row.name, ""), lambda row: row.name, share=3),
    Column(
        "kind",
        N_("Kind"),
        lambda row, scene: (row.kind or "-", ""),
        lambda row: row.kind,
        samples=lambda _: ["dingtalk"],
    ),
    Column(
        "state",
        N_("State"),
        _state,
        lambda row: "failing" if row.failing_since else "ok",
        samples=lambda _: [f"X {_('takes nothing')}", f"? {_('nothing sent yet')}"],
    ),
    Column(
        "owed",
        N_("Owed"),
        lambda row, scene: (f"{row.owed:,}", "at_risk" if row.owed else "dim"),
        lambda row: row.owed,
        samples=lambda _: ["1,000"],
        right=True,
    ),
    Column(
        "sent_at",
        N_("Sent"),
        lambda row, scene: (age(row.sent_at, scene.now, scene.words), ""),
        lambda row: row.sent_at,
        samples=lambda _: [_("{n}m ago").format(n=59)],
        right=True,
    ),
    Column("answer", N_("Last answer"), _answer, lambda row: row.answer, share=4),
)


class ReceiversPane(MemoryListing[ReceiverView]):
    """Who is told, and whether they take it."""

    ABOUT = N_("Whether each receiver takes what is sent to it, what it still is owed, and its last answer.")
    COLUMNS = COLUMNS
    SCOPES = (N_("all"), N_("with trouble"))
    LABELS = RECEIVERS.keys

    def key_of(self, row: ReceiverView) -> str:
        return row.name

    def rows(self, source: Source, now: datetime) -> Iterable[ReceiverView]:
        return source.receivers(now)

    def in_scope(self, row: ReceiverView, scope: int) -> bool:
        return scope == 0 or _bad(row)

    def natural(self, row: ReceiverView) -> tuple[bool, str]:
        return not _bad(row), row.name

    def searched(self, row: ReceiverView) -> str:
        return RECEIVERS.text(row)

    def labels(self, row: ReceiverView) -> dict[str, tuple[str, ...]]:
        return RECEIVERS.labels(row)

    def details(self, row: ReceiverView | None, width: int, scene: Scene) -> list[list[Piece]]:
        if row is None:
            return super().details(row, width, scene)
        _ = scene.words
        facts = (
            _("owed since {when}").format(when=minute(row.owed_since)) if row.owed_since else "",
            _("given up {n}").format(n=row.given_up) if row.given_up else "",
            _("takes nothing since {when}, {n} times").format(when=minute(row.failing_since), n=row.failed)
            if row.failing_since
            else "",
            _("asked: {request}").format(request=safe(row.request)) if row.request else "",
            _("said: {words}").format(words=safe(row.said)) if row.said else "",
        )
        first = f"{safe(row.name)} {safe(row.kind)}  {safe(_answer(row, scene)[0])}"
        return [[(first, "strong")], [(" | ".join(filter(None, facts)), "")]]
