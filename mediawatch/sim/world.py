"""A small world of accounts, apps and troubles: what is true at an instant. Pure; asks no clock, no network.

The same definition, start and instant give the same truth for ever. What a platform shows of it, and how it lies, is
`platforms.py`. The generated posts are kept between questions; that is memory, not state.
"""

from __future__ import annotations

import hashlib
import struct
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from mediawatch.sim.definition import EVERYWHERE, Definition, PackageState, Player, Release
from mediawatch.sim.trouble import Channel, Mode, Trouble

_TOPICS = (
    "关于做好近期防汛工作的通知",
    "一图读懂：今年民生实事进展",
    "本周政务公开要点",
    "办事指南：这些事项可以网上办",
    "天气提示：明日有雨，出行请注意",
    "市民来信答复选登",
    "项目建设一线见闻",
    "食品安全抽检结果公布",
    "道路施工期间绕行提示",
    "政策解读：稳岗补贴怎么领",
    "招聘信息汇总",
    "乡村振兴：山里的新产业",
    "医保缴费时间延长",
    "停水停电预告",
    "文明实践活动掠影",
    "反诈提醒：这些电话不要接",
)
_AHEAD = timedelta(days=64)
FULL = 2**64  # one more than the largest drawn number


class WorldError(ValueError):
    """A world file that cannot be used; the text names the file and the place in it."""


@dataclass(frozen=True, slots=True)
class Published:
    """One post as it truly is. `serial` is drawn from the seed and makes platform ids unique."""

    at: datetime
    title: str
    serial: int
    pinned: bool = False
    repost: bool = False
    original_gone: bool = False
    deleted_at: datetime | None = None
    shown_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of an account itself."""

    name: str
    registered_at: datetime
    posts: int
    newest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A trouble with its instants worked out."""

    trouble: Trouble
    index: int
    since: datetime
    to: datetime | None

    @property
    def mode(self) -> Mode:
        return self.trouble.mode

    def on(self, now: datetime) -> bool:
        return self.since <= now and (self.to is None or now < self.to)


