"""Incidents of our own making: the login that does not hold, the parser that no longer fits; told, and ended."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from mediawatch import watching
from mediawatch.core.model import Reason
from mediawatch.core.routing import Step
from mediawatch.core.schedule import Due
from mediawatch.core.sessions import Session
from mediawatch.house import policy_of
from mediawatch.policy import Policy
from mediawatch.settings import SettingsError, load
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from tests.shell import write
from tests.store_world import DAY, HOUR, LEASE, START, account, enrolled, evidence, failed, post, saw

POLICY = Policy(books={}, ladder=(Step.model_validate({"after": DAY * 0, "to": ["duty"]}),), language="en")
CANARY = "canary/weibo/7/weibo/1"


def swept(store: Store, at: datetime, reason: Reason | None = None, *keys: str, policy: Policy = POLICY) -> set[str]:
    """Every target is looked at once, one after the other; the indicators of the incident alerts that stand then."""
    for claim in store.claim_targets({"weibo": 99}, at, LEASE):
        with store.writing() as ledger:
            posts = [post(key, at - HOUR) for key in keys]
            ledger.record(claim, failed(claim, at, reason) if reason else saw(claim, at, *posts), ())
            watching.watch_platforms(ledger, {"weibo"}, policy, at)
            ledger.reschedule(claim, Due.exactly(at))
    with store.writing() as ledger:
        watching.watch_ourselves(ledger, policy, at)
        return {alert.indicator for alert in ledger.all_live_alerts()}


def test_a_parser_that_no_longer_fits_is_told_once_and_as_over_when_it_has_fitted_for_two_days(store: Store) -> None:
    enrolled(store, *(account(f"a{number}") for number in range(6)))
    assert swept(store, START, None, "p") == set()
    assert swept(store, START + HOUR, Reason.UNREADABLE) == {"drift"}
    assert swept(store, START + 2 * HOUR, Reason.UNREADABLE) == {"drift"}
    (told,) = Query(store, {}, "en").alerts(START, live_only=True)
    assert "our reading of weibo no longer fits" in told.says
    assert told.owed == 1
    assert swept(store, START + 3 * HOUR, None, "p") == {"drift"}, "it may come back: told as over when it has not"
    assert swept(store, START + 4 * HOUR, Reason.UNREADABLE) == {"drift"}
    assert swept(store, START + 5 * HOUR, None, "p") == {"drift"}
    assert swept(store, START + 53 * HOUR, None, "p") == set()
    assert len(Query(store, {}, "en").alerts(START, live_only=False)) == 1
    assert not any(look.trusted for look in evidence(store, "a5", START + 2 * HOUR).looks if look.failure)


def test_a_trouble_that_still_shows_at_some_looks_is_not_told_as_over(store: Store) -> None:
    """It shows at a fifth of all looks, for longer than a trouble that ends is waited for; then at none for as long."""
    enrolled(store, *(account(f"a{number}") for number in range(6)))
    swept(store, START, None, "p")
    assert swept(store, START + HOUR, Reason.PLATFORM_DOWN) == {"blind"}
    for hour in range(3, 60, 3):
        swept(store, START + hour * HOUR, Reason.PLATFORM_DOWN if hour % 15 == 0 else None, "p")
    assert swept(store, START + 60 * HOUR, None, "p") == {"blind"}
    for hour in range(63, 110, 3):
        swept(store, START + hour * HOUR, None, "p")
    assert swept(store, START + 110 * HOUR, None, "p") == set()


def test_a_login_that_does_not_show_the_hidden_post_is_refused_and_proves_nothing(store: Store) -> None:
    enrolled(store, account("a"), account("canary/weibo/7", canary=True))
    policy = Policy(books={}, hidden={CANARY: "secret-post"}, language="zh_CN")
    login = Session(name="duty", platform="weibo", expires_at=START + 99 * DAY)
    query = Query(store, {}, "en", (login,))
    assert swept(store, START, None, "secret-post", "p", policy=policy) == set()
    assert query.sessions(START)[0].state == "ok"
    assert swept(store, START + HOUR, None, "p", policy=policy) == {"login"}
    assert query.sessions(START + HOUR)[0].state == "refused"
    assert [look.trusted for look in evidence(store, "a", START + HOUR).looks][-1] is False
    assert swept(store, START + 2 * HOUR, None, "secret-post", policy=policy) == set()
    assert query.sessions(START + 2 * HOUR)[0].state == "ok"


ACCOUNTS = "accounts: [{id: a, name: a, kind: weibo, targets: [{adapter: weibo, uid: '99000001'}]}]"


def test_a_canary_is_written_with_its_hidden_post_or_without(tmp_path: Path) -> None:
    canaries = ["10000001", {"uid": "10000002", "hidden": "4242"}]
    write(tmp_path, ACCOUNTS, {"platforms": {"weibo": {"canaries": canaries}}})
    policy = policy_of(load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml", {}))
    ((target, key),) = policy.hidden.items()
    assert target.startswith("canary/weibo/10000002/")
    assert key == "4242"


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ({"canaries": [{"uid": "10000002"}]}, "canaries[0]: must be text"),
        ({"canaries": [{"uid": 10000002, "hidden": "4"}]}, "canaries[0]: must be text"),
        ({"canaries": [{"uid": "10000002", "hidden": 4}]}, "must be text"),
        ({"canaries": ["10000001"], "hidden": {"10000002": "4"}}, "names an account that is no canary"),
    ],
)
def test_a_canary_that_is_written_wrongly_is_refused(tmp_path: Path, block: dict[str, object], says: str) -> None:
    write(tmp_path, ACCOUNTS, {"platforms": {"weibo": block}})
    with pytest.raises(SettingsError) as caught:
        load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml", {})
    assert says in str(caught.value)
