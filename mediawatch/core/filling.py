"""Templates of sentences filled with the values of a finding. It must not know what any of them means.

A value is never a template itself: whatever came from outside stands as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_ASIDE = re.compile(r"（[^（）{}]*\{(\w+)\}）| \([^(){}]*\{(\w+)\}\)")


class _Shown(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "-"


def filled(template: str, values: Mapping[str, object]) -> str:
    """The sentence. A value that is lacking or `None` shows as a dash; a bracket of nothing else is left out."""
    shown = _Shown({name: "-" if value is None else value for name, value in values.items()})
    return _ASIDE.sub(lambda found: "" if shown[found[1] or found[2]] == "-" else found[0], template).format_map(shown)
