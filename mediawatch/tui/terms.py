"""The console's words for the codes of the core: outcomes, reasons, kinds, states. Each falls back to the code itself.

A mark is ASCII, so that it has one width everywhere and tells the outcome without colour.
"""

from __future__ import annotations

from mediawatch.core.lifecycle import State
from mediawatch.core.model import Reason
from mediawatch.core.standing import Standing
from mediawatch.locale import N_, Words
from mediawatch.tui.cells import safe

MARKS = {
    Standing.FAIL: "X",
    Standing.CANDIDATE: "x",
    Standing.AT_RISK: "!",
    Standing.UNKNOWN: "?",
    Standing.PASS: ".",
}

NAMES = {
    Standing.FAIL: N_("failed"),
    Standing.CANDIDATE: N_("to check"),
    Standing.AT_RISK: N_("at risk"),
    Standing.UNKNOWN: N_("unknown"),
    Standing.PASS: N_("ok"),
}

_REASONS = {
    Reason.GONE: N_("gone"),
    Reason.BLOCKED_ACCOUNT: N_("account blocked by the platform"),
    Reason.MOVED: N_("moved"),
    Reason.LOGIN_REQUIRED: N_("login required"),
    Reason.RATE_LIMITED: N_("rate limited"),
    Reason.BLOCKED: N_("we are blocked"),
    Reason.CAPTCHA: N_("captcha"),
    Reason.UNREADABLE: N_("page not readable"),
    Reason.PLATFORM_DOWN: N_("platform down"),
    Reason.TIMEOUT: N_("timeout"),
    Reason.OWN_NETWORK: N_("own network down"),
    Reason.OWN_CLOCK: N_("own clock in doubt"),
    Reason.OWN_MACHINE: N_("own machine refused"),
    Reason.NOT_ALLOWED: N_("refused by our settings"),
    Reason.NO_DEVICE: N_("no device"),
}

_CODES = {
    "STALE": N_("overdue"),
    "SLEEPING": N_("sleeping"),
    "ZOMBIE": N_("zombie"),
    "DEEP_ZOMBIE": N_("deep zombie"),
    "EMPTY_SHELL": N_("empty shell"),
    "STOPPED_NOT_CANCELLED": N_("stopped, not cancelled"),
    # kinds
    "weibo": N_("Weibo"),
    "wechat": N_("WeChat"),
    "app": N_("app"),
    "website": N_("website"),
    "feed": N_("feed"),
    # levels of government
    "national": N_("national"),
    "province": N_("province"),
    "city": N_("city"),
    "county": N_("county"),
    "town": N_("town"),
    # alerts
    "reminder": N_("reminder"),
    "breach": N_("breach"),
    "candidate": N_("to check"),
    "incident": N_("incident"),
    "fault": N_("our own fault"),
    "flapping": N_("comes and goes"),
    "pending": N_("to be confirmed"),
    "open": N_("open"),
    "resolved": N_("resolved"),
    "waiting": N_("for a person"),
    "confirm": N_("confirmed"),
    "dismiss": N_("dismissed"),
    # indicators
    "veto": N_("veto"),
    "serious": N_("serious"),
    "notice": N_("notice"),
    "verified": N_("wording verified"),
    "corroborated": N_("wording corroborated"),
    "from_memory": N_("wording from memory"),
    "ours": N_("our own wording"),
    # coverage
    "published": N_("published posts"),
    "mass_sent": N_("mass-sent messages"),
    "profile": N_("profile"),
    "listing": N_("store listing"),
    "package": N_("package"),
    "launch": N_("launch on a device"),
    "visits": N_("visits to the site"),
    "home": N_("home page"),
    "columns": N_("columns of the site"),
    "links": N_("links on the home page"),
    "letters": N_("letters and replies"),
    "corrections": N_("error reports"),
    "test_letters": N_("test questions"),
    "posts": N_("posts"),
}


_STATES = {
    State.APPLIED: N_("applied for"),
    State.APPROVED: N_("approved, not filed yet"),
    State.RUNNING: N_("running"),
    State.CHANGING: N_("being changed"),
    State.RECTIFYING: N_("being put right"),
    State.CLOSING: N_("to be closed"),
    State.ANNOUNCED: N_("closing announced"),
    State.CANCELLING: N_("being cancelled"),
    State.CLOSED: N_("closed"),
    State.MIGRATED: N_("migrated"),
    State.LOST: N_("out of control"),
    State.REOPENED: N_("reopened against the rules"),
    State.UNREGISTERED: N_("not registered"),
}


_CHANGES = {
    "opened": N_("alert opened"),
    "confirmed": N_("alert confirmed"),
    "resolved": N_("alert resolved"),
    "acknowledged": N_("taken up"),
    "decided": N_("decided"),
    "incident": N_("platform down"),
    "incident_over": N_("platform back"),
    "joined": N_("registered"),
    "left": N_("left the register"),
    "look": N_("look"),
    "blind": N_("saw nothing"),
}

_SESSIONS = {
    "ok": N_("holds"),
    "expiring": N_("ends soon"),
    "expired": N_("over"),
    "refused": N_("refused"),
}


def change(code: str, _: Words) -> str:
    """What happened, in the log."""
    return _(_CHANGES[code]) if code in _CHANGES else safe(code)


def session_state(code: str, _: Words) -> str:
    """Where a login stands."""
    return _(_SESSIONS[code]) if code in _SESSIONS else safe(code)


def state(code: State, _: Words) -> str:
    """Where an account stands in the register."""
    return _(_STATES[code])


def standing(code: Standing, _: Words) -> str:
    """`X failed`: the mark and the word."""
    return f"{MARKS[code]} {_(NAMES[code])}"


def tone(code: Standing) -> str:
    """How loud it is; what is in order is not. Who waits for a person is not painted like one who fails."""
    return {Standing.PASS: "", Standing.CANDIDATE: "at_risk"}.get(code, code.value)


def reason(code: Reason | str | None, _: Words) -> str:
    """Why a look showed nothing, empty for none."""
    if not code:
        return ""
    try:
        return _(_REASONS[Reason(code)])
    except ValueError:
        return safe(code)


def term(code: str, _: Words) -> str:
    """Any other code of the core in words."""
    return _(_CODES[code]) if code in _CODES else safe(code)
