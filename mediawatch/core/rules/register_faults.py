"""What the register says, held against what the platform shows: registered twice (R1, R9), names that look alike (R10),
an account that is not verified (R9), or is shown in a state in which it should not be: lost to its office (R9), in no
filing (R4), only applied for.

A register may be wrong and an exception allowed, so that all of it is for a person; and nobody is accused who was not
seen: an account that no look has shown is `unknown`. No answer here asks for a look sooner than any account has one:
what the register says is not found by looking.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from pydantic import Field

from mediawatch.core.blame import says_gone
from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.model import (
    Articles,
    Evidence,
    Feed,
    Finding,
    Launch,
    Listing,
    Look,
    Outcome,
    Package,
    Page,
    Profile,
    Value,
)
from mediawatch.core.profiles import profile_of
from mediawatch.core.register_check import Code
from mediawatch.core.register_matter import RegisterMatter
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import (
    FOREVER,
    Rule,
    Values,
    a_pass,
    a_pass_and,
    a_pass_for_the_day,
    found,
    unknown,
    unless_a_fail,
    whatever,
)
from mediawatch.core.rules.told import told_profiles
from mediawatch.core.value import made

SHOWN = 3
LOOKED_AT = timedelta(days=7)
"""For how long "not verified" is good enough: a verification is noticed with the next look that is made anyway."""


class NoParams(Value):
    """There is nothing to set."""


class Twice(Value):
    """codes: which matters of the register count."""

    codes: tuple[Code, ...] = Field(min_length=1)


class Shown(Value):
    """posts: only posts count, not that the account is there."""

    posts: bool = False


def registered_twice(evidence: Evidence, indicator: Indicator, params: Twice) -> Finding:
    """Fails where the register says so and a look shows that the account is there."""
    matters = [one for one in evidence.matters if one.code in params.codes]
    if not matters:
        return found(evidence, indicator, Outcome.PASS, {}, holds_until=FOREVER)
    shown = _there(evidence.looks)
    if not shown:
        return _not_told(evidence, indicator, "never_seen", _values(matters))
    return _fail(evidence, indicator, _values(matters), shown)


def look_alike(evidence: Evidence, indicator: Indicator, params: NoParams) -> Finding:
    """Fails where the name reads like that of another sponsor's account, and every channel that tells says that this
    one is not verified. Which of the two is the imitation, nothing here says."""
    matters = [one for one in evidence.matters if one.code == "look_alike"]
    if not matters:
        return found(evidence, indicator, Outcome.PASS, {"shown": None}, holds_until=FOREVER)
    said = _verified(evidence)
    values = _values(matters)
    if not said:
        return _not_told(evidence, indicator, _why_not_told(evidence), values)
    if any(profile.verified for runs in said for _, profile in runs[-1:]):
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)
    return _fail(evidence, indicator, values, _looks(said), evidence.now + LOOKED_AT)


def unverified(evidence: Evidence, indicator: Indicator, params: NoParams) -> Finding:
    """Fails where every channel that tells says that it is not verified; one that shows a verification is enough."""
    said = _verified(evidence)
    if not said:
        return _not_told(evidence, indicator, _why_not_told(evidence), {})
    held = [profile for runs in said for _, profile in runs[-1:] if profile.verified]
    if held:
        values: Values = {"reason": held[0].verified_reason or None}
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)
    return _fail(evidence, indicator, {}, _looks(said), evidence.now + LOOKED_AT)


def shown_in_state(evidence: Evidence, indicator: Indicator, params: Shown) -> Finding:
    """Fails where the platform shows an account that by its state in the register should not be there, or should not
    post: one that is lost to its office, in no filing, or only applied for. Passes where nothing of it is there."""
    account = evidence.account
    if account.state not in indicator.states:
        return found(evidence, indicator, Outcome.PASS, {"since": None}, holds_until=FOREVER)
    since = account.state_since
    values: Values = {"since": since.isoformat() if since is not None else None}
    after = [look for look in evidence.looks if look.trusted and (since is None or look.at >= midnight_after(since))]
    shown = [look for look in _there(after) if look.posts or not params.posts]
    if shown:
        return _fail(evidence, indicator, values, shown)
    if any(says_gone(look) or (params.posts and _empty(look)) for look in after):
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)
    return _not_told(evidence, indicator, "not_seen_since_state", values)


def _empty(look: Look) -> bool:
    """A list without an item that the platform itself counts as empty."""
    profile = profile_of(look.seen)
    return look.posts == 0 and profile is not None and profile.posts == 0


def _there(looks: Iterable[Look]) -> list[Look]:
    """The trusted looks that showed the account, of the channel that is known longest among those whose last word is
    not that it is gone."""
    runs: dict[str, list[Look]] = {}
    for look in looks:
        if look.trusted and _shows(look):
            runs.setdefault(look.target, []).append(look)
        elif look.trusted and says_gone(look):
            runs.pop(look.target, None)
    return min(runs.values(), key=lambda looks: (looks[0].at, looks[0].target), default=[])


def _shows(look: Look) -> bool:
    """Whether the look shows that the account, the app or the site is there."""
    seen = look.seen
    if isinstance(seen, Feed):  # nearly every one
        return look.posts > 0 or seen.profile is not None
    if isinstance(seen, Listing | Package):
        return seen.present
    if isinstance(seen, Page | Launch):
        return bool(seen.opened)
    if isinstance(seen, Articles):
        return any(article.state == "alive" for article in seen.articles)
    return False


def _verified(evidence: Evidence) -> list[list[tuple[Look, Profile]]]:
    """Of each channel that tells whether the account is verified, what it said, from old to new."""
    runs: dict[str, list[tuple[Look, Profile]]] = {}
    for look, profile in told_profiles(evidence):
        if profile.verified is not None:
            runs.setdefault(look.target, []).append((look, profile))
    return list(runs.values())


def _why_not_told(evidence: Evidence) -> str:
    """Of an account of which no channel tells whether it is verified."""
    last = evidence.looks[-1] if evidence.looks else None
    there = (last is not None and last.trusted and _shows(last)) or _there(evidence.looks)  # nearly always the last
    return "verification_not_told" if there else "never_seen"


def _looks(said: list[list[tuple[Look, Profile]]]) -> list[Look]:
    """The looks of the channel that has said longest what it says last."""
    return min((list(_last(runs)) for runs in said), key=lambda looks: (looks[0].at, looks[0].target))


def _last(runs: list[tuple[Look, Profile]]) -> Iterator[Look]:
    said = [(profile.verified, profile.verified_reason) for _, profile in runs]
    same = next((place for place in range(len(said), 0, -1) if said[place - 1] != said[-1]), 0)
    return (look for look, _ in runs[same:])


def _values(matters: list[RegisterMatter]) -> Values:
    others = tuple(dict.fromkeys(other for one in matters for other in one.others))
    return {
        "shown": matters[0].shown,
        "others": "、".join(others[:SHOWN]),
        "count": len(others),
        "since": day_of(min(one.since for one in matters)).isoformat(),
    }


def _not_told(evidence: Evidence, indicator: Indicator, why: str, values: Values) -> Finding:
    answer = unknown(evidence, indicator, why, values)
    return made(Finding, {**answer.__dict__, "holds_until": FOREVER})


def _fail(
    evidence: Evidence, indicator: Indicator, values: Values, looks: list[Look], until: datetime = FOREVER
) -> Finding:
    first, last = looks[0], looks[-1]
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        {**values, "last": day_of(last.at).isoformat()},
        holds_until=until,
        since=first.at,
        proof=tuple(dict.fromkeys(((first.target, first.at), (last.target, last.at)))),
    )


_UNTOLD = a_pass_and("verification_not_told", "never_seen")
TWICE = Rule(
    name="registered_twice", params=Twice, judge=registered_twice, last_word=True, stands=a_pass, keeps=whatever
)
LOOK_ALIKE = Rule(
    name="look_alike", params=NoParams, judge=look_alike, last_word=True, stands=a_pass, keeps=unless_a_fail
)
UNVERIFIED = Rule(
    name="unverified", params=NoParams, judge=unverified, last_word=True, stands=_UNTOLD, keeps=unless_a_fail
)
SHOWN_IN_STATE = Rule(
    name="shown_in_state", params=Shown, judge=shown_in_state, last_word=True, stands=a_pass_for_the_day, keeps=whatever
)
