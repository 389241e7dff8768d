"""What must hold of every answer, not of one: order, pins, unknown fields and cuts change no newest post."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediawatch.adapters import ADAPTERS, answers, appstore, feed, weibo
from mediawatch.core.model import Blame, Feed, Reason
from mediawatch.core.wire import Exchange, Failed

UID = "5555000001"
AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
WEIBO = weibo.Address(uid=UID)
FEED = feed.Address(url="https://bridge.example/f.xml")
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
unknown = st.dictionaries(
    st.text("abc_", min_size=4, max_size=8), st.none() | st.integers() | st.text(max_size=5) | st.lists(st.none())
)
ages = st.lists(st.integers(0, 5000), min_size=1, max_size=12, unique=True)


def answer(body: bytes, url: str = "https://m.weibo.cn/x") -> Exchange:
    return Exchange(url=url, at=AT, status=200, body=body)


def profile(count: int) -> Exchange:
    user = {"id": int(UID), "screen_name": "云溪市发布", "statuses_count": count}
    return answer(json.dumps({"ok": 1, "data": {"userInfo": user}}).encode())


def card(age: int, pin: int, more: dict[str, Any]) -> dict[str, Any]:
    day = AT - timedelta(hours=age)
    created = f"Mon {MONTHS[day.month - 1]} {day:%d %H:%M:%S} +0000 {day.year}"
    pins: dict[str, Any] = {
        1: {"isTop": 1},
        2: {"mblogtype": 2},
        3: {"title": {"text": "置顶"}},
        4: {"title": "置顶"},
    }.get(pin, {})
    blog = more | {"id": str(age + 1), "mid": str(age + 1), "created_at": created, "text": "通知"} | pins
    return more | {"card_type": 9, "mblog": blog} | ({"profile_type_id": "proweibotop_1"} if pin == 5 else {})


def timeline(cards: list[dict[str, Any]], more: dict[str, Any]) -> bytes:
    return json.dumps(more | {"ok": 1, "data": more | {"cards": cards}}, ensure_ascii=False).encode()


@given(ages, st.data(), unknown)
def test_weibo_newest_does_not_depend_on_order_pins_or_unknown_fields(
    hours: list[int], data: st.DataObject, more: dict[str, Any]
) -> None:
    pins = {age: data.draw(st.integers(0, 5)) for age in hours}
    order = data.draw(st.permutations(hours))
    seen = weibo.parse(WEIBO, (profile(9999), answer(timeline([card(age, pins[age], more) for age in order], more))))
    assert seen.newest is not None
    assert seen.newest.at == AT - timedelta(hours=min(hours))
    assert sum(post.pinned for post in seen.posts) == sum(pin > 0 for pin in pins.values())
    assert seen.complete == (any(pin == 0 for pin in pins.values()) and len(hours) > 1), "one of 9999 is no list"


@given(ages, st.floats(0, 1, exclude_max=True))
def test_a_weibo_answer_cut_anywhere_is_a_failure(hours: list[int], where: float) -> None:
    whole = timeline([card(age, 0, {}) for age in hours], {})
    with pytest.raises(Failed) as raised:
        weibo.parse(WEIBO, (profile(10), answer(whole[: int(len(whole) * where)])))
    assert raised.value.failure.reason.blame is not Blame.ACCOUNT


def rss(hours: list[int]) -> bytes:
    items = "".join(
        f"<item><title>通知 {age}</title><link>https://mp.example/s/{age}</link>"
        f"<pubDate>{AT - timedelta(hours=age):%Y-%m-%dT%H:%M:%SZ}</pubDate></item>"
        for age in hours
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>云溪</title>{items}</channel></rss>\n'.encode()


def atom(hours: list[int]) -> bytes:
    items = "".join(
        f"<entry><id>t:{age}</id><title>通知</title>"
        f"<published>{AT - timedelta(hours=age):%Y-%m-%dT%H:%M:%SZ}</published>"
        f"<updated>{AT:%Y-%m-%dT%H:%M:%SZ}</updated></entry>"
        for age in hours
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>云溪</title>{items}</feed>'.encode()


def json_feed(hours: list[int]) -> bytes:
    items = [{"id": age, "title": "通知", "date_published": (AT - timedelta(hours=age)).isoformat()} for age in hours]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


@settings(max_examples=40)
@given(ages, st.sampled_from([rss, atom, json_feed]))
def test_feed_newest_does_not_depend_on_order(hours: list[int], render: Any) -> None:
    seen = feed.parse(FEED, (answer(render(hours)),))
    assert seen.newest is not None
    assert seen.newest.at == AT - timedelta(hours=min(hours))
    assert len(seen.posts) == len(hours)
    assert seen.complete


@pytest.mark.parametrize("render", [rss, atom, json_feed])
def test_a_feed_cut_at_any_byte_is_a_failure_or_the_same(render: Any) -> None:
    whole = render([500, 3, 900])
    expected = feed.parse(FEED, (answer(whole),))
    for end in range(len(whole)):
        assert outcome(whole[:end]) in (expected, Reason.UNREADABLE)


def outcome(body: bytes) -> Feed | Reason:
    """What the feed adapter makes of a body: what it saw, or why it saw nothing."""
    try:
        return feed.parse(FEED, (answer(body),))
    except Failed as failed:
        return failed.failure.reason


@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_noise_is_never_held_against_an_account(body: bytes) -> None:
    for look in (
        lambda: weibo.parse(WEIBO, (profile(10), answer(body))),
        lambda: weibo.parse(WEIBO, (answer(body),)),
        lambda: appstore.parse(appstore.Address(track_id="1"), (answer(body),)),
    ):
        with pytest.raises(Failed) as raised:
            look()
        assert raised.value.failure.reason.blame is not Blame.ACCOUNT


@pytest.mark.parametrize("bad", [{"uid": "x"}, {"uid": ""}, {"uid": "123456", "name": "y"}])
def test_a_weibo_address_is_checked(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        weibo.Address.model_validate(bad)


def test_addresses_are_checked_before_anything_is_asked() -> None:
    assert weibo.Address.model_validate({"uid": 5555000001}).uid == UID
    for kind, bad in (
        ("feed", {"url": "file:///etc/passwd"}),
        ("feed", {"url": "https://x.example/f", "zone": "Mars/Base"}),
        ("feed", {"url": "https://x.example/f", "zone": "../../etc/passwd"}),
        ("appstore", {}),
        ("appstore", {"track_id": "1", "country": "China"}),
        ("apk", {"url": "ftp://x.example/a.apk"}),
        ("apk", {"url": "https://x.example/a.apk", "package": "../../tmp/x"}),
    ):
        with pytest.raises(ValueError):
            ADAPTERS[kind].address.model_validate(bad)


def test_each_download_host_is_a_platform_of_its_own() -> None:
    assert ADAPTERS["feed"].platform_of({"url": "https://Bridge.example/a.xml"}) == "feed:bridge.example"
    assert ADAPTERS["weibo"].platform_of({"uid": UID}) == "weibo"


@pytest.mark.parametrize("letter", ["<", ">", "&", "[", " ", "<a ", "-", "</rss "])
def test_long_runs_of_a_letter_cost_nothing(letter: str) -> None:
    assert len(answers.plain(letter * 50_000)) <= 500
    assert len(answers.digest_of(letter * 50_000)) == 64
    assert answers.reason_in(letter * 50_000) is None


def test_ten_thousand_items_are_kept_to_the_newest_two_thousand() -> None:
    seen = feed.parse(FEED, (answer(json_feed(list(range(5000, 0, -1)))),))
    assert len(seen.posts) == feed.MOST_ITEMS
    assert seen.newest is not None
    assert seen.newest.at == AT - timedelta(hours=1)


def test_a_feed_above_the_limit_is_not_read() -> None:
    with pytest.raises(Failed, match="feed of"):
        feed.parse(FEED, (answer(b" " * (feed.MAX_BODY + 1)),))


def test_a_post_dated_long_before_its_own_number_was_given_out_is_a_contradiction() -> None:
    """The number of a Weibo post holds the second in which it was given out; a post may wait for its hour, after it."""
    given_out = AT - timedelta(days=3)
    number = str((int(given_out.timestamp()) - 515483463) << 22)

    def dated(age: int) -> bytes:
        one = card(age, 0, {})
        one["mblog"] |= {"id": number, "mid": number}
        return timeline([one], {})

    for age in (24 * 3, 24 * 5 - 1, 1):
        assert weibo.parse(WEIBO, (profile(10), answer(dated(age)))).newest is not None
    with pytest.raises(Failed, match="contradiction: a post of 2025"):
        weibo.parse(WEIBO, (profile(10), answer(dated(24 * 368))))
