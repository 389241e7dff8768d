"""Personal data that anybody can read: Chinese ID numbers, mobile numbers, bank-card numbers, unmasked. Pure.

An ID number must fit its check digit, a date and a province, a card number its length, prefix and check digit. Service
lines, office telephones and QQ numbers are no hits. It must never give a number back whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from stdnum import luhn
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

MOST = 4000  # characters that are searched
_DIGITS = re.compile(r"[0-9]++[xX]?")
_URL = re.compile(r"https?://[!-~]{1,2000}")
# Fewer digits are never masked. It begins with a plain class, which `re` looks for three times as fast.
_MAY_HOLD = re.compile(r"[0-9\uff10-\uff19](?:[ -]?[0-9\uff10-\uff19]){6}")
_MAY_HOLD_PLAIN = re.compile("[0-9](?:[ -]?[0-9]){6}")  # the same where no digit is a wide one, in half the time
_WIDE = tuple(map(chr, range(0xFF10, 0xFF1A)))
_CUT = re.compile(r"[0-9]{7,30}(?=…$)")
_PROVINCES = frozenset(
    f"{part}{number}"
    for part, last in ((1, 5), (2, 3), (3, 7), (4, 6), (5, 4), (6, 5), (7, 1), (8, 3))
    for number in range(0 if part == 5 else 1, last + 1)
)
_JOINTS = frozenset(" -")
_GROUPS = {(3, 4, 4), (4, 4, 4, 4), (4, 4, 4, 4, 3), (6, 8, 4)}
_BESIDE = frozenset("*@_.")
_PUBLIC = re.compile(  # a line that is there to be called; whoever complained, or asked, is a person
    r"qq|扣扣|群号|群[:：\s]*$|热线|客服|值班|服务电话|(?:投诉|举报|监督|咨询|预约|报名)(?!人|者|对象|群众|居民|村民)"
)
_NO_CARD = ("订单", "单号", "流水", "编号", "文号", "案号", "代码", "快递")
_FULL = {0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF38: "X", 0xFF58: "x"}


@dataclass(frozen=True)
class Number:
    """A personal number: `id_number`, `mobile` or `bank_card`, and where it stands."""

    kind: str
    start: int
    end: int


def may_hold(text: str) -> bool:
    """Whether the text has digits enough for a personal number."""
    digits = _MAY_HOLD if any(wide in text for wide in _WIDE) else _MAY_HOLD_PLAIN
    return digits.search(text) is not None


def numbers(text: str) -> tuple[Number, ...]:
    """The personal numbers in the first `MOST` characters, in order, without overlaps."""
    if not may_hold(text):
        return ()
    searched = text[:MOST].translate(_FULL)
    searched = _URL.sub(lambda url: " " * len(url[0]), searched)
    tokens = [(found.start(), found.end()) for found in _DIGITS.finditer(searched)]
    found_: list[Number] = []
    for first, last in _spans(searched, tokens):
        if found_ and first < found_[-1].end:
            continue
        kind = _kind(searched, first, last)
        if kind is not None:
            found_.append(Number(kind, first, last))
    return tuple(found_)


def redact(text: str) -> str:
    """The text with the middle of every personal number masked; as long as before. Also of one that was cut off."""
    if not may_hold(text):
        return text
    for number in numbers(text):
        text = text[: number.start] + masked(text[number.start : number.end]) + text[number.end :]
    return _CUT.sub(lambda found: masked(found[0], 0), text)


def masked(number: str, end: int = 2) -> str:
    """`138******78`: the first three signs and the last `end`."""
    return number[:3] + "*" * max(0, len(number) - 3 - end) + number[len(number) - end :]


def _spans(text: str, tokens: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Every run of digits by itself, and runs in the groups in which such numbers are written; long ones first."""
    for index, (start, end) in enumerate(tokens):
        for size in (5, 4, 3):
            group = tokens[index : index + size]
            lengths = tuple(last - first for first, last in group)
            joined = all(one[1] + 1 == two[0] and text[one[1]] in _JOINTS for one, two in pairwise(group))
            if lengths in _GROUPS and joined:
                yield start, group[-1][1]
        yield start, end


def _kind(text: str, start: int, end: int) -> str | None:
    if (start and text[start - 1] in _BESIDE) or text[end : end + 1] in _BESIDE - {"."}:
        return None
    number = text[start:end].replace(" ", "").replace("-", "").upper()
    before = text[max(0, start - 12) : start].lower()
    if len(number) == 13 and number.startswith("86"):
        number = number[2:]
    if len(number) == 18 and _is_id(number):
        return "id_number"
    if not number.isdigit():
        number = number[:-1]  # an X behind a number of another kind
    if len(number) == 11 and number[0] == "1" and number[1] in "3456789":
        return None if _PUBLIC.search(before) else "mobile"
    if _is_card(number):
        return None if any(word in before for word in _NO_CARD) else "bank_card"
    return None


def _is_id(number: str) -> bool:
    try:
        born = ric.get_birth_date(number) if number[:17].isdigit() else None
    except (ValidationError, ValueError):
        return False
    known = born is not None and 1900 <= born.year <= 2100 and number[:2] in _PROVINCES
    return known and ric.calc_check_digit(number) == number[-1]


def _is_card(number: str) -> bool:
    union_pay = 16 <= len(number) <= 19 and number.startswith("62")
    abroad = len(number) == 16 and (number[0] == "4" or number[:2] in ("51", "52", "53", "54", "55"))
    return (union_pay or abroad) and len(set(number)) > 3 and luhn.is_valid(number)
