"""Platform keys as settings write them: which adapter speaks for one, and what is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mediawatch.adapters import ADAPTERS
from mediawatch.adapters.adapter import Adapter
from mediawatch.complaints import unknown_name
from mediawatch.core.sites import ANY, belongs
from mediawatch.settings_values import Platform, SessionSettings


def adapter_of(key: str) -> Adapter:
    """The adapter of a platform key that is right."""
    return _names()[key.partition(":")[0]]


def wrong_platform(key: str) -> str | None:
    """What is wrong with a platform key, or `None`."""
    name, colon, host = key.partition(":")
    adapter = _names().get(name)
    if adapter is None:
        return unknown_name("platform", key, _names())
    if colon and not adapter.host_field:
        return f"{name} is one platform, whatever the host; write {name}"
    if colon and not re.fullmatch(r"[a-z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-f:]+\](:[0-9]{1,5})?", host):
        return f"write {name}:host, the host in small letters"
    return None


def wrong_served(name: str) -> str | None:
    """What is wrong with what a site says that it serves, or `None`: a platform, a family (`wechat`), or `*`."""
    if name == ANY or any(belongs(kind, name) for kind in _names()):
        return None
    return wrong_platform(name)


def wrong_sessions(
    sessions: Mapping[str, SessionSettings], platforms: Mapping[str, Platform]
) -> Iterator[tuple[str, str]]:
    """Sessions that cannot be used, by name, each with what is wrong: a secret goes to one host, and comes from one."""
    taken = {(key, what) for key, block in platforms.items() for what in _held(block)}
    for name, session in sessions.items():
        if (wrong := wrong_platform(session.platform)) is not None:
            yield name, wrong
            continue
        if adapter_of(session.platform).host_field and ":" not in session.platform:
            yield name, f"a login is for one host: write {session.platform}:host"
        for what in _held(session):
            if (session.platform, what) in taken:
                yield name, f"{session.platform} has such a {'secret' if what else 'cookie'} already"
            taken.add((session.platform, what))


def _held(block: Platform | SessionSettings) -> Iterator[str]:
    """The names of the secrets of a block; the cookie has none."""
    if block.cookie is not None:
        yield ""
    yield from block.secrets


def _names() -> dict[str, Adapter]:
    return {adapter.platform or adapter.kind: adapter for adapter in ADAPTERS.values()}
