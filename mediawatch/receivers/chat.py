"""Text for group chats: harmless, and within a limit of bytes that the service sets. It must not know any service.

What came from outside must not be able to ping anybody, to make a link or a picture, or to change the layout.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from mediawatch.core.text import clean
from mediawatch.receivers.told import Line, Told

NAME_BYTES = 90
_LEAST_TEXT = 60  # bytes of a sentence that are still worth reading

# What a chat could read as a ping, a link, code or layout, and the harmless character that looks like it.
_HARMLESS = str.maketrans("<>@[]()`*#\\&|~!", "＜＞＠［］（）｀＊＃＼＆｜～！")
_EMPHASIS = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")  # within a word it is one of its letters
# What a client may turn into a link by itself: an address, or a bare name of a host.
_ADDRESS = re.compile(r"://|www\.|(?<=[a-z0-9])\.(?=[a-z]{2})", re.IGNORECASE)
_BROKEN = str.maketrans(":.", "：．")


def size(text: str) -> int:
    """Bytes in UTF-8."""
    return len(text.encode())


def json_size(text: str) -> int:
    """Bytes that the text takes inside a JSON string."""
    return size(json.dumps(text, ensure_ascii=False)) - 2


def plain(text: str) -> str:
    """The text with nothing in it that a chat would act on: no ping, link, code, emphasis or line break."""
    harmless = _EMPHASIS.sub("＿", clean(text).translate(_HARMLESS))
    return _ADDRESS.sub(lambda found: found[0].translate(_BROKEN), harmless)


def shorten(text: str, most: int) -> str:
    """At most `most` bytes of UTF-8, never half a character; an ellipsis says that something is missing."""
    if size(text) <= most:
        return text
    return text.encode()[: max(0, most - size("…"))].decode(errors="ignore").rstrip() + "…"


def fitted(
    told: Told,
    head: str,
    line: Callable[[Line, str], str],
    foot: str,
    limit: int,
    *,
    gap: str = "\n",
    measure: Callable[[str], int] = size,
) -> str:
    """Head, lines and foot within `limit` (as `measure` counts), joined by `gap`; what does not fit is counted.

    line: writes one line of its parts and of its sentence, which may have been shortened; head and foot are ready.
    The lines are first tried whole, then all a little shorter, then as many as fit.
    """
    between = measure(gap)
    room = limit - measure(head) - (measure(foot) + between if foot else 0)
    said = [plain(told.sentence(one)) for one in told.lines]
    fixed = [measure(line(one, "-")) - 1 for one in told.lines]
    rest = plain(told.rest(len(said)))
    needed = measure(rest) + between if rest else 0
    for each in (limit, room // max(1, len(said)) - between, 0):
        lines = [
            line(one, shorten(text, max(_LEAST_TEXT, each - taken)))
            for one, text, taken in zip(told.lines, said, fixed, strict=True)
        ]
        if sum(measure(one) + between for one in lines) + needed <= room:
            return gap.join(part for part in (head, *lines, rest, foot) if part)
    room -= measure(plain(told.rest(0))) + between  # the longest that is said of the rest
    shown = 0
    while shown < len(lines) and room >= (step := measure(lines[shown]) + between):
        room -= step
        shown += 1
    return gap.join(part for part in (head, *lines[:shown], plain(told.rest(shown)), foot) if part)
