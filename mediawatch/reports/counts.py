"""Counts of inspections as tables, for circulars and yearly forms. It must not put places in an order by result."""

from __future__ import annotations

from collections.abc import Iterable

from mediawatch.core.office_views import TallyView
from mediawatch.core.regions import named
from mediawatch.core.report_views import Circular, summed
from mediawatch.reports.paper import Say, Table, told

SITE = "website"


def groups(view_tallies: Iterable[TallyView], say: Say) -> tuple[TallyView | None, TallyView | None]:
    """Websites, and new media of all platforms, as they are counted apart; `None` where there are none."""
    tallies = tuple(view_tallies)
    sites = [one for one in tallies if one.key == SITE]
    media = [one for one in tallies if one.key != SITE]
    return (
        summed(say("政府网站", "websites"), sites) if sites else None,
        summed(say("政务新媒体", "new media"), media) if media else None,
    )


def by_region(told_of: Circular) -> tuple[TallyView, ...]:
    """The counts by region, under the names of the standard; in the order of codes, not of results."""
    language = told_of.issue.language
    none = "未填地区" if language == "zh_CN" else "no region"
    return tuple(
        one.model_copy(update={"label": named(one.key, language) if one.key else none})
        for one in told_of.view.by_region
    )


def tallied(caption: str, what: str, tallies: Iterable[TallyView], say: Say, sheet: str = "") -> Table:
    """A table of counts: 账号总数 抽查数 抽查比例 合格数 不合格数 未能判定 待认定 合格率."""
    heads = say(
        "登记数 抽查数 抽查比例 合格数 不合格数 未能判定 待认定 合格率",
        "registered checked share passed failed undetermined undecided pass_rate",
    ).split()
    return Table(
        caption=caption,
        sheet=sheet,
        head=(what, *(one.replace("_", " ") for one in heads)),
        rows=tuple(
            (
                *(told(one.label), one.registered, one.checked, say.percent(one.share), one.passed, one.failed),
                *(one.undetermined, one.undecided, say.percent(one.pass_rate)),
            )
            for one in tallies
        ),
        widths=(7, 4, 4, 5, 4, 4, 4, 4, 5),
    )


def rate(one: TallyView) -> float | None:
    """The pass rate as a number; `None` where nothing was determined."""
    return None if one.pass_rate == "-" else float(one.pass_rate)
