"""Going about: the trail of a place, and a history that steps back and on."""

from __future__ import annotations

from mediawatch.tui.places import History, Place

BOARD = Place("board")
ACCOUNT = Place("account", "acc-1", "云溪发布", up=BOARD)
ALERTS = Place("alerts")


def test_a_trail_leads_from_the_highest_level_down():
    assert [place.screen for place in Place("finding", "stale", up=ACCOUNT).trail] == ["board", "account", "finding"]


def test_the_history_steps_back_and_on_and_forgets_what_lay_ahead():
    been = History()
    for place in (BOARD, ACCOUNT, ACCOUNT, ALERTS):
        been.go(place)
    assert been.step(1) is None
    assert [been.step(-1), been.step(-1), been.step(-1)] == [ACCOUNT, BOARD, None]
    assert been.here == BOARD
    been.go(ALERTS)
    assert been.step(1) is None
    assert been.places == [BOARD, ALERTS]


def test_the_view_before_is_known_however_it_was_left():
    been = History()
    been.go(BOARD)
    been.go(ALERTS)
    been.step(-1)
    assert been.last == ALERTS
