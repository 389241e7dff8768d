"""Many rows by one statement: what stands afterwards is what SQLAlchemy alone would have written."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from mediawatch.core.model import Account, Target
from mediawatch.core.value import canonical
from mediawatch.core.wire import Validator
from mediawatch.store import batches, rows
from mediawatch.store.chain import encoded
from mediawatch.store.columns import among, pairs_among
from mediawatch.store.store import Store
from mediawatch.store.tables import POST, TARGET
from tests.store_world import DAY, START, account, enrolled

KATHMANDU = timezone(timedelta(hours=5, minutes=45))


def _row(key: str, number: int) -> dict[str, object]:
    """One with all that may be stored otherwise than it is given: zones, truth, nothing, and what no engine takes."""
    at = (START + number * DAY).astimezone(KATHMANDU)
    words = {"title": f"a\0b \ud800 {number}", "url": "", "digest": "d"}
    flags = {"pinned": bool(number % 2), "repost": False, "original": None if number % 3 else True}
    times = {"at": None if number % 2 else at, "order_at": at, "first_seen_at": at, "last_seen_at": at}
    return {"account": "a", "key": f"{key}{number}", "target": "a/weibo/1", **words, **flags, **times}


def test_a_batch_is_stored_as_the_same_rows_one_by_one(store: Store) -> None:
    enrolled(store, account("a"))
    with store.copying() as connection:
        batches.run(connection, insert(POST), [_row("x", number) for number in range(7)])
        for number in range(7):
            connection.execute(insert(POST).values(_row("y", number)))
        raw = "SELECT title, url, pinned, repost, original, at, order_at, first_seen_at FROM post WHERE key LIKE :like"
        found = [connection.execute(text(f"{raw} ORDER BY key"), {"like": like}).all() for like in ("x%", "y%")]
    assert found[0] == found[1]
    assert len(found[0]) == 7


def test_what_is_read_at_the_cost_of_the_driver_is_what_the_statement_tells(store: Store) -> None:
    enrolled(store, account("a"))
    asked = select(POST).where(among(POST.c.key, "keys"), POST.c.order_at < bindparam("now")).order_by(POST.c.key)
    values = {"keys": ["x1", "x2", "x3"], "now": START + 3 * DAY, "nobody": "asks for this"}
    with store.copying() as connection:
        batches.run(connection, insert(POST), [_row("x", number) for number in range(4)])
        rows = [tuple(row) for row in connection.execute(asked, values)]
        assert batches.read(connection, asked, values) == rows
        assert len(rows) == 2
        assert batches.read(connection, asked, {**values, "now": START - DAY}) == []


def test_a_batch_tells_how_many_rows_it_touched_and_brings_its_own_values(store: Store) -> None:
    enrolled(store, account("a"), account("b"))
    taken = update(TARGET).where(TARGET.c.id == bindparam("one")).values(lease_token="t", fails=bindparam("fails"))
    with store.copying() as connection:
        assert batches.run(connection, taken, [{"one": "a/weibo/1", "fails": 3}, {"one": "nobody", "fails": 4}]) == 1
        assert batches.run(connection, taken, []) == 0
        rows = connection.execute(select(TARGET.c.lease_token, TARGET.c.fails).order_by(TARGET.c.id)).all()
    assert [tuple(row) for row in rows] == [("t", 3), (None, 0)]


def test_an_instant_without_a_zone_is_refused_in_a_batch_too(store: Store) -> None:
    enrolled(store, account("a"))
    with pytest.raises(Exception, match="timezone"), store.copying() as connection:
        batches.run(connection, insert(POST), [{**_row("x", 0), "order_at": START.replace(tzinfo=None)}])


def test_what_an_engine_refuses_in_a_batch_is_told_as_of_a_row_alone(store: Store) -> None:
    enrolled(store, account("a"))
    with pytest.raises(IntegrityError), store.copying() as connection:
        batches.run(connection, insert(POST), [_row("x", 0), _row("x", 0)])
    with store.reading() as connection:
        assert batches.read(connection, select(POST.c.key).where(POST.c.account == bindparam("of")), {"of": "a"}) == []


def test_validators_are_written_as_they_would_be_checked_and_come_back_the_same() -> None:
    url = 'http://m.example/a?b="c"&d=县\u2028'
    kept = (Validator(url=url, etag='W/"7"', digest="0" * 64), Validator(url=url, digest="1", content_type="a/b"))
    text = rows.validators_text(kept)
    assert text == TypeAdapter(tuple[Validator, ...]).dump_json(kept).decode()
    assert rows.validators_of(text) == kept
    assert rows.validators_of('[{"url":"u","digest":"d"}]') == (Validator(url="u", digest="d"),)
    assert rows.validators_of(rows.validators_text(())) == ()


@pytest.mark.parametrize("wanted", [[], ["a"], ["a", "c", "nobody", '"; DROP TABLE target'], list("abc") * 400])
def test_a_list_of_any_length_is_one_parameter_that_an_index_answers(store: Store, wanted: list[str]) -> None:
    enrolled(store, *(account(name) for name in "abc"))
    asked = select(TARGET.c.account).where(among(TARGET.c.account, "ids")).order_by(TARGET.c.account)
    with store.reading() as connection:
        assert list(connection.execute(asked, {"ids": wanted}).scalars()) == sorted(set(wanted) & set("abc"))
        if connection.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.compile(connection)}", ("[]",)).all()
            assert "SEARCH target USING" in " ".join(str(row) for row in plan)


def test_a_list_finds_texts_however_they_are_spelled(store: Store) -> None:
    enrolled(store, account("a"))
    keys = ["", " ", "NULL", "null", "{}", "a,b", '"', 'x"y', '","', "\\", 'a\\"b', "'", "{a}", "甲\n乙"]
    asked = select(POST.c.key).where(among(POST.c.key, "keys"))
    with store.copying() as connection:
        batches.run(connection, insert(POST), [{**_row("", 0), "key": one} for one in [*keys, "other"]])
        for wanted in ([], *([one] for one in keys), keys):
            assert sorted(connection.execute(asked, {"keys": wanted}).scalars()) == sorted(wanted)
            assert sorted(batches.read(connection, asked, {"keys": wanted})) == sorted((one,) for one in wanted)


def test_instants_are_read_in_utc_whatever_zone_the_server_keeps(store: Store) -> None:
    enrolled(store, account("a"))
    asked = select(POST.c.order_at, POST.c.at).where(POST.c.account == bindparam("of"))
    with store.copying() as connection:
        batches.run(connection, insert(POST), [_row("x", 1)])
        found = batches.read(connection, asked, {"of": "a"})
    assert found == [(START + DAY, None)]
    assert found[0][0].tzinfo is UTC


_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _WORDS,
    lambda some: st.lists(some, max_size=3) | st.dictionaries(_WORDS, some, max_size=4),
    max_leaves=12,
)


@given(_PLAIN)
def test_the_quick_spelling_of_the_chain_is_the_canonical_one(value: object) -> None:
    assert encoded(value) == canonical(value).encode()


def test_accounts_are_made_of_their_rows_as_they_were_entered(store: Store) -> None:
    known = {"stop_announced": "2026-01-05", "tags": ["甲", "b"], "filing": {"opened_on": "2020-01-01"}}
    entered = account("a", adapters=("feed", "weibo")).model_dump() | known
    enrolled(store, Account.model_validate(entered), account("b"))
    with store.writing() as ledger:
        found = ledger.accounts(["a", "b", "nobody"])
    assert found["a"] == Account.model_validate(entered)
    assert found["a"].model_dump_json() == Account.model_validate(found["a"].model_dump()).model_dump_json()
    assert [type(one) for one in found["a"].targets] == [Target, Target]
    assert sorted(found) == ["a", "b"]


def test_pairs_are_found_together_and_not_each_half(store: Store) -> None:
    enrolled(store, account("a"), account("b"))
    asked = select(POST.c.account, POST.c.key).where(pairs_among(POST.c.account, POST.c.key, "pairs"))
    with store.copying() as connection:
        batches.run(connection, insert(POST), [_row("x\"'", 1), _row("甲", 2), {**_row("甲", 2), "account": "b"}])
        for wanted in ([], [("a", "甲2")], [("a", "甲2"), ("b", "x\"'1"), ("a", "x\"'1"), ("c", "甲2")] * 300):
            found = connection.execute(asked, {"pairs": wanted}).all()
            assert sorted(map(tuple, found)) == sorted({one for one in wanted if one[0] == "a"})
