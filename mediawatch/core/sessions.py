"""Logins as things that expire: what state one is in, which platform it closes, and what is to be told of it. Pure.

It knows whose a login is and until when it holds, and never the login itself. A login that is over is our own fault:
nobody is accused, and nothing is asked in its name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from mediawatch.core.alerting import Alert, State, alert_id, follow
from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.model import Value
from mediawatch.core.rulebook import Language, Words

EXPIRING, EXPIRED = "session_expiring", "session_expired"

SAYS: dict[str, Words] = {
    EXPIRING: Words(
        zh_CN="登录“{name}”（{platform}，{owner}）将于 {until} 到期，请及时更换。",
        en="The login {name} ({platform}, {owner}) expires on {until}; it should be renewed.",
    ),
    EXPIRED: Words(
        zh_CN="登录“{name}”（{platform}，{owner}）已于 {until} 到期，已停止采集，不影响任何账号的评价。",
        en="The login {name} ({platform}, {owner}) expired on {until}; collecting has stopped and nobody is accused.",
    ),
}


class Session(Value):
    """A login, without its secret. owner: who renews it. budget: looks a day (Shanghai) that it may be used for.

    warn_before: how long before `expires_at` its owner is reminded.
    """

    name: str
    platform: str
    owner: str = ""
    expires_at: AwareDatetime
    warn_before: timedelta = timedelta(days=3)
    budget: int | None = None

    @property
    def subject(self) -> str:
        """Under which its alerts stand."""
        return f"session:{self.name}"


def state(session: Session, now: datetime) -> Literal["ok", "expiring", "expired"]:
    """What the calendar says; whether the platform still takes the login is in the record."""
    if now >= session.expires_at:
        return "expired"
    return "expiring" if now >= session.expires_at - session.warn_before else "ok"


def closed(sessions: Iterable[Session], platform: str, now: datetime) -> bool:
    """Whether a platform is left alone: it has logins, and all of them are over."""
    own = [session for session in sessions if session.platform == platform]
    return bool(own) and all(state(session, now) == "expired" for session in own)


def budget_of(sessions: Iterable[Session], platform: str, now: datetime) -> int | None:
    """How many looks a day the platform's logins allow together, `None` where one of them sets no limit."""
    budgets = [each.budget for each in sessions if each.platform == platform and state(each, now) != "expired"]
    if not budgets or any(budget is None for budget in budgets):
        return None
    return sum(budget for budget in budgets if budget is not None)


def transition(
    live: Iterable[Alert], sessions: Iterable[Session], now: datetime, language: Language
) -> tuple[Alert, ...]:
    """The alerts of the logins that change now: a reminder before the end, an alert at it, both over when renewed.

    live: those that stand. The same expiry gives the same alert, so that it is told once however often this is asked.
    """
    indicators = {"expired": EXPIRED, "expiring": EXPIRING}
    wanted = [
        _alert(session, indicators[where], language) for session in sessions if (where := state(session, now)) != "ok"
    ]
    return follow(live, wanted, now)


def _alert(session: Session, indicator: str, language: Language) -> Alert:
    at = session.expires_at if indicator == EXPIRED else session.expires_at - session.warn_before
    level: Literal["fault", "reminder"] = "fault" if indicator == EXPIRED else "reminder"
    until = session.expires_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    says = SAYS[indicator].in_(language)
    return Alert(
        id=alert_id(session.subject, indicator, level, at),
        subject=session.subject,
        indicator=indicator,
        level=level,
        state=State.OPEN,
        since=at,
        opened_at=at,
        confirmed_at=at,
        detail=says.format(name=session.name, platform=session.platform, owner=session.owner or "-", until=until),
    )
