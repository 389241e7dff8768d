"""The nouns: frozen values that every other part speaks in.

They refuse unknown fields and datetimes without a zone, do no IO, read no clock and know no store and no screen.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from mediawatch.core.beside import ALONE, Beside
from mediawatch.core.content.hit import Hit
from mediawatch.core.filing import UNFILED, Filing
from mediawatch.core.lifecycle import State
from mediawatch.core.profiles import DayCount, SeenProfile
from mediawatch.core.register_matter import RegisterMatter
from mediawatch.core.seen import (
    Article,
    Articles,
    Column,
    Feed,
    Launch,
    Letter,
    Letters,
    Link,
    Listing,
    MenuItem,
    Package,
    Page,
    Post,
    Profile,
    Seen,
)
from mediawatch.core.units import Contact, Unit
from mediawatch.core.value import Value

# One import serves for all nouns.
__all__ = [
    "Account",
    "Article",
    "Articles",
    "Blame",
    "Column",
    "Contact",
    "DayCount",
    "DayVisits",
    "Evidence",
    "Failure",
    "Feed",
    "Filing",
    "Finality",
    "Finding",
    "Hit",
    "Launch",
    "Letter",
    "Letters",
    "Link",
    "Listing",
    "Look",
    "MenuItem",
    "Observation",
    "Outcome",
    "Package",
    "Page",
    "Post",
    "Profile",
    "Reason",
    "RegisterMatter",
    "Seen",
    "SeenPost",
    "SeenProfile",
    "Severity",
    "Target",
    "Unit",
    "Value",
]

# --- what is watched ---------------------------------------------------------------------------------------------


class Target(Value):
    """One thing to look at. An account has several: two feeds, a store page and a package, …

    `id` is stable over restarts and edits of other targets: account id, adapter and a digest of the address.
    `address` holds the adapter's own fields, already checked by that adapter's `Address` model.
    `covers` names what this channel can see; `None` means "what the adapter covers by nature".
    """

    id: str
    account: str
    adapter: str
    platform: str
    address: dict[str, Any]
    covers: frozenset[str] = frozenset()


class Account(Value):
    """One registered account or app (政务新媒体账号), as the office that answers for it wrote it down.

    state: where it stands in its life, and state_since: the first Shanghai day of that. stop_announced, stop_notice:
    the day and the address of the notice that it stops (停更公告), where the register knows of one. filing: what is
    filed of it beside that.
    """

    id: str
    name: str
    kind: str
    sponsor: str = ""  # 主办单位
    supervisor: str = ""  # 主管单位
    unit: str = ""  # the id of the unit that answers for it
    region: str = ""  # GB/T 2260 code
    level: str = ""  # national province city county town
    rulebook: str = "national-2019"
    tags: tuple[str, ...] = ()
    state: State = State.RUNNING
    state_since: date | None = None
    stop_announced: date | None = None
    stop_notice: str = ""
    filing: Filing = UNFILED
    canary: bool = False  # watched only to prove that a platform can be seen; never judged
    targets: tuple[Target, ...] = ()


# --- what came back ----------------------------------------------------------------------------------------------


class Blame(StrEnum):
    """Who is answerable for a look that showed nothing."""

    ACCOUNT = "account"
    PLATFORM = "platform"
    US = "us"


class Reason(StrEnum):
    """Why a look showed no content. Only reasons that blame the account may support a fail."""

    GONE = "gone"
    BLOCKED_ACCOUNT = "blocked_account"
    MOVED = "moved"
    LOGIN_REQUIRED = "login_required"
    RATE_LIMITED = "rate_limited"
    BLOCKED = "blocked"
    CAPTCHA = "captcha"
    UNREADABLE = "unreadable"
    PLATFORM_DOWN = "platform_down"
    TIMEOUT = "timeout"
    OWN_NETWORK = "own_network"
    OWN_CLOCK = "own_clock"
    OWN_MACHINE = "own_machine"  # our disk took no answer, or our system started no reader
    NOT_ALLOWED = "not_allowed"  # our own guard or settings refused the address
    NO_DEVICE = "no_device"  # no test device is attached, ready or answering

    @property
    def blame(self) -> Blame:
        if self in _BLAMES_ACCOUNT:
            return Blame.ACCOUNT
        return Blame.US if self in _BLAMES_US else Blame.PLATFORM


_BLAMES_ACCOUNT = frozenset({Reason.GONE, Reason.BLOCKED_ACCOUNT, Reason.MOVED})
_BLAMES_US = frozenset(one for one in Reason if one.startswith(("own_", "timeout", "not_allowed", "no_device")))


class Failure(Value):
    """A look that showed no content: the reason, a short technical detail, and how long to keep away (seconds)."""

    reason: Reason
    detail: str = ""
    retry_after: float | None = None


class Asked(Value):
    """One question of a look and how it was answered, as it is kept: without anything that may be a secret.

    url: where the target names its own address, without its query. headers: of the answer, a few that say what it was
    and when. digest: of the body. unchanged: the answer was 304, and the body is the one kept from before.
    """

    method: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    digest: str
    unchanged: bool = False


def _nowhere(said: str) -> bool:
    """A look on one machine names no place, and is written as if there were none."""
    return not said


class Observation(Value):
    """One look: what was seen, or why nothing was. Exactly one of `seen` and `failure` is set.

    `digests` name the raw answers (SHA-256) that were kept before anything was read from them; `asked` is what each of
    them answered, in the same order. site, exit: from where it was made; see `core.sites.Place`.
    """

    target: str
    account: str
    at: AwareDatetime
    seen: Seen | None = None
    failure: Failure | None = None
    digests: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    site: str = Field(default="", exclude_if=_nowhere)
    exit: str = Field(default="", exclude_if=_nowhere)


# --- what a rule may look at -------------------------------------------------------------------------------------


class Look(Value):
    """A look as the record holds it. `seen` carries no posts here: those are in `Evidence.posts`, once each.

    `trusted` is false where a platform incident covers the look: it may pass an account, it may never fail one.
    """

    target: str
    adapter: str
    platform: str
    covers: frozenset[str]
    at: AwareDatetime
    seen: Seen | None = None
    failure: Failure | None = None
    posts: int = 0  # how many posts this look showed
    newest_at: AwareDatetime | None = None  # the newest claimed date among them
    trusted: bool = True
    digests: tuple[str, ...] = ()
    site: str = Field(default="", exclude_if=_nowhere)
    exit: str = Field(default="", exclude_if=_nowhere)


class SeenPost(Value):
    """A post as the record holds it: once, with the first and the last look that showed it."""

    key: str
    target: str
    at: AwareDatetime | None
    title: str = ""
    url: str = ""
    pinned: bool = False
    repost: bool = False
    original: bool | None = None
    first_seen_at: AwareDatetime
    last_seen_at: AwareDatetime


class DayVisits(Value):
    """The visits that one target had on one Shanghai day, without those that an incident covers.

    total: all. spaced: those enough apart to count. failed: of the spaced ones, how many did not open. opened: how many
    of all did; noticed: how many of these showed a migration notice; newest_at: the newest date that they showed.
    """

    target: str
    day: date
    total: int
    spaced: int
    failed: int
    opened: int
    noticed: int = 0
    newest_at: AwareDatetime | None = None
    first_failed_at: AwareDatetime | None = None
    last_failed_at: AwareDatetime | None = None


class Evidence(Value):
    """All that a rule may look at, as it stood at `now`. `looks` run from old to new, `posts` from new to old.

    `watched_since` is the first look that saw anything of the account, `None` before that. `visits` are the last
    month of every target that covers `visits`, from old to new; days without a visit are left out. `profiles` are the
    changes of what channels tell of the account itself, from old to new; `series` its counts day by day, likewise.
    `matters`: what the register said. `beside`: of one that is said to be gone, what is said of others then.
    """

    account: Account
    now: AwareDatetime
    watched_since: AwareDatetime | None = None
    looks: tuple[Look, ...] = ()
    posts: tuple[SeenPost, ...] = ()
    visits: tuple[DayVisits, ...] = ()
    profiles: tuple[SeenProfile, ...] = ()
    series: tuple[DayCount, ...] = ()
    hits: tuple[Hit, ...] = ()
    matters: tuple[RegisterMatter, ...] = ()
    beside: Beside = ALONE


# --- what follows ------------------------------------------------------------------------------------------------


class Outcome(StrEnum):
    """The four answers. `unknown` is an answer: we could not look, and nobody is accused."""

    PASS = "pass"
    AT_RISK = "at_risk"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Finality(StrEnum):
    """`auto` may be reported as it is; a `candidate` waits for a person to confirm it."""

    AUTO = "auto"
    CANDIDATE = "candidate"


Values = dict[str, str | int | float | bool | None]

Severity = Literal["veto", "serious", "notice"]
"""`veto`: one fails the account by the standard; `serious`: a fault all the same; `notice`: a hint."""


class Finding(Value):
    """A rule's answer about one account at one instant.

    since: from when on the outcome has held, as far as the evidence reaches.
    holds_until: the instant until which the outcome is proven without looking again; never before the look it rests
        on, and equal to `judged_at` where nothing is proven ahead. Of an `unknown`: until when looking does not help.
    warns_at: the next instant before `holds_until` at which a reminder falls due, if nothing newer is seen by then.
    deadline: the instant at which a pass turns (or turned) into a fail, where the rule knows one.
    values: the numbers and dates that the sentence is made of.
    proof: the looks that prove a fail, `(target, at)` from old to new; two of them, apart, confirm an alert.
    missing: kinds of coverage that the indicator needs and no trusted look has given.
    reason: why we could not look, where that is why the outcome is `unknown`.
    """

    account: str
    indicator: str
    outcome: Outcome
    judged_at: AwareDatetime
    since: AwareDatetime | None = None
    holds_until: AwareDatetime
    warns_at: AwareDatetime | None = None
    deadline: AwareDatetime | None = None
    values: Values = {}
    finality: Finality = Finality.AUTO
    severity: Severity = "veto"
    proof: tuple[tuple[str, AwareDatetime], ...] = ()
    missing: tuple[str, ...] = ()
    reason: Reason | None = None

    @property
    def counts_as(self) -> Outcome:
        """What the finding makes of its account: a failed `notice` is a hint to look into, it fails nobody."""
        hint = self.outcome is Outcome.FAIL and self.severity == "notice"
        return Outcome.AT_RISK if hint else self.outcome
