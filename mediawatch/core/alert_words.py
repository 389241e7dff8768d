"""Alerts and messages in words: why somebody is told, and the one line on top. Pure; data in, text out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mediawatch.core.alerting import Alert
from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.grouping import WORST_FIRST
from mediawatch.core.routing import Owed
from mediawatch.core.rulebook import Language, Words

CAUSES: dict[str, Words] = {
    "first": Words(zh_CN="新告警", en="new"),
    "new_in_group": Words(zh_CN="同单位新增", en="new, of a unit with others"),
    "escalated": Words(zh_CN="升级", en="escalated"),
    "repeat": Words(zh_CN="仍未解决", en="still standing"),
    "acknowledged": Words(zh_CN="已签收", en="acknowledged"),
    "ack_expired": Words(zh_CN="签收到期", en="acknowledgement expired"),
    "silence_expired": Words(zh_CN="静默到期", en="silence over"),
    "resolved": Words(zh_CN="已恢复", en="resolved"),
    "back": Words(zh_CN="曾异常，已恢复", en="was down, is back"),
    "reminder": Words(zh_CN="临近期限", en="deadline near"),
    "incident": Words(zh_CN="平台异常", en="platform trouble"),
    "incident_over": Words(zh_CN="平台恢复", en="platform back"),
    "several": Words(zh_CN="多种情况", en="several"),
    "digest": Words(zh_CN="汇总", en="digest"),
    "test": Words(zh_CN="测试", en="test"),
}
_SILENCED = {
    "silence": Words(
        zh_CN="由{by}静默至 {until}（{comment}），现已到期，问题仍在。",
        en="Silenced by {by} until {until} ({comment}); that is over, and it still stands.",
    ),
    "maintenance": Words(
        zh_CN="处于{by}设置的维护时段至 {until}（{comment}），现已结束，问题仍在。",
        en="In a maintenance window of {by} until {until} ({comment}); that is over, and it still stands.",
    ),
}
_UNANSWERED = Words(zh_CN="在规定时间内无人签收。", en="Nobody has acknowledged it in time.")
_ACKNOWLEDGED = Words(zh_CN="{by} 已签收，至 {until}。", en="{by} answers for it until {until}.")
_STICKY = Words(zh_CN="{by} 已签收，直至恢复。", en="{by} answers for it until it is healthy.")
_UNACKNOWLEDGED = Words(
    zh_CN="{by} 的签收已于 {until} 到期，问题仍在。",
    en="{by} answered for it until {until}; that is over, and it still stands.",
)
_NO_CALENDAR = Words(
    zh_CN="{year} 年工作日安排未知，未等待工作时间。",
    en="The working days of {year} are not known, so this did not wait for one.",
)
_UNITS = Words(zh_CN="{units} 个单位 {total} 条：", en="{total} of {units} units: ")
_DOT = Words(zh_CN="，", en=", ")


def why(owed: Owed, alert: Alert, known_year: bool, language: Language) -> str:
    """Why it is told, where the cause alone does not say it; empty otherwise."""
    says = _why(owed, alert, language)
    if not known_year:
        says += _NO_CALENDAR.in_(language).format(year=owed.due_at.astimezone(SHANGHAI).year)
    return says


def _why(owed: Owed, alert: Alert, language: Language) -> str:
    if owed.silence is not None:
        silence = owed.silence
        over_at = owed.due_at if silence.every is not None else silence.over_at
        words = _SILENCED[silence.kind].in_(language)
        return words.format(by=silence.by, until=shown(over_at), comment=silence.comment)
    if owed.cause == "escalated":
        return _UNANSWERED.in_(language)
    until = alert.acknowledged_until
    if owed.cause == "acknowledged":
        said = _STICKY if until is None else _ACKNOWLEDGED
        return said.in_(language).format(by=alert.acknowledged_by, until=shown(until) if until else "")
    if owed.cause == "ack_expired" and until is not None:
        return _UNACKNOWLEDGED.in_(language).format(by=alert.acknowledged_by, until=shown(until))
    return ""


def summary(counts: Mapping[str, int], units: int, language: Language) -> str:
    """How many notices of which kind, about how many units."""
    parts = (f"{CAUSES[cause].in_(language)} {counts[cause]}" for cause in WORST_FIRST if counts.get(cause))
    total = sum(counts.values())
    head = _UNITS.in_(language).format(units=units, total=total) if units > 1 else ""
    return head + _DOT.in_(language).join(parts)


def shown(moment: datetime) -> str:
    """An instant as people in Shanghai read it."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
