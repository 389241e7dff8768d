"""How receivers stand and what they may answer, as people see it: frozen views, bounded, without secrets."""

from __future__ import annotations

from pydantic import AwareDatetime

from mediawatch.core.value import Value
from mediawatch.core.views import AlertView


class Tried(Value):
    """One attempt at a receiver, as people may see it. answer: what its answer means; detail: the same in short.

    request, said: both sides, bounded, without secrets.
    """

    at: AwareDatetime
    taken: bool
    answer: str
    detail: str = ""
    request: str = ""
    said: str = ""


class ReceiverView(Value):
    """How a receiver stands: what it is owed, what was last sent to it, and what it said.

    kind: empty where the settings name it no longer. per_minute: its pace, in messages. owed, given_up: notices.
    answer: of the last attempt, at `tried_at`. failing_since: from when on it has taken nothing, `failed` times in a
    row; error: the last answer that was no yes. request, said: bounded, without secrets.
    """

    name: str
    kind: str = ""
    per_minute: float = 0.0
    owed: int = 0
    owed_since: AwareDatetime | None = None
    given_up: int = 0
    tried_at: AwareDatetime | None = None
    answer: str = ""
    detail: str = ""
    sent_at: AwareDatetime | None = None
    failing_since: AwareDatetime | None = None
    failed: int = 0
    error: str = ""
    request: str = ""
    said: str = ""


class Answerable(Value):
    """What a link is about. total: how many alerts; waiting: of how many nobody has said that he answers for them.

    alerts: not all of them; those first that wait. receiver: who was told; empty for a link about one alert.
    """

    receiver: str
    total: int
    waiting: int
    alerts: tuple[AlertView, ...]
