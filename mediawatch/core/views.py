"""What people, receivers and reports are told: frozen views, already in words where words are needed.

Faces see views, never rows. Text that came from outside is cleaned before it gets here; views carry no markup.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from mediawatch.core.alerting import Cause, Level
from mediawatch.core.filing import UNFILED, Filing
from mediawatch.core.lifecycle import State
from mediawatch.core.model import DayCount, Finding, Outcome, Reason, Value
from mediawatch.core.rulebook import Citation
from mediawatch.core.standing import Standing, Tallied


class Row(Value):
    """One line of the board, and of `once`: an account and the finding that speaks for it.

    days_left: whole days until the deadline (negative: days over), `None` where no deadline is known.
    looked_at: the last look that saw anything; tried_at: the last look of any kind.
    candidate: the fail waits for a person, and accuses nobody yet.
    """

    account: str
    name: str
    kind: str
    sponsor: str = ""
    unit: str = ""  # the id of the unit that answers for it
    region: str = ""
    level: str = ""
    outcome: Outcome
    candidate: bool = False
    indicator: str = ""
    newest_post_at: AwareDatetime | None = None
    days_silent: int | None = None
    days_left: int | None = None
    holds_until: AwareDatetime | None = None
    reason: Reason | None = None
    says: str = ""
    looked_at: AwareDatetime | None = None
    tried_at: AwareDatetime | None = None
    acknowledged: bool = False
    state: State = State.RUNNING

    @property
    def standing(self) -> Standing:
        """How the account stands, as people read it."""
        return Standing.CANDIDATE if self.candidate else Standing(self.outcome.value)


class Judged(Value):
    """A standing finding with its sentence and its place in the rulebook. candidate: the fail waits for a person."""

    finding: Finding
    candidate: bool = False
    number: str
    title: str
    says: str
    severity: str
    cites: tuple[Citation, ...]  # each with the confidence that must stand beside it
    boundary: str = ""
    rulebook: str

    @property
    def standing(self) -> Standing:
        """What the finding says, as people read it."""
        return Standing.CANDIDATE if self.candidate else Standing(self.finding.outcome.value)


class NeedsPerson(Value):
    """A line of the account's rulebook that no channel decides; `asks` says what a person looks at."""

    id: str
    number: str
    title: str
    asks: str
    severity: str
    cites: tuple[Citation, ...]


class LookView(Value):
    """One line of the look log. `mark` is its place in the log of all accounts."""

    target: str
    account: str = ""
    mark: str = ""
    adapter: str
    platform: str
    at: AwareDatetime
    ok: bool
    reason: Reason | None = None
    detail: str = ""
    posts: int = 0
    attested_by: str = ""  # whose word it is: who tried the app, or brought the register
    trusted: bool = True
    digests: tuple[str, ...] = ()


class PostView(Value):
    """One post in an account's timeline."""

    at: AwareDatetime | None
    title: str
    url: str
    pinned: bool
    repost: bool
    first_seen_at: AwareDatetime


class DecisionView(Value):
    """What one person decided about a candidate, as the record keeps it for ever."""

    alert: str
    indicator: str
    choice: Literal["confirm", "dismiss"]
    by: str
    reason: str
    at: AwareDatetime
    expires_at: AwareDatetime | None = None


class ProfileView(Value):
    """A change of what a channel tells of the account itself, in words. `trusted` as in a look."""

    at: AwareDatetime
    target: str
    says: str
    trusted: bool = True


class ActView(Value):
    """What one person did about an alert or a silence, as the record keeps it. until: where the act has an end."""

    at: AwareDatetime
    by: str
    act: Literal["acknowledge", "silence", "end_silence", "look_again", "retry_receiver", "prune", "purge"]
    subject: str
    note: str = ""
    until: AwareDatetime | None = None


class AccountView(Value):
    """An account's page: who it is, what stands against it, what was seen and when, what cannot be seen."""

    row: Row
    supervisor: str = ""
    filing: Filing = UNFILED  # without what names people
    state_since: date | None = None
    rulebook: str
    targets: tuple[str, ...]  # "adapter address" lines, secrets never among them
    findings: tuple[Judged, ...]
    posts: tuple[PostView, ...]
    looks: tuple[LookView, ...]
    missing: tuple[str, ...]
    next_due_at: AwareDatetime | None = None
    manual: tuple[NeedsPerson, ...] = ()
    profiles: tuple[ProfileView, ...] = ()  # from old to new
    series: tuple[DayCount, ...] = ()  # its counts day by day, from old to new
    decisions: tuple[DecisionView, ...] = ()  # what people decided about its candidates, from old to new


class AlertView(Value):
    """An alert. review: `not_needed`, `waiting`, `confirmed`, `dismissed`. answered: whether somebody does so now."""

    id: str
    account: str
    name: str
    indicator: str
    level: str
    state: str
    since: AwareDatetime | None
    opened_at: AwareDatetime
    confirmed_at: AwareDatetime | None = None
    resolved_at: AwareDatetime | None = None
    acknowledged_at: AwareDatetime | None = None
    acknowledged_by: str = ""
    acknowledged_until: AwareDatetime | None = None
    answered: bool = False
    note: str = ""
    says: str = ""
    review: str = "not_needed"
    decisions: tuple[DecisionView, ...] = ()
    finding: Finding | None = None
    told: int = 0  # notifications accepted by their receivers
    owed: int = 0  # notifications still waiting

    @property
    def read_as(self) -> str:
        """Its level as people read it: of a breach, `candidate` where a person must still decide or has dismissed it,
        `notice` where it is a hint that fails nobody."""
        if self.level != "breach" or self.finding is None:
            return self.level
        if self.finding.severity == "notice":
            return "notice"
        return "candidate" if self.review in ("waiting", "dismissed") else self.level


