"""What a world file may say: strict models, every time relative to the start. Pure; see `worlds/demo.yaml`."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, model_validator

from mediawatch.core.model import Value
from mediawatch.sim.moments import Moment, Span
from mediawatch.sim.trouble import APPLIES, Channel, Mode, Trouble

EVERYWHERE = "all"


class PackageState(StrEnum):
    """What lies at a package's address."""

    GOOD = "good"
    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad_signature"  # changed after it was signed
    NO_LAUNCHER = "no_launcher"
    NO_MANIFEST = "no_manifest"
    WRONG_PACKAGE = "wrong_package"
    TRUNCATED = "truncated"
    HTML_PAGE = "html_page"  # an HTML page, sent as a package
    EMPTY = "empty"
    MISSING = "missing"  # HTTP 404


class Bridge(Value):
    """A feed bridge. zone: how its dates say theirs; `none` leaves the zone out. lag: how far it runs behind."""

    flavour: Literal["rsshub", "mp_we_rss"] = "rsshub"
    format: Literal["rss", "atom", "json"] = "rss"
    zone: Literal["gmt", "offset", "none"] = "gmt"
    items: int = Field(default=20, ge=1)
    lag: Span = timedelta()


class Rhythm(Value):
    """Posts at `since`, and then one every `every`, each later by up to `jitter` (drawn from the seed).

    Nothing is posted from `silent_since` on, nor inside a gap `[from, to]`. reposts: the share that is a repost.
    """

    since: Moment = Moment(day=-60, offset=timedelta(hours=9))
    every: Span = timedelta(days=1)
    jitter: Span = timedelta(hours=8)
    silent_since: Moment | None = None
    gaps: tuple[tuple[Moment, Moment], ...] = ()
    reposts: float = Field(default=0.0, ge=0.0, le=1.0)

    @model_validator(mode="after")
    def _in_order(self) -> Rhythm:
        if not timedelta() <= self.jitter <= self.every or self.every < timedelta(minutes=1):
            raise ValueError("jitter must not exceed `every`, and `every` not fall below a minute")
        return self


class Written(Value):
    """One post told by itself. original_gone: the post it repeats is deleted.

    shown: from when on it can be seen, for one that claims an earlier date.
    """

    at: Moment
    title: str = ""
    pinned: bool = False
    repost: bool = False
    original_gone: bool = False
    deleted: Moment | None = None
    shown: Moment | None = None

    @model_validator(mode="before")
    @classmethod
    def _just_a_time(cls, given: Any) -> Any:
        return given if isinstance(given, dict | Written) else {"at": given}


class Posts(Value):
    """Who posts when. earlier: posts from before the world's memory: counted by the platform, on no list."""

    rhythm: Rhythm | None = None
    at: tuple[Written, ...] = ()
    earlier: int = Field(default=0, ge=0)


class ProfileChange(Value):
    """What another page the account shows from `at` on; what is not given stays."""

    at: Moment
    name: str | None = None
    verified_type: int | None = None
    followers: int | None = Field(default=None, ge=0)


class WeiboSide(Value):
    """The account's page on Weibo; `verified_type` 1 is a government, -1 not verified. `changes`: from old to new."""

    uid: str = Field(pattern=r"^[0-9]{6,12}$")
    verified_type: int = 1
    followers: int = Field(default=12000, ge=0)
    following: int = Field(default=60, ge=0)
    changes: tuple[ProfileChange, ...] = ()


class FeedSide(Value):
    """One bridge that carries the account; `covers` is what the register declares that it can see."""

    bridge: str
    id: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    covers: tuple[str, ...] = ("mass_sent", "published")
    zone: str = "Asia/Shanghai"


class Release(Value):
    at: Moment
    version: str


class StoreSide(Value):
    """The app in the store, from its oldest release until it is `withdrawn`."""

    track_id: str = Field(pattern=r"^[0-9]{6,12}$")
    bundle: str
    seller: str = ""
    releases: tuple[Release, ...] = Field(min_length=1)
    describes: str = ""
    withdrawn: Moment | None = None


class PackageChange(Value):
    at: Moment
    state: PackageState


class PackageSide(Value):
    """The installation package, in `state` until the first of `changes`."""

    package: str
    version: str = "1.0.0"
    version_code: int = 100
    state: PackageState = PackageState.GOOD
    changes: tuple[PackageChange, ...] = ()


class LaunchState(StrEnum):
    """What becomes of the app on the phone, once it is installed and started."""

    OPENS = "opens"
    CRASH = "crash"
    ANR = "anr"
    BLANK = "blank"
    LEFT_FRONT = "left_front"  # it closes itself without a word


class LaunchChange(Value):
    at: Moment
    state: LaunchState


