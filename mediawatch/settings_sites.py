"""What the settings say of a fleet: its sites, and which findings two exits must agree on. Values only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic import Field, field_validator

from mediawatch.core.model import Value
from mediawatch.core.sites import Site

_NAME = re.compile(r"[\w.-]{1,64}")


class SiteSettings(Value):
    """One site. exit: the address under which platforms see it, by a name of yours; its own where it says none.

    platforms: whose targets its workers look at; `*` for all but devices. workers: the most that may run there at
    once, by which each platform's pace is divided. tells: whether they can reach the receivers. reports: whether they
    write the daily snapshot.
    """

    exit: str = ""
    platforms: tuple[str, ...] = Field(min_length=1)
    workers: int = Field(default=1, strict=True, ge=1, le=1000)
    tells: bool = Field(default=True, strict=True)
    reports: bool = Field(default=False, strict=True)

    @field_validator("exit")
    @classmethod
    def _word(cls, name: str) -> str:
        if name and not _NAME.fullmatch(name):
            raise ValueError("may hold letters, digits, '.', '-' and '_' only")
        return name


def sites_of(given: Mapping[str, SiteSettings]) -> dict[str, Site]:
    """The sites as the core knows them, by name."""
    return {name: Site(name, one.exit or name, one.platforms, one.workers) for name, one in given.items()}


def wrong_fleet(sites: Mapping[str, SiteSettings], database: str, vantages: bool) -> Iterator[tuple[str, str]]:
    """What is wrong with a fleet as a whole: the key, and why."""
    if sites and database.startswith("sqlite"):
        yield "sites", "a fleet needs PostgreSQL: database: postgresql://…"
    if sites and not any(one.tells for one in sites.values()):
        yield "sites", "no site tells the receivers: one must have `tells: true`"
    if vantages and len({site.exit for site in sites_of(sites).values()}) < 2:
        yield "second_vantage", "needs sites with two exits at least, or nothing could ever be agreed on"
