"""Python's own HTML reader, without the one place at which it gives up: a section that it has no name for."""

from __future__ import annotations

from html.parser import HTMLParser


class Markup(HTMLParser):
    """`<![if …]>`, `<![C…` and the like are passed over as comments, as browsers do; they raise nothing."""

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """Where the section that begins at `i` is over; -1 where it is not."""
        ended: int = self.parse_bogus_comment(i, bool(report))
        return ended
