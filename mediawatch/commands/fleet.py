"""`fleet status`: the sites, their workers, and what of what is due nobody looks at. It reads, and changes nothing.

Exit codes: 0 every site has a worker that lives, and nothing is left alone · 1 something is missing · 2 settings or
usage, no PostgreSQL or no store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.listing import Column
from mediawatch.commands.options import Stopped, as_json, files, language, reading
from mediawatch.commands.printing import echo, json_line, moment, table
from mediawatch.core.rulebook import Words
from mediawatch.core.sites import Site, Worker, kind_of

LIVES = timedelta(seconds=30)  # without a sign of life
SAYS = {
    "no_worker": Words(zh_CN="{what}：没有工作进程在运行", en="{what}: no worker runs"),
    "not_served": Words(
        zh_CN="{what}：{number} 个目标到期，没有运行中的工作进程负责此平台",
        en="{what}: {number} targets are due, and no worker that runs serves it",
    ),
    "silent": Words(zh_CN="{what}：自 {since} 起没有消息", en="{what}: not heard of since {since}"),
    "other_edition": Words(
        zh_CN="{what}：其设置、名录或标准与其他工作进程不同",
        en="{what}: its settings, register or rulebooks are not those of the others",
    ),
}
COLUMNS: tuple[Column[Worker], ...] = (
    Column("站点", "site", lambda one, _: one.site, 32),
    Column("出口", "exit", lambda one, _: one.exit, 32),
    Column("席位", "seat", lambda one, _: str(one.seat)),
    Column("平台", "platforms", lambda one, _: ", ".join(one.platforms), 48),
    Column("主机", "host", lambda one, _: f"{one.host} ({one.pid})", 40),
    Column("启动", "started", lambda one, _: moment(one.started_at)),
    Column("最近消息", "last heard of", lambda one, _: moment(one.seen_at)),
)


@click.group()
def fleet() -> None:
    """The workers of a fleet."""


@fleet.command()
@files
@as_json
def status(accounts: Path | None, settings: Path | None, lang: str | None, json_: bool) -> int:
    """Who works where, and what nobody does. Exit 1 where something is missing."""
    from mediawatch.settings_sites import sites_of

    with reading(accounts, settings, lang) as (_, store, found):
        if found.settings.database.startswith("sqlite"):
            raise Stopped("a fleet needs PostgreSQL: database: postgresql://…")
        from mediawatch.store.fleet import leased, workers

        now, spoken = wall_clock(), language(lang, found)
        known, due, held = workers(store), store.due_platforms(now), leased(store)
        wrong = list(missing(sites_of(found.settings.sites).values(), known, due, now))
        if json_:
            for one in known:
                echo(json_line({"kind": "worker", **one.model_dump(mode="json"), "lives": lives(one, now)}))
            for code, said in wrong:
                echo(json_line({"kind": "missing", "code": code, **said}))
            echo(json_line({"kind": "work", "due": due, "leased": held}))
            return int(bool(wrong))
        rows = ([column.text(one, spoken) for column in COLUMNS] for one in known)
        echo(table([column.head(spoken) for column in COLUMNS], rows, most=[column.most for column in COLUMNS]))
        due_now, chinese = sum(due.values()), spoken == "zh_CN"
        echo(f"到期 {due_now:,}，在看 {held:,}" if chinese else f"{due_now:,} due, {held:,} being looked at")
        for code, said in wrong:
            echo(SAYS[code].in_(spoken).format(**said))
        return int(bool(wrong))


def missing(
    sites: Iterable[Site], workers: Sequence[Worker], due: Mapping[str, int], now: datetime
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is not as it should be: a code of `SAYS`, and of what it speaks."""
    live = [one for one in workers if lives(one, now)]
    for site in sites:
        if not any(one.site == site.name for one in live):
            yield "no_worker", {"what": site.name}
    served = {kind for one in live for kind in one.platforms}
    for platform, number in sorted(due.items()):
        if kind_of(platform) not in served:
            yield "not_served", {"what": platform, "number": number}
    editions = Counter(one.edition for one in live)
    usual = editions.most_common(1)[0][0] if editions else ""
    for one in workers:
        if one not in live:
            yield "silent", {"what": one.name, "since": moment(one.seen_at)}
        elif one.edition != usual:
            yield "other_edition", {"what": one.name}


def lives(one: Worker, now: datetime) -> bool:
    """Whether a worker told of itself lately."""
    return now - one.seen_at < LIVES
