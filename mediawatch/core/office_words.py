"""The words of inspections and cases: stages, verdicts, states, acts and steps, in Chinese and English. Pure."""

from __future__ import annotations

from mediawatch.core.campaign import Stage, Standing, Verdict
from mediawatch.core.rectification import Act, Case, State
from mediawatch.core.rulebook import Language, Words

STAGES: dict[Stage, Words] = {
    Stage.PLANNED: Words(zh_CN="已立项", en="planned"),
    Stage.DRAWN: Words(zh_CN="已抽样", en="drawn"),
    Stage.LOOKING: Words(zh_CN="查看中", en="looking"),
    Stage.JUDGED: Words(zh_CN="已评判", en="judged"),
    Stage.FROZEN: Words(zh_CN="已定稿", en="frozen"),
}

VERDICTS: dict[Verdict, Words] = {
    Verdict.PASSED: Words(zh_CN="合格", en="passed"),
    Verdict.FAILED: Words(zh_CN="不合格", en="failed"),
    Verdict.UNDETERMINED: Words(zh_CN="未能判定", en="undetermined"),
    Verdict.UNDECIDED: Words(zh_CN="待人工认定", en="undecided"),
}

STANDINGS: dict[Standing, Words] = {
    "not_failed": Words(zh_CN="未发现", en="not failed"),
    "hint": Words(zh_CN="仅作提示", en="a hint only"),
    "stands": Words(zh_CN="成立", en="stands"),
    "once": Words(
        zh_CN="仅见一次，或仅见于查看期之前，不作依据", en="seen once only, or only before its looks: it proves nothing"
    ),
    "waiting": Words(zh_CN="待人工核实", en="waits for a person"),
    "confirmed": Words(zh_CN="经人工确认", en="confirmed by people"),
    "dismissed": Words(zh_CN="经人工排除", en="dismissed by people"),
    "left": Words(zh_CN="未作认定", en="left open"),
    "excused": Words(zh_CN="申辩成立，不计", en="the unit's statement was upheld"),
}

BECAUSE: dict[str, Words] = {
    "failed_before": Words(zh_CN="上期不合格", en="failed last time"),
    "main": Words(zh_CN="代表主体", en="main account"),
    "drawn": Words(zh_CN="抽中", en="drawn"),
}

PLATFORMS: dict[str, Words] = {
    "weibo": Words(zh_CN="微博", en="Weibo"),
    "wechat": Words(zh_CN="微信公众号", en="WeChat"),
    "video": Words(zh_CN="短视频", en="video"),
    "toutiao": Words(zh_CN="今日头条", en="Toutiao"),
    "bilibili": Words(zh_CN="哔哩哔哩", en="Bilibili"),
    "feed": Words(zh_CN="其他账号", en="other feed"),
    "app": Words(zh_CN="移动客户端", en="app"),
    "miniprogram": Words(zh_CN="小程序", en="mini-program"),
    "website": Words(zh_CN="政府网站", en="website"),
    "other": Words(zh_CN="其他", en="other"),
}
"""Kinds of accounts, as circulars name platforms."""

LEVELS: dict[str, Words] = {
    "national": Words(zh_CN="国家级", en="national"),
    "province": Words(zh_CN="省级", en="provincial"),
    "city": Words(zh_CN="市级", en="city"),
    "county": Words(zh_CN="县级", en="county"),
    "town": Words(zh_CN="乡镇级", en="town"),
}

STATES: dict[State, Words] = {
    State.DETECTED: Words(zh_CN="发现", en="detected"),
    State.PENDING_REVIEW: Words(zh_CN="待复核", en="pending review"),
    State.CONFIRMED: Words(zh_CN="已确认", en="confirmed"),
    State.DISMISSED: Words(zh_CN="误报", en="dismissed"),
    State.NOTIFIED: Words(zh_CN="已交办", en="notified"),
    State.ACKNOWLEDGED: Words(zh_CN="已签收", en="received"),
    State.RECTIFYING: Words(zh_CN="整改中", en="rectifying"),
    State.REPORTED: Words(zh_CN="已反馈", en="reported"),
    State.RECHECK: Words(zh_CN="复查", en="re-check"),
    State.CLOSED: Words(zh_CN="销号", en="closed"),
    State.OVERDUE: Words(zh_CN="逾期", en="overdue"),
    State.REOPENED: Words(zh_CN="反弹或整改不到位", en="reopened"),
}

