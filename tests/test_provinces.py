"""What provinces and the measures of 2026 add to the national standard, as tables: what was seen, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediawatch.core.calendar import months_after
from mediawatch.core.model import Evidence, Feed, Launch, Listing, Look, Outcome, Page, Profile, SeenPost
from mediawatch.core.rulebook import Indicator, Rulebook, Switch
from mediawatch.core.rules import judge, judge_one
from mediawatch.core.standing import worst
from mediawatch.rulebook_file import load_rulebook
from tests.tables import DAY, HOUR, account, at, evidence, listed, look, outcome, post, verdict, words

NATIONAL = load_rulebook("national-2019")
WEEKLY = load_rulebook("gansu").indicator("U4")
THREE_MONTHS = load_rulebook("guizhou").indicator("U3")
A_YEAR = load_rulebook("beijing").indicator("U3")
ZERO = load_rulebook("beijing").indicator("U6Z")
ORIGINAL = load_rulebook("yangling").indicator("U5")
APPS = load_rulebook("apps-2026")
SHOWN, LEVEL, FILED = APPS.indicator("P1"), APPS.indicator("P3"), APPS.indicator("P10")


def one(book: str, line: str, on: Evidence) -> str:
    (found,) = [found for found in judge(load_rulebook(book), on) if found.indicator == line]
    return outcome(found)


# --- ten days: Minhou, Hedong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("book", ["minhou", "hedong"])
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-02", "pass"),
        ("2026-03-06", "at_risk 5"),
        ("2026-03-11 23:59:59", "at_risk 9"),  # day 10 is inside to its last second
        ("2026-03-12", "fail"),
        ("2026-03-16", "fail"),  # and now the national veto as well
    ],
)
def test_ten_days_where_the_place_says_ten(book: str, now: str, expected: str) -> None:
    looks = [look(when) for when in ("2026-02-20", "2026-03-01 09:00", "2026-03-10", now) if when <= now]
    on = evidence(now, looks, [post("2026-03-01 09:00")])
    assert one(book, "U1", on) == expected
    national = one("national-2019", "U1", on)
    assert (one(book, "U1N", on) == "fail") is (national == "fail") is (now >= "2026-03-16")
    blind = evidence(now, [look("2026-03-01 09:00")], [post("2026-03-01 09:00")])
    assert one(book, "U1", blind) == ("pass" if now < "2026-03-12" else "unknown not_seen_since_deadline")


@pytest.mark.parametrize("book", ["minhou", "hedong"])
def test_a_stricter_place_repeals_no_national_veto(book: str) -> None:
    """The national line whole, but for its first reminders: those are left to the local one."""
    local, national = load_rulebook(book), load_rulebook("national-2019").indicator("U1")
    kept = local.indicator("U1N")
    assert (kept.severity, local.indicator("U1").severity) == ("veto", "serious")
    assert kept.params | {"warn_days": []} == national.params | {"warn_days": []}
    own = {"id", "title", "params", "cites"}
    assert kept.model_dump(exclude=own) == national.model_dump(exclude=own)
    assert kept.cites[0] == national.cites[0]
    on = evidence("2026-03-16", [look("2026-03-01 09:00"), look("2026-03-16")], [post("2026-03-01 09:00")])
    speaks = worst(judge(local, on))
    assert speaks is not None
    assert speaks.indicator == "U1N", "the veto, before the local fault"


# --- a week: Gansu ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "now", "expected"),
    [
        # 2026-03-02 is a Monday. Whatever the day of the last update, the next week must have one.
        ("2026-03-02 00:00", "2026-03-08 12:00", "pass"),
        ("2026-03-02 00:00", "2026-03-11 23:59:59", "pass"),
        ("2026-03-02 00:00", "2026-03-12 00:00", "at_risk 4"),  # the first second of Thursday
        ("2026-03-08 23:59:59", "2026-03-12 00:00", "at_risk 4"),
        ("2026-03-02 00:00", "2026-03-15 23:59:59", "at_risk 4"),  # Sunday is inside
        ("2026-03-08 23:59:59", "2026-03-15 23:59:59", "at_risk 4"),
        ("2026-03-02 00:00", "2026-03-16 00:00", "fail"),  # Monday is not
        ("2026-03-08 23:59:59", "2026-03-16 00:00", "fail"),
        ("2026-03-09 00:00", "2026-03-16 00:00", "pass"),  # one second later: it belongs to the next week
        # a missed week that was made up for: what stands now is in order
        ("2026-03-16 08:00", "2026-03-16 09:00", "pass"),
        # over the end of a year: 2025-12-29 to 2026-01-04 is one week
        ("2025-12-28 12:00", "2026-01-04 23:59:59", "at_risk 4"),
        ("2025-12-28 12:00", "2026-01-05 00:00", "fail"),
        # over a leap day
        ("2028-02-27 12:00", "2028-03-05 23:59:59", "at_risk 4"),
        ("2028-02-27 12:00", "2028-03-06 00:00", "fail"),
    ],
)
def test_every_calendar_week_needs_an_update(published: str, now: str, expected: str) -> None:
    """每周更新一次, Monday to Sunday in Beijing time; on Thursday who is behind is reminded."""
    assert verdict(WEEKLY, evidence(now, [look(published), look(now)], [post(published)])) == expected


def test_the_week_and_its_last_day_are_in_the_words() -> None:
    found = judge_one(WEEKLY, evidence("2026-03-13", [look("2026-03-04"), look("2026-03-13")], [post("2026-03-04")]))
    assert found.values == {
        "week": "2026-W11",
        "monday": "2026-03-09",
        "days_silent": 9,
        "days_left": 2,
        "newest": "2026-03-04",
        "last_day": "2026-03-15",
        "step": 4,
    }
    assert found.deadline == found.holds_until == at("2026-03-16")


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([look("2026-03-04")], "unknown not_seen_since_deadline"),
        ([look("2026-03-04"), look("2026-03-15 23:59:59")], "unknown not_seen_since_deadline"),
        ([look("2026-03-04"), look("2026-03-16", trusted=False)], "unknown not_seen_since_deadline"),
        ([look("2026-03-04"), look("2026-03-16", "blank")], "unknown not_seen_since_deadline"),
        ([look("2026-03-04"), look("2026-03-16")], "fail"),
    ],
)
def test_a_week_without_a_look_at_its_end_accuses_nobody(looks: list[Look], expected: str) -> None:
    assert verdict(WEEKLY, evidence("2026-03-17", looks, [post("2026-03-04")])) == expected


def test_a_thursday_on_which_nobody_looked_reminds_nobody() -> None:
    on = evidence("2026-03-13", [look("2026-03-04"), look("2026-03-11 23:59")], [post("2026-03-04")])
    found = judge_one(WEEKLY, on)
    assert found.outcome is Outcome.PASS
    assert judge_one(WEEKLY, evidence("2026-03-11", [look("2026-03-04")], [post("2026-03-04")])).warns_at == at(
        "2026-03-12"
    )


# --- months and years: Guizhou, Beijing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "published", "last_day"),
    [
        (THREE_MONTHS, "2026-03-01", "2026-06-01"),
        (THREE_MONTHS, "2026-03-31", "2026-06-30"),
        (THREE_MONTHS, "2025-11-30", "2026-02-28"),
        (THREE_MONTHS, "2027-11-30", "2028-02-29"),  # a leap year
        (THREE_MONTHS, "2025-12-15", "2026-03-15"),
        (A_YEAR, "2025-03-01", "2026-03-01"),
        (A_YEAR, "2028-02-29", "2029-02-28"),
    ],
)
def test_months_are_calendar_months_and_the_last_day_is_inside(line: Indicator, published: str, last_day: str) -> None:
    """超过三个月: the day of the same number is inside; a month without it ends on its last day (民法典 202)."""
    end = at(last_day) + DAY
    inside = evidence(
        end - timedelta(seconds=1), [look(published), look(end - timedelta(seconds=1))], [post(published)]
    )
    assert verdict(line, inside).startswith("at_risk")
    found = judge_one(line, evidence(end, [look(published), look(end)], [post(published)]))
    assert (found.outcome, found.deadline, found.values["last_day"]) == (Outcome.FAIL, end, last_day)
    assert "klass" not in found.values
    assert verdict(line, evidence(end, [look(published)], [post(published)])) == "unknown not_seen_since_deadline"
    assert verdict(line, evidence(published, [look(published)], [post(published)])) == "pass"


def test_a_month_later_is_the_same_day_or_the_last_of_the_month() -> None:
    assert months_after(at("2026-01-31").date(), 1).isoformat() == "2026-02-28"
    assert months_after(at("2026-01-31").date(), -2).isoformat() == "2025-11-30"
    assert months_after(at("2026-05-31").date(), 12).isoformat() == "2027-05-31"


# --- an original a month: Yangling ------------------------------------------------------------------------------------


def own(published: str, original: bool | None = True, *, repost: bool = False, until: str = "") -> SeenPost:
    """A post as Weibo tells them: own or repost, shown from then on until `until`."""
    made = post(published).model_copy(update={"original": original, "repost": repost})
    return made.model_copy(update={"last_seen_at": at(until)}) if until else made


JAN, FEB = own("2026-01-20", until="2026-04-02"), own("2026-02-10", False, repost=True, until="2026-04-02")
MARCH = own("2026-03-10", False, repost=True, until="2026-04-02")


@pytest.mark.parametrize(
    ("posts", "now", "expected"),
    [
        ([own("2026-03-01")], "2026-03-31 23:59", "pass"),
        ([own("2026-03-01")], "2026-04-24 23:59", "pass"),
        ([own("2026-03-01")], "2026-04-25 00:00", "at_risk 25"),
        ([own("2026-03-31 23:59:59")], "2026-04-30 23:59:59", "at_risk 25"),  # the last day is inside
        ([own("2026-02-28 23:59:59")], "2026-04-01 00:00", "fail candidate"),  # the first second of the next is not
        # January had one, February had reposts only, March as well: seen whole, so a candidate
        ([JAN, FEB, MARCH], "2026-04-02", "fail candidate"),
        # of one post the channel does not say whose it is
        ([JAN, FEB, MARCH, own("2026-03-12", None, until="2026-04-02")], "2026-04-02", "unknown not_told_apart"),
        # but what it said nothing of long ago is no matter
        ([own("2025-12-01", None, until="2026-04-02"), JAN, FEB, MARCH], "2026-04-02", "fail candidate"),
        # nothing shows what March began with: an original may have been pushed out of the list
        ([MARCH], "2026-04-02", "unknown gap"),
        # nothing was posted in March at all, and the list shows what was before: no original either
        ([JAN, FEB], "2026-04-02", "fail candidate"),
    ],
)
def test_a_month_needs_an_original(posts: Sequence[SeenPost], now: str, expected: str) -> None:
    on = evidence(now, [look("2026-03-20"), look(now)], [item.model_copy(update={"key": str(n)}) for n, item in
                                                         enumerate(posts)])  # fmt: skip
    shown = [
        item.model_copy(update={"last_seen_at": at(now)}) if expected != "unknown gap" else item for item in on.posts
    ]
    assert verdict(ORIGINAL, on.model_copy(update={"posts": tuple(shown)})) == expected


def test_what_two_channels_show_of_a_month_is_counted_once() -> None:
    """A bridge and the back end give one article two keys; two of one channel are two, whatever their titles."""
    shown = [own(day, False, until="2026-04-02") for day in ("2026-02-26", "2026-03-10", "2026-03-12")]
    copies = [one.model_copy(update={"key": f"b{one.key}", "target": "b"}) for one in shown]
    titled = [one.model_copy(update={"title": "通知"}) for one in (*shown, *copies)]
    found = judge_one(ORIGINAL, evidence("2026-04-02", [look("2026-04-02")], titled))
    assert (found.outcome, found.values["posts"]) == (Outcome.FAIL, 2)
    apart = [one.model_copy(update={"title": one.key}) for one in (*shown, *copies)]
    assert judge_one(ORIGINAL, evidence("2026-04-02", [look("2026-04-02")], apart)).values["posts"] == 4


def test_a_month_that_was_not_looked_at_after_its_end_accuses_nobody() -> None:
    posts = [item.model_copy(update={"last_seen_at": at("2026-03-31 12:00")}) for item in (JAN, FEB, MARCH)]
    on = evidence("2026-04-02", [look("2026-03-31 12:00")], posts)
    found = judge_one(ORIGINAL, on)  # of March nothing is said, but February is seen whole
    assert (outcome(found), found.values["month"]) == ("fail candidate", "2026-02")
    late = [item.model_copy(update={"last_seen_at": at("2026-02-20")}) for item in (JAN, FEB)]
    assert verdict(ORIGINAL, evidence("2026-04-02", [look("2026-02-20")], late)) == "unknown not_seen_since_deadline"
    assert verdict(ORIGINAL, evidence("2026-04-02")) == "unknown never_seen"


def test_lists_that_do_not_touch_prove_no_month() -> None:
    """Ten posts a day and a look a week: what was pushed out between two looks may have been an original."""
    early = own("2026-02-25", False, repost=True, until="2026-03-05")
    late = own("2026-03-28", False, repost=True, until="2026-04-02")
    apart = evidence("2026-04-02", [look("2026-03-05"), look("2026-04-02")], [early, late])
    assert verdict(ORIGINAL, apart) == "unknown gap"
    bridge = own("2026-03-04", False, repost=True, until="2026-04-02")
    assert verdict(
        ORIGINAL, evidence("2026-04-02", [look("2026-03-05"), look("2026-04-02")], [early, bridge, late])
    ) == ("fail candidate")
    pinned = bridge.model_copy(update={"pinned": True})
    assert verdict(
        ORIGINAL, evidence("2026-04-02", [look("2026-03-05"), look("2026-04-02")], [early, pinned, late])
    ) == ("unknown gap")


def counted(posts: int | None, followers: int | None = 0, following: int | None = 0) -> Feed:
    return Feed(profile=Profile(posts=posts, followers=followers, following=following))


# --- apps: the filing number, the sponsor's level ---------------------------------------------------------------------

STORE = account("app", a=["listing", "filing"], b=["listing"])
IN_APP = account("app", a=["launch", "filing_shown"])


def store(number: str, present: bool = True) -> Listing:
    return Listing(present=present, filing_no=number)


def opened(number: str, it: bool | None = True) -> Launch:
    return Launch(opened=it, blame="none", filing_no=number)


def seen(when: str, saw: Listing | Launch, target: str = "a", trusted: bool = True) -> Look:
    covers = {"a": ["listing", "filing"], "b": ["listing"]}[target]
    if isinstance(saw, Launch):
        covers = ["launch", "filing_shown"]
    return look(when, saw, target=target, covers=covers, trusted=trusted)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([seen("2026-03-01", store("云ICP备2025000001号-2A"))], "pass"),
        ([seen("2026-03-01", store("")), seen("2026-03-02", store(""))], "fail candidate"),
        ([seen("2026-03-01 01:00", store("")), seen("2026-03-01 23:00", store(""))], "unknown number_missing_once"),
        ([seen("2026-03-01", store("")), seen("2026-03-02", store(""), trusted=False)], "unknown number_missing_once"),
        # a store whose page has no field for it says nothing by not showing one, and clears by showing it
        ([seen("2026-03-01", store(""), "b"), seen("2026-03-02", store(""), "b")], "unknown number_not_told"),
        ([seen("2026-03-01", store("")), seen("2026-03-02", store("")), seen("2026-03-02", store("云ICP备1号"), "b")],
         "pass"),
        # another kind of number is not the one that is meant
        ([seen("2026-03-01", store("政应备1号")), seen("2026-03-02", store("政应备1号"))], "fail candidate"),
        # it was shown, then it was not
        ([seen("2026-03-01", store("云ICP备1号")), seen("2026-03-02", store(""))], "unknown number_missing_once"),
        # a store that has no such app has no field either
        ([seen("2026-03-01", store("", present=False)), seen("2026-03-02", store("", present=False))],
         "unknown never_seen"),
        ([], "unknown never_seen"),
    ],
)  # fmt: skip
def test_a_store_shows_the_number_of_the_ministry(looks: list[Look], expected: str) -> None:
    assert verdict(FILED, evidence("2026-03-03", looks, of=STORE)) == expected


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([seen("2026-08-01", opened("政应备1号"))], "pass"),
        # a first screen without it is no word that it is nowhere
        (
            [seen("2026-08-01", opened("云ICP备1号")), seen("2026-08-02", opened("云ICP备1号"))],
            "unknown number_not_told",
        ),
        ([seen("2026-08-01", opened("")), seen("2026-08-02", opened(""))], "unknown number_not_told"),
        ([seen("2026-08-01", opened("")), seen("2026-08-02", opened("", it=False))], "unknown number_not_told"),
    ],
)
def test_an_app_shows_its_unified_number(looks: list[Look], expected: str) -> None:
    assert verdict(SHOWN, evidence("2026-08-03", looks, of=IN_APP)) == expected


@pytest.mark.parametrize(
    ("level", "saw", "expected"),
    [
        ("town", listed(True), "fail candidate"),
        ("county", listed(True), "pass"),  # the county itself is not below the county
        ("city", listed(True), "pass"),
        ("", listed(True), "unknown level_not_registered"),
        ("town", listed(False), "unknown never_seen"),  # an app that is gone is nobody's fault
        ("town", None, "unknown never_seen"),
    ],
)
def test_units_below_the_county_have_no_app(level: str, saw: Listing | None, expected: str) -> None:
    of = account("app", a=["listing"]).model_copy(update={"level": level})
    looks = [look("2026-03-01", saw, covers=["listing"])] if saw else []
    assert verdict(LEVEL, evidence("2026-03-02", looks, of=of)) == expected


def test_a_server_that_still_answers_is_no_app() -> None:
    """No store has the app any more; its back end is the town's own site."""
    of = account("app", a=["listing"], b=["back_end"]).model_copy(update={"level": "town"})
    server = look("2026-03-01", Page(opened=True), target="b", covers=["back_end"])
    gone = look("2026-03-01", listed(False), covers=["listing"])
    assert verdict(LEVEL, evidence("2026-03-02", [gone, server], of=of)) == "unknown never_seen"


