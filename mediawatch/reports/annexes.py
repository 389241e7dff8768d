"""The annexes of a circular: counts, lists of failures, of other problems, of what could not be determined, clauses.

It must not list what could not be seen among the failed, nor show a clause as official that was not checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mediawatch.core.calendar import day_of
from mediawatch.core.office_views import FindingRow, UnseenRow
from mediawatch.core.office_words import LEVELS, PLATFORMS, STATES, VERDICTS
from mediawatch.core.regions import named
from mediawatch.core.report_views import Circular
from mediawatch.core.wording import CONFIDENCE
from mediawatch.reports.counts import SITE, by_region, tallied
from mediawatch.reports.paper import Annex, Block, Cell, Say, Table, Text, told


def of(told_of: Circular) -> tuple[Annex, ...]:
    """All of them, in their order; lists that are empty are left out."""
    say, view = Say(told_of.issue.language), told_of.view
    regions = tallied(
        say("分地区统计", "By region"), say("地区", "region"), by_region(told_of), say, say("分地区", "regions")
    )
    units = tallied(
        say("分单位统计", "By unit"), say("单位", "unit"), view.by_unit, say, say("分单位", "units")
    )  # fmt: skip
    sites = [row for row in view.failures if row.kind == SITE]
    media = [row for row in view.failures if row.kind != SITE]
    found = [
        Annex(
            title=say("分地区、分单位检查情况统计表", "Counts by region and unit"), blocks=(regions, units), wide=True
        )
    ]
    lists = (
        (say("不合格政府网站名单", "Websites that failed"), say("不合格网站", "failed sites"), sites),
        (say("不合格政务新媒体名单", "New media that failed"), say("不合格新媒体", "failed media"), media),
        (say("其他问题名单", "Other problems"), say("其他问题", "problems"), view.problems),
    )
    for title, sheet, rows in lists:
        if rows:
            found.append(Annex(title=title, blocks=(export(rows, say, sheet),), wide=True))
    if view.unseen:
        found.append(Annex(
            title=say("未能判定账号名单（不作为不合格）", "Not determined (none of them failed)"),
            blocks=(_unseen(view.unseen, say),), wide=True,
        ))  # fmt: skip
    if view.by_clause:
        found.append(Annex(title=say("指标依据", "The clauses"), blocks=_clauses(told_of, say), wide=True))
    return tuple(found)


def export(rows: Iterable[FindingRow], say: Say, sheet: str) -> Table:
    """The list of failures: the export row of indicators that offices use, eighteen columns."""
    heads = say(
        "序号 地区 主办单位 主管单位 平台 账号名称 账号ID/链接 备案编号 问题类别 问题描述 监测时间点 最近更新日期"
        " 超期天数 首次发现时间 证据编号 是否复核 整改期限 整改情况",
        "no. region sponsor supervisor platform name account_and_address filing_no. clause problem judged_at"
        " newest_post days_over first_found evidence reviewed due rectification",
    ).split()
    return Table(
        sheet=sheet,
        head=tuple(one.replace("_", " ") for one in heads),
        rows=tuple(_row(number, row, say) for number, row in enumerate(rows, start=1)),
        widths=(16, 28, 50, 35, 26, 42, 51, 28, 38, 66, 43, 43, 20, 43, 32, 18, 43, 22),  # a day in one line
    )


def _row(number: int, row: FindingRow, say: Say) -> tuple[Cell, ...]:
    language = say.language
    platform = PLATFORMS.get(row.kind)
    state = STATES[row.case_state].in_(language) if row.case_state else "-"
    level = LEVELS.get(row.level)
    region = named(row.region, language) if row.region else (level.in_(language) if level else "-")
    return (
        number,
        region,
        told(row.sponsor or row.unit) or "-",
        told(row.supervisor) or "-",
        platform.in_(language) if platform else row.kind,
        told(row.name),
        f"{row.account} {row.place}".strip(),
        row.filing_no or "-",
        f"{row.number} {row.title}".strip(),
        told(row.says),
        say.moment(row.judged_at),
        _day(row.newest_at),
        "-" if row.days_over is None else row.days_over,
        _day(row.first_found_at),
        row.evidence or "-",
        say("是", "yes") if row.reviewed else say("否", "no"),
        row.due.isoformat() if row.due else "-",
        state,
    )


def _day(at: datetime | None) -> str:
    return "-" if at is None else day_of(at).isoformat()


def _unseen(rows: Iterable[UnseenRow], say: Say) -> Table:
    language = say.language
    return Table(
        sheet=say("未能判定", "undetermined"),
        head=tuple(
            say("序号 平台 账号名称 账号ID 单位 结论 原因", "no. platform name account unit result why").split()
        ),
        rows=tuple(
            (
                number,
                PLATFORMS[one.kind].in_(language) if one.kind in PLATFORMS else one.kind,
                told(one.name),
                one.account,
                told(one.unit) or "-",
                VERDICTS[one.verdict].in_(language),
                told("; ".join(one.why)),
            )
            for number, one in enumerate(rows, start=1)
        ),
        widths=(1, 2, 4, 3, 4, 2, 8),
    )


def _clauses(told_of: Circular, say: Say) -> tuple[Block, ...]:
    language = told_of.issue.language
    rows = tuple(
        (
            one.number or one.indicator,
            one.title,
            cite.text
            if cite.confidence == "verified"
            else say("（不作为条文引用）{text}", "(no quotation) {text}", text=cite.text),
            cite.clause or "-",
            CONFIDENCE[cite.confidence].in_(language),
        )
        for one in told_of.view.by_clause
        for cite in one.cites
    )
    head = tuple(say("条款 问题 条文 出处 核对情况", "clause problem text source confidence").split())
    note = say(
        "只有“条文已核对”的可以作为正式条文引用，其余在核对原文前不得作为条文引用。",
        "Only a text that is “verified” may be quoted as official.",
    )
    return Text(text=note), Table(sheet=say("指标依据", "clauses"), head=head, rows=rows, widths=(2, 3, 6, 5, 3))
