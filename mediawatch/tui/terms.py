"""The console's words for the codes of the core: outcomes, reasons, kinds, states. Each falls back to the code itself.

A mark is ASCII, so that it has one width everywhere and tells the outcome without colour.
"""

from __future__ import annotations

from mediawatch.core.model import Outcome, Reason
from mediawatch.locale import N_, Words
from mediawatch.tui.cells import safe

MARKS = {Outcome.FAIL: "X", Outcome.AT_RISK: "!", Outcome.UNKNOWN: "?", Outcome.PASS: "."}
ORDER = (Outcome.FAIL, Outcome.AT_RISK, Outcome.UNKNOWN, Outcome.PASS)

_OUTCOMES = {
    Outcome.FAIL: N_("failed"),
    Outcome.AT_RISK: N_("at risk"),
    Outcome.UNKNOWN: N_("unknown"),
    Outcome.PASS: N_("ok"),
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
    Reason.NOT_ALLOWED: N_("refused by our settings"),
    Reason.NO_DEVICE: N_("no device"),
}

_CODES = {
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


def outcome(code: Outcome, _: Words) -> str:
    """`X failed`: the mark and the word."""
    return f"{MARKS[code]} {_(_OUTCOMES[code])}"


def outcome_word(code: Outcome, _: Words) -> str:
    """The word alone."""
    return _(_OUTCOMES[code])


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
