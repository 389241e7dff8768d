"""A draw that anybody can make again (抽样): a population, ratios for its strata and a published seed give the sample.

The whole procedure, which docs/inspections.md states for people with no program of ours: an account's *ticket* is the
SHA-256 of the UTF-8 text `seed`, line feed, `account id`, in hexadecimal. A stratum of N accounts with the ratio r owes
ceil(r × N). Main accounts (代表主体) and those that failed last time are always in, and count; what is still owed is
taken from the others, smallest ticket first. Pure: chance is in the seed alone, which the caller is given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from mediawatch.core.value import Value, canonical

Because = Literal["failed_before", "main", "drawn"]
By = Literal["level", "platform", "region"]
_ORDER: dict[Because, int] = {"failed_before": 0, "main": 1, "drawn": 2}


class Candidate(Value):
    """One account of the population, with all that the draw may know of it."""

    account: str
    level: str = ""
    platform: str = ""
    region: str = ""
    main: bool = False
    failed_before: bool = False


class Ratio(Value):
    """How much of a stratum is drawn: of all that have this level and platform, in regions whose code begins so.

    ratio: `0.3` or `30%`, above 0 and at most 1; kept as written, so that no rounding of a machine enters.
    """

    ratio: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}(\.[0-9]{1,6})?%?$")]
    level: str = ""
    platform: str = ""
    region: str = ""

    @field_validator("ratio")
    @classmethod
    def _a_share(cls, given: str) -> str:
        if not 0 < share(given) <= 1:
            raise ValueError("must lie above 0 and at most at 1, like 0.3 or 30%")
        return given

    @property
    def narrow(self) -> int:
        """How many things it asks for: the narrowest ratio that fits a stratum holds."""
        return sum(bool(one) for one in (self.level, self.platform, self.region))


class Drawn(Value):
    """One account of the sample, and why it is in."""

    account: str
    because: Because
    stratum: tuple[str, ...]


class Stratum(Value):
    """How a stratum was drawn: its size, what the ratio asks, how many are in."""

    key: tuple[str, ...]
    size: int
    ratio: str
    owed: int
    drawn: int


class Draw(Value):
    """A draw as it is published: everything that is needed to make it again, and what came of it."""

    format: Literal["mediawatch-draw-1"] = "mediawatch-draw-1"
    campaign: str
    population_at: str
    population_digest: str
    by: tuple[By, ...]
    ratios: tuple[Ratio, ...] = Field(min_length=1)
    seed: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\n\r]+$")]
    population: tuple[Candidate, ...]
    drawn: tuple[Drawn, ...] = ()


def share(text: str) -> Fraction:
    """`30%` or `0.3` as the exact number it says."""
    return Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)


def read_ratio(text: str) -> Ratio:
    """`30%`, or `level=city,platform=app:100%`. Raises ValueError for what is none."""
    asked, _, ratio = text.rpartition(":")
    pairs = (one.partition("=") for one in asked.split(",") if one)
    return Ratio.model_validate({**{key: value for key, _, value in pairs}, "ratio": ratio})


def ticket(seed: str, account: str) -> str:
    """The account's own number under this seed."""
    return hashlib.sha256(f"{seed}\n{account}".encode()).hexdigest()


def population_digest(population: Iterable[Candidate]) -> str:
    """SHA-256 of the population, sorted by account id: what can be published before there is a seed."""
    rows = [one.model_dump() for one in sorted(population, key=lambda one: one.account)]
    return hashlib.sha256(canonical(rows).encode()).hexdigest()


def stratum_of(one: Candidate, by: Sequence[By]) -> tuple[str, ...]:
    """Which stratum an account lies in; without `by` all lie in one."""
    return tuple(str(getattr(one, name)) for name in by)


def ratio_of(of: Candidate, ratios: Sequence[Ratio]) -> Ratio | None:
    """The ratio that holds for an account: the narrowest that fits; of two as narrow, the later."""
    fitting = [ratio for ratio in ratios if _fits(ratio, of)]
    return max(enumerate(fitting), key=lambda item: (item[1].narrow, item[0]))[1] if fitting else None


def draw(
    population: Iterable[Candidate], by: Sequence[By], ratios: Sequence[Ratio], seed: str
) -> tuple[tuple[Drawn, ...], tuple[Stratum, ...]]:
    """The sample, those that failed last time first, then main accounts, then the rest by ticket; and its strata.

    Raises ValueError where no ratio fits an account, or two ratios divide one stratum.
    """
    strata: dict[tuple[str, ...], list[Candidate]] = {}
    for one in sorted(population, key=lambda one: one.account):
        strata.setdefault(stratum_of(one, by), []).append(one)
    sample: list[Drawn] = []
    told: list[Stratum] = []
    for key, members in sorted(strata.items()):
        ratio = _one_ratio(key, members, ratios)
        owed = ceil(share(ratio) * len(members))
        taken = _taken(members, owed, seed)
        sample += [Drawn(account=one.account, because=_because(one), stratum=key) for one in taken]
        told.append(Stratum(key=key, size=len(members), ratio=ratio, owed=owed, drawn=len(taken)))
    sample.sort(key=lambda one: (_ORDER[one.because], ticket(seed, one.account)))
    return tuple(sample), tuple(told)


def differences(published: Draw) -> tuple[str, ...]:
    """Makes a published draw again; what does not come out as published, in words. Nothing where all does."""
    try:
        again, _ = draw(published.population, published.by, published.ratios, published.seed)
    except ValueError as error:
        return (str(error),)
    wrong = []
    if population_digest(published.population) != published.population_digest:
        wrong.append("the population is not the one whose digest is published with it")
    here, there = {one.account: one for one in again}, {one.account: one for one in published.drawn}
    wrong += [f"{name}: published as drawn, and the seed does not draw it" for name in sorted(there.keys() - here)]
    wrong += [f"{name}: the seed draws it, and it is not published" for name in sorted(here.keys() - there)]
    wrong += [
        f"{name}: published as {there[name].because}, drawn as {here[name].because}"
        for name in sorted(here.keys() & there)
        if here[name] != there[name]
    ]
    if not wrong and again != published.drawn:
        wrong.append("the order of the sample is not that of the draw")
    return tuple(wrong)


def _fits(ratio: Ratio, of: Candidate) -> bool:
    return ratio.level in ("", of.level) and ratio.platform in ("", of.platform) and of.region.startswith(ratio.region)


def _one_ratio(key: tuple[str, ...], members: Sequence[Candidate], ratios: Sequence[Ratio]) -> str:
    found = {ratio.ratio if (ratio := ratio_of(one, ratios)) else "" for one in members}
    if "" in found:
        raise ValueError(f"no ratio says how much of the stratum {_told(key)} is drawn; give one for all, like 30%")
    if len(found) > 1:
        raise ValueError(
            f"several ratios hold in the stratum {_told(key)}; divide the strata by what the ratios tell apart"
        )
    return found.pop()


def _told(key: tuple[str, ...]) -> str:
    return "/".join(one or "-" for one in key) or "of all"


def _taken(members: Sequence[Candidate], owed: int, seed: str) -> list[Candidate]:
    always = [one for one in members if one.main or one.failed_before]
    rest = (one for one in members if not (one.main or one.failed_before))
    others = sorted(rest, key=lambda one: ticket(seed, one.account))
    return always + others[: max(0, owed - len(always))]


def _because(one: Candidate) -> Because:
    return "failed_before" if one.failed_before else "main" if one.main else "drawn"
