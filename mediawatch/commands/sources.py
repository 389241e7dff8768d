"""`platforms`, `sessions` and `adapters`: how the sources go, as text or JSON. They read, and change nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import NoStore, as_json, files, language, reading
from mediawatch.commands.printing import echo, json_line, moment, narrate, table
from mediawatch.core.model import Reason
from mediawatch.core.rulebook import Language
from mediawatch.core.views import PlatformView, SessionView, SourceView
from mediawatch.core.wording import REASONS, SESSIONS

LATELY = timedelta(days=7)


@click.command()
@files
@click.option("--days", type=click.IntRange(1, 366), default=1, help="How far back; default 1.")
@as_json
def platforms(accounts: Path | None, settings: Path | None, lang: str | None, days: int, json_: bool) -> None:
    """Every platform: looks, what they saw, coverage, time lost in incidents, and the incident that stands."""
    with reading(accounts, settings, lang) as (query, _, found):
        views = query.platforms(wall_clock(), timedelta(days=days))
    if json_:
        for view in views:
            echo(json_line(view))
        return
    spoken = language(lang, found)
    head = ("平台", "查看", "见到", "覆盖率", "故障小时", "最近见到", "说明") if spoken == "zh_CN" else (
        "platform", "looks", "seen", "coverage", "hours lost", "last seen", "says"
    )  # fmt: skip
    echo(table(head, (_platform(view, spoken) for view in views), most=(40, 0, 0, 0, 0, 0, 0)))


def _platform(view: PlatformView, spoken: Language) -> tuple[str, ...]:
    reasons = sorted(view.reasons.items(), key=lambda item: -item[1])
    says = [view.incident] if view.incident else []
    says += [f"{REASONS[Reason(reason)].in_(spoken)} {number}" for reason, number in reasons]
    return (
        view.platform,
        str(view.looks),
        str(view.seen),
        share(view.coverage),
        f"{view.lost:g}",
        moment(view.last_seen_at),
        " | ".join(says),
    )


def share(part: float | None) -> str:
    """A share as people read it; `-` where there was nothing to share."""
    return "-" if part is None else f"{part:.0%}"


@click.command()
@files
@as_json
def sessions(accounts: Path | None, settings: Path | None, lang: str | None, json_: bool) -> None:
    """Every login of the settings: whose, until when, whether the platform takes it, looks today. Never its secret."""
    with reading(accounts, settings, lang) as (query, _, found):
        views = query.sessions(wall_clock())
    if json_:
        for view in views:
            echo(json_line(view))
        return
    spoken = language(lang, found)
    head = ("登录", "平台", "负责人", "状态", "到期", "今日查看", "最近见到", "最近基准") if spoken == "zh_CN" else (
        "login", "platform", "owner", "state", "expires", "looks today", "last seen", "last canary"
    )  # fmt: skip
    echo(table(head, (_session(view, spoken) for view in views)))


def _session(view: SessionView, spoken: Language) -> tuple[str, ...]:
    return (
        view.name,
        view.platform,
        view.owner,
        SESSIONS[view.state].in_(spoken),
        moment(view.expires_at),
        f"{view.looks_today}" if view.budget is None else f"{view.looks_today}/{view.budget}",
        moment(view.seen_at),
        moment(view.canary_at),
    )


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
