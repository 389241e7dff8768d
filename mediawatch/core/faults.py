"""Our own faults: the disk fills, our machine refuses, the daemon was down, the clock is wrong, a receiver refuses.
Pure.

They accuse nobody.
Logins are in `sessions.py`. Each fault is an alert like any other: opened, told, ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from mediawatch.core.alerting import Alert, State, alert_id, follow
from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.rulebook import Language, Words
from mediawatch.core.value import Value

OURS = ("own:", "session:", "platform:", "receiver:")  # subjects that are no account
DISK, MACHINE, DOWN, REFUSED, CLOCK = "disk", "machine", "down", "refused", "clock"
_SETTLED = timedelta(minutes=15)  # a machine that refuses now and then is told of once

SAYS: dict[str, Words] = {
    DISK: Words(
        zh_CN="存储空间不足：剩余 {free} MB，低于 {least} MB。存满后将无法记录，也无法告警。",
        en="The disk fills: {free} MB are left, fewer than {least} MB. A full one can record and tell nothing.",
    ),
    MACHINE: Words(
        zh_CN="本机故障：{detail}。期间看到的无法留存，不影响任何账号的评价。",
        en="This machine refuses: {detail}. What is seen meanwhile cannot be kept, and accuses nobody.",
    ),
    DOWN: Words(
        zh_CN="监测程序曾停止运行：{since} 至 {until}。期间未采集，不影响任何账号的评价。",
        en="The monitor was down from {since} to {until}. Nothing was looked at in that time and nobody is accused.",
    ),
    CLOCK: Words(
        zh_CN="时钟存疑：相差 {off}。查明之前不作任何判定；请为本机校时。",
        en="The clock is in doubt by {off}. Until that is settled nothing is judged; set this machine's clock.",
    ),
    REFUSED: Words(
        zh_CN="接收方“{name}”拒收消息：{answer}。",
        en="The receiver {name} refuses its messages: {answer}.",
    ),
}


class Doubt(Value):
    """What is wrong with the clock. off: how far other clocks are from ours; nothing where none was heard yet.

    held: nothing may be judged by it. Otherwise other clocks agree with ours, and the machine's own is wrong.
    """

    off: timedelta
    held: bool


def clock(live: Iterable[Alert], doubt: Doubt | None, now: datetime, language: Language) -> tuple[Alert, ...]:
    """The alert of a clock that is wrong, or may be, opens and ends."""
    standing = [alert for alert in live if alert.indicator == CLOCK]
    if doubt is None:
        return follow(standing, [], now)
    says = SAYS[CLOCK].in_(language).format(off=_length(doubt.off))
    return follow(standing, standing or [_fault("own:clock", CLOCK, now, says)], now)


def disk(live: Iterable[Alert], free: int, least: int, now: datetime, language: Language) -> tuple[Alert, ...]:
    """The alert of a disk with fewer than `least` free bytes opens, and ends with a tenth more than that."""
    standing = [alert for alert in live if alert.indicator == DISK]
    enough = least * 11 // 10 if standing else least
    says = SAYS[DISK].in_(language).format(free=free // 2**20, least=least // 2**20)
    wanted = [] if free >= enough else standing or [_fault("own:disk", DISK, now, says)]
    return follow(standing, wanted, now)


def machine_of(site: str) -> str:
    """The subject of the alert that tells of a machine: each site of a fleet has its own."""
    return f"own:machine:{site}" if site else "own:machine"


def machine(
    live: Iterable[Alert], site: str, refused: str, kept: bool, now: datetime, language: Language
) -> tuple[Alert, ...]:
    """The alert of a machine that takes no answer, or starts no reader. refused: what it last said, empty where it did
    not refuse; kept: whether it has kept an answer."""
    standing = [alert for alert in live if alert.indicator == MACHINE]
    if refused and not standing:
        return (_fault(machine_of(site), MACHINE, now, SAYS[MACHINE].in_(language).format(detail=refused)),)
    over = kept and not refused and all(now - alert.opened_at >= _SETTLED for alert in standing)
    return follow(standing, [] if over else standing, now)


def was_down(alive_at: datetime | None, now: datetime, tolerated: timedelta, language: Language) -> Alert | None:
    """The alert of a time in which we did not run: over when it is noticed. `alive_at`: the last sign of life."""
    if alive_at is None or now - alive_at <= tolerated:
        return None
    when = {"since": _shown(alive_at), "until": _shown(now)}
    alert = _fault("own:daemon", DOWN, alive_at, SAYS[DOWN].in_(language).format(**when))
    return alert.model_copy(update={"confirmed_at": now, "state": State.RESOLVED, "resolved_at": now})


def refusals(live: Iterable[Alert], refused: Mapping[str, str], now: datetime, language: Language) -> tuple[Alert, ...]:
    """The alerts of receivers whose last message was refused for good. refused: by name, what they answered."""
    standing = {alert.subject: alert for alert in live if alert.indicator == REFUSED}
    wanted = []
    for name, answer in refused.items():
        says = SAYS[REFUSED].in_(language).format(name=name, answer=answer)
        wanted.append(standing.get(f"receiver:{name}") or _fault(f"receiver:{name}", REFUSED, now, says))
    return follow(standing.values(), wanted, now)


def _fault(subject: str, indicator: str, at: datetime, says: str) -> Alert:
    return Alert(
        id=alert_id(subject, indicator, "fault", at),
        subject=subject,
        indicator=indicator,
        level="fault",
        state=State.OPEN,
        since=at,
        opened_at=at,
        confirmed_at=at,
        detail=says,
    )


def _length(off: timedelta) -> str:
    minutes = round(abs(off).total_seconds() / 60)
    sign = "-" if off < timedelta() else "+"
    return f"{sign}{minutes // 1440}d {minutes % 1440 // 60:02}:{minutes % 60:02}" if minutes else "?"


def _shown(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
