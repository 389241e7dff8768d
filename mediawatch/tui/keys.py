"""Which keys there are and how they may be changed: a keymap names actions by their ids. Pure.

A keymap comes from a person's settings: one that is wrong is refused with words, before the console starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from textual.binding import Binding

_KEY = re.compile(r"(ctrl\+|shift\+|alt\+)*([A-Za-z0-9]|[a-z_]{2,}[0-9]*|f[0-9]{1,2})")


def ids_of(*owners: type) -> dict[str, Binding]:
    """The actions that can be given other keys, by id, of these screens and widgets."""
    found: dict[str, Binding] = {}
    for owner in owners:
        for parent in owner.__mro__:
            for binding in vars(parent).get("BINDINGS", ()):
                if isinstance(binding, Binding) and binding.id:
                    found.setdefault(binding.id, binding)
    return found


def faults(keymap: Mapping[str, str], known: Iterable[str]) -> list[str]:
    """What is wrong with a keymap, in English, one line for each fault."""
    known = set(known)
    wrong = [f"no action {name}" for name in keymap if name not in known]
    wrong += [
        f"{name}: {keys!r} is no key" for name, keys in keymap.items() if not all(map(_KEY.fullmatch, keys.split(",")))
    ]
    return wrong
