"""How often one address, or one link, may ask: a sliding window for each, and a bound on how many are remembered.

Times are those of the event loop, given by the caller.
"""

from __future__ import annotations

from collections import OrderedDict, deque

_MOST_KEYS = 4096


class Limit:
    """most: how often within `window` seconds."""

    def __init__(self, most: int, window: float = 60.0) -> None:
        self._most, self._window = most, window
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str, at: float) -> float:
        """Seconds until the key may ask again; 0 where it may now."""
        seen = self._seen.get(key)
        while seen and seen[0] <= at - self._window:
            seen.popleft()
        return seen[0] + self._window - at if seen and len(seen) >= self._most else 0.0

    def count(self, key: str, at: float) -> None:
        """Notes that the key asks now."""
        self._seen.setdefault(key, deque(maxlen=self._most)).append(at)
        self._seen.move_to_end(key)
        if len(self._seen) > _MOST_KEYS:
            self._seen.popitem(last=False)
