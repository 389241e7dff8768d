"""What the register says of an account beside others: kept with its days, so that the past is judged by it. A value."""

from __future__ import annotations

from pydantic import AwareDatetime

from mediawatch.core.value import Value

MOST_OTHERS = 20


class RegisterMatter(Value):
    """One matter of `core.register_check` from one account's side: which, with whom (at most `MOST_OTHERS` ids), what
    they share, and since when the register says so."""

    code: str
    others: tuple[str, ...]
    shown: str = ""
    since: AwareDatetime
