"""账号 gone: the platform itself says, at every look of a day, that the account does not exist, is banned or has moved.

A status code says nothing here, and a channel that cannot look says nothing either. It must never outvote a channel
that still shows posts published after the first such answer, and never take a platform's word alone where it says the
same of several accounts at once, or has lately taken it back.

How often is enough. A platform that lies at random in a share p of its answers says so `times` times in a row at one
look of p ** times. Per year, with a look a day, in a house that watches

    times      2         5         7         7 and 14 (`again`)
    p = 15 %   2,460     8.3       0.2       0.003, once          of 300 accounts
    p = 15 %   2,050,000 6,900     156       2.8, once            of 250,000
    p = 50 %   27,000    3,400     860       4.7, once, and 6.7   of 300

accounts would be believed to be gone by counting alone ("once": before each has been taken back for the first time).
Counting costs no time, for all of them fall into the same day, and where p is small it is enough. Where p is large it
is not, but there no account is alone: two others are said to be gone within the same days (`crowd`), or have been and
are back (`took_back`), and then a person decides. So counting alone speaks only where one or two accounts of a platform
are watched without a canary: of one at 50 %, 1.6 % are believed once.
"""

from __future__ import annotations

from datetime import timedelta

from mediawatch.core.blame import says_gone
from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Finality, Finding, Look, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.doubts import reasons
from mediawatch.core.rules.rule import Rule, Values, a_pass, a_pass_and, found, unknown


class Params(Value):
    """times: how many looks in a row must say so, the last of them `apart_hours` after the first.

    crowd: from how many other accounts on, gone from the platform in the same days, a person decides; so does one where
    a canary is said to be gone in those days. took_back: the same, of which it took that word back in the month before;
    0 for never. again: how many times as many looks, and as many hours, where it took it back of this very account.
    both: whether a person decides, too, where another channel of the same platform has shown the account since.
    """

    times: int = 2
    apart_hours: int = 24
    crowd: int = 2
    took_back: int = 0
    again: int = 1
    both: bool = False


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Said by one channel at each of enough looks, a day apart, it is a fail; until then it is `unknown`, and is asked
    again."""
    alive = [look for look in evidence.looks if look.seen is not None]
    said: list[Look] = []
    for target in dict.fromkeys(look.target for look in evidence.looks) if len(alive) < len(evidence.looks) else ():
        run = _run(evidence, target)
        if len(run) > len(said):
            said = run
    if not said:
        if not alive:
            return unknown(evidence, indicator, "never_seen")
        return found(evidence, indicator, Outcome.PASS, {}, holds_until=evidence.now, since=alive[0].at)
    first, last = said[0], said[-1]
    if any(post.at is not None and min(post.at, post.first_seen_at) > first.at for post in evidence.posts):
        return unknown(evidence, indicator, "contradicted")
    assert last.failure is not None
    values: Values = {
        "said": last.failure.reason.value,
        "times": len(said),
        "first": day_of(first.at).isoformat(),
        "last": day_of(last.at).isoformat(),
    }
    more = params.again if evidence.beside.was_back else 1
    believed_at, lacks = first.at + more * timedelta(hours=params.apart_hours), more * params.times - len(said)
    if lacks > 0 or last.at < believed_at:
        if lacks > 1:  # the looks until then are as many
            values["lacks"] = lacks
        return unknown(evidence, indicator, "said_once", values, missing=(), since=first.at, deadline=believed_at)
    crowd = evidence.beside.canary_gone or evidence.beside.gone_with >= params.crowd
    told: dict[str, Values] = {}
    if crowd:
        values["others"] = evidence.beside.gone_with
        told["canary_gone" if evidence.beside.canary_gone else "crowd"] = {}
    if 0 < params.took_back <= evidence.beside.were_back:
        told["taken_back"] = {"back": evidence.beside.were_back}
    if params.both and any(
        look.platform == first.platform and look.target != first.target and look.at > first.at for look in alive
    ):
        told["still_shown"] = {}
    doubts = reasons(told, indicator)
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values | doubts,
        holds_until=evidence.now,
        since=first.at,
        finality=Finality.CANDIDATE if doubts else indicator.finality,
        proof=((first.target, first.at), (last.target, last.at)),
    )


def _run(evidence: Evidence, target: str) -> list[Look]:
    """The looks of one channel since it last showed anything, that say the account itself is at fault."""
    run: list[Look] = []
    for look in evidence.looks:
        if look.target != target:
            continue
        if look.seen is not None:
            run = []
        elif look.trusted and says_gone(look):
            run.append(look)
    return run


RULE = Rule(
    name="gone",
    params=Params,
    judge=judge,
    last_word=True,
    stands=a_pass,
    keeps=a_pass_and("never_seen"),
    reads=frozenset({"posts", "beside"}),
)
