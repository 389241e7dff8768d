"""Links to answer by: what is signed is read back, and nothing else is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediawatch.core.links import PATH, Expired, Links, NotOurs, linked
from tests.messages import AT, BACK, DIGEST, OUTAGE, SILENT, message

WEEK = timedelta(days=7)
LINKS = Links("https://watch.example", (b"a secret of the tests",), WEEK)
TOKEN = LINKS.address("msg_0a1b", AT).partition(PATH)[2]


def test_a_link_is_read_back_until_its_last_second() -> None:
    assert LINKS.subject(TOKEN, AT) == LINKS.subject(TOKEN, AT + WEEK - timedelta(seconds=1)) == "msg_0a1b"
    with pytest.raises(Expired):
        LINKS.subject(TOKEN, AT + WEEK)


def test_the_same_message_has_the_same_link_at_every_attempt() -> None:
    assert LINKS.address("msg_0a1b", AT) == f"https://watch.example/answers/{TOKEN}"
    assert LINKS.address("msg_0a1b", AT + timedelta(hours=1)) != LINKS.address("msg_0a1b", AT)


@pytest.mark.parametrize("place", range(len(TOKEN)))
def test_a_link_that_was_changed_anywhere_is_not_ours(place: int) -> None:
    changed = TOKEN[:place] + ("0" if TOKEN[place] != "0" else "1") + TOKEN[place + 1 :]
    with pytest.raises(NotOurs):
        LINKS.subject(changed, AT)


@given(st.text(max_size=300))
def test_no_text_is_a_link_by_chance_or_breaks_the_reading(text: str) -> None:
    with pytest.raises(NotOurs):
        LINKS.subject(text, AT)


def test_a_longer_life_cannot_be_written_into_a_link() -> None:
    subject, _, mac = TOKEN.split(".")
    with pytest.raises(NotOurs):
        LINKS.subject(f"{subject}.ffffffffff.{mac}", AT)


def test_while_secrets_are_changed_links_of_the_old_one_hold_and_new_ones_are_of_the_new() -> None:
    both = Links(LINKS.url, (b"another secret of the tests", *LINKS.secrets), WEEK)
    assert both.subject(TOKEN, AT) == "msg_0a1b"
    with pytest.raises(NotOurs):
        LINKS.subject(both.address("msg_0a1b", AT).partition(PATH)[2], AT)


def test_the_secret_shows_nowhere() -> None:
    assert "secret of the tests" not in repr(LINKS)


def test_only_what_stands_gets_a_link() -> None:
    told = linked(message(SILENT, BACK, OUTAGE, id_="msg_0a1b"), LINKS)
    assert told.link == LINKS.address("msg_0a1b", AT)
    assert [bool(notice.link) for notice in told.notices] == [True, False, True]
    assert told.notices[0].link == LINKS.address(SILENT.alert, AT)
    for quiet in (message(BACK, id_="msg_0a1b"), message(cause="digest", digest=DIGEST), message(cause="test")):
        assert linked(quiet, LINKS) == quiet
    assert linked(told, None) == told


def test_an_id_that_fits_no_address_gets_no_link() -> None:
    assert LINKS.address("a/b", AT) == ""