# --- what the national text leaves open -------------------------------------------------------------------------------


def with_switch(name: str, value: bool) -> Rulebook:
    switch = Switch(value=value, title=words("x"), reason=words("x"))
    return NATIONAL.model_copy(update={"switches": {**NATIONAL.switches, name: switch}})


def u1(book: Rulebook, on: Evidence) -> str:
    return outcome(next(found for found in judge(book, on) if found.indicator == "U1"))


@pytest.mark.parametrize(
    ("newest", "counts", "does_not"),
    [
        ({"repost": True, "original": False}, "pass", "fail"),
        ({"repost": True, "original": None}, "pass", "fail"),
        ({"repost": False, "original": True}, "pass", "pass"),
        ({"repost": False, "original": None}, "pass", "unknown not_told_apart"),  # a feed that does not say
    ],
)
def test_whether_a_repost_is_an_update_is_a_switch(newest: dict[str, bool], counts: str, does_not: str) -> None:
    posts = [own("2026-03-01"), post("2026-03-15").model_copy(update=newest)]
    on = evidence("2026-03-17", [look("2026-03-01"), look("2026-03-15"), look("2026-03-17")], posts)
    assert u1(with_switch("reposts_count", True), on) == counts
    assert u1(with_switch("reposts_count", False), on) == does_not


