"""Every fixture of every adapter is replayed: ask, read, compare. Adding a fixture is adding a file.

A fixture (`tests/fixtures/adapters/<kind>/<situation>.yaml`) holds `what` (one sentence), `address`, `at`, `exchanges`
(see `mediawatch.wires.replay`) and `expect`: either `failure` (a reason; also `retry_after`) or `seen` with `kind` and
the fields that matter; `asked` is the number of questions. In `seen`, a feed is described by `posts`, `pinned`,
`reposts` (numbers), `newest` (instant or null), `newest_key`, `complete`, `dates`, `titles`, `urls` (in the feed's
order), `profile` (its fields by name), `synced_at` and `menu` (entries as "path action dead"); every other value by its
fields' names, and those of its parts.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from mediawatch.adapters import ADAPTERS
from mediawatch.core.model import Blame, Feed, MenuItem, Reason, Seen, Value
from mediawatch.core.wire import Failed
from mediawatch.isolation import read_here
from mediawatch.wires.replay import Replay

FIXTURES = Path(__file__).parent / "fixtures" / "adapters"
SITUATIONS = ("normal", "empty", "refused", "page_changed")
FILES = sorted(FIXTURES.glob("*/*.yaml"))
ASKING = {kind for kind, one in ADAPTERS.items() if not one.brought}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_a_recorded_answer_reads_as_its_fixture_says(path: Path) -> None:
    adapter = ADAPTERS[path.parent.name]
    fixture = loaded(path)
    expect = fixture["expect"]
    wire = Replay.load(path, adapter.base_url).open(adapter.kind, fixture["at"])
    address = adapter.address.model_validate(fixture["address"])
    if "failure" in expect:
        with pytest.raises(Failed) as raised:
            read_here(adapter, address, await adapter.fetch(address, wire))
        assert raised.value.failure.reason is Reason(expect["failure"])
        assert raised.value.failure.retry_after == expect.get("retry_after")
    else:
        seen = read_here(adapter, address, await adapter.fetch(address, wire))
        assert described(seen, expect["seen"]) == {key: _moment(value) for key, value in expect["seen"].items()}
    assert len(wire.exchanges) == expect.get("asked", 1)


@pytest.mark.parametrize("kind", sorted(ASKING))
def test_every_adapter_has_the_five_situations(kind: str) -> None:
    names = {path.stem for path in FILES if path.parent.name == kind}
    assert names >= set(SITUATIONS)
    assert names & {"gone", "absent"}


@pytest.mark.parametrize("kind", sorted(ADAPTERS))
def test_every_adapter_says_what_it_needs_and_cannot_see(kind: str) -> None:
    adapter = ADAPTERS[kind]
    assert adapter.kind == kind
    assert adapter.needs.endswith(".")
    assert adapter.blind.endswith(".")
    assert adapter.covers
    assert adapter.brought or bool(adapter.base_url) != bool(adapter.host_field)


async def test_what_a_person_brings_is_asked_of_nobody() -> None:
    for kind in ADAPTERS.keys() - ASKING:
        wire = Replay(()).open(kind, datetime.now(UTC))
        with pytest.raises(Failed) as failed:
            await ADAPTERS[kind].fetch(ADAPTERS[kind].address(), wire)
        assert (failed.value.failure.reason, wire.exchanges) == (Reason.NOT_ALLOWED, ())


def test_only_the_platforms_own_words_blame_the_account() -> None:
    blaming = {
        path.stem for path in FILES if Reason(loaded(path)["expect"].get("failure", "timeout")).blame is Blame.ACCOUNT
    }
    assert blaming == {"gone", "gone_by_code", "gone_closed", "blocked_account", "frozen"}


def loaded(path: Path) -> Any:
    """The whole fixture."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def described(seen: Seen, expected: dict[str, Any]) -> dict[str, Any]:
    """What was seen, in the words that the fixture uses."""
    if not isinstance(seen, Feed):
        return {key: _within(getattr(seen, key), value) for key, value in expected.items()}
    newest = seen.newest
    words = {
        "kind": seen.kind,
        "posts": len(seen.posts),
        "pinned": sum(post.pinned for post in seen.posts),
        "reposts": sum(post.repost for post in seen.posts),
        "newest": newest.at if newest is not None else None,
        "newest_key": newest.key if newest is not None else None,
        "complete": seen.complete,
        "dates": [post.at for post in seen.posts],
        "titles": [post.title for post in seen.posts],
        "urls": [post.url for post in seen.posts],
        "profile": {key: getattr(seen.profile, key) for key in expected.get("profile", {})},
        "synced_at": seen.synced_at,
        "menu": None if seen.menu is None else [_entry(item) for item in seen.menu],
    }
    return {key: words[key] for key in expected}


def _entry(item: MenuItem) -> str:
    return " ".join((item.path, item.action, *({True: ["dead"], False: ["alive"], None: []}[item.dead])))


def _within(value: Any, expected: Any) -> Any:
    """The part of a value that the fixture speaks of."""
    if isinstance(value, Value) and isinstance(expected, dict):
        return {key: _within(getattr(value, key), wanted) for key, wanted in expected.items()}
    if isinstance(value, tuple) and isinstance(expected, list) and len(value) == len(expected):
        return [_within(one, wanted) for one, wanted in zip(value, expected, strict=True)]
    return value


def _moment(value: Any) -> Any:
    """Instants are written as text in the fixtures."""
    if isinstance(value, dict):
        return {key: _moment(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_moment(one) for one in value]
    if isinstance(value, str) and len(value) >= 20 and value[4:5] == "-" and value[10:11] == "T":
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, tuple) else value
