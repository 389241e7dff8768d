"""What a world file may say: strict models, every time relative to the start. Pure; see `worlds/demo.yaml`."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
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


class Player(Value):
    """One account or app of the world. A canary posts like clockwork and stands in no register."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str
    kind: Literal["weibo", "wechat", "app"]
    sponsor: str = ""
    supervisor: str = ""
    region: str = ""
    level: str = "county"
    registered: Moment = Moment(offset=timedelta(days=-3 * 365))
    description: str = ""
    canary: bool = False
    weibo: WeiboSide | None = None
    feeds: tuple[FeedSide, ...] = ()
    store: StoreSide | None = None
    package: PackageSide | None = None
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
        addresses += [player.store.track_id for player in self.accounts if player.store]
        addresses += [f"{feed.bridge}/{feed.id}" for player in self.accounts for feed in player.feeds]
        doubled |= _twice(addresses)
        if doubled:
            raise ValueError(f"used twice: {', '.join(sorted(doubled))}")
        for player in self.accounts:
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