def test_a_doubtful_post_keeps_a_pass_only_as_long_as_a_sure_one_does() -> None:
    posts = [own("2026-03-01"), own("2026-03-10", None)]
    on = evidence("2026-03-11", [look("2026-03-10"), look("2026-03-11")], posts)
    found = judge(with_switch("reposts_count", False), on)[0]
    assert (found.outcome, found.holds_until) == (Outcome.PASS, at("2026-03-16"))
    only = evidence("2026-03-11", [look("2026-03-11")], [own("2026-03-10", False, repost=True)])
    assert u1(with_switch("reposts_count", False), only) == "unknown none_counts"


@pytest.mark.parametrize(
    ("target", "counts", "does_not"), [("sent", "pass", "pass"), ("site", "pass", "fail"), ("both", "pass", "unknown")]
)
def test_whether_publishing_without_sending_is_an_update_is_a_switch(target: str, counts: str, does_not: str) -> None:
    """发布 without 群发: told apart by the channel that showed it; a channel of both cannot tell."""
    covers = {"sent": ["mass_sent"], "site": ["published"], "both": ["mass_sent", "published"]}
    of = account("wechat", **covers)
    posts = [post("2026-03-01", target="sent"), post("2026-03-15", target=target)]
    looks = [look(day, target=name, covers=covers[name]) for name in covers for day in ("2026-03-15", "2026-03-17")]
    looks = [one_look.model_copy(update={"newest_at": at("2026-03-15")}) for one_look in looks]
    on = evidence("2026-03-17", looks, posts, of=of)
    assert u1(with_switch("published_counts", True), on) == counts
    assert u1(with_switch("published_counts", False), on).startswith(does_not)


