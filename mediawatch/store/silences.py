"""Silences and the acts of people: rows that are added, and of which a silence may be ended. It must not decide."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, insert, or_, select, update

from mediawatch.core.silences import Matcher, Recurrence, Silence
from mediawatch.core.views import ActView
from mediawatch.store import seals
from mediawatch.store.rows import canonical
from mediawatch.store.telling_tables import ACT, SILENCE

_MATCHERS: TypeAdapter[tuple[Matcher, ...]] = TypeAdapter(tuple[Matcher, ...])
REMEMBERED = timedelta(days=400)  # so long a silence that is over may still explain why something was quiet


def known(connection: Connection, now: datetime) -> tuple[Silence, ...]:
    """The silences that hold, will hold, or are over since less than `REMEMBERED`, in the order of their start."""
    since = now - REMEMBERED
    lately = or_(SILENCE.c.ended_at.is_(None), SILENCE.c.ended_at >= since)
    asked = select(SILENCE).where(SILENCE.c.ends_at >= since, lately).order_by(SILENCE.c.starts_at, SILENCE.c.id)
    return tuple(_silence(row) for row in connection.execute(asked))


def add(connection: Connection, silence: Silence) -> None:
    values = silence.model_dump(exclude={"matchers", "every"})
    matchers = canonical([one.model_dump(mode="json") for one in silence.matchers])
    every = None if silence.every is None else silence.every.model_dump_json()
    connection.execute(insert(SILENCE), {**values, "matchers": matchers, "every": every})


def end(connection: Connection, id_: str, by: str, now: datetime) -> Silence:
    """Ends a silence now. Raises KeyError for an unknown one, ValueError where it is over already."""
    row = connection.execute(select(SILENCE).where(SILENCE.c.id == id_).with_for_update()).one_or_none()
    if row is None:
        raise KeyError(id_)
    silence = _silence(row)
    if silence.over_at <= now:
        raise ValueError(f"silence {id_} is over already")
    connection.execute(update(SILENCE).where(SILENCE.c.id == id_).values(ended_at=now, ended_by=by))
    return silence.model_copy(update={"ended_at": now, "ended_by": by})


def note(connection: Connection, act: ActView) -> None:
    """Adds one act to the record."""
    connection.execute(insert(ACT), act.model_dump())
    seals.follow(connection, ACT)


def acts(connection: Connection, subjects: Iterable[str]) -> tuple[ActView, ...]:
    """What people did about these alerts or silences, from old to new."""
    asked = select(ACT).where(ACT.c.subject.in_(list(subjects))).order_by(ACT.c.id)
    return tuple(
        ActView(**{name: getattr(row, name) for name in ActView.model_fields}) for row in connection.execute(asked)
    )


def all_acts(connection: Connection, subject: str | None, most: int) -> tuple[ActView, ...]:
    """What people did (about one alert, silence, receiver or account), the newest first, at most so many."""
    asked = select(ACT).order_by(ACT.c.id.desc()).limit(most)
    found = connection.execute(asked if subject is None else asked.where(ACT.c.subject == subject))
    return tuple(ActView(**{name: getattr(row, name) for name in ActView.model_fields}) for row in found)


def _silence(row: Row[Any]) -> Silence:
    values = {name: getattr(row, name) for name in Silence.model_fields}
    every = None if row.every is None else Recurrence.model_validate_json(row.every)
    return Silence(**{**values, "matchers": _MATCHERS.validate_json(row.matchers), "every": every})
