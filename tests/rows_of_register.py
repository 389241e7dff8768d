"""Rows of what the register says, held against what the platform shows. See `indicator_rows.py`."""

from __future__ import annotations

from datetime import date
from typing import Any

from mediawatch.core.lifecycle import State
from mediawatch.core.model import Feed, Look, Profile, Reason
from mediawatch.core.register_matter import RegisterMatter
from tests.row import FAIL, PASS, UNKNOWN, Line, Rows
from tests.tables import at

NOW = "2026-03-20"


def _said(code: str, shown: str = "某局", *others: str) -> tuple[RegisterMatter, ...]:
    return (RegisterMatter(code=code, others=others or ("b",), shown=shown, since=at("2026-03-01")),)


def _told(of: Line, when: str, **profile: Any) -> Look:
    return of.look(when, Feed(profile=Profile(**profile)))


def twice(of: Line) -> Rows:
    said, there = _said(of.codes[0]), of.look("2026-03-05")
    yield of.row("alone in the register", PASS, NOW)
    yield of.row("another matter is not this one", PASS, NOW, [there], matters=_said("look_alike"))
    yield of.row("twice in the register, and there", FAIL, NOW, [there, of.look("2026-03-06")], matters=said)
    yield of.row("twice in the register, and nobody has looked", UNKNOWN, NOW, matters=said)
    yield of.row("not told, and not gone", FAIL, NOW, [there, of.look("2026-03-06", Reason.TIMEOUT)], matters=said)
    yield of.row("gone since", UNKNOWN, NOW, [there, of.look("2026-03-06", Reason.GONE)], matters=said)
    yield of.row("seen in an incident only", UNKNOWN, NOW, [of.look("2026-03-05", trusted=False)], matters=said)


def alike(of: Line) -> Rows:
    said = _said("look_alike", "未来发布、末来发布")
    no, yes = _told(of, "2026-03-05", verified=False), _told(of, "2026-03-06", verified=True)
    yield of.row("no name is like it", PASS, NOW, [no])
    yield of.row("a name is like it, and it is verified", PASS, NOW, [no, yes], matters=said)
    yield of.row("a name is like it, and it is not verified", FAIL, NOW, [no], matters=said)
    yield of.row("a name is like it, and nobody has looked", UNKNOWN, NOW, matters=said)
    yield of.row("a name is like it, and no channel tells", UNKNOWN, NOW, [_told(of, "2026-03-05")], matters=said)


def unverified(of: Line) -> Rows:
    no, yes = _told(of, "2026-03-05", verified=False), _told(of, "2026-03-06", verified=True, verified_reason="某局")
    yield of.row("nobody has looked", UNKNOWN, NOW)
    yield of.row("no channel tells", UNKNOWN, NOW, [_told(of, "2026-03-05", name="某市发布")])
    yield of.row("verified since", PASS, NOW, [no, yes])
    yield of.row("not verified", FAIL, NOW, [no, _told(of, "2026-03-07", verified=False)])
    yield of.row("no longer verified", FAIL, NOW, [yes, _told(of, "2026-03-07", verified=False)])


def shown(of: Line) -> Rows:
    (state,) = of.line.states
    there = of.of.model_copy(update={"state": state, "state_since": date(2026, 3, 10)})
    running = there.model_copy(update={"state": State.RUNNING})
    none = Feed(profile=Profile(posts=0))
    yield of.row("in another state", PASS, NOW, [of.look("2026-03-15")], of=running)
    yield of.row("nobody has looked", UNKNOWN, NOW, of=there)
    yield of.row("last seen on the day itself", UNKNOWN, NOW, [of.look("2026-03-10 23:59:59")], of=there, edge=True)
    yield of.row("seen from the next day on", FAIL, NOW, [of.look("2026-03-11 00:00")], of=there, edge=True)
    yield of.row("gone since", PASS, NOW, [of.look("2026-03-11"), of.look("2026-03-12", Reason.GONE)], of=there)
    empty = [of.look("2026-03-11", none, posts=0)]
    yield of.row("there, without a post", PASS if of.posts else FAIL, NOW, empty, of=there)
