"""Apps after 2026: announced before they are closed, filed where they were there already, a way to complain."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mediawatch.adapters import h5
from mediawatch.adapters.attestation import Attestation, launch_of, sign
from mediawatch.core.filing import Filing
from mediawatch.core.lifecycle import State
from mediawatch.core.model import Account, Listing, Look, Outcome, Page
from mediawatch.core.rules import judge, judge_one
from mediawatch.core.wire import Exchange
from mediawatch.core.wording import say
from mediawatch.rulebook_file import load_rulebook
from tests.tables import DAY, account, at, evidence, look, outcome

BOOK = load_rulebook("apps-2026")
FILED, FEEDBACK, CLOSING = (BOOK.indicator(name) for name in ("P2", "P5", "P7"))
STORES = account("app", huawei=["listing"], xiaomi=["listing"])
PHONE = account("app", phone=["launch", "filing_shown"], huawei=["listing"])


def state(state: State, since: str, announced: str = "", notice: str = "") -> Account:
    day = date.fromisoformat(announced) if announced else None
    told = {"state": state, "state_since": date.fromisoformat(since), "stop_announced": day, "stop_notice": notice}
    return STORES.model_copy(update=told)


def store(when: str, present: bool, target: str = "huawei", **more: Any) -> Look:
    return look(when, Listing(present=present), target=target, covers=["listing"], **more)


GONE = [store("2026-05-01", True), store("2026-05-10", False), store("2026-05-11", False)]
SILENT = state(State.CLOSED, "2026-05-01")


@pytest.mark.parametrize(
    ("of", "now", "looks", "expected"),
    [
        (SILENT, "2026-05-20", [], "unknown never_seen"),
        (SILENT, "2026-05-20", GONE[:2], "unknown absent_once"),
        (SILENT, "2026-05-20", GONE, "fail candidate"),  # gone, and nobody knows of a notice
        (SILENT, "2026-05-20", GONE[:1], "fail candidate"),  # closed by the register, and nobody knows of a notice
        (state(State.CLOSED, "2026-05-09", "2026-05-01"), "2026-05-20", GONE, "pass"),
        (state(State.CLOSED, "2026-05-09", notice="https://a.example/notice"), "2026-05-20", GONE, "pass"),
        # on the day of the notice is not before it, the day before is
        (
            state(State.CLOSED, "2026-05-12", "2026-05-10"),
            "2026-05-20",
            [store("2026-05-10", True), store("2026-05-10 12:00", False), store("2026-05-11", False)],
            "pass",
        ),
        # between the last look that found it and the first that did not lies the notice
        (state(State.CLOSED, "2026-05-12", "2026-05-10"), "2026-05-20", GONE, "unknown notice_in_between"),
        # a store that it was never seen in is not one that it left
        (state(State.CLOSED, "2026-05-12", "2026-05-11"), "2026-05-20", GONE[1:], "unknown notice_in_between"),
        (state(State.CLOSED, "2026-05-12", "2026-05-11"), "2026-05-20", GONE, "fail candidate"),
        # the state "stop announced" is a notice of its first day
        (state(State.ANNOUNCED, "2026-05-01"), "2026-05-20", GONE, "pass"),
        # day 30 after the closing may still be listed, the next may not
        (
            state(State.CLOSED, "2026-05-01", "2026-04-01"),
            "2026-05-31 23:59:59",
            [store("2026-05-31 23:00", True)],
            "pass",
        ),
        (state(State.CLOSED, "2026-05-01", "2026-04-01"), "2026-06-01", [store("2026-06-01", True)], "fail candidate"),
        (
            state(State.CLOSED, "2026-05-01", "2026-04-01"),
            "2026-06-09",
            [store("2026-05-20", True)],
            "unknown not_seen_since_deadline",
        ),
        # an incident covers the looks
        (SILENT, "2026-05-20", [store("2026-05-10", False, trusted=False)], "unknown never_seen"),
    ],
)
def test_an_app_is_announced_before_it_is_closed(of: Account, now: str, looks: list[Look], expected: str) -> None:
    assert outcome(judge_one(CLOSING, evidence(now, looks, of=of))) == expected


def test_a_running_app_is_not_asked_about_its_closing() -> None:
    asked = {one.indicator for one in judge(BOOK, evidence("2026-05-20", GONE, of=STORES))}
    assert "P7" not in asked
    found = judge_one(CLOSING, evidence("2026-05-20", GONE, of=SILENT))
    assert "未见关停公告" in say(CLOSING, found, "zh_CN")
    assert found.proof == (("huawei", at("2026-05-10")), ("huawei", at("2026-05-11")))


# --- P2: filed by 25 July 2026, where it was there already ------------------------------------------------------------


def shown(when: str, number: str = "") -> Look:
    """A look at a page of the app that has a place for the number."""
    return look(when, Page(opened=True, filing_no=number), target="phone", covers=["launch", "filing_shown"])


def dated(when: str, of: str) -> Look:
    return look(when, Listing(present=True, updated_at=at(of)), target="huawei", covers=["listing"])


LATE = [shown("2026-08-01"), shown("2026-08-02")]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        (LATE, "unknown age_not_told"),
        ([dated("2026-08-01", "2026-01-24"), *LATE], "fail candidate"),
        ([dated("2026-08-01", "2026-01-25"), *LATE], "unknown age_not_told"),  # the day of the measures itself
        ([shown("2026-01-24"), *LATE], "fail candidate"),
        ([dated("2026-08-01", "2025-01-01"), *LATE[:1]], "unknown number_missing_once"),
        ([dated("2026-08-01", "2025-01-01"), shown("2026-08-02", "政应备1号")], "pass"),
        ([], "unknown never_seen"),
    ],
)
def test_an_app_that_was_there_already_is_filed(looks: list[Look], expected: str) -> None:
    assert outcome(judge_one(FILED, evidence("2026-08-03", looks, of=PHONE))) == expected


def test_a_number_in_the_register_is_a_filing_whatever_the_app_shows() -> None:
    filed = PHONE.model_copy(update={"filing": Filing(cac_no="政应备1号")})
    on = evidence("2026-08-03", [shown("2026-01-24"), *LATE], of=filed)
    assert outcome(judge_one(FILED, on)) == "pass"
    assert outcome(judge_one(BOOK.indicator("P1"), on)) == "fail candidate", "it must be shown all the same"


async def read(*said: str) -> list[Look]:
    """What `h5` reads of the app's own page, day after day, where the register says that the number stands there."""
    url, shown_ = "https://app.example.gov.cn/about", []
    for number, body in enumerate(said):
        when = at("2026-08-01 09:00") + number * DAY
        exchange = Exchange(url=url, at=when, status=200, final_url=url, body=body.encode())
        page = h5.parse(h5.Address(url=url), (exchange,))
        shown_.append(look(when, page, target="phone", covers=["back_end", "filing_shown"]))
    return shown_


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # a wrong accusation: no page was ever read for any number but the industry ministry's
        ("<p>关于我们</p><p>统一备案编号：政移备〔2026〕000123号</p>", "pass"),
        ("<p>备案号：云ICP备2025000001号-2A</p><p>备案编号 政移备2026000123</p>", "pass"),
        ("<p>云溪市政务服务</p><p>备案号：云ICP备2025000001号-2A</p>", "fail candidate"),
        ("<p>云溪市政务服务</p><p>公安备案号：53010202000123</p>", "fail candidate"),
        # what scripts put in nobody sees who runs none, nor what is cut off
        ("<div id=app></div><script src=/static/app.js></script>", "unknown number_not_told"),
    ],
)
async def test_a_page_of_the_app_is_read_for_the_number_that_is_asked_for(body: str, expected: str) -> None:
    page = f"<!DOCTYPE html><html><head><title>云溪办</title></head><body>{body}</body></html>"
    on = evidence("2026-08-03", await read(page, page), of=PHONE)
    assert outcome(judge_one(BOOK.indicator("P1"), on)) == expected
    cut = evidence("2026-08-03", await read(*[f"<html><body><p>云溪办</p>{'<p>办事指南</p>' * 9}"] * 2), of=PHONE)
    assert outcome(judge_one(BOOK.indicator("P1"), cut)) == "unknown number_not_told"


