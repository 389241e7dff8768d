"""The register held against itself and against the platforms: what is listed for a person, and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mediawatch.core.model import Account, Target
from mediawatch.core.profiles import Facts
from mediawatch.core.register_check import TITLES, check_register
from tests.shell import call, lines, write


def account(one: str, name: str = "", **more: Any) -> Account:
    """An account of a unit of its own, unless it says which."""
    return Account(id=one, name=name or f"{one}发布", **{"kind": "weibo", "sponsor": f"{one}局", **more})


def target(one: str, uid: str) -> Target:
    return Target(id=f"{one}/t", account=one, adapter="weibo", platform="weibo", address={"uid": uid})


def letters(one: str) -> Target:
    url = {"url": "https://a.example/letters"}
    return Target(id=f"{one}/l", account=one, adapter="letters", platform="letters", address=url)


def listed(*accounts: Account, **told: Facts) -> list[tuple[str, tuple[str, ...]]]:
    found = check_register(accounts, {one: [facts] for one, facts in told.items()})
    return [(matter.code, matter.accounts) for matter in found]


@pytest.mark.parametrize(
    ("accounts", "expected"),
    [
        ([account("a"), account("b")], []),
        # R1: one unit, one account on one platform; in whatever letters the unit is written
        ([account("a", sponsor="某局"), account("b", sponsor="某 局")], [("one_account", ("a", "b"))]),
        ([account("a", sponsor="某局"), account("b", sponsor="某局", kind="wechat")], []),
        ([account("a", sponsor=""), account("b", sponsor="")], []),
        # a kind that may be any platform, and canaries
        ([account("a", sponsor="某局", kind="video"), account("b", sponsor="某局", kind="video")], []),
        ([account("a", sponsor="某局"), account("b", sponsor="某局", canary=True)], []),
        # one that is applied for, or closed, stands beside no other
        ([account("a", sponsor="某局"), account("b", sponsor="某局", state="closed")], []),
        ([account("a", "某发布"), account("b", "某发布", state="applied")], []),
        ([account("a", sponsor="某局"), account("b", sponsor="某局", state="closing")], [("one_account", ("a", "b"))]),
        # R9: registered twice
        ([account("a", "某发布"), account("b", "某发布")], [("same_name", ("a", "b"))]),
        ([account("a", "某发布"), account("b", "某发布", kind="wechat")], []),
        ([account("a", targets=(target("a", "1000000001"),)), account("b", targets=(target("b", "1000000001"),))],
         [("same_address", ("a", "b"))]),
        # a channel without an address of its own, and one that an office's accounts share, name no account twice
        ([account("a", targets=(target("a", ""),)), account("b", targets=(target("b", ""),))], []),
        ([account(one, targets=(letters(one),)) for one in "ab"], []),
        # R10: reads the same and is not; nothing where the sponsor is the same, or one letter makes another place
        ([account("a", "某市公安"), account("b", "某市公安官方微博")], [("look_alike", ("a", "b"))]),
        ([account("a", "末来发布"), account("b", "未来发布")], [("look_alike", ("a", "b"))]),
        ([account("a", "某市公安", sponsor="x", kind="wechat"), account("b", "某市公安官微", sponsor="x")], []),
        ([account("a", "东县发布"), account("b", "西县发布")], []),
    ],
)  # fmt: skip
def test_what_the_register_says_of_itself(accounts: list, expected: list) -> None:
    assert listed(*accounts) == expected
    assert listed(*reversed(accounts)) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(verified=True, verified_reason="某市公安局官方微博"), []),
        (Facts(verified=True, verified_reason="某市公安微博"), []),
        (Facts(verified=True, verified_reason="某市政府公安局"), ["sponsor_not_named"]),
        (Facts(verified=True, verified_reason="某某传媒公司"), ["sponsor_not_named"]),
        (Facts(verified=False), ["unverified"]),
        # what a channel does not say is no matter
        (Facts(), []),
        (Facts(verified=True), []),
        (Facts(verified_reason="某某传媒公司"), []),
    ],
)
def test_what_platforms_tell_is_held_against_the_sponsor(facts: Facts, expected: list) -> None:
    assert [code for code, _ in listed(account("a", sponsor="某市公安局"), a=facts)] == expected
    assert not {code for code, _ in listed(account("a", sponsor=""), a=facts)} - {"unverified"}


def test_one_channel_that_names_the_sponsor_is_enough() -> None:
    told = [Facts(verified=True, verified_reason="某某公司"), Facts(verified=True, verified_reason="某市公安局")]
    assert check_register([account("a", sponsor="某市公安局")], {"a": told}) == ()
    assert check_register([account("a")], {"a": [Facts(verified=False), Facts(verified=True)]}) == ()


def test_every_matter_has_its_number_and_both_languages() -> None:
    assert [number for number, _ in TITLES.values()] == ["R1", "R2", "R9", "R9", "R9", "R10"]
    assert all(words.zh_CN and words.en for _, words in TITLES.values())


def test_a_unit_with_two_weibo_accounts_is_listed_by_the_command(tmp_path: Path) -> None:
    accounts: list[dict[str, Any]] = [
        {"id": one, "name": f"某县{one}", "kind": "weibo", "sponsor": "某县文化局",
         "targets": [{"adapter": "weibo", "uid": f"100000000{number}"}]}
        for number, one in enumerate(("a", "b", "c"))
    ]  # fmt: skip
    accounts[2]["sponsor"] = "某县水利局"
    write(tmp_path, {"accounts": accounts}, {"database": f"sqlite:///{tmp_path}/x.db", "data_dir": str(tmp_path)})
    done = call(tmp_path, "accounts", "check", "--json")
    assert done.exit_code == 0, done.stderr
    assert lines(done) == [{"number": "R1", "code": "one_account", "accounts": ["a", "b"], "shown": "某县文化局"}]
    assert "only the register itself is checked" in done.stderr
    assert "同一单位在同一平台有多个账号" in call(tmp_path, "accounts", "check", "--lang", "zh_CN").stdout