class LaunchSide(Value):
    """The app on the phone, in `state` until the first of `changes`. filing_no: the number on its first screen."""

    state: LaunchState = LaunchState.OPENS
    changes: tuple[LaunchChange, ...] = ()
    filing_no: str = ""

    def state_at(self, starts_at: datetime, now: datetime) -> LaunchState:
        """What becomes of it at that instant, in a world that starts then."""
        state = self.state
        for change in self.changes:
            if change.at.at(starts_at) <= now:
                state = change.state
        return state


class BackEndSide(Value):
    """The address that the app opens; from `down` on its server answers 502."""

    down: Moment | None = None


class WeChatSide(Value):
    """The account in the backend of another one that is logged in. articles: whether its known articles are visited."""

    fakeid: str = Field(pattern=r"^[A-Za-z0-9+/]{8,24}={0,2}$")
    articles: bool = True


class ColumnSide(Value):
    """A column of a website: an item every `every` from `since` on, none from `silent_since` on. path: on the site."""

    name: str
    path: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    interval: Literal["two_weeks", "six_months", "none"] = "two_weeks"
    since: Moment = Moment(day=-200, offset=timedelta(hours=10))
    every: Span = timedelta(days=3)
    silent_since: Moment | None = None


class Outage(Value):
    """From when to when the site answers 502, in that share of all hours."""

    since: Moment = Field(alias="from")
    to: Moment | None = None
    share: float = Field(default=1.0, gt=0.0, le=1.0)


class SiteSide(Value):
    """A website; its home page shows the account's posts. notice: from when to when it says that it `moves_to`.

    visited: whether its home page is visited about once an hour. dead_links: how many links of its home page are dead.
    """

    columns: tuple[ColumnSide, ...] = ()
    outages: tuple[Outage, ...] = ()
    dead_links: int = Field(default=0, ge=0)
    notice: tuple[Moment, Moment] | None = None
    moves_to: str = ""
    visited: bool = True
    links: bool = True


class Player(Value):
    """One account or app of the world. A canary posts like clockwork and stands in no register.

    book: a rulebook beside the world file, where not the national one is meant.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str
    kind: Literal["weibo", "wechat", "app", "website"]
    sponsor: str = ""
    supervisor: str = ""
    region: str = ""
    level: str = "county"
    registered: Moment = Moment(offset=timedelta(days=-3 * 365))
    description: str = ""
    canary: bool = False
    book: str = ""
    weibo: WeiboSide | None = None
    feeds: tuple[FeedSide, ...] = ()
    store: StoreSide | None = None
    package: PackageSide | None = None
    launch: LaunchSide | None = None
    h5: BackEndSide | None = None
    wechat: WeChatSide | None = None
    site: SiteSide | None = None
    posts: Posts = Posts()


class Definition(Value):
    """A whole world. Raises ValueError where ids repeat or a name leads nowhere."""

    name: str
    says: str = ""
    seed: int = 1
    bridges: dict[str, Bridge] = {}
    accounts: tuple[Player, ...] = ()
    troubles: tuple[Trouble, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Definition:
        channels: dict[str, Channel] = dict.fromkeys(self.bridges, Channel.BRIDGE)
        channels |= {channel.value: channel for channel in Channel if channel is not Channel.BRIDGE}
        ids = [player.id for player in self.accounts]
        doubled = _twice(ids) | (set(ids) & {*channels, EVERYWHERE})
        addresses = [player.weibo.uid for player in self.accounts if player.weibo]
        addresses += [player.wechat.fakeid for player in self.accounts if player.wechat]
        addresses += [player.package.package for player in self.accounts if player.package and player.launch]
        addresses += [player.store.track_id for player in self.accounts if player.store]
        addresses += [f"{feed.bridge}/{feed.id}" for player in self.accounts for feed in player.feeds]
        doubled |= _twice(addresses)
        if doubled:
            raise ValueError(f"used twice: {', '.join(sorted(doubled))}")
        for player in self.accounts:
            if player.launch and not player.package:
                raise ValueError(f"{player.id}: an app without a package cannot be launched")
            for feed in player.feeds:
                if feed.bridge not in self.bridges:
                    raise ValueError(f"{player.id}: no such bridge: {feed.bridge}")
        for trouble in self.troubles:
            for place in trouble.where:
                _check_place(trouble, place, set(ids), channels)
        return self


def _twice(names: list[str]) -> set[str]:
    return {name for name, times in Counter(names).items() if times > 1}


def _check_place(trouble: Trouble, place: str, ids: set[str], channels: dict[str, Channel]) -> None:
    account, _, channel = place.partition("/")
    known = place == EVERYWHERE or place in channels or (account in ids and (not channel or channel in channels))
    if not known:
        raise ValueError(f"{trouble.mode}: no such platform or account: {place}")
    kind = channels.get(place) or channels.get(channel)
    if kind is not None and kind not in APPLIES[trouble.mode]:
        raise ValueError(f"{trouble.mode} does not happen on {place}")
    if channel and trouble.mode is Mode.POST_DELETED:
        raise ValueError(f"{trouble.mode} happens to a whole account or platform, not to {place}")