# --- P5: a way to complain --------------------------------------------------------------------------------------------

KEY = b"a key of this installation"


def word(when: str, complaints: bool | None, trusted: bool = True) -> Look:
    said = Attestation(
        package="cn.gov.a",
        who="张三",
        device="Phone 1",
        os="Android 14",
        at=at(when),
        opened=True,
        complaints=complaints,
    )
    seen = launch_of(said, sign(said, KEY), KEY)
    return look(when, seen, target="phone", covers=["launch"], trusted=trusted)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown feedback_not_told"),
        ([word("2026-08-01", None)], "unknown feedback_not_told"),  # nobody looked for one
        ([word("2026-08-01", True)], "pass"),
        ([word("2026-08-01", False)], "fail candidate"),
        ([word("2026-08-01", False), word("2026-08-02", True)], "pass"),
        ([word("2026-08-01 09:00", True), word("2026-08-01 15:00", False)], "unknown contradicted"),
        ([word("2026-08-01", False), word("2026-08-02", None)], "fail candidate"),
    ],
)
def test_a_way_to_complain_is_there_where_a_person_found_one(looks: list[Look], expected: str) -> None:
    assert outcome(judge_one(FEEDBACK, evidence("2026-08-03", looks, of=PHONE))) == expected


def test_a_word_on_complaints_is_signed_and_one_without_keeps_its_signature() -> None:
    plain = {"package": "cn.gov.a", "who": "张三", "device": "d", "os": "o", "at": at("2026-08-01"), "opened": True}
    assert sign(Attestation(**plain, complaints=True), KEY) != sign(Attestation(**plain, complaints=False), KEY)
    assert "complaints" not in Attestation(**plain).model_dump_json(exclude_none=True)
    assert judge_one(FEEDBACK, evidence("2026-08-03", of=PHONE)).outcome is Outcome.UNKNOWN
