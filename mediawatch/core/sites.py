"""Where looks are made from: sites, the exits they share, and what of a platform's pace each worker may use. Pure.

A platform sees an exit, not a worker: all workers behind one exit together ask no faster than one house would.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import AwareDatetime

from mediawatch.core.value import Value

ANY = "*"  # every platform but devices, which belong to whoever they are plugged into
DEVICES = "device"


@dataclass(frozen=True)
class Place:
    """From where a look is made. site: as the settings name it. exit: the address under which platforms see it.

    Both are empty in a house that is one machine.
    """

    site: str = ""
    exit: str = ""


HERE = Place()


@dataclass(frozen=True)
class Site:
    """A place with workers. platforms: whose targets they look at, or `ANY`. workers: how many there may be at most."""

    name: str
    exit: str
    platforms: tuple[str, ...]
    workers: int = 1

    def serves(self, platform: str) -> bool:
        """Whether its workers look at that platform."""
        if ANY in self.platforms and kind_of(platform) != DEVICES:
            return True
        return any(belongs(platform, name) for name in self.platforms)


class Worker(Value):
    """One worker of a fleet as it last told of itself. name: its own, for one run. platforms: the kinds that it serves.
    edition: of the settings, register and books that it was started with."""

    name: str
    site: str
    exit: str
    seat: int
    platforms: tuple[str, ...]
    host: str
    pid: int
    edition: str
    started_at: AwareDatetime
    seen_at: AwareDatetime


class Seat(NamedTuple):
    """One worker of a site; `number` from 0 to one less than the site's `workers`."""

    site: str
    number: int


class Share(NamedTuple):
    """What one worker may use of a platform's patience."""

    per_minute: float
    at_once: int


def kind_of(platform: str) -> str:
    """`feed` of `feed:bridge.example`."""
    return platform.partition(":")[0]


def belongs(platform: str, name: str) -> bool:
    """Whether a platform is the named one, a host of it (`feed`: `feed:host`), or of its family (`wechat`:
    `wechat.article`)."""
    kind = kind_of(platform)
    return name in (platform, kind) or kind.startswith(f"{name}.")


def share(sites: Mapping[str, Site], mine: Seat, platform: str, per_minute: float, at_once: int) -> Share:
    """What is left for one worker where all that stand behind the same exit, and serve the platform, share alike.

    No look at once for a worker that may not ask: its site does not serve the platform, or more workers stand behind
    the exit than looks may be under way. All shares that ask are together the whole, and never more.
    """
    seats = _behind(sites.values(), sites[mine.site].exit, platform)[:at_once]
    if mine not in seats:
        return Share(per_minute, 0)
    each, more = divmod(at_once, len(seats))
    return Share(per_minute / len(seats), each + (seats.index(mine) < more))


def _behind(sites: Iterable[Site], exit_: str, platform: str) -> list[Seat]:
    """All seats from which the exit may ask the platform: the first of every site, then the second, and so on."""
    serving = sorted((site for site in sites if site.exit == exit_ and site.serves(platform)), key=lambda one: one.name)
    seats = [Seat(site.name, number) for site in serving for number in range(site.workers)]
    return sorted(seats, key=lambda seat: (seat.number, seat.site))
