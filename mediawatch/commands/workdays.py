"""`workdays`: by which day a term of working days ends, and how many lie between two days."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from mediawatch.commands.options import Stopped, as_json, loaded, paths
from mediawatch.commands.printing import echo, json_line

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("day", type=_DAY)
@paths
@click.option("--add", type=click.IntRange(0, 1000), help="A term of so many working days: which day is its last?")
@click.option("--until", type=_DAY, help="How many working days lie after DAY, up to and with this one?")
@as_json
def workdays(
    day: datetime, accounts: Path | None, settings: Path | None, add: int | None, until: datetime | None, json_: bool
) -> None:
    """Chinese working days, 调休 included: is DAY one, when does a term end. A year that is not known is refused."""
    from mediawatch.core.workdays import WorkdaysUnknown

    calendar = loaded(accounts, settings).settings.calendar
    days = calendar.days
    first = day.date()
    answer: dict[str, str | int | bool] = {"day": first.isoformat()}
    try:
        answer["workday"] = days.is_workday(first)
        if add is not None:
            answer |= {"add": add, "last": days.add_workdays(first, add).isoformat()}
        if until is not None:
            last: date = until.date()
            answer |= {"until": last.isoformat(), "between": days.workdays_between(first, last)}
    except WorkdaysUnknown as error:
        raise Stopped(str(error)) from None
    if json_:
        echo(json_line(answer))
    else:
        echo("\n".join(f"{name}: {str(value).lower()}" for name, value in answer.items()))
