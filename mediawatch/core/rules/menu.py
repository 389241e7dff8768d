"""公众号菜单与互动: an empty menu, links in it that lead nowhere, and an account that nobody can answer.

Source: 国办秘函〔2019〕19号, new-media veto 3.1 (未提供有效互动功能, I1); Baoji criticised dead menu links (A7).
Whether an interaction is effective a person decides. What a channel does not say is never held to be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import Field

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Feed, Finding, Look, MenuItem, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, ever_seen, found, unknown, whatever
from mediawatch.core.rules.told import channels

MOST_NAMED = 5
STANDS = timedelta(days=7)
"""For so long what one channel showed to be there is believed against another that does not show it."""
T = TypeVar("T")


class MenuParams(Value):
    """times: how many looks in a row must show the fault."""

    times: int = Field(default=2, ge=1)


class InteractionParams(Value):
    """days: on how many Shanghai days in a row of looks nothing to interact with was shown.

    words: an entry of the menu with one of these leads to an interaction.
    """

    days: int = Field(default=2, ge=1)
    words: tuple[str, ...] = (
        *("互动", "留言", "咨询", "信箱", "投诉", "建议", "交流", "反馈", "意见", "民意", "问政", "信访", "举报"),
        *("诉求", "热线", "客服", "问答", "12345"),
    )


def menu(evidence: Evidence, indicator: Indicator, params: MenuParams) -> Finding:
    """An empty menu, or a link of it that was asked and is dead, in so many looks in a row of one channel."""
    runs = [list(_menus(evidence, target)) for target in channels(evidence, indicator)]
    runs = [run for run in runs if run]
    if not runs:
        return unknown(evidence, indicator, "menu_not_told" if ever_seen(evidence) else "never_seen")
    latest = max(runs, key=lambda run: run[-1][0].at)
    entries = latest[-1][1]
    runs_of = {path: _dead_since(latest, path) for path in _dead(entries)}
    tail = max(runs_of.values(), key=len, default=_tail(latest, lambda shown: not shown))
    dead = [path for path, run in runs_of.items() if len(run) >= min(params.times, len(tail))]
    values: Values = {
        "entries": len(entries),
        "dead": len(dead),
        "links": "、".join(dead[:MOST_NAMED]),
    }
    if not tail:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)
    values |= {"first": day_of(tail[0].at).isoformat(), "times": len(tail)}
    if len(tail) < params.times:
        return unknown(evidence, indicator, "menu_once", values, missing=(), since=tail[0].at)
    return found(
        evidence, indicator, Outcome.FAIL, values, holds_until=evidence.now, since=tail[0].at, proof=_ends(tail)
    )


def interaction(evidence: Evidence, indicator: Indicator, params: InteractionParams) -> Finding:
    """Comments are closed for all; a WeChat account's menu has no living entry for an interaction besides."""
    wechat = evidence.account.kind == "wechat"
    watched = channels(evidence, indicator)
    told: list[tuple[Look, bool | None, str]] = []  # whether it can be interacted with, and by what
    for look in evidence.looks:
        if look.target not in watched or not isinstance(look.seen, Feed):
            continue
        open_ = look.seen.profile.comments_open if look.seen.profile is not None else None
        if not open_ and wechat and _sent_since(evidence, look):
            open_ = None
        entry = _entry(look.seen.menu, params)
        if open_ or entry is True:
            told.append((look, True, "comments" if open_ else "menu"))
        elif not look.trusted:
            continue
        elif open_ is None or (wechat and entry is None):
            told.append((look, None, ""))
        else:
            told.append(
                (look, False, "dead_entry" if entry is not None and _worded(look.seen.menu, params) else "none")
            )
    said = [one for one in told if one[1] is not None]
    if not said:
        return unknown(evidence, indicator, "interaction_not_told" if told else "never_seen")
    last = {look.target: (look, open_, by) for look, open_, by in said}
    shown = [(look, by) for look, open_, by in last.values() if open_ and said[-1][0].at - look.at < STANDS]
    if shown:
        look, by = max(shown, key=lambda one: one[0].at)
        return found(evidence, indicator, Outcome.PASS, {"by": by}, holds_until=evidence.now, since=look.at)
    tail = _tail([(look, open_) for look, open_, _ in said], lambda open_: open_ is False)
    values: Values = {"by": said[-1][2], "days": len({day_of(look.at) for look in tail}), "first": _day(tail[0].at)}
    if len({day_of(look.at) for look in tail}) < params.days:
        return unknown(evidence, indicator, "interaction_once", values, missing=(), since=tail[0].at)
    own = [look for look in tail if look.target == tail[-1].target]
    return found(
        evidence, indicator, Outcome.FAIL, values, holds_until=evidence.now, since=tail[0].at, proof=_ends(own)
    )


def _sent_since(evidence: Evidence, look: Look) -> bool:
    """Whether another channel had shown a younger article by then: what is sent to all followers is not in the list
    that says who may comment."""
    day = day_of(look.newest_at) if look.newest_at is not None else None
    return day is not None and any(
        post.at is not None and day_of(post.at) > day and post.first_seen_at <= look.at
        for post in evidence.posts
        if post.target != look.target
    )


def _menus(evidence: Evidence, target: str) -> Iterator[tuple[Look, tuple[MenuItem, ...]]]:
    for look in evidence.looks:
        if look.target == target and look.trusted and isinstance(look.seen, Feed) and look.seen.menu is not None:
            yield look, look.seen.menu


def _dead(entries: tuple[MenuItem, ...]) -> list[str]:
    return [item.path for item in entries if item.dead]


def _dead_since(shown: list[tuple[Look, tuple[MenuItem, ...]]], path: str) -> list[Look]:
    return _tail(shown, lambda entries: path in _dead(entries))


def _worded(entries: tuple[MenuItem, ...] | None, params: InteractionParams) -> list[MenuItem]:
    return [item for item in entries or () if any(word in item.path for word in params.words)]


def _entry(entries: tuple[MenuItem, ...] | None, params: InteractionParams) -> bool | None:
    """Whether a living entry leads to an interaction; `None` where the menu is not told."""
    return None if entries is None else any(not item.dead for item in _worded(entries, params))


def _tail(told: list[tuple[Look, T]], faulty: Callable[[T], bool]) -> list[Look]:
    """The last looks in a row that show the fault."""
    tail: list[Look] = []
    for look, shown in reversed(told):
        if not faulty(shown):
            break
        tail.insert(0, look)
    return tail


def _ends(looks: list[Look]) -> tuple[tuple[str, datetime], ...]:
    return tuple(dict.fromkeys((look.target, look.at) for look in (looks[0], looks[-1])))


def _day(moment: datetime) -> str:
    return day_of(moment).isoformat()


MENU = Rule(name="menu", params=MenuParams, judge=menu, last_word=True, keeps=whatever)
INTERACTION = Rule(name="interaction", params=InteractionParams, judge=interaction, last_word=True, keeps=whatever)