class World:
    """A definition that starts at an instant."""

    def __init__(self, definition: Definition, starts_at: datetime) -> None:
        if starts_at.tzinfo is None:
            raise ValueError("starts_at must have a zone")
        self.definition = definition
        self.starts_at = starts_at
        self.players: dict[str, Player] = {player.id: player for player in definition.accounts}
        self.by_uid = {player.weibo.uid: player for player in definition.accounts if player.weibo}
        self.by_track = {player.store.track_id: player for player in definition.accounts if player.store}
        self.by_bundle = {player.store.bundle: player for player in definition.accounts if player.store}
        self.by_feed = {(feed.bridge, feed.id): player for player in definition.accounts for feed in player.feeds}
        self.by_fakeid = {player.wechat.fakeid: player for player in definition.accounts if player.wechat}
        self.by_package = {player.package.package: player for player in definition.accounts if player.package}
        self._timelines: dict[str, _Timeline] = {}
        self._standing: dict[str, list[Standing]] = {}
        for index, trouble in enumerate(definition.troubles):
            ends = trouble.to.at(starts_at) if trouble.to else None
            standing = Standing(trouble, index, trouble.since.at(starts_at), ends)
            for place in trouble.where:
                self._standing.setdefault(place, []).append(standing)

    @classmethod
    def of(cls, definition: Mapping[str, Any], starts_at: datetime) -> World:
        """A world from plain data in the shape of a world file. Raises pydantic's ValidationError."""
        return cls(Definition.model_validate(definition), starts_at)

    def draw(self, *about: object) -> tuple[int, int, int, int]:
        """Four numbers in [0, 2**64) that belong to this world and these words for ever."""
        text = "\x1f".join(map(str, (self.definition.seed, *about)))
        first, second, third, fourth = struct.unpack(">4Q", hashlib.sha256(text.encode()).digest())
        return first, second, third, fourth

    def posts(self, account: str, now: datetime, most: int | None = None) -> tuple[Published, ...]:
        """The posts that stand at that instant, newest first; only the newest `most` where that is given."""
        posts = self._standing_posts(account, now)
        return tuple(reversed(posts if most is None else posts[-most:]))

    def written(self, account: str, now: datetime, most: int) -> tuple[Published, ...]:
        """The newest posts that were ever shown by that instant, newest first: those deleted since, too."""
        shown = [post for post in self._timeline(account).until(now) if post.shown_at is None or post.shown_at <= now]
        return tuple(reversed(shown[-most:]))

    def _timeline(self, account: str) -> _Timeline:
        timeline = self._timelines.get(account)
        if timeline is None:
            timeline = self._timelines[account] = _Timeline(self, self.players[account])
        return timeline

    def _standing_posts(self, account: str, now: datetime) -> list[Published]:
        """The same, old to new."""
        timeline = self._timeline(account)
        posts = timeline.until(now)
        if timeline.changes:
            posts = [post for post in posts if post.deleted_at is None or post.deleted_at > now]
            posts = [post for post in posts if post.shown_at is None or post.shown_at <= now]
        for standing in self._all_on(account, now):
            if standing.mode is Mode.POST_DELETED:
                stood = sum(post.at <= standing.since for post in posts)
                posts = posts[: max(0, stood - 3)] + posts[stood:]
        return posts

    def profile(self, account: str, now: datetime) -> Truth:
        """Name, registration, number of posts and time of the newest one (UTC)."""
        player = self.players[account]
        posts = self._standing_posts(account, now)
        return Truth(
            name=player.name,
            registered_at=player.registered.at(self.starts_at),
            posts=player.posts.earlier + len(posts),
            newest_at=posts[-1].at if posts else None,
        )

    def release(self, account: str, now: datetime) -> Release | None:
        """The version that the store lists, or `None` where it lists none (yet, or any more)."""
        store = self.players[account].store
        if store is None or (store.withdrawn is not None and store.withdrawn.at(self.starts_at) <= now):
            return None
        out = [release for release in store.releases if release.at.at(self.starts_at) <= now]
        return max(out, key=lambda release: release.at.at(self.starts_at), default=None)

    def package_state(self, account: str, now: datetime) -> PackageState:
        """What lies at the package's address. Raises KeyError where the account has no package."""
        package = self.players[account].package
        if package is None:
            raise KeyError(account)
        state = package.state
        for change in package.changes:
            if change.at.at(self.starts_at) <= now:
                state = change.state
        return state

    def trouble(self, platform: str, now: datetime, account: str = "") -> Standing | None:
        """What is wrong on that platform just now, for that account: the account's own trouble goes first.

        Deleted posts are no misbehaviour of a platform: they are already missing from `posts`.
        """
        places = (f"{account}/{platform}", account, platform, EVERYWHERE) if account else (platform, EVERYWHERE)
        for place in places:
            for standing in self._standing.get(place, ()):
                if standing.on(now) and standing.mode is not Mode.POST_DELETED and self._hits(standing, account, now):
                    return standing
        return None

    def troubles(self, now: datetime) -> tuple[Standing, ...]:
        """Every trouble that is on at that instant, in the order of the definition."""
        found = {standing.index: standing for places in self._standing.values() for standing in places}
        return tuple(standing for _, standing in sorted(found.items()) if standing.on(now))

    def _hits(self, standing: Standing, account: str, now: datetime) -> bool:
        share, anew = standing.trouble.share, standing.trouble.anew
        turn = () if anew is None else ((now - self.starts_at) // anew,)
        return share >= 1.0 or self.draw("trouble", standing.index, account, *turn)[0] / FULL < share

    def _all_on(self, account: str, now: datetime) -> list[Standing]:
        player = self.players[account]
        places = [account, EVERYWHERE, *(feed.bridge for feed in player.feeds)]
        if player.weibo:
            places.append(Channel.WEIBO)
        if player.wechat:
            places.append(Channel.WECHAT)
        return [
            standing
            for place in places
            for standing in self._standing.get(place, ())
            if standing.on(now) and self._hits(standing, account, now)
        ]


class _Timeline:
    """An account's posts, old to new, generated as far as they were asked for."""

    def __init__(self, world: World, player: Player) -> None:
        self._world, self._player = world, player
        self._posts: list[Published] = []
        self._times: list[datetime] = []
        self._reach: datetime | None = None
        self._next = 0
        told = [self._told(number) for number in range(len(player.posts.at))]
        self._told_left = sorted(told, key=lambda post: post.at)
        self.changes = any(post.deleted_at or post.shown_at for post in told)

    def until(self, now: datetime) -> list[Published]:
        if self._reach is None or now > self._reach:
            rhythm = self._player.posts.rhythm
            self._grow(now + max(_AHEAD, 2 * rhythm.every if rhythm else _AHEAD))
        return self._posts[: bisect_right(self._times, now)]

    def _grow(self, reach: datetime) -> None:
        fresh, reach = self._rhythmic(reach)
        while self._told_left and self._told_left[0].at <= reach:
            fresh.append(self._told_left.pop(0))
        fresh.sort(key=lambda post: (post.at, post.serial))
        self._posts += fresh
        self._times += [post.at for post in fresh]
        self._reach = reach

    def _rhythmic(self, reach: datetime) -> tuple[list[Published], datetime]:
        """The posts of the slots that end by `reach`, and the instant up to which none is missing."""
        rhythm, start = self._player.posts.rhythm, self._world.starts_at
        if rhythm is None:
            return [], reach
        since = rhythm.since.at(start)
        ends = rhythm.silent_since.at(start) if rhythm.silent_since else None
        gaps = [(begins.at(start), over.at(start)) for begins, over in rhythm.gaps]
        found: list[Published] = []
        while (slot := since + self._next * rhythm.every) + rhythm.jitter <= reach:
            number, self._next = self._next, self._next + 1
            if ends is not None and slot >= ends:
                return found, reach
            drawn = self._world.draw(self._player.id, "rhythm", number)
            at = (slot + rhythm.jitter * (drawn[0] / FULL)).replace(microsecond=0)
            if (ends is None or at < ends) and not any(begins <= at <= over for begins, over in gaps):
                found.append(_made(at, drawn[1:], rhythm.reposts))
        return found, slot - timedelta(microseconds=1)

    def _told(self, number: int) -> Published:
        world, written = self._world, self._player.posts.at[number]
        what, serial, _, _ = world.draw(self._player.id, "told", number)
        return Published(
            at=written.at.at(world.starts_at).replace(microsecond=0),
            title=written.title or _TOPICS[what % len(_TOPICS)],
            serial=serial % 2**22,
            pinned=written.pinned,
            repost=written.repost,
            original_gone=written.original_gone,
            deleted_at=written.deleted.at(world.starts_at) if written.deleted else None,
            shown_at=written.shown.at(world.starts_at) if written.shown else None,
        )


def _made(at: datetime, drawn: tuple[int, int, int], reposts: float) -> Published:
    """A post of the rhythm, out of three drawn numbers."""
    what, whose, gone = drawn
    repost = whose / FULL < reposts
    return Published(
        at=at,
        title=_TOPICS[what % len(_TOPICS)],
        serial=what // len(_TOPICS) % 2**22,
        repost=repost,
        original_gone=repost and gone / FULL < 0.1,
    )


def load_world(name_or_path: str | Path, starts_at: datetime) -> World:
    """A world of the package by its name (`demo`), or any world file by its path. Raises WorldError."""
    text = str(name_or_path)
    shipped = resources.files("mediawatch.sim") / "worlds" / f"{text}.yaml"
    try:
        found = shipped.is_file() and "/" not in text
        raw = shipped.read_text("utf-8") if found else Path(text).read_text("utf-8")
        return World.of(yaml.safe_load(raw), starts_at)
    except OSError as error:
        raise WorldError(f"no such world: {text}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise WorldError(f"{text}: not valid YAML: {error}") from None
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
        raise WorldError("\n".join(f"{text}: {line}" for line in lines)) from None
