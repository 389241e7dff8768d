"""Decisions of people: what stands after them, and how they are kept, on both engines and from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mediawatch.core.model import Finality, Finding, Outcome
from mediawatch.core.review import Choice, Decision, Review, confirmed_by, keeps_dismissed, standing
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from tests.shell import Sim, call, lines
from tests.store_world import DAY, START, account, alert, enrolled
from tests.stories import app


def decision(choice: Choice, by: str, expires_at: timedelta | None = None) -> Decision:
    return Decision(
        alert="x",
        account="a",
        indicator="U1",
        since=START,
        choice=choice,
        by=by,
        reason="seen",
        at=START,
        expires_at=None if expires_at is None else START + expires_at,
    )


def candidate(since: timedelta = timedelta(), finality: Finality = Finality.CANDIDATE) -> Finding:
    return Finding(
        account="a",
        indicator="U1",
        outcome=Outcome.FAIL,
        judged_at=START,
        since=START + since,
        holds_until=START,
        finality=finality,
    )


@pytest.mark.parametrize(
    ("said", "people", "stands", "by"),
    [
        ("", 1, Review.WAITING, ""),
        ("+A", 1, Review.CONFIRMED, "A"),
        ("+A", 2, Review.WAITING, "A"),
        ("+A +a", 2, Review.WAITING, "A"),
        ("+A +B", 2, Review.CONFIRMED, "A B"),
        ("+A -B", 1, Review.DISMISSED, ""),
        ("-A", 2, Review.DISMISSED, ""),
        ("+A -B +C", 2, Review.WAITING, "C"),  # what was said before a dismissal does not count after it
        ("-A +B +C", 2, Review.CONFIRMED, "B C"),
    ],
)
def test_what_stands_after_some_decisions(said: str, people: int, stands: Review, by: str) -> None:
    decisions = [decision("confirm" if one[0] == "+" else "dismiss", one[1:]) for one in said.split()]
    assert standing(decisions, people) is stands
    assert " ".join(confirmed_by(decisions)) == by


@pytest.mark.parametrize(
    ("found", "last", "after", "keeps"),
    [
        (candidate(), decision("dismiss", "A"), 400 * DAY, True),
        (candidate(DAY), decision("dismiss", "A"), DAY, False),  # it ended and began again
        (candidate(), decision("dismiss", "A", 7 * DAY), 7 * DAY - timedelta(seconds=1), True),
        (candidate(), decision("dismiss", "A", 7 * DAY), 7 * DAY, False),
        (candidate(), decision("confirm", "A"), DAY, False),
        (candidate(finality=Finality.AUTO), decision("dismiss", "A"), DAY, True),  # somebody has looked
        (candidate(DAY, finality=Finality.AUTO), decision("dismiss", "A"), DAY, False),  # it is another silence
        (candidate().model_copy(update={"outcome": Outcome.UNKNOWN}), decision("dismiss", "A"), DAY, False),
        (candidate(), None, DAY, False),
    ],
)
def test_how_long_a_dismissal_keeps(found: Finding, last: Decision | None, after: timedelta, keeps: bool) -> None:
    assert keeps_dismissed(found, last, START + after) is keeps


def test_decisions_are_kept_in_order_and_a_dismissed_fail_does_not_speak(store: Store) -> None:
    enrolled(store, account("a"))
    opened = alert("a", "U1").model_copy(update={"review": Review.WAITING})
    with store.writing() as ledger:
        assert ledger.save_findings("a", [candidate()], "edition") == frozenset()
        ledger.save_alert(opened)
        made = [decision("confirm", "王"), decision("dismiss", "李", 7 * DAY)]
        made = [one.model_copy(update={"alert": opened.id}) for one in made]
        for one in made:
            ledger.decide(one)
        assert ledger.decisions(opened.id) == tuple(made)
        assert ledger.alert(opened.id).review is Review.WAITING
    query = Query(store, {}, "en")
    assert query.account("a", START).row.outcome is Outcome.FAIL
    with store.writing() as ledger:
        ledger.speak_again("a", START)
    view = query.account("a", START)
    assert view.row.outcome is Outcome.UNKNOWN
    assert [one.by for one in view.decisions] == ["王", "李"]
    with store.writing() as ledger:
        assert ledger.save_findings("a", [candidate()], "edition") == {"U1"}
        ledger.speak_again("a", START + 7 * DAY)
    assert query.account("a", START).row.outcome is Outcome.FAIL


# --- the command line ------------------------------------------------------------------------------------------------


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Path]:
    with Sim({"accounts": [app(package={"state": "html_page"})]}) as sim:
        folder = sim.write(tmp_path)
        assert call(folder, "once", "--now", START.isoformat()).exit_code == 1
        yield folder


def test_the_queue_is_listed_decided_and_explained_from_the_command_line(watched: Path) -> None:
    (waits,) = lines(call(watched, "review", "list", "--json"))
    assert (waits["review"], waits["indicator"], waits["decisions"]) == ("waiting", "A3P", [])
    assert waits["finding"]["proof"]
    as_text = call(watched, "review", "list", "--lang", "en").stdout
    assert waits["id"] in as_text
    assert "proof: " in as_text

    assert call(watched, "review", "confirm", waits["id"], "--by", "王芳").exit_code == 2, "a reason is required"
    done = call(watched, "review", "confirm", waits["id"], "--by", "王芳", "--reason", "看过")
    assert (done.exit_code, done.stdout) == (0, "")
    again = call(watched, "review", "confirm", waits["id"], "--by", "李娜", "--reason", "看过")
    assert again.exit_code == 2
    assert "is confirmed already" in again.stderr
    assert call(watched, "review", "dismiss", "none", "--reason", "x").exit_code == 2

    assert lines(call(watched, "review", "list", "--json")) == []
    assert call(watched, "review", "dismiss", waits["id"], "--by", "李娜", "--reason", "可以安装").exit_code == 0
    (over,) = lines(call(watched, "review", "list", "--all", "--json"))
    assert (over["review"], [one["choice"] for one in over["decisions"]]) == ("dismissed", ["confirm", "dismiss"])
    told = call(watched, "explain", "city-app", "--lang", "en").stdout
    assert "李娜 dismisses: 可以安装" in told
    assert json.loads(call(watched, "explain", "city-app", "--json").stdout)["decisions"]
