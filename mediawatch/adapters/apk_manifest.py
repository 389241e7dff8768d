"""How large a binary manifest is, counted before anybody makes a tree of it. It must not read what it says.

The libraries that do take hours over a few kilobytes of nested elements: what is deeper, wider or longer than any app's
manifest is not given to them. Chunks that do not lie within one another are not, either.
"""

from __future__ import annotations

import struct

MOST_ELEMENTS = 20_000
MOST_DEPTH = 64
MOST_ATTRIBUTES = 256  # of one element
MOST_STRINGS = 100_000
_XML, _STRINGS, _START, _END = 0x0003, 0x0001, 0x0102, 0x0103


def too_much(manifest: bytes) -> str:
    """What of it is more than a manifest has; empty where nothing is. Every chunk is looked at once."""
    if len(manifest) < 8:
        return "no chunk"
    kind, head, whole = struct.unpack_from("<HHI", manifest)
    if kind != _XML or head < 8 or whole > len(manifest):
        return ""  # of no known shape: that is for its reader to say
    at, depth, elements = head, 0, 0
    while at + 8 <= whole:
        kind, head, size = struct.unpack_from("<HHI", manifest, at)
        if head < 8 or size < head or at + size > whole:
            return "a chunk outside of its place"
        if kind == _STRINGS and size >= 12 and struct.unpack_from("<I", manifest, at + 8)[0] > MOST_STRINGS:
            return f"more than {MOST_STRINGS} strings"
        if kind == _START:
            elements, depth = elements + 1, depth + 1
            if size >= 30 and struct.unpack_from("<H", manifest, at + 28)[0] > MOST_ATTRIBUTES:
                return f"more than {MOST_ATTRIBUTES} attributes"
        depth -= kind == _END
        if elements > MOST_ELEMENTS or depth > MOST_DEPTH:
            return f"more than {MOST_ELEMENTS} elements" if elements > MOST_ELEMENTS else f"deeper than {MOST_DEPTH}"
        at += size
    return ""
