"""The register held against itself, and against what platforms tell of its accounts. Pure.

All of it is for a person: two accounts of one unit may be allowed, and names that look alike accuse nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from mediawatch.core.lifecycle import IN_USE
from mediawatch.core.model import Account, Value
from mediawatch.core.profiles import Facts
from mediawatch.core.rulebook import Words

ONE_PLATFORM = frozenset({"weibo", "wechat", "toutiao", "bilibili"})
"""Kinds of accounts that are one platform each; of the others the register does not say which platform it is."""

COMMON = 4  # letters in a row that a sponsor and a verification must share

Code = Literal["one_account", "sponsor_not_named", "unverified", "same_name", "same_address", "look_alike"]

TITLES: dict[Code, tuple[str, Words]] = {
    "one_account": (
        "R1",
        Words(zh_CN="同一单位在同一平台有多个账号", en="several accounts of one unit on one platform"),
    ),
    "sponsor_not_named": (
        "R2",
        Words(zh_CN="认证信息与登记的主办单位不符", en="the verification does not name the registered sponsor"),
    ),
    "unverified": ("R9", Words(zh_CN="平台显示未认证", en="the platform shows it as not verified")),
    "same_name": ("R9", Words(zh_CN="名称重复登记", en="the same name is registered twice")),
    "same_address": ("R9", Words(zh_CN="同一地址重复登记", en="the same address is registered twice")),
    "look_alike": ("R10", Words(zh_CN="名称相似（仅列出）", en="names that look alike (a list only)")),
}

_NAMING = frozenset({"uid", "appid", "fakeid", "mid", "url", "track_id", "bundle_id", "app_id", "package"})
"""Fields of an address that name the account itself; others say how it is read, or may be left out."""
_SHARED = frozenset({"letters", "letter_register"})
"""Channels that accounts of one office may share."""

_BESIDE = re.compile(r"[\W_]+")  # what is no letter and no digit
_ADORNED = re.compile(r"官方|官微|微博|微信|公众号|政务|账号|号$")
_ALIKE = str.maketrans("oil已巳末士千曰", "011己己未土干日")


class Matter(Value):
    """One thing for a person to look at: what, which accounts, and what they share or show."""

    code: Code
    accounts: tuple[str, ...]
    shown: str = ""

    @property
    def number(self) -> str:
        return TITLES[self.code][0]


def check_register(accounts: Sequence[Account], told: Mapping[str, Sequence[Facts]] = {}) -> tuple[Matter, ...]:
    """Every matter, in the order of `TITLES` and then of account ids. Canaries stand outside the register, and only
    accounts in use count: one that is applied for, or closed, stands beside no other.

    told: by account, the last that each of its channels told of it.
    """
    in_use = (account for account in accounts if not account.canary and account.state in IN_USE)
    own = sorted(in_use, key=lambda account: account.id)
    matters = [
        *_groups("one_account", own, _unit),
        *(matter for account in own for matter in _verification(account, told.get(account.id, ()))),
        *_groups("same_name", own, _name),
        *_same_addresses(own),
        *_look_alikes(own),
    ]
    order = list(TITLES)
    return tuple(sorted(matters, key=lambda matter: (order.index(matter.code), matter.accounts)))


def _groups(code: Code, accounts: Iterable[Account], key: Callable[[Account], tuple[str, str]]) -> Iterator[Matter]:
    found: dict[tuple[str, str], list[Account]] = {}
    for account in accounts:
        if all(named := key(account)):
            found.setdefault(named, []).append(account)
    for same in found.values():
        if len(same) > 1:
            shown = same[0].sponsor if code == "one_account" else same[0].name
            yield Matter(code=code, accounts=tuple(one.id for one in same), shown=shown)


def _unit(account: Account) -> tuple[str, str]:
    return plain(account.sponsor), account.kind if account.kind in ONE_PLATFORM else ""


def _name(account: Account) -> tuple[str, str]:
    return plain(account.name), account.kind


def _verification(account: Account, told: Sequence[Facts]) -> Iterator[Matter]:
    """A channel that does not say is no evidence; one that names the sponsor, or part of it, is enough."""
    reasons = [facts.verified_reason for facts in told if facts.verified and facts.verified_reason]
    if reasons and account.sponsor and not any(names_sponsor(reason, account.sponsor) for reason in reasons):
        yield Matter(code="sponsor_not_named", accounts=(account.id,), shown=reasons[0])
    said = [facts.verified for facts in told if facts.verified is not None]
    if said and not any(said):
        yield Matter(code="unverified", accounts=(account.id,))


def names_sponsor(reason: str, sponsor: str) -> bool:
    """Whether a verification names the sponsor, or `COMMON` letters in a row of its name."""
    words, wanted = _short(reason), _short(sponsor)
    run = min(COMMON, len(wanted))
    return any(wanted[start : start + run] in words for start in range(len(wanted) - run + 1))


def _short(text: str) -> str:
    """The text as offices shorten it: 人民政府 is 政府, 办公室 is 办."""
    return plain(text).replace("人民政府", "政府").replace("办公室", "办")


def _same_addresses(accounts: Iterable[Account]) -> Iterator[Matter]:
    found: dict[tuple[str, str], list[str]] = {}
    for account in accounts:
        for target in account.targets:
            named = sorted((name, value) for name, value in target.address.items() if name in _NAMING and value)
            if named and target.adapter not in _SHARED:
                address = ", ".join(f"{name}={value}" for name, value in named)
                found.setdefault((target.adapter, address), []).append(account.id)
    for (adapter, address), ids in found.items():
        if len(set(ids)) > 1:
            yield Matter(code="same_address", accounts=tuple(sorted(set(ids))), shown=f"{adapter} {address}")


def _look_alikes(accounts: Iterable[Account]) -> Iterator[Matter]:
    """Names of different sponsors that read the same and are not: look-alike letters, words that adorn."""
    found: dict[str, list[Account]] = {}
    for account in accounts:
        if alike := _ADORNED.sub("", plain(account.name)).translate(_ALIKE):
            found.setdefault(alike, []).append(account)
    for same in found.values():
        names, sponsors = ({plain(one.name) for one in same}, {plain(one.sponsor) for one in same})
        if len(names) > 1 and len(sponsors) > 1:
            shown = "、".join(dict.fromkeys(one.name for one in same))
            yield Matter(code="look_alike", accounts=tuple(one.id for one in same), shown=shown)


def plain(text: str) -> str:
    """The letters and digits of a text, widths and cases alike."""
    return _BESIDE.sub("", unicodedata.normalize("NFKC", text).casefold())
