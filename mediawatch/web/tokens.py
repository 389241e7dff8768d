"""Who asks: the holder of a token, found in constant time; whoever guesses is soon not listened to.

It must never log a token or say which part of one was wrong. Times are those of the event loop, given by the caller.
"""

from __future__ import annotations

import hmac
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from mediawatch.settings_web import Scope, TokenSettings, digest

MOST_FAILURES = 20  # from one address
WINDOW = 60.0  # seconds
_MOST_ADDRESSES = 4096
_LONGEST = 512


@dataclass(frozen=True)
class Holder:
    """name: as the settings have it. scope: what he may do."""

    name: str
    scope: Scope


class Tokens:
    """The tokens of the settings."""

    def __init__(self, tokens: Mapping[str, TokenSettings]) -> None:
        self._digests = {name: (token.digest, token.scope) for name, token in tokens.items()}
        self._failures: dict[str, deque[float]] = {}

    def holder(self, header: str) -> Holder | None:
        """Who holds the token of an `Authorization: Bearer …` header; `None` for nobody."""
        kind, _, token = header.partition(" ")
        if kind.lower() != "bearer" or not token or len(token) > _LONGEST:
            return None
        given, found = digest(token.strip()), None
        for name, (known, scope) in self._digests.items():  # all of them, always
            if hmac.compare_digest(given, known):
                found = Holder(name, scope)
        return found

    def refused(self, address: str, at: float) -> float:
        """Seconds for which nobody at that address is listened to; 0 where he is. `at`: the loop's time."""
        failed = self._failures.get(address)
        if failed is None:
            return 0.0
        while failed and failed[0] <= at - WINDOW:
            failed.popleft()
        if not failed:
            del self._failures[address]
        return failed[0] + WINDOW - at if len(failed) >= MOST_FAILURES else 0.0

    def failed(self, address: str, at: float) -> None:
        """Notes a token that nobody holds."""
        if len(self._failures) >= _MOST_ADDRESSES and address not in self._failures:
            self._failures.pop(next(iter(self._failures)))
        self._failures.setdefault(address, deque(maxlen=MOST_FAILURES)).append(at)