def test_an_account_that_is_being_closed_is_excused_only_where_the_book_says_so() -> None:
    """Yangling: updates every 14 days until the closing is complete."""
    closing = account().model_copy(update={"tags": ("closing",)})
    on = evidence("2026-03-16", [look("2026-03-01"), look("2026-03-16")], [post("2026-03-01")], of=closing)
    assert u1(NATIONAL, on) == "fail"
    assert one("yangling", "U1", on) == "fail"
    excused = judge(with_switch("exempt_while_closing", True), on)
    asked = {found.indicator for found in excused}
    assert "U1" not in asked
    assert {"U6", "A6"} <= asked  # what is no duty to update is asked all the same
    other = on.model_copy(update={"account": account()})
    assert u1(with_switch("exempt_while_closing", True), other) == "fail"


# --- for any history --------------------------------------------------------------------------------------------------

START = at("2025-12-20")
moments = st.integers(0, 100 * 24).map(lambda hours: START + hours * HOUR)
MEDIA = (WEEKLY, THREE_MONTHS, ORIGINAL, ZERO, NATIONAL.indicator("U1"))


@st.composite
def histories(draw: st.DrawFn) -> Evidence:
    """Posts own, others' and untold, some pinned, each shown by the looks up to some instant; looks of every kind."""
    now = START + draw(st.integers(60 * 24, 120 * 24)) * HOUR
    posts = []
    for number, published in enumerate(sorted(draw(st.lists(moments, max_size=6)))):
        kind: bool | None = draw(st.sampled_from([True, False, False, None]))
        shown_until = published + draw(st.integers(0, 120)) * DAY
        made = post(published, key=str(number), pinned=draw(st.integers(0, 9)) == 0)
        posts.append(made.model_copy(update={"original": kind, "repost": kind is False, "last_seen_at": shown_until}))
    saw = st.sampled_from(["posts", "posts", "posts", "blank", counted(0), counted(2), counted(0, followers=None)])
    looks = [look(one_post.first_seen_at) for one_post in posts]
    for when in [*draw(st.lists(moments, max_size=8)), now]:
        shown: str | Feed = draw(saw)
        many = None if isinstance(shown, str) else 0
        looks.append(look(when, shown, posts=many, trusted=draw(st.integers(0, 9)) > 0))
    return evidence(now, looks, [one_post for one_post in posts if one_post.first_seen_at <= now])


