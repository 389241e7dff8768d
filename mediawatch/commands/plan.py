"""`plan`: what is to be looked at against what each platform's pace allows. It reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.listing import Column
from mediawatch.commands.options import Lasts, NoStore, as_json, files, language, loaded, reading
from mediawatch.commands.printing import echo, json_line, moment, narrate, table
from mediawatch.core.plan import KEPT_FIRST, PlatformPlan, Wanted
from mediawatch.core.plan import plan as plan_of
from mediawatch.core.rulebook import Language, Words

if TYPE_CHECKING:
    from mediawatch.settings import Loaded

SHOWN = 20  # platforms: each website is one, and a county has hundreds
MORE = Words(
    zh_CN="另有 {count} 个平台，各自占用不超过 {used:.1%}（--json 全部列出）",
    en="{count} platforms more, each of which uses {used:.1%} at most (--json lists all)",
)
UNSEEN = Words(
    zh_CN="还没有库：仅按登记表计算，视同尚未读取任何账号，每次读取按一问计",
    en="there is no store yet: planned from the register alone, as if nothing was looked at, a question for each look",
)
NEEDS = {
    "proof": Words(zh_CN="期限", en="deadlines"),
    "canary": Words(zh_CN="基准", en="canaries"),
    "visit": Words(zh_CN="计次访问", en="counted visits"),
    "standing": Words(zh_CN="现有问题", en="standing"),
    "regular": Words(zh_CN="例行", en="regular"),
}


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _span(seconds: float) -> str:
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.0f} s"


def _parts(looks: dict[str, float], spoken: Language) -> str:
    return ", ".join(f"{NEEDS[need].in_(spoken)} {_number(looks[need])}" for need in KEPT_FIRST if need in looks) or "-"


def _clears(view: PlatformPlan, spoken: Language) -> str:
    if view.clears_at is None:
        return "永不" if spoken == "zh_CN" else "never"
    late = f"（{view.late:,} 次晚，至多 {_span(view.latest)}）" if spoken == "zh_CN" else (
        f" ({view.late:,} late, by {_span(view.latest)} at most)"
    )  # fmt: skip
    return moment(view.clears_at) + (late if view.late else "")


def _gives(view: PlatformPlan, spoken: Language) -> str:
    if view.gives:
        return _parts(view.gives, spoken)
    if view.regular_every is None:
        return "-"
    if view.regular_every < 3600:
        return "无" if spoken == "zh_CN" else "nothing"
    every = _span(view.regular_every)
    return f"无；例行可每 {every} 一次" if spoken == "zh_CN" else f"nothing; regular looks could fall each {every}"


COLUMNS: tuple[Column[PlatformPlan], ...] = (
    Column("平台", "platform", lambda view, _: view.platform, 40),
    Column("对象", "targets", lambda view, _: f"{view.targets:,}"),
    Column("每日可看", "allowed/day", lambda view, _: _number(view.allowed)),
    Column("每日需看", "wanted/day", lambda view, _: _number(view.demand)),
    Column("占用", "used", lambda view, _: f"{view.used:.1%}" if view.used < 0.1 else f"{view.used:.0%}"),
    Column("其中", "of these", lambda view, spoken: _parts(view.wanted, spoken)),
    Column("须让出", "must give", _gives),
    Column("待看", "waiting", lambda view, _: f"{view.waiting:,}"),
    Column("看完于", "clears", _clears),
    Column("首轮完成", "first round", lambda view, _: moment(view.covered_at)),
)


def planned(
    found: Loaded, asked: Iterable[tuple[str, list[Wanted], float]], now: datetime, outage: timedelta
) -> list[PlatformPlan]:
    """The budget of each platform. asked: with its targets, and how many questions a look asks."""
    from mediawatch.house import paces_of, policy_of

    paces, policy = paces_of(found.settings), policy_of(found)
    return [
        plan_of(
            platform,
            targets,
            (paces.get(platform) or paces[platform.partition(":")[0]]).per_minute,
            policy.cadence_at(platform),
            now,
            questions=each,
            outage=outage,
        )
        for platform, targets, each in asked
    ]


@click.command()
@files
@click.option("--outage", type=Lasts(), help="As if nothing could be looked at for so long from now on.")
@as_json
def plan(accounts: Path | None, settings: Path | None, lang: str | None, outage: timedelta | None, json_: bool) -> None:
    """What is to be looked at against what each platform's pace allows: what must give, when all is through."""
    from mediawatch.adapters import ADAPTERS
    from mediawatch.store.demand import demands, first_round, questions

    every = {adapter.kind: adapter.every for adapter in ADAPTERS.values() if adapter.every is not None}
    now, without = wall_clock(), outage or timedelta()
    try:
        with reading(accounts, settings, lang) as (_, store, found), store.reading() as connection:
            asked = ((one, targets, questions(connection, one)) for one, targets in demands(connection, every))
            views = planned(found, asked, now, without)
    except NoStore:
        found = loaded(accounts, settings)
        known = (target for account in found.accounts for target in account.targets)
        targets = [target for target in known if not ADAPTERS[target.adapter].brought]
        canaries = {one.id for one in found.accounts if one.canary}
        views = planned(found, first_round(targets, canaries, every, now), now, without)
        narrate(UNSEEN.in_(language(lang, found)))
    spoken = language(lang, found)
    views.sort(key=lambda view: (-view.used, view.platform))
    if json_:
        for view in views:
            echo(json_line(view))
        return
    rows = ([column.text(view, spoken) for column in COLUMNS] for view in views[:SHOWN])
    echo(table([column.head(spoken) for column in COLUMNS], rows, most=[column.most for column in COLUMNS]))
    if rest := views[SHOWN:]:
        narrate(MORE.in_(spoken).format(count=len(rest), used=rest[0].used))
