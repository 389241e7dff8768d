"""Posting lives of a made-up nation: who posts when, over 70 days. Data for benches; it must not know any schedule.

The mix is that of the polling plan: daily posters 60 % (lognormal, around 2.5 a day), weekly 25 %, sporadic 10 %, dead
5 %; office hours, weekends at 45 %, one holiday of eight days at 10 %. Times are seconds since `START`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

START = datetime(2026, 1, 4, 16, tzinfo=UTC)  # midnight in Shanghai, Monday
DAYS, BEFORE = 70, 60
HOUR, DAY = 3600.0, 86400.0
END = DAYS * DAY
HOLIDAY = range(38, 46)  # days without much news
LIMIT_DAYS = 14
FAR = 1e8  # further apart than any two instants here
DAYS_ALL = np.arange(-BEFORE, DAYS)


@dataclass(frozen=True)
class Life:
    """One account: its name and when it posted, from old to new, at least once before `START`."""

    name: str
    posts: np.ndarray


@dataclass(frozen=True)
class Nation:
    """Many accounts at once. posts: of all, account by account; of: whose each is; keys: both in one number."""

    names: list[str]
    posts: np.ndarray
    of: np.ndarray
    keys: np.ndarray

    @classmethod
    def of_lives(cls, first: int, count: int) -> Nation:
        known = list(lives(first, count))
        posts = np.concatenate([life.posts for life in known])
        of = np.repeat(np.arange(count), [life.posts.size for life in known])
        return cls([life.name for life in known], posts, of, key_of(of, posts))

    def newest(self, accounts: np.ndarray, now: np.ndarray) -> np.ndarray:
        """When each of these accounts had posted last, at an instant of its own."""
        return self.posts[np.searchsorted(self.keys, key_of(accounts, now), side="right") - 1]

    def breaches(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Each silence that crosses its deadline within the time: whose, the deadline, the post that ends it."""
        same = np.append(self.of[1:] == self.of[:-1], False)
        after = np.where(same, np.append(self.posts[1:], 0.0), np.inf)
        deadlines = deadline_of(self.posts)
        crossed = (deadlines < after) & (deadlines > 0) & (deadlines < END - DAY)
        return self.of[crossed], deadlines[crossed], after[crossed]


def key_of(accounts: np.ndarray, at: np.ndarray) -> np.ndarray:
    """An account and an instant in one number: those of one account lie together, in order of time."""
    return accounts * FAR + at


def deadline_of(posted: np.ndarray | float) -> np.ndarray:
    """Midnight after the fourteenth day from the day of the post."""
    return (np.floor(np.asarray(posted) / DAY) + LIMIT_DAYS + 1) * DAY


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def lives(first: int, count: int) -> Iterator[Life]:
    """The accounts numbered `first` … of one endless nation: the same number is always the same life."""
    for number in range(first, first + count):
        draw = np.random.default_rng(20260105 + number)
        share = number % 100
        if share >= 95:
            yield Life(f"dead-{number}", np.array([-draw.uniform(20, 400) * DAY]))
            continue
        weight = np.where(np.mod(DAYS_ALL, 7) >= 5, 0.45, 1.0) * np.where(np.isin(DAYS_ALL, HOLIDAY), 0.1, 1.0)
        if share < 60:
            days = np.repeat(DAYS_ALL, draw.poisson(2.5 * draw.lognormal(-0.32, 0.8) * weight))
        else:
            gaps = draw.uniform(5, 9, 40) if share < 85 else draw.exponential(12, 60)
            days = np.unique(np.floor(np.cumsum(gaps)) - BEFORE).astype(int)
            days = days[days < DAYS]
            quiet = weight[days + BEFORE] < 0.2
            days = np.where(
                quiet, days + draw.integers(0, 8, days.size), days
            )  # what was due waits for the holiday's end
        at = days * DAY + draw.uniform(9, 18, days.size) * HOUR
        yield Life(f"life-{number}", np.sort(np.append(at, -(BEFORE + draw.uniform(1, 10)) * DAY)))
