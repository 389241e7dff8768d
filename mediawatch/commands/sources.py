"""`platforms`, `sessions` and `adapters`: how the sources go, as text or JSON. They read, and change nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.listing import Column, Listing, listing
from mediawatch.commands.options import NoStore, as_json, files, reading
from mediawatch.commands.printing import echo, json_line, moment, narrate
from mediawatch.core.model import Reason
from mediawatch.core.narrowed_lists import LOGINS, PLATFORMS
from mediawatch.core.rulebook import Language
from mediawatch.core.views import PlatformView, SessionView, SourceView
from mediawatch.core.wording import REASONS, SESSIONS

LATELY = timedelta(days=7)


def share(part: float | None) -> str:
    """A share as people read it; `-` where there was nothing to share."""
    return "-" if part is None else f"{part:.0%}"


def _platform(view: PlatformView, spoken: Language) -> str:
    reasons = sorted(view.reasons.items(), key=lambda item: -item[1])
    says = [view.incident] if view.incident else []
    return " | ".join([*says, *(f"{REASONS[Reason(reason)].in_(spoken)} {number}" for reason, number in reasons)])


PLATFORMS_SHOWN: tuple[Column[PlatformView], ...] = (
    Column("平台", "platform", lambda view, _: view.platform, 40),
    Column("查看", "looks", lambda view, _: str(view.looks)),
    Column("见到", "seen", lambda view, _: str(view.seen)),
    Column("覆盖率", "coverage", lambda view, _: share(view.coverage)),
    Column("故障小时", "hours lost", lambda view, _: f"{view.lost:g}"),
    Column("最近见到", "last seen", lambda view, _: moment(view.last_seen_at)),
    Column("说明", "says", _platform),
)


@click.command()
@listing(keys=PLATFORMS.keys, sorts=tuple(PLATFORMS.orders), first="usual")
@click.option("--days", type=click.IntRange(1, 366), default=1, help="How far back; default 1.")
def platforms(asked: Listing, days: int) -> None:
    """Every platform: looks, what they saw, coverage, time lost in incidents, and the incident that stands."""
    asked.show(PLATFORMS_SHOWN, asked.of(PLATFORMS, asked.source.platforms(asked.now, timedelta(days=days))))


SESSIONS_SHOWN: tuple[Column[SessionView], ...] = (
    Column("登录", "login", lambda view, _: view.name),
    Column("平台", "platform", lambda view, _: view.platform),
    Column("负责人", "owner", lambda view, _: view.owner),
    Column("状态", "state", lambda view, spoken: SESSIONS[view.state].in_(spoken)),
    Column("到期", "expires", lambda view, _: moment(view.expires_at)),
    Column(
        "今日查看",
        "looks today",
        lambda view, _: f"{view.looks_today}" if view.budget is None else f"{view.looks_today}/{view.budget}",
    ),
    Column("最近见到", "last seen", lambda view, _: moment(view.seen_at)),
    Column("最近基准", "last canary", lambda view, _: moment(view.canary_at)),
)


@click.command()
@listing(keys=LOGINS.keys, sorts=tuple(LOGINS.orders), first="settings")
def sessions(asked: Listing) -> None:
    """Every login of the settings: whose, until when, whether the platform takes it, looks today. Never its secret."""
    asked.show(SESSIONS_SHOWN, asked.of(LOGINS, asked.source.sessions(asked.now)))


@click.command()
@files
@as_json
def adapters(accounts: Path | None, settings: Path | None, lang: str | None, json_: bool) -> None:
    """Every adapter: what it needs, sees and cannot see, its pace, and how often it failed in the last week."""
    views = _views(accounts, settings, lang)
    if json_:
        for view in views:
            echo(json_line(view))
        return
    for view in views:
        isolated = ", read in a process of its own" if view.isolate else ""
        echo(f"{view.adapter}  [{view.platform}]  {', '.join(view.kinds) or 'any account'}")
        echo(f"  covers      {', '.join(view.covers)}")
        echo(f"  needs       {view.needs}")
        echo(f"  cannot see  {view.cannot_see}")
        echo(f"  pace        {view.per_minute:g} a minute, {view.at_once} at once{isolated}")
        rate = (
            "no look in the last week" if not view.looks else f"{share(view.failure_rate)} of {view.looks} looks failed"
        )
        echo(f"  lately      {rate}")


def _views(accounts: Path | None, settings: Path | None, lang: str | None) -> tuple[SourceView, ...]:
    """The adapters, with their numbers where there is a store. Without a register there is none to speak of."""
    from mediawatch.adapters import ADAPTERS
    from mediawatch.settings import ACCOUNTS_FILE

    tallies: dict[str, tuple[int, int]] | None = None
    if accounts is not None or settings is not None or Path(ACCOUNTS_FILE).exists():
        try:
            with reading(accounts, settings, lang) as (query, _, _):
                tallies = query.tallies(wall_clock(), LATELY)
        except NoStore:
            narrate("there is no store yet: no failure rates")
    found = []
    for adapter in ADAPTERS.values():
        looks, failed = (None, None) if tallies is None else tallies.get(adapter.kind, (0, 0))
        found.append(
            SourceView(
                adapter=adapter.kind,
                platform=adapter.platform or adapter.kind,
                kinds=tuple(sorted(adapter.kinds)),
                covers=tuple(sorted(adapter.covers)),
                needs=adapter.needs,
                cannot_see=adapter.blind,
                per_minute=adapter.pace.per_minute,
                at_once=adapter.pace.at_once,
                isolate=adapter.isolate,
                looks=looks,
                failed=failed,
                failure_rate=round(failed / looks, 3) if looks and failed is not None else None,
            )
        )
    return tuple(found)
