"""What must hold for any evidence: less sight accuses nobody, order and pins say nothing, promises are kept."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediawatch.core import alerting
from mediawatch.core.model import Account, Evidence, Feed, Finding, Listing, Look, Outcome, Package, Reason, SeenPost
from mediawatch.core.rules import judge
from mediawatch.core.schedule import Cadence, next_due
from tests.tables import BOOK, DAY, HOUR, MINUTE, account, at, counts, evidence, listed, look, package, post

START = at("2025-12-20")
SPAN = 80  # days of looks and posts; judgements fall up to 20 days after them

ACCOUNTS = (
    account("weibo", a=["posts", "profile"]),
    account("weibo", a=["posts"], b=["posts"]),
    account("wechat", a=["mass_sent"], b=["published"]),
    account("wechat", a=["mass_sent", "published"]),
    account("feed", a=["posts"]),
)
APPS = (
    account("app", a=["listing"]),
    account("app", a=["listing"], b=["package"]),
    account("app", a=["package"], b=["package"]),
)

moments = st.integers(0, SPAN * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
instants = st.integers(0, (SPAN + 20) * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
feeds = st.sampled_from(["posts", "posts", "posts", "pinned only", "blank", "no dates", counts(0), counts(3)])
apps = st.sampled_from([listed(True), listed(False), package(), package("not_zip"), package(present=False)])
sightings = st.one_of(st.sampled_from(list(Reason)), feeds)


@st.composite
def media(draw: st.DrawFn) -> Evidence:
    """Any history of an account: several posts, some shown late or dated ahead, and looks of every kind."""
    of = draw(st.sampled_from(ACCOUNTS))
    names = [target.id for target in of.targets]
    posts: list[SeenPost] = []
    for number in range(draw(st.integers(0, 5))):
        published = draw(moments)
        late = draw(st.sampled_from([0, 0, 0, 1, 30, 24 * 9, -24 * 3]))
        seen = published + late * HOUR
        name = draw(st.sampled_from(names))
        posts.append(post(published, seen=seen, key=str(number), target=name, pinned=draw(st.booleans())))
    looks = [_look(of, draw, "posts", one.target, one.first_seen_at) for one in posts]  # what showed them first
    looks += [
        _look(of, draw, draw(sightings), draw(st.sampled_from(names)), draw(moments))
        for _ in range(draw(st.integers(0, 8)))
    ]
    now = draw(instants)
    if draw(st.booleans()):  # seen well before the judgement, by every channel: without this a fail is rare
        for name in names:
            looks.append(_look(of, draw, "blank" if not posts else "posts", name, START - 40 * DAY))
            for _ in range(2):
                since = draw(st.integers(0, 48 * 60))
                looks.append(_look(of, draw, draw(sightings), name, now - since * timedelta(minutes=30)))
                looks.append(_look(of, draw, "blank" if not posts else "posts", name, now - since * MINUTE))
    return evidence(now, looks, posts, of=of)


@st.composite
def ladders(draw: st.DrawFn) -> Evidence:
    """Any history of an app."""
    of = draw(st.sampled_from(APPS))
    looks = []
    for _ in range(draw(st.integers(0, 10))):
        target = draw(st.sampled_from(of.targets))
        wanted = Listing if "listing" in target.covers else Package
        saw = draw(
            st.one_of(apps.filter(lambda seen, kind=wanted: isinstance(seen, kind)), st.sampled_from(list(Reason)))
        )
        looks.append(_look(of, draw, saw, target.id, draw(moments)))
    return evidence(draw(instants), looks, of=of)


def _look(of: Account, draw: st.DrawFn, saw: object, name: str, when: datetime) -> Look:
    covers = next(target.covers for target in of.targets if target.id == name)
    shown = 0 if isinstance(saw, Feed) else None
    trusted = draw(st.integers(0, 9)) > 0
    return look(when, saw, target=name, covers=covers, posts=shown, trusted=trusted)  # type: ignore[arg-type]


anything = st.one_of(media(), ladders())


def _outcomes(on: Evidence) -> dict[str, Outcome]:
    return {finding.indicator: finding.outcome for finding in judge(BOOK, on)}


def _dull(on: Evidence, one: Look) -> bool:
    """True for a look that speaks for nobody: it failed, or it is an empty or old list. What showed an account alive
    is a fact in its favour, and what first showed a post belongs to the post."""
    if one.failure is not None:
        return True
    if isinstance(one.seen, Feed):
        counted = one.seen.profile is not None and bool(one.seen.profile.posts)
        return not counted and not any(item.first_seen_at == one.at for item in on.posts)
    return isinstance(one.seen, Listing | Package) and _bad(one)


def _downloaded(one: Look) -> bool:
    return isinstance(one.seen, Package) and one.seen.present


def _bad(one: Look) -> bool:
    if isinstance(one.seen, Listing):
        return not one.seen.present
    return isinstance(one.seen, Package) and (not one.seen.present or bool(one.seen.problem))


@given(anything, st.data())
@settings(max_examples=400)
def test_seeing_less_never_turns_an_answer_into_its_opposite(on: Evidence, data: st.DataObject) -> None:
    """Looks are lost (a platform refuses us, a disk fails): pass and fail may become unknown, never each other.

    An app and the state of an account are as their last answer says: there, losing the answer that accused may bring
    back the one before it. What holds for all is that losing what accuses, or what saw nothing, accuses nobody.
    """
    lost = {index for index, one in enumerate(on.looks) if _dull(on, one) and data.draw(st.booleans())}
    kept = tuple(one for index, one in enumerate(on.looks) if index not in lost)
    before, after = _outcomes(on), _outcomes(on.model_copy(update={"looks": kept}))
    for indicator, was in before.items():
        if indicator == "gone" and any(on.looks[index].seen is not None for index in lost):
            continue  # a list that was shown, whatever is in it, is the account's own sign of life
        if indicator == "app_downloads" and any(_downloaded(on.looks[index]) for index in lost):
            continue  # a faulty package is a package that downloads
        if was in (Outcome.PASS, Outcome.AT_RISK):
            assert after[indicator] is not Outcome.FAIL, indicator
        if was is Outcome.FAIL and indicator in ("stale", "empty_shell"):
            assert after[indicator] in (Outcome.FAIL, Outcome.UNKNOWN), indicator


@given(media(), st.data())
@settings(max_examples=200)
def test_failed_looks_alone_never_make_a_fail_of_silence(on: Evidence, data: st.DataObject) -> None:
    """Adding any number of looks that could not see changes no answer about posts at all."""
    blind = [
        look(data.draw(moments), data.draw(st.sampled_from(list(Reason))), target="a", covers=on.looks[0].covers)
        for _ in range(data.draw(st.integers(1, 8)))
        if on.looks
    ]
    more = sorted((*on.looks, *(one for one in blind if one.at <= on.now)), key=lambda one: one.at)
    before, after = _outcomes(on), _outcomes(on.model_copy(update={"looks": tuple(more)}))
    assert {name: before[name] for name in ("stale", "empty_shell")} == {
        name: after[name] for name in ("stale", "empty_shell")
    }


@given(media(), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_the_order_of_posts_and_the_place_and_number_of_pins_never_change_an_answer(on: Evidence, chance) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(on.posts)
    chance.shuffle(shuffled)
    pinned = tuple(one.model_copy(update={"pinned": chance.random() < 0.5}) for one in shuffled)
    assert judge(BOOK, on.model_copy(update={"posts": pinned})) == judge(BOOK, on)


@given(media(), st.integers(1, 4))
@settings(max_examples=100)
def test_old_pinned_posts_never_change_an_answer_about_silence(on: Evidence, pins: int) -> None:
    """A pinned post of years ago, seen with the first of the others, makes no account younger or older."""
    if not on.posts:
        return
    first = min(one.first_seen_at for one in on.posts)
    old = [post(START - 900 * DAY - n * DAY, seen=first, key=f"pin{n}", pinned=True) for n in range(pins)]
    more = on.model_copy(update={"posts": (*on.posts, *old)})
    assert judge(BOOK, more)[0] == judge(BOOK, on)[0]


@given(anything)
@settings(max_examples=100)
def test_the_same_evidence_gives_the_same_findings(on: Evidence) -> None:
    """Today and in five years: also from a copy that went through JSON, and with every instant written in UTC."""
    again = Evidence.model_validate_json(on.model_dump_json())
    assert judge(BOOK, again) == judge(BOOK, on)
    assert judge(BOOK, on.model_copy(update={"now": on.now.astimezone(UTC)})) == judge(BOOK, on)


@given(anything, st.floats(0, 1))
@settings(max_examples=400)
def test_what_holds_until_an_instant_is_no_fail_before_it(on: Evidence, share: float) -> None:
    """The promise that the whole schedule rests on."""
    for finding in judge(BOOK, on):
        assert finding.holds_until >= on.now
        if finding.outcome not in (Outcome.PASS, Outcome.AT_RISK):
            assert finding.holds_until == on.now
            continue
        ahead = min(finding.holds_until, on.now + 400 * DAY) - on.now
        later = on.now + ahead * share
        if later < finding.holds_until:
            after = _outcomes(on.model_copy(update={"now": later}))
            assert after[finding.indicator] in (Outcome.PASS, Outcome.AT_RISK)


@given(anything)
@settings(max_examples=200)
def test_a_fail_has_its_proof_and_an_unknown_its_why(on: Evidence) -> None:
    """Every look that a fail names is a trusted one on the record, and none is older than the breach can be known."""
    trusted = {(one.target, one.at) for one in on.looks if one.trusted}
    for finding in judge(BOOK, on):
        if finding.outcome is Outcome.FAIL:
            assert finding.proof
            assert trusted.issuperset(finding.proof)
            assert finding.since is not None
            assert finding.since <= on.now
        else:
            assert finding.proof == ()
        assert (finding.outcome is Outcome.UNKNOWN) == ("why" in finding.values)


@given(anything)
@settings(max_examples=200)
def test_alerts_asked_for_twice_are_the_same_and_unknown_moves_none(on: Evidence) -> None:
    findings = judge(BOOK, on)
    first = alerting.transition((), findings, on.now, HOUR, "x")
    assert alerting.transition(first, findings, on.now, HOUR, "x") == ()
    unknown = [_as_unknown(finding) for finding in findings]
    assert alerting.transition(first, unknown, on.now, HOUR, "x") == ()


def _as_unknown(finding: Finding) -> Finding:
    return finding.model_copy(update={"outcome": Outcome.UNKNOWN})


@given(anything, st.text(min_size=1, max_size=5), st.booleans())
@settings(max_examples=200)
def test_the_next_look_is_in_the_future_and_not_after_the_first_promise_ends(
    on: Evidence, name: str, confirming: bool
) -> None:
    cadence = Cadence()
    findings = judge(BOOK, on)
    due = next_due(name, findings, on.now, cadence, confirming=confirming).at
    assert on.now < due <= on.now + cadence.latest
    assert all(due <= one.holds_until for one in findings if one.holds_until > on.now)


@pytest.fixture
def zone() -> Iterator[None]:
    before = os.environ.get("TZ")
    yield
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@given(on=anything)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_the_zone_of_the_machine_changes_nothing(zone: None, on: Evidence) -> None:
    """Dates are Shanghai's, wherever the daemon runs."""
    answers = []
    for name in ("UTC", "Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati"):
        os.environ["TZ"] = name
        time.tzset()
        answers.append(judge(BOOK, on))
    assert all(answer == answers[0] for answer in answers)
