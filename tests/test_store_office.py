"""Campaigns, cases, units and the history of the register as the store keeps them, on both engines."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from mediawatch import frozen
from mediawatch.core.alerting import State as AlertState
from mediawatch.core.campaign import Stage
from mediawatch.core.rectification import State
from mediawatch.core.review import Review
from mediawatch.core.units import Contact, Unit
from mediawatch.office import act
from mediawatch.rulebook_file import load_rulebook
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from tests.store_world import DAY, HOUR, POLICY, START, account, alert

CITY = Unit(id="city", name="某市", contacts=(Contact(name="王五", phone="0571-1"),))
BUREAU = Unit(id="bureau", name="某局", parent="city")


def does(store: Store, name: str, now: datetime, **said: Any) -> dict[str, Any]:
    return act(store, POLICY, name, json.dumps(said, ensure_ascii=False).encode(), "王芳", now)


def registered(store: Store, name: str, now: datetime) -> None:
    store.enroll([account("a", name=name, unit="bureau"), account("b")], now, lambda target: now, (CITY, BUREAU))


def test_units_and_the_history_of_an_account_are_kept(store: Store) -> None:
    registered(store, "甲", START)
    registered(store, "乙", START + DAY)
    query = Query(store, {}, "zh_CN")
    assert [(one.id, one.accounts) for one in query.units(START + DAY)] == [("city", 0), ("bureau", 1)]
    changed = query.register_history("a")[-1]
    assert (changed.field, changed.before, changed.after) == ("name", "甲", "乙")


def test_a_campaign_and_a_case_go_from_their_beginning_to_their_end(store: Store) -> None:
    registered(store, "甲", START)
    query = Query(store, {}, "zh_CN")
    book = load_rulebook("national-2019").model_dump(mode="json", by_alias=True)
    times = {"begins_at": (START + HOUR).isoformat(), "judged_at": (START + DAY).isoformat()}
    does(store, "inspect.new", START, id="q", rulebook=book, ratios=[{"ratio": "100%"}], **times)
    with pytest.raises(ValueError, match="there is no rulebook nobody's"):
        does(store, "inspect.new", START, id="n", rulebook="nobody's", ratios=[{"ratio": "100%"}], **times)
    does(store, "inspect.draw", START, id="q", seed="7")
    does(store, "inspect.look", START + HOUR, id="q")
    does(store, "inspect.judge", START + DAY, id="q")
    does(store, "inspect.freeze", START + DAY, id="q")
    line = query.campaign("q", START + DAY).line
    assert (line.stage, line.drawn, line.overall.undetermined) == (Stage.FROZEN, 2, 2), "nobody looked: nobody fails"
    assert [one.id for one in query.campaigns(START + DAY)] == ["q"]
    assert frozen.verify(store, "q", lambda digest: None).problems == ()

    (case,) = does(store, "case.open", START + DAY, account="a", problem="错别字")["cases"]
    does(store, "case.notify", START + DAY, id=case["id"], days=5)
    does(store, "case.receive", START + DAY, id=case["id"], measures="整改", person="李娜")
    does(store, "case.plan", START + DAY, id=case["id"], measures="每周更新")
    with pytest.raises(ValueError, match="close is not possible now"):
        does(store, "case.close", START + DAY, id=case["id"])
    does(store, "case.report", START + 2 * DAY, id=case["id"], note="已改", proof=["0" * 64])
    does(store, "case.recheck", START + 2 * DAY, id=case["id"], cured=True, note="亲见")
    does(store, "case.close", START + 2 * DAY, id=case["id"])
    does(store, "case.publish", START + 3 * DAY, id=case["id"])
    (told,) = query.cases(START + 3 * DAY)
    assert (told.state, told.fixed_before_publication) == (State.CLOSED, True)
    assert query.cases(START + 3 * DAY, live_only=True) == ()
    assert query.case(case["id"], START + 3 * DAY).line.account == "a"


@pytest.mark.parametrize("ended", [{"confirmed_at": None}, {"review": Review.WAITING}], ids=["once", "waiting"])
def test_no_case_is_opened_from_what_ended_before_it_stood(store: Store, ended: dict[str, object]) -> None:
    """A second look saw that it was nothing; or it was over before a person had looked."""
    registered(store, "甲", START)
    over = {"state": AlertState.RESOLVED, "resolved_at": START + HOUR}
    with store.writing() as ledger:
        ledger.save_alert(alert("a", "early", **over, **ended))
        ledger.save_alert(alert("b", "stood", **over))
    with pytest.raises(ValueError, match="ended before it stood"):
        does(store, "case.open", START + DAY, alert="early")
    assert does(store, "case.open", START + DAY, alert="stood")["cases"]
