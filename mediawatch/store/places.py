"""A target's address as people may see it: without passwords, tokens and other secrets. Pure."""

from __future__ import annotations

from mediawatch.core.model import Account, Target


def own_place(account: Account) -> str:
    """Where the account itself is to be found, for documents that go out: what its filing says, else its numbers on
    the platforms, or a website's own address. Addresses of bridges and packages are how we look: nobody else's."""
    filed = account.filing.link or account.filing.platform_id
    own = (one for one in account.targets if account.kind == "website" or "://" not in str(one.address))
    return filed or "; ".join(dict.fromkeys(map(place_of, own)))


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
