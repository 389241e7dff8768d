"""《政府网站工作年度报表》, its block 移动新媒体: what polls know is filled in, the rest is marked for a person.

A WeChat account's subscribers are not public: never guessed. A number that does not cover the whole year says so.
"""

from __future__ import annotations

from mediawatch.core.office_words import PLATFORMS
from mediawatch.core.report_views import Output, WorkYear
from mediawatch.reports.paper import Cell, Paper, Say, Table, Text, told


def paper(form: WorkYear) -> Paper:
    """The block as a table, one account in a row, by sponsor."""
    issue, say = form.issue, Say(form.issue.language)
    heads = say(
        "主办单位 平台 名称 信息发布量 关注量/订阅数 截至 备注", "sponsor platform name posts followers counted_on note"
    ).split()
    table = Table(
        sheet=say("移动新媒体", "new media"),
        caption=say("移动新媒体", "Mobile new media"),
        head=tuple(one.replace("_", " ") for one in heads),
        rows=tuple(_row(one, say) for one in form.outputs),
        widths=(6, 4, 6, 4, 5, 4, 7),
    )
    note = say(
        "是否有移动新媒体：是（{n}个）。信息发布量按发布日期统计，含转发；已预填的数字来自监测记录，标注“待填”的由单位填写。",
        "Mobile new media: yes ({n}). Posts count by their own dates, reposts included; what is filled in comes"
        " from the record,"
        " what is marked is filled in by the unit.",
        n=len(form.outputs),
    )
    unchecked = say(
        "栏目名称未与官方表样核对，报送前须对照当年表样。",
        "The names of the fields were not held against the official form: compare them with this year's before"
        " it is sent.",
    )
    return Paper(
        language=issue.language,
        title=say(


                    "{year}年政府网站工作年度报表（移动新媒体部分）",
            "Yearly form of work, {year}: mobile new media",
            year=form.year),
        mark=say("草稿，未经审签", "DRAFT: not signed off"),
        blocks=(
            Text(text=say("单位："
                "{name}", "Unit: {name}", name=told(form.sponsor or issue.issuer) or say.fill("单位", "unit"))),
            Text(text=note),
            table,
            Text(text=unchecked, strong=True),
        ),
    )  # fmt: skip


def _row(one: Output, say: Say) -> tuple[Cell, ...]:
    platform = PLATFORMS.get(one.kind)
    notes = []
    if one.since is not None and one.posts is not None:
        notes.append(say("仅含{day}以后的记录，须补全", "only since {day}: to be completed", day=say.day(one.since)))
    if one.kind == "wechat":
        notes.append(say("订阅数不公开", "subscribers are not public"))
    fill = say.fill("人工填写", "by hand")
    return (
        told(one.sponsor) or "-",
        platform.in_(say.language) if platform else one.kind,
        told(one.name),
        fill if one.posts is None else one.posts,
        fill if one.followers is None or one.kind == "wechat" else one.followers,
        one.counted_on.isoformat() if one.counted_on and one.kind != "wechat" else "-",
        "; ".join(notes) or "-",
    )
