"""The life of a registered account (账号生命周期): its states, the moves between them, and what is asked in each.

Data and pure functions. Which indicator is asked in which states says the rulebook; what it does not say is here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    """Where an account stands in the register."""

    APPLIED = "applied"  # 拟开设
    APPROVED = "approved"  # 已批准待备案
    RUNNING = "running"  # 运行（已备案）
    CHANGING = "changing"  # 变更中
    RECTIFYING = "rectifying"  # 整改中
    CLOSING = "closing"  # 拟关停
    ANNOUNCED = "announced"  # 停更公告期
    CANCELLING = "cancelling"  # 平台注销中
    CLOSED = "closed"  # 已注销
    MIGRATED = "migrated"  # 已迁移
    LOST = "lost"  # 失控
    REOPENED = "reopened"  # 违规复开
    UNREGISTERED = "unregistered"  # 未备案


MOVES: dict[State, frozenset[State]] = {
    State.APPLIED: frozenset({State.APPROVED, State.CLOSED}),
    State.APPROVED: frozenset({State.RUNNING, State.CLOSED}),
    State.RUNNING: frozenset({State.CHANGING, State.RECTIFYING, State.CLOSING, State.MIGRATED, State.LOST}),
    State.CHANGING: frozenset({State.RUNNING, State.CLOSING, State.LOST}),
    State.RECTIFYING: frozenset({State.RUNNING, State.CLOSING, State.LOST}),
    State.CLOSING: frozenset({State.RUNNING, State.ANNOUNCED, State.LOST}),
    State.ANNOUNCED: frozenset({State.CANCELLING, State.MIGRATED, State.LOST}),
    State.CANCELLING: frozenset({State.ANNOUNCED, State.CLOSED}),  # back where it lapsed on the platform
    State.CLOSED: frozenset({State.REOPENED, State.APPLIED}),
    State.MIGRATED: frozenset({State.REOPENED, State.CLOSED}),
    State.LOST: frozenset({State.RUNNING, State.CLOSING, State.CANCELLING, State.CLOSED}),
    State.REOPENED: frozenset({State.RUNNING, State.CLOSING, State.CLOSED}),
    State.UNREGISTERED: frozenset({State.APPLIED, State.APPROVED, State.RUNNING, State.CLOSING, State.CLOSED}),
}
"""From each state, the states that may follow."""

BEFORE = frozenset({State.APPLIED, State.APPROVED})
AFTER = frozenset({State.CLOSED, State.MIGRATED})
IN_USE = frozenset(State) - BEFORE - AFTER
"""Where an indicator that names no states is asked: also of an account that is due to be closed, until it is closed."""

ENDING = frozenset({State.CLOSING, State.ANNOUNCED, State.CANCELLING})
"""Where a book may excuse an account from updating: its switch `exempt_while_closing`."""

FREEZES = ((1_000, 7), (10_000, 15), (100_000, 30))
"""WeChat's freeze before a cancellation: up to so many followers, so many days; 60 above (published text of 2017: 15,
30, 60)."""
LONGEST_FREEZE = 60
CONFIRM_WITHIN = 7  # days after the freeze in which the administrator must confirm, or the cancellation lapses


def may_follow(before: State, after: State) -> bool:
    """Whether the register may say `after` where it said `before`; to stay is no move."""
    return before is after or after in MOVES[before]


def cancelling_takes(
    kind: str,
    followers: int | None,
    freezes: Sequence[tuple[int, int]] = FREEZES,
    longest: int = LONGEST_FREEZE,
    confirm: int = CONFIRM_WITHIN,
) -> timedelta:
    """The longest that a cancellation may take on the platform, until it is done or has lapsed.

    The freeze of WeChat goes by followers, which WeChat tells nobody: where they are not known, the longest holds.
    Other platforms name no freeze; they get the days to confirm.
    """
    if kind != "wechat":
        return timedelta(days=confirm)
    days = longest if followers is None else next((days for most, days in freezes if followers <= most), longest)
    return timedelta(days=days + confirm)
