"""What mediawatch.yaml may say, as frozen values with their defaults. Values only: nothing here reads a file."""

from __future__ import annotations

import ipaddress
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AwareDatetime, Field, SecretStr, ValidationInfo, field_validator, model_validator

from mediawatch.core.alerting import Level
from mediawatch.core.digest import Every
from mediawatch.core.grouping import Grouping
from mediawatch.core.model import Severity, Value
from mediawatch.core.rectification import Terms
from mediawatch.core.routing import Step
from mediawatch.core.rulebook import Language
from mediawatch.core.schedule import Cadence
from mediawatch.core.workdays import Calendar
from mediawatch.core.worktime import OFFICE_HOURS
from mediawatch.quantities import (
    ClockTime,
    DaySpan,
    Duration,
    Interval,
    Size,
    Weekday,
    duration,
    longer_than_nothing,
)
from mediawatch.settings_rollup import RollupSettings
from mediawatch.settings_sites import SiteSettings
from mediawatch.settings_web import WebSettings


class WireSettings(Value):
    """How the wire asks. allow_private: networks (CIDR) that may be asked although they are private or loopback.

    max_body: the most bytes of one answer after decompression. timeout: for one whole question and answer.
    rest: how long a platform is left alone after it refused us; doubled by each further refusal in a row.
    adb: the ADB server through which apps are opened, `host:port`; it must be running already.
    """

    allow_private: tuple[str, ...] = ()
    max_body: Size = 8 * 1024 * 1024
    timeout: Interval = timedelta(seconds=20)
    rest: Interval = timedelta(seconds=30)
    adb: str = Field(default="127.0.0.1:5037", pattern=r"^[A-Za-z0-9.-]{1,253}:[0-9]{1,5}$")

    @field_validator("allow_private")
    @classmethod
    def _networks(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for text in given:
            try:
                ipaddress.ip_network(text)
            except ValueError:
                raise ValueError("must name networks like 127.0.0.0/8 or fd00::/8") from None
        return given


class Platform(Value):
    """What the settings say of one platform; `None` means "as the adapter says".

    canaries: accounts known to post often. hidden: by canary, the key of a post that only a login may see; also written
    as a canary `{uid: …, hidden: …}`. canary_quiet: how long they may be silent before we doubt the platform.
    latest: the most time between two looks there, see `Cadence`.
    cookie: a login that is sent along, and kept nowhere. secrets: by name, for adapters that say in `needs` that they
    want one (an access token, the secret of an app id); at least six letters each, kept nowhere. entrance_url: where
    visitors without a login get their cookies, empty for never; also never where a cookie or another base_url is set.
    """

    base_url: str | None = None
    per_minute: float | None = Field(default=None, strict=True, gt=0, le=60_000)
    at_once: int | None = Field(default=None, strict=True, ge=1, le=1_000)
    canaries: tuple[str, ...] = ()
    hidden: dict[str, str] = {}
    canary_quiet: Interval | None = None
    latest: Interval | None = None
    cookie: SecretStr | None = None
    secrets: dict[str, Annotated[SecretStr, Field(min_length=6)]] = {}
    entrance_url: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _hidden_posts(cls, given: Any) -> Any:
        """`{uid: …, hidden: …}` among the canaries is the canary and its hidden post."""
        if not isinstance(given, dict) or not isinstance(given.get("canaries"), list | tuple):
            return given
        pairs = [one for one in given["canaries"] if isinstance(one, dict) and one.keys() == {"uid", "hidden"}]
        names = [one["uid"] if one in pairs else one for one in given["canaries"]]
        named = {one["uid"]: one["hidden"] for one in pairs if isinstance(one["uid"], str)}
        return {**given, "canaries": names, **({"hidden": {**given.get("hidden", {}), **named}} if named else {})}

    @model_validator(mode="after")
    def _hidden_of_canaries(self) -> Platform:
        if self.hidden.keys() - set(self.canaries):
            raise ValueError("`hidden` names an account that is no canary")
        return self

    @field_validator("base_url", "entrance_url")
    @classmethod
    def _address(cls, given: str | None, field: ValidationInfo) -> str | None:
        if given is None or (not given and field.field_name == "entrance_url"):
            return given
        parts = urlsplit(given)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an http:// or https:// address without ? and #")
        if parts.username is not None:
            raise ValueError("must not hold a user name or password")
        return given.rstrip("/")


class SessionSettings(Value):
    """A login as a thing that expires: whose it is, until when it holds, and its secret, for one platform.

    platform: its key. cookie, secrets: as under the platform itself; one of the two must be there. expires_at: an
    instant with its zone, from which on nothing is asked with it. budget: looks a day (Shanghai) at the platform.
    warn_before: how long before the end somebody is reminded.
    """

    platform: str
    owner: str = ""
    cookie: SecretStr | None = None
    secrets: dict[str, Annotated[SecretStr, Field(min_length=6)]] = {}
    expires_at: AwareDatetime
    budget: int | None = Field(default=None, strict=True, ge=1)
    warn_before: Interval = timedelta(days=3)

    @field_validator("expires_at", mode="before")
    @classmethod
    def _written(cls, given: object) -> object:
        if not isinstance(given, str | datetime):
            raise ValueError("must be an instant with its zone, like 2026-12-01T09:00:00+08:00")
        return given

    @model_validator(mode="after")
    def _holds_something(self) -> SessionSettings:
        if self.cookie is None and not self.secrets:
            raise ValueError("needs a `cookie` or `secrets`")
        return self


class HoursSettings(Value):
    """When one receiver is told: not in `quiet` ("22:00-07:00"), and with `working: true` only in working hours.

    always: levels (`reminder`, `breach`, `incident`, `fault`, `flapping`) that wait for nothing.
    """

    quiet: DaySpan | None = None
    working: bool = Field(default=False, strict=True)
    always: frozenset[Level] = frozenset()


class GroupSettings(Grouping):
    """How notices gather into messages: for all receivers, or for one."""

    @field_validator("wait", "interval", "repeat", mode="before")
    @classmethod
    def _duration(cls, given: object) -> timedelta:
        return duration(given)


class DeadManSettings(Value):
    """An address outside that expects a word from us: where none comes, it tells that we have stopped."""

    url: SecretStr
    every: Interval = timedelta(minutes=5)

    @field_validator("url")
    @classmethod
    def _address(cls, given: SecretStr) -> SecretStr:
        parts = urlsplit(given.get_secret_value())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an http:// or https:// address")
        return given


class StampSettings(DeadManSettings):
    """An authority that stamps the daily seal (RFC 3161). roots: PEM certificates that its own must lead up to."""

    roots: Path
    every: Interval = timedelta(minutes=15)


class AlertSettings(Value):
    """How people are told of alerts.

    group: how notices gather into messages; groups: by receiver, where one has its own. hours: by receiver, when it is
    told. working_hours: of a working day. steps: whether reminders come on the warning days. weekly: on which weekday
    all that nears its deadline is told as well, at `weekly_at`. acknowledged_for: how long an acknowledgement holds.
    burden: the most reminders about one unit in 30 days. ours: who is told of platforms' trouble and our own faults.
    least_free: disk space under which we warn. down_after: how long we may be silent before it counts as an outage.
    link: where people see the rest of a message.
    """

    group: GroupSettings = GroupSettings()
    groups: dict[str, GroupSettings] = {}
    hours: dict[str, HoursSettings] = {}
    working_hours: DaySpan = OFFICE_HOURS
    steps: bool = Field(default=True, strict=True)
    weekly: Weekday | None = None
    weekly_at: ClockTime = time(9)
    acknowledged_for: Interval = timedelta(days=3)
    burden: int | None = Field(default=100, strict=True, ge=0)
    ours: tuple[str, ...] = ()
    least_free: Size = 500 * 10**6
    down_after: Interval = timedelta(minutes=10)
    link: str = ""

    @field_validator("link")
    @classmethod
    def _link(cls, given: str) -> str:
        parts = urlsplit(given)
        if given and (parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None):
            raise ValueError("must be an http:// or https:// address without a user name")
        return given


class DigestSettings(Value):
    """How all stands, told now and then: to receivers of the whole register, or to each unit of a role of its own part.

    on: the weekday of a weekly one. working: a daily one comes on working days only. lines: the most accounts listed.
    """

    every: Every
    to: tuple[str, ...] = Field(min_length=1)
    at: ClockTime = time(8, 30)
    on: Weekday = 0
    working: bool = Field(default=False, strict=True)
    lines: int = Field(default=50, strict=True, ge=1, le=500)


class ReceiverSettings(Value):
    """One receiver: its name, its kind (a key of RECEIVERS), and its own settings, which may hold secrets."""

    name: str
    type: str
    settings: Any = Field(repr=False, exclude=True)


class CadenceBlock(Cadence):
    """`cadence:` as written in the settings."""

    @field_validator("*", mode="before")
    @classmethod
    def _interval(cls, given: object) -> timedelta:
        return longer_than_nothing(duration(given))

    @model_validator(mode="after")
    def _in_order(self) -> CadenceBlock:
        if self.soonest > self.latest:
            raise ValueError("soonest must not be longer than latest")
        return self


class DaemonSettings(Value):
    """The daemon's own intervals.

    tick: between two looks for due targets. notify_tick, deliver_tick: the same for what is owed and what is to be
    sent. lease: how long a claimed target stays ours without a sign of life. shutdown: the most time a stop may take.
    first_sweep: over how long a time the first looks of newly registered targets are spread.
    """

    tick: Interval = timedelta(seconds=1)
    notify_tick: Interval = timedelta(seconds=5)
    deliver_tick: Interval = timedelta(seconds=5)
    lease: Interval = timedelta(minutes=5)
    shutdown: Interval = timedelta(seconds=4)
    first_sweep: Duration = timedelta()


class ConsoleSettings(Value):
    """How the console looks on this machine. production: a red frame around every screen. plain: nothing but ASCII.

    keymap: other keys, by the ids of actions (docs/console.md); several keys are parted by commas.
    """

    production: bool = Field(default=False, strict=True)
    plain: bool = Field(default=False, strict=True)
    theme: Literal["", "textual-dark", "textual-light", "contrast", "ansi-dark", "ansi-light"] = ""
    keymap: dict[str, str] = {}


class ReviewSettings(Value):
    """How candidates are handled: findings of which the standard's own text leaves a person to judge.

    tell_candidates: whether receivers are told before a person has confirmed. two_person: severities of which two
    different people must confirm.
    """

    tell_candidates: bool = Field(default=False, strict=True)
    two_person: tuple[Severity, ...] = ()


class RetentionSettings(Value):
    """How long raw answers are kept.

    answers: after the last look that brought them. proof: what an alert rests on, after it has ended; what cases and
    inspections rest on is kept for ever.
    """

    answers: Interval = timedelta(days=180)
    proof: Interval = timedelta(days=1095)


class CaseSettings(Terms):
    """`cases:` as written in the settings."""

    @field_validator("*", mode="before")
    @classmethod
    def _number(cls, given: object) -> object:
        if not isinstance(given, int) or isinstance(given, bool):
            raise ValueError("must be a whole number of days")
        return given


class Settings(Value):
    """mediawatch.yaml, checked and complete. Paths are absolute or as the working folder has them.

    ladder: who is told, how long after confirmation. reminders: who is told before a deadline; the first rung where
    the settings do not say. alerts: how. digests: by name. dead_man: who notices that we have stopped.
    stamp: who stamps the daily seal.
    canary_quiet: where a platform's block does not say.
    sites: of a fleet, by name. second_vantage: severities of which a fail needs two exits that agree.
    sessions: by name. attestation_key: signs people's word on apps. snapshot: the folder of the daily public snapshot.
    """

    database: str = Field(default="sqlite:///mediawatch.db", repr=False)
    data_dir: Path = Path("data")
    rulebook: str = "national-2019"
    language: Language = "zh_CN"
    wire: WireSettings = WireSettings()
    platforms: dict[str, Platform] = {}
    sessions: dict[str, SessionSettings] = {}
    sites: dict[str, SiteSettings] = {}
    second_vantage: tuple[Severity, ...] = ()
    attestation_key: SecretStr | None = None
    receivers: dict[str, ReceiverSettings] = {}
    ladder: tuple[Step, ...] = ()
    reminders: tuple[str, ...] = ()
    alerts: AlertSettings = AlertSettings()
    digests: dict[str, DigestSettings] = {}
    dead_man: DeadManSettings | None = None
    stamp: StampSettings | None = None
    cadence: Cadence = Cadence()
    daemon: DaemonSettings = DaemonSettings()
    review: ReviewSettings = ReviewSettings()
    console: ConsoleSettings = ConsoleSettings()
    calendar: Calendar = Calendar()
    cases: Terms = Terms()
    canary_quiet: Interval = timedelta(days=2)
    web: WebSettings | None = None
    rollup: RollupSettings = RollupSettings()
    retention: RetentionSettings = RetentionSettings()
    snapshot: Path | None = None
    word_lists: tuple[Path, ...] = ()
    ignore_words: tuple[Path, ...] = ()
    blocked_hosts: tuple[Path, ...] = ()
    approved_sources: tuple[Path, ...] = ()

    def platform(self, key: str) -> Platform:
        """What holds for a platform key: `feed:host` takes from `feed` what its own block does not say."""
        own = self.platforms.get(key, Platform())
        general = self.platforms.get(key.partition(":")[0], Platform()) if ":" in key else Platform()
        merged = {
            name: getattr(general, name) for name in general.model_fields_set - {"base_url", "canaries", "hidden"}
        }
        merged |= {name: getattr(own, name) for name in own.model_fields_set}
        merged["canary_quiet"] = merged.get("canary_quiet") or self.canary_quiet
        return Platform.model_construct(**merged)