ACTS: dict[str, Words] = {
    "open": Words(zh_CN="立案", en="opens"),
    Act.REVIEW: Words(zh_CN="送复核", en="sends to review"),
    Act.CONFIRM: Words(zh_CN="确认", en="confirms"),
    Act.DISMISS: Words(zh_CN="认定误报", en="dismisses"),
    Act.NOTIFY: Words(zh_CN="交办", en="notifies"),
    Act.RECEIVE: Words(zh_CN="签收", en="receives"),
    Act.PLAN: Words(zh_CN="提出措施", en="states measures"),
    Act.REPORT: Words(zh_CN="反馈", en="reports"),
    Act.RECHECK: Words(zh_CN="复查", en="checks again"),
    Act.CURED: Words(zh_CN="见已整改", en="finds it put right"),
    Act.NOT_CURED: Words(zh_CN="见整改不到位", en="finds it not put right"),
    Act.CLOSE: Words(zh_CN="销号", en="closes"),
    Act.PUBLISH: Words(zh_CN="通报", en="publishes"),
    Act.LAPSE: Words(zh_CN="逾期", en="term is over"),
    Act.ESCALATE: Words(zh_CN="升级", en="escalates"),
    Act.RELAPSE: Words(zh_CN="反弹", en="the fault is back"),
    Act.FOUND: Words(zh_CN="检查再次发现", en="finds the fault again"),
    "new": Words(zh_CN="立项", en="orders"),
    "draw": Words(zh_CN="抽样", en="draws"),
    "look": Words(zh_CN="查看", en="looks"),
    "judge": Words(zh_CN="评判", en="judges"),
    "statement": Words(zh_CN="申辩", en="states"),
    "rule": Words(zh_CN="申辩处理", en="rules"),
    "freeze": Words(zh_CN="定稿", en="freezes"),
}
"""What was done with a case or a campaign, as a trace names it."""

STEPS: dict[str, Words] = {
    "overdue": Words(zh_CN="逾期", en="overdue"),
    "supervise": Words(zh_CN="督办", en="supervision order"),
    "name": Words(zh_CN="通报", en="named in a circular"),
    "talk": Words(zh_CN="约谈", en="talk with those who answer"),
    "account": Words(zh_CN="问责", en="accountability"),
    "close": Words(zh_CN="关停", en="the account is closed"),
}

FORMS: dict[str, Words] = {
    "talk": Words(zh_CN="约谈", en="talk"),
    "written": Words(zh_CN="书面检查", en="written self-criticism"),
    "criticised": Words(zh_CN="通报批评", en="criticised in a circular"),
    "warning": Words(zh_CN="警告或记过处分", en="warning or demerit"),
    "moved": Words(zh_CN="调离岗位或免职", en="moved or removed from office"),
    "other": Words(zh_CN="其他", en="other"),
}

_SAYS = Words(
    zh_CN="整改案件 {id}（{unit}“{name}”）：{step}。应于 {due} 前反馈。{problem}",
    en="Case {id} ({unit}, {name}): {step}. A report was due by {due}. {problem}",
)


def overdue_says(case: Case, step: str, language: Language) -> str:
    """The sentence of the reminder about an overdue case."""
    told = {
        "id": case.id,
        "unit": case.unit or "-",
        "name": case.name,
        "due": case.due,
        "problem": case.problem_in(language),
    }
    return _SAYS.in_(language).format(**told, step=STEPS[step].in_(language)).strip()