class PlatformView(Value):
    """A platform's health: how many of the last looks saw something, and the incident that is open, if any.

    coverage: the share of the looks due in the window that saw something and may be relied on: looks in an incident
    count as blind, and targets that are overdue as looks that were not made; `None` where nothing was due.
    lost: hours of the window that lie in incidents.
    """

    platform: str
    looks: int
    seen: int
    last_seen_at: AwareDatetime | None = None
    incident_since: AwareDatetime | None = None
    incident: str = ""
    reasons: dict[str, int] = {}
    coverage: float | None = None
    lost: float = 0.0


class SessionView(Value):
    """A login, as the calendar and the record have it; its secret is nowhere here.

    state: `refused` where the platform's last look, or its canary, says that the login does not hold. seen_at,
    canary_at, refused_at: of the last week. looks_today: since midnight in Shanghai, through every channel of the
    platform.
    """

    name: str
    platform: str
    owner: str = ""
    state: Literal["ok", "expiring", "expired", "refused"]
    expires_at: AwareDatetime
    seen_at: AwareDatetime | None = None
    canary_at: AwareDatetime | None = None
    refused_at: AwareDatetime | None = None
    looks_today: int = 0
    budget: int | None = None


class SourceView(Value):
    """An adapter: what it needs, sees and cannot see, how fast it may ask, and how it went lately.

    kinds: of accounts; empty where any. looks, failed: of the last week, `None` where there is no record; a look that
    says that an account is gone did not fail.
    """

    adapter: str
    platform: str
    kinds: tuple[str, ...]
    covers: tuple[str, ...]
    needs: str
    cannot_see: str
    per_minute: float
    at_once: int
    isolate: bool
    looks: int | None = None
    failed: int | None = None
    failure_rate: float | None = None


class Counts(Tallied):
    """The board in one line: how many accounts stand where, and how old the youngest look is."""

    total: int
    alerts_open: int
    notices_owed: int
    last_look_at: AwareDatetime | None = None
    due: int = 0


class Page(Value):
    """A window of the board: rows `[offset, offset + len(rows))` of `matching`, out of `total`. first, last, marks (of
    every row, if asked for): where they lie in the order, to go on from there; empty where it has no rows."""

    rows: tuple[Row, ...]
    offset: int
    matching: int
    total: int
    first: str = ""
    last: str = ""
    marks: tuple[str, ...] = ()


class Notice(Value):
    """One promise to one receiver, frozen when it was owed, so that every attempt says the same.

    id: the idempotency key; it never changes over retries and restarts. cause: why it is told.
    why: the cause in words where there is more to say ("silenced by … until …, now over"). unit: whose account it is.
    link: where a person acknowledges it, signed and expiring; empty where there is none.
    """

    id: str
    alert: str
    cause: Cause
    level: Level
    account: str = ""
    name: str = ""
    kind: str = ""
    sponsor: str = ""
    unit: str = ""
    unit_name: str = ""
    platform: str = ""
    indicator: str = ""
    number: str = ""
    outcome: str = ""
    finality: str = ""  # `candidate`: a person must confirm it first; `confirmed`: people have
    since: AwareDatetime | None = None
    opened_at: AwareDatetime
    resolved_at: AwareDatetime | None = None
    acknowledged_by: str = ""
    note: str = ""
    says: str = ""
    why: str = ""
    values: dict[str, str | int | float | bool | None] = {}
    rulebook: str = ""
    link: str = ""


class DigestLine(Value):
    """An account in a digest. days_left: until the deadline, negative once it is over; `None` where none is known."""

    account: str
    name: str
    unit: str = ""
    unit_name: str = ""
    kind: str = ""
    outcome: Outcome
    says: str = ""
    since: AwareDatetime | None = None
    days_silent: int | None = None
    days_left: int | None = None
    acknowledged_by: str = ""
    note: str = ""


class Digest(Value):
    """How a unit and all below it stand, frozen when it was owed. lines: the worst first; `more` are not listed.

    unit: empty for the whole register. since, to: the period, of which `opened`, `resolved`, `reminders` and
    `held_back` (reminders beyond the burden that a unit is spared) are the counts. summary: one line, in words.
    blind: platforms that cannot be seen at `to`. seal: of the whole register, the newest seal over the record: whoever
    keeps it can have everything before it proven.
    """

    period: Literal["daily", "weekly", "monthly"]
    unit: str = ""
    unit_name: str = ""
    since: AwareDatetime
    to: AwareDatetime
    summary: str
    accounts: int
    by_outcome: dict[Outcome, int]
    opened: int = 0
    resolved: int = 0
    standing: int = 0
    unacknowledged: int = 0
    reminders: int = 0
    held_back: int = 0
    blind: tuple[str, ...] = ()
    seal: str = ""
    lines: tuple[DigestLine, ...] = ()
    more: int = 0


class Message(Value):
    """What one receiver is told at once, composed and kept before the first attempt: every attempt says the same.

    id: the idempotency id; a message of one notice has that notice's. unit: whose accounts it is about; empty where it
    is about several (`units`) or none. cause: of its notices; `new_in_group` where the receiver knows of others of the
    unit already, `several` where they differ. notices: those listed, the worst first, of `total`; `more` are not.
    counts: all `total` by cause. summary: one line, in words. link: where to see the rest; may be empty.
    digest: instead of notices, and then `total` is 0.
    """

    id: str
    receiver: str
    at: AwareDatetime
    unit: str = ""
    unit_name: str = ""
    units: int = 1
    cause: Cause | Literal["new_in_group", "several", "digest", "test"]
    notices: tuple[Notice, ...] = ()
    more: int = 0
    total: int = 0
    counts: dict[str, int] = {}
    summary: str = ""
    link: str = ""
    digest: Digest | None = None
