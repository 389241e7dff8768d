"""One place in a post that a person should look at. What it shows is redacted; the text itself is not in it."""

from __future__ import annotations

from pydantic import AwareDatetime

from mediawatch.core.value import Value


class Hit(Value):
    """category: `personal`, `forced`, `advertising`, `link`, `source` or `own` (an operator's list).

    term: the kind of number, the phrase, the host or the source. place: `title`, `text`, `links` or `source`, and
    `start` the position in it.
    shown: the redacted span with a little of what stands around it. source: the list and its edition.
    at: the look that first showed the post.
    """

    post: str
    target: str
    category: str
    term: str
    place: str
    start: int
    shown: str
    source: str
    at: AwareDatetime
