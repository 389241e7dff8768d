"""What changed in what a platform tells of an account, in words. Pure; it must never say whether that is a fault.

The arrow is of two letters: one glyph would be of ambiguous width in a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mediawatch.core.profiles import Facts, SeenProfile
from mediawatch.core.rulebook import Language, Words

_FIRST = Words(zh_CN="首次见到", en="first seen")
_NAME = Words(zh_CN="名称", en="name")
_VERIFIED = {
    True: Words(zh_CN="已认证", en="verified"),
    False: Words(zh_CN="未认证", en="not verified"),
}
_REASON = Words(zh_CN="认证信息", en="verification")
_COMMENTS = {
    True: Words(zh_CN="评论开放", en="comments open"),
    False: Words(zh_CN="评论关闭", en="comments closed"),
}
_MENU = Words(zh_CN="菜单项", en="menu entries")
_UID = Words(zh_CN="平台编号", en="uid")


def changes_in_words(changes: Sequence[SeenProfile], language: Language) -> tuple[tuple[SeenProfile, str], ...]:
    """Each change with its words, from old to new; a channel's first word is told as such."""
    last: dict[str, Facts] = {}
    told = []
    for one in changes:
        told.append((one, change_in_words(last.get(one.target), one, language)))
        last[one.target] = one
    return tuple(told)


def change_in_words(before: Facts | None, after: Facts, language: Language) -> str:
    """`名称 甲 -> 乙；未认证`, or all that a first answer told."""
    parts = list(_differences(before or Facts(), after, language, first=before is None))
    if before is None:
        parts.insert(0, _FIRST.in_(language))
    return ("；" if language == "zh_CN" else "; ").join(parts)


def _differences(before: Facts, after: Facts, language: Language, *, first: bool) -> Iterator[str]:
    def arrow(label: Words, old: object, new: object) -> str:
        step = f"{new}" if first else f"{_shown(old)} -> {_shown(new)}"
        return f"{label.in_(language)} {step}"

    if before.uid != after.uid:
        yield arrow(_UID, before.uid, after.uid)
    if before.name != after.name:
        yield arrow(_NAME, before.name, after.name)
    if before.verified != after.verified and after.verified is not None:
        yield _VERIFIED[after.verified].in_(language)
    if before.verified_type != after.verified_type and not first:
        yield arrow(_REASON, before.verified_type, after.verified_type)
    if before.verified_reason != after.verified_reason:
        yield arrow(_REASON, before.verified_reason, after.verified_reason)
    if before.comments_open != after.comments_open and after.comments_open is not None:
        yield _COMMENTS[after.comments_open].in_(language)
    if (before.menu, before.entries) != (after.menu, after.entries):
        yield arrow(_MENU, before.menu, after.menu)


def _shown(value: object) -> str:
    return "-" if value in (None, "") else str(value)
