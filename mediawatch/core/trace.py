"""One line of the trace of a campaign or a case (全过程留痕): who did what, when, and what was said. Only added to."""

from __future__ import annotations

from pydantic import AwareDatetime

from mediawatch.core.value import Value


class Move(Value):
    """subject: `campaign:ID` or `case:ID`. before, after: where it stood. proof: digests of files. told: what else."""

    subject: str
    act: str
    before: str
    after: str
    by: str
    at: AwareDatetime
    note: str = ""
    proof: tuple[str, ...] = ()
    told: dict[str, str] = {}