@given(histories(), st.data(), st.booleans())
@settings(max_examples=300)
def test_losing_looks_never_turns_an_answer_into_its_opposite(on: Evidence, data: st.DataObject, counts: bool) -> None:
    """A look that showed nothing new is lost: a pass stays no fail, and a fail becomes a fail or an unknown."""
    alive = {item.first_seen_at for item in on.posts}
    clears = [item for item in on.looks if isinstance(item.seen, Feed) and _positive(item.seen)]
    kept = tuple(
        item for item in on.looks if item.at in alive or item in clears or data.draw(st.booleans(), label=str(item.at))
    )
    book = with_switch("reposts_count", counts)
    for line in MEDIA:
        before = judge_one(line, on, book.switches).outcome
        after = judge_one(line, on.model_copy(update={"looks": kept}), book.switches).outcome
        if before in (Outcome.PASS, Outcome.AT_RISK):
            assert after is not Outcome.FAIL, line.id
        if before is Outcome.FAIL and line is not ZERO:
            assert after in (Outcome.FAIL, Outcome.UNKNOWN), line.id
        if before is Outcome.FAIL and line is ZERO:
            assert after is not Outcome.PASS


def _positive(feed: Feed) -> bool:
    profile = feed.profile
    return profile is not None and any((profile.posts, profile.followers, profile.following))


@given(histories())
@settings(max_examples=150)
def test_what_is_said_to_hold_holds_while_nothing_new_is_seen(on: Evidence) -> None:
    for line in (WEEKLY, THREE_MONTHS, ORIGINAL):
        found = judge_one(line, on)
        if found.outcome not in (Outcome.PASS, Outcome.AT_RISK) or found.holds_until <= on.now:
            continue
        last: datetime = found.holds_until - timedelta(seconds=1)
        assert judge_one(line, on.model_copy(update={"now": last})).outcome in (Outcome.PASS, Outcome.AT_RISK)
        assert judge_one(line, on.model_copy(update={"now": found.holds_until})).outcome is not Outcome.PASS
