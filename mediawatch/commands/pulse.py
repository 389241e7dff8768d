"""`pulse`, `areas`, `changes`, `log`: the screens of these names as text, JSON or CSV. They change nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from mediawatch.commands.listing import Column, Listing, listing
from mediawatch.commands.printing import STANDINGS, echo, json_line, moment
from mediawatch.commands.sources import share
from mediawatch.core.list_views import Change, Group
from mediawatch.core.model import Value
from mediawatch.core.narrowed_lists import CHANGES, GROUPS
from mediawatch.core.reading import EVERYTHING, LOG_KEYS
from mediawatch.core.standing import Standing
from mediawatch.core.views import LookView
from mediawatch.core.wording import REASONS

DAY = timedelta(days=1)
BY = ("province", "city", "county", "unit", "sponsor", "supervisor", "kind", "level", "state", "indicator", "rulebook")
_PAGE = 500


class Fact(Value):
    """One line of the pulse."""

    what: str
    value: str


FACTS: tuple[Column[Fact], ...] = (
    Column("事项", "what", lambda one, _: one.what, 40),
    Column("数值", "value", lambda one, _: one.value),
)


@click.command()
@listing()
@click.option("--since", "hours", type=click.IntRange(1, 24 * 366), default=24, show_default=True, help="Hours back.")
def pulse(asked: Listing, hours: int) -> None:
    """How everything stands: accounts by outcome, platforms, what is owed, what changed lately."""
    since = asked.now - timedelta(hours=hours)
    counts = asked.source.counts(asked.now, asked.only)
    platforms = asked.source.platforms(asked.now, DAY)
    changes = asked.source.changes(since, asked.now, 20)
    if asked.form == "json":
        whole = {
            "at": asked.now.isoformat(),
            "counts": counts.model_dump(mode="json"),
            "platforms": [one.model_dump(mode="json") for one in platforms],
            "changes": [one.model_dump(mode="json") for one in changes],
        }
        echo(json_line(whole))
        return
    spoken = asked.language
    words = (
        ("账号", "未解除告警", "待发通知", "待查看", "最近查看") if spoken == "zh_CN" else
        ("accounts", "alerts open", "notices owed", "targets due", "last look")
    )  # fmt: skip
    facts = [(words[0], str(counts.total))]
    facts += [(STANDINGS[one][spoken], str(number)) for one, number in counts.by_standing.items()]
    facts += [(words[1], str(counts.alerts_open)), (words[2], str(counts.notices_owed)), (words[3], str(counts.due))]
    facts.append((words[4], moment(counts.last_look_at)))
    facts += [
        (one.platform, f"{one.seen}/{one.looks} {share(one.coverage)} {one.incident}".strip()) for one in platforms
    ]
    facts += [(moment(one.at), f"{one.what} {one.name} {one.indicator} {one.says}".strip()) for one in changes]
    asked.show(FACTS, (Fact(what=what, value=value) for what, value in facts))


def _share_of(way: Standing) -> Column[Group]:
    return Column(STANDINGS[way]["zh_CN"], STANDINGS[way]["en"], lambda one, _: str(one.by_standing[way]))


AREAS: tuple[Column[Group], ...] = (
    Column("编码", "key", lambda one, _: one.key, 24),
    Column("名称", "name", lambda one, _: one.name, 40),
    Column("账号", "accounts", lambda one, _: str(one.total)),
    *map(_share_of, Standing),
)


@click.command()
@listing(sorts=tuple(GROUPS.orders), first="failed")
@click.option("--by", type=click.Choice(BY), default="province", show_default=True, help="What they are counted by.")
def areas(asked: Listing, by: str) -> None:
    """Accounts counted by area, unit or anything they share, the most fails first; `--filter '-l region=62'` drills."""
    counted = asked.source.groups(asked.now, by, asked.only)
    asked.show(AREAS, GROUPS.of(counted, EVERYTHING, asked.sort, descending=asked.descending))


LOOKS: tuple[Column[LookView], ...] = (
    Column("时间", "at", lambda one, _: moment(one.at)),
    Column("账号", "account", lambda one, _: one.account, 28),
    Column("适配器", "adapter", lambda one, _: one.adapter),
    Column("结果", "saw", lambda one, spoken: REASONS[one.reason].in_(spoken) if one.reason else f"{one.posts}"),
    Column("可信", "trusted", lambda one, _: "+" if one.trusted else "-"),
    Column("说明", "detail", lambda one, _: one.detail),
)


@click.command()
@listing(keys=LOG_KEYS)
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="The newest so many.")
def log(asked: Listing, limit: int) -> None:
    """The looks at all accounts, newest first."""
    found: list[LookView] = []
    while len(found) < limit:
        before = found[-1].mark if found else ""
        some = asked.source.log(asked.now, only=asked.only, before=before, limit=min(_PAGE, limit - len(found)))
        found += some
        if not some:
            break
    asked.show(LOOKS, found)


CHANGED: tuple[Column[Change], ...] = (
    Column("时间", "at", lambda one, _: moment(one.at)),
    Column("事项", "what", lambda one, _: one.what),
    Column("账号", "account", lambda one, _: one.name or one.account, 28),
    Column("指标", "indicator", lambda one, _: one.indicator),
    Column("经办人", "by", lambda one, _: one.by or "-", 24),
    Column("说明", "says", lambda one, _: one.says),
)


@click.command()
@listing(keys=CHANGES.keys, sorts=tuple(CHANGES.orders), first="newest")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="Of the newest so many.")
def changes(asked: Listing, limit: int) -> None:
    """What changed and who acted: alerts, incidents, decisions, the register; the newest first."""
    found = asked.source.changes(datetime(1970, 1, 1, tzinfo=UTC), asked.now + timedelta(seconds=1), limit)
    asked.show(CHANGED, asked.of(CHANGES, found))
