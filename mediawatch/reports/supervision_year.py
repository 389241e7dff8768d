"""《政府网站监管年度报表》: the yearly form of supervision, with checks and accountability filled in by the record.

What the record does not know is marked for a person. No yearly form for new media exists; the same layout stands in an
annex and says so. Source: 国办函〔2018〕12号. It must not claim that a field read from memory is the official one.
"""

from __future__ import annotations

from mediawatch.core.office_views import TallyView
from mediawatch.core.office_words import FORMS
from mediawatch.core.report_views import FORMS_BY_WEIGHT, Quarter, SupervisionYear
from mediawatch.reports.paper import Annex, Cell, Heading, Paper, Say, Table, Text, told

_ORDER = (*FORMS_BY_WEIGHT[1:], FORMS_BY_WEIGHT[0])  # as the form has them: 其他 last


def paper(form: SupervisionYear) -> Paper:
    """The form, with the same layout for new media in an annex."""
    issue, say = form.issue, Say(form.issue.language)
    columns = (*form.quarters, form.whole)
    heads = (*say("第一季度 第二季度 第三季度 第四季度 全年", "Q1 Q2 Q3 Q4 year").split(),)
    blocks = (
        Text(text=say("填表单位：{unit}    年度：{year}", "Filled in by: {unit}    Year: {year}",
                      unit=told(issue.issuer) or say.fill("填表单位", "unit"), year=form.year)),
        Heading(text=say("一、网站抽查情况", "1. Checks of websites")),
        _checks(columns, heads, [one.websites for one in columns], say),
        Heading(text=say("二、问责人次", "2. Accountability")),
        _held(columns, heads, say),
        Text(text=say(
            "同一人在同一季度只按最重的形式计一次；全年为各季度之和。全年的抽查数、不合格数为各季度之和（个次），总数为最后一次检查时的登记数。",
            "One person counts once in a quarter, by the heaviest form; the year is the sum of its quarters,"
            " also of what was"
            " checked and failed; the total is that of the last check.",
        )),
        Heading(text=say("三、其他情况", "3. Other matters")),
        _others(form, say),
        Text(text=say(
            "除网站抽查和问责两项外，栏目名称未与官方表样核对，报送前须对照当年表样。",
            "Apart from checks and accountability the names of the fields were not held against the official"
            " form: compare them"
            " with this year's before it is sent.",
        ), strong=True),
        Text(text=say("单位负责人：{a}  审核人：{b}  填报人：{c}  联系电话：{d}  填报日期：{e}",
                      "Head: {a}  Checked by: {b}  Filled in by: {c}  Telephone: {d}  Date: {e}",
                      a=say.fill("姓名", "name"), b=say.fill("姓名", "name"), c=say.fill("姓名", "name"),
                      d=say.fill("电话", "number"), e=say.day(issue.day))),
    )  # fmt: skip
    media = Annex(
        title=say("政务新媒体抽查情况（参照同一样式，无官方年度报表）", "Checks of new media (no official form"
            " exists; same layout)"),
        blocks=(_checks(columns, heads, [one.media for one in columns], say, media=True),),
    )  # fmt: skip
    return Paper(
        language=issue.language,
        title=say(
            "{year}年政府网站监管年度报表", "Yearly form of supervision of government websites, {year}", year=form.year
        ),
        mark=say("草稿，未经审签", "DRAFT: not signed off"),
        blocks=blocks,
        annexes=(media,),
    )


def _checks(
    columns: tuple[Quarter, ...],
    heads: tuple[str, ...],
    counted: list[TallyView | None],
    say: Say,
    *,
    media: bool = False,
) -> Table:
    what = say("账号", "accounts") if media else say("网站", "websites")
    rows: list[tuple[Cell, ...]] = []
    named = (
        (say("{what}总数", "{what} in all", what=what), lambda one: one.registered),
        (say("抽查比例", "share checked"), lambda one: say.percent(one.share)),
        (say("抽查{what}数量", "{what} checked", what=what), lambda one: one.checked),
        (say("抽查合格率", "pass rate"), lambda one: say.percent(one.pass_rate)),
        (say("不合格{what}数量", "{what} that failed", what=what), lambda one: one.failed),
        (
            say("其中未能判定（不计入不合格）", "undetermined (not failed)"),
            lambda one: one.undetermined + one.undecided,
        ),
    )
    for name, number in named:
        rows.append((name, *("-" if one is None else number(one) for one in counted)))
    rows.append((say("检查批次", "inspections"), *(", ".join(one.campaigns) or "-" for one in columns)))
    title = say("政务新媒体抽查情况", "Checks of new media") if media else say("网站抽查情况", "Checks of websites")
    return Table(
        caption=title, sheet=title, head=(say("项目", "field"), *heads), rows=tuple(rows), widths=(5, 3, 3, 3, 3, 3)
    )


def _held(columns: tuple[Quarter, ...], heads: tuple[str, ...], say: Say) -> Table:
    rows = tuple(
        (FORMS[form].in_(say.language), *(one.held.get(form, 0) for one in columns)) for form in _ORDER
    )  # fmt: skip
    total = (say("合计", "all"), *(sum(one.held.values()) for one in columns))
    title = say("问责人次", "Accountability")
    return Table(caption=title, head=(say("形式", "form"), *heads), rows=(*rows, total), widths=(5, 3, 3, 3, 3, 3))


def _others(form: SupervisionYear, say: Say) -> Table:
    fill = say.fill("人工填写", "by hand")
    register = say("据登记册", "from the register")
    rows: tuple[tuple[Cell, ...], ...] = (
        (say("安全检查：检测评估次数、发现问题数、整改数", "security checks, problems found, put right"), fill, "-"),
        (say("开设整合：新开设数", "newly opened"), form.opened, register),
        (say("开设整合：迁移、关停数", "moved or closed"), form.closed, register),
        (say("“找错”留言：总数、按期办结、超期办结、未办结", "reported errors: all, in time, late, open"), fill, "-"),
        (say("假冒政府网站：发现数、处置数", "forged websites: found, dealt with"), fill, "-"),
        (say("人员培训：次数、人次", "training: times, people"), fill, "-"),
    )
    head = tuple(say("项目 数值 来源", "field number source").split())
    return Table(caption=say("其他情况", "Other matters"), head=head, rows=rows, widths=(9, 5, 4))
