"""A target's address as people may see it: without passwords, tokens and other secrets. Pure."""

from __future__ import annotations

from mediawatch.core.model import Target


def place_of(target: Target) -> str:
    """One line: the adapter and its fields. Of addresses only scheme, host and path are shown: the rest may be
    a secret."""
    fields = (f"{name}={_shown(value)}" for name, value in target.address.items() if value not in (None, "", []))
    return " ".join((target.adapter, *fields))


def _shown(value: object) -> str:
    text = str(value)
    if "://" not in text:
        return text
    address, _, more = text.partition("#")[0].partition("?")
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}{'?…' if more else ''}"
