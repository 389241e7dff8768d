"""The simulated world: who posts when, relative times, troubles on a timetable."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from mediawatch.core.calendar import SHANGHAI, day_of
from mediawatch.sim.moments import Moment, read_span
from mediawatch.sim.server import truth
from mediawatch.sim.trouble import APPLIES, DESCRIBED, Mode
from mediawatch.sim.world import World, WorldError, load_world
from tests.sim_support import DAY, START, account, world


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("36h", timedelta(hours=36)),
        ("-3y", timedelta(days=-1095)),
        ("2d 12h", timedelta(hours=60)),
        ("-1d 30m", timedelta(days=-1, minutes=-30)),
        ("1.5s", timedelta(seconds=1.5)),
    ],
)
def test_a_span_is_read_as_people_write_it(text: str, span: timedelta) -> None:
    assert read_span(text) == span


@pytest.mark.parametrize("text", ["", "3", "3 months", "d", "day ten", None, True])
def test_what_is_no_span_is_refused(text: object) -> None:
    with pytest.raises(ValueError):
        read_span(text)


def test_a_day_counts_shanghai_dates_from_the_date_of_the_start() -> None:
    late = datetime(2026, 8, 24, 15, 59, 59, tzinfo=UTC)  # one second before midnight in Shanghai
    moment = Moment.model_validate("day -13 09:30")
    assert moment.at(late).astimezone(SHANGHAI) == datetime(2026, 8, 11, 9, 30, tzinfo=SHANGHAI)
    assert moment.at(late + timedelta(seconds=1)).astimezone(SHANGHAI).day == 12
    assert Moment.model_validate({"day": 10}).at(START).astimezone(SHANGHAI) == datetime(2026, 9, 4, tzinfo=SHANGHAI)


def test_a_daily_rhythm_posts_once_on_every_day() -> None:
    sim = world()
    days = [day_of(post.at) for post in sim.posts("one", START + 100 * DAY)]
    assert len(days) == len(set(days)) == 140
    assert all(earlier - later == DAY for earlier, later in itertools.pairwise(days))


def test_looking_in_small_steps_or_at_once_shows_the_same_posts() -> None:
    wide = {"rhythm": {"every": "90d", "jitter": "90d", "since": "-2y"}, "at": ["day 3 10:00", "day 70 10:00"]}
    for posts in (wide, {"rhythm": {"every": "1h", "jitter": "1h", "since": "-3d"}}):
        stepwise, at_once = (world(accounts=[account("one", 1, posts=posts)]) for _ in range(2))
        for hours in range(0, 24 * 200, 13):
            stepwise.posts("one", START + timedelta(hours=hours))
        end = START + 200 * DAY
        assert stepwise.posts("one", end) == at_once.posts("one", end)
        assert all(post.at <= end for post in at_once.posts("one", end))


def test_silence_begins_and_gaps_last_as_they_are_told() -> None:
    rhythm = {"every": "1d", "jitter": "2h", "since": "day -5 09:00"}
    silent = world(accounts=[account("one", 1, posts={"rhythm": rhythm | {"silent_since": "day 10"}})])
    assert day_of(silent.posts("one", START + 60 * DAY)[0].at) == day_of(START) + 9 * DAY
    gappy = world(accounts=[account("one", 1, posts={"rhythm": rhythm | {"gaps": [["day 2", "day 5"]]}})])
    seen = {day_of(post.at) - day_of(START) for post in gappy.posts("one", START + 6 * DAY)}
    assert not seen & {2 * DAY, 3 * DAY, 4 * DAY}
    assert {DAY, 5 * DAY} <= seen


def test_a_post_that_is_told_can_be_deleted() -> None:
    sim = world(accounts=[account("one", 1, posts={"at": ["-3d", {"at": "-1d", "deleted": "day 2"}]})])
    assert len(sim.posts("one", START)) == 2
    assert [post.at for post in sim.posts("one", START + 2 * DAY)] == [START - 3 * DAY]
    assert sim.profile("one", START + 2 * DAY).posts == 1


def test_deleted_posts_of_a_trouble_are_gone_from_the_truth() -> None:
    sim = world({"mode": "post_deleted", "from": "day 5", "to": "day 9"})
    before, after = sim.posts("one", START + 5 * DAY - timedelta(seconds=1)), sim.posts("one", START + 5 * DAY)
    assert after == before[3:]
    assert sim.posts("two", START + 5 * DAY)[0].at > after[0].at
    assert sim.trouble("weibo", START + 5 * DAY, "one") is None


def test_an_accounts_own_trouble_goes_before_the_platforms() -> None:
    sim = world(
        {"mode": "http_432", "where": "weibo", "from": "day 1", "to": "day 3"},
        {"mode": "gone", "where": "one/weibo", "from": "day 2"},
        {"mode": "offline", "where": "all", "from": "day 9", "to": "day 10"},
    )

    def mode(platform: str, day: float, id_: str = "") -> Mode | None:
        standing = sim.trouble(platform, START + day * DAY, id_)
        return standing.mode if standing else None

    assert [mode("weibo", day, "one") for day in (0.9, 1, 2, 3, 9)] == [
        None, Mode.HTTP_432, Mode.GONE, Mode.GONE, Mode.GONE,
    ]  # fmt: skip
    assert [mode("weibo", day) for day in (0, 1, 3, 9)] == [None, Mode.HTTP_432, None, Mode.OFFLINE]
    assert mode("packages", 2, "one") is None
    assert [standing.mode for standing in sim.troubles(START + 2 * DAY)] == [Mode.HTTP_432, Mode.GONE]


def test_a_share_of_accounts_is_hit_and_always_the_same_one() -> None:
    accounts = [account(f"a{number}", number) for number in range(400)]
    sim, again = (world({"mode": "captcha", "where": "weibo", "share": 0.15}, accounts=accounts) for _ in range(2))
    hit = [id_ for id_ in sim.players if sim.trouble("weibo", START, id_)]
    assert 35 < len(hit) < 85
    assert hit == [id_ for id_ in again.players if again.trouble("weibo", START + 9 * DAY, id_)]


def test_every_misbehaviour_is_described_and_has_its_place() -> None:
    assert set(DESCRIBED) == set(APPLIES) == set(Mode)


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ({"name": "x", "surprise": 1}, "surprise"),
        ({"name": "x", "accounts": [account("one", 1), account("one", 2)]}, "used twice: one"),
        ({"name": "x", "accounts": [account("one", 1), account("two", 1)]}, "used twice"),
        ({"name": "x", "accounts": [account("weibo", 1)]}, "used twice: weibo"),
        ({"name": "x", "accounts": [account("one", 1)]}, "no such bridge: hub"),
        ({"name": "x", "troubles": [{"mode": "captcha", "where": "nobody", "from": "0s"}]}, "no such platform"),
        ({"name": "x", "troubles": [{"mode": "login_wall", "where": "store", "from": "0s"}]}, "does not happen on"),
        ({"name": "x", "troubles": [{"mode": "sulking", "where": "store", "from": "0s"}]}, "mode"),
        ({"name": "x", "troubles": [{"mode": "captcha", "where": "store", "from": "soon"}]}, "length of time"),
    ],
)
def test_a_wrong_definition_is_refused_with_its_reason(definition: dict[str, object], says: str) -> None:
    if says.startswith("used twice"):
        definition["bridges"] = {"hub": {}, "mp": {}}
    with pytest.raises(ValidationError, match=says):
        World.of(definition, START)


def test_a_world_file_that_cannot_be_used_says_where(tmp_path: Path) -> None:
    file = tmp_path / "w.yaml"
    file.write_text("name: x\naccounts:\n  - {id: one, name: 某县, kind: telegraph}\n", "utf-8")
    with pytest.raises(WorldError, match=r"w\.yaml: accounts\.0\.kind: "):
        load_world(file, START)
    file.write_text("name: [", "utf-8")
    with pytest.raises(WorldError, match="not valid YAML"):
        load_world(file, START)
    with pytest.raises(WorldError, match="no such world: nowhere"):
        load_world("nowhere", START)


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        load_world("demo", datetime(2026, 8, 25))  # noqa: DTZ001


def test_half_a_year_of_the_demo_is_told_in_under_a_second() -> None:
    sim = load_world("demo", START)
    began = time.process_time()
    for day in range(180):
        truth(sim, START + day * DAY)
    assert time.process_time() - began < 1.0


def test_the_demo_tells_its_cases_from_whatever_start() -> None:
    for start in (START, datetime(2031, 2, 28, 3, 4, 5, tzinfo=UTC)):
        sim = load_world("demo", start)
        accounts = truth(sim, start)["accounts"]
        assert len(accounts) >= 60
        highway = sim.posts("yunze-highway", start + 60 * DAY)
        assert 1090 <= (start - highway[0].at).days <= 1100
        assert any(post.pinned for post in highway)
        assert accounts["wangchuan-app"]["package"] == "html_page"
        assert accounts["wangchuan-seal"]["posts"] == 0
        last = sim.posts("fengxi-fire", start + 60 * DAY)[0].at
        assert day_of(start) - day_of(last) == 13 * DAY
        for day, platform, id_, mode in (
            (12.5, "weibo", "", Mode.HTTP_432),
            (25, "shuiyun", "", Mode.EMPTY_SHELL),
            (8, "weibo", "shipu-tourism", Mode.GONE),
        ):
            standing = sim.trouble(platform, start + day * DAY, id_)
            assert standing is not None
            assert standing.mode is mode
        revived = [post.at for post in sim.posts("bailu-water", start + 20 * DAY)]
        assert max(later - earlier for later, earlier in itertools.pairwise(revived)) > 50 * DAY
        assert start + 8 * DAY < revived[0]
