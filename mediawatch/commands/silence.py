"""`silence` and `maintenance`: who is not told for a time, why, and by whose word."""

from __future__ import annotations

import getpass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

import click
from pydantic import ValidationError

from mediawatch.clock import wall_clock
from mediawatch.commands.one_act import act
from mediawatch.commands.options import Instant, Lasts, Stopped, as_json, files, language, loaded, paths, reading
from mediawatch.commands.printing import echo, json_line, moment, narrate, table
from mediawatch.core.silences import Matcher, Place, Recurrence, Silence, Wanted
from mediawatch.core.worktime import Working

STATES = {
    "muting": {"zh_CN": "生效中", "en": "muting now"},
    "between": {"zh_CN": "待下次", "en": "between windows"},
    "coming": {"zh_CN": "未开始", "en": "coming"},
    "over": {"zh_CN": "已结束", "en": "over"},
}


@click.group()
def silence() -> None:
    """Silences: some alerts are not told for a time. Afterwards it is said why they were not."""


@click.group()
def maintenance() -> None:
    """Maintenance windows: announced work, once or again and again."""


@silence.command("add")
@click.argument("matchers", nargs=-1, required=True)
@paths
@click.option("--for", "lasts", type=Lasts(), help="For how long: 8h, 3d. This or --until.")
@click.option("--until", type=Instant(ends=True), help="Until when.")
@click.option("--comment", required=True, help="Why.")
@click.option("--by", default=getpass.getuser, help="By whose word (default: the login name).")
def silence_add(
    matchers: tuple[str, ...],
    accounts: Path | None,
    settings: Path | None,
    lasts: timedelta | None,
    until: datetime | None,
    comment: str,
    by: str,
) -> None:
    """Silence the alerts for which all MATCHERS hold: account=ID, unit=ID, region=620000, tag=…, level=reminder, …"""
    ends_at = _one_end(lasts, until, wall_clock())
    _add(accounts, settings, {"matchers": _matchers(matchers), "by": by, "comment": comment, "ends_at": ends_at})


@maintenance.command("add")
@click.argument("matchers", nargs=-1, required=True)
@paths
@click.option("--from", "starts_at", type=Instant(), help="From when on (default: now).")
@click.option("--for", "lasts", type=Lasts(), help="How long each window lasts, or the only one.")
@click.option("--until", type=Instant(ends=True), help="Until when: the end of the window, or of its coming again.")
@click.option("--on", "days", multiple=True, help="On which weekday (thursday) or day of the month (15).")
@click.option("--at", "begins", default=None, help="At what time it begins again: 02:00 (Shanghai).")
@click.option("--skip-holidays", is_flag=True, help="Not on days on which offices do not work.")
@click.option("--comment", required=True, help="What is done.")
@click.option("--by", default=getpass.getuser, help="By whose word (default: the login name).")
def maintenance_add(
    matchers: tuple[str, ...],
    accounts: Path | None,
    settings: Path | None,
    starts_at: datetime | None,
    lasts: timedelta | None,
    until: datetime | None,
    days: tuple[str, ...],
    begins: str | None,
    skip_holidays: bool,
    comment: str,
    by: str,
) -> None:
    """Announce work on what all MATCHERS hold for: once, or with --on and --at again and again."""
    wanted: dict[str, Any] = {"kind": "maintenance", "matchers": _matchers(matchers), "by": by, "comment": comment}
    if days or begins:
        if not (days and begins and lasts and until):
            raise Stopped("a window that comes again needs --on, --at, --for and --until")
        wanted |= {"ends_at": until, "every": _recurrence(days, begins, lasts, skip_holidays)}
    else:
        wanted["ends_at"] = _one_end(lasts, until, starts_at or wall_clock())
    _add(accounts, settings, wanted | {"starts_at": starts_at})


def _listing(kind: Literal["silence", "maintenance"], group: click.Group) -> None:
    @group.command("list")
    @files
    @click.option("--all", "all_", is_flag=True, help="Those that are over as well.")
    @as_json
    def shown(accounts: Path | None, settings: Path | None, lang: str | None, all_: bool, json_: bool) -> None:
        """Those that mute now or will (with --all: also those that are over)."""
        from mediawatch.house import policy_of

        now = wall_clock()
        with reading(accounts, settings, lang) as (_, store, found):
            with store.recalling() as ledger:
                known = [one for one in ledger.silences(now) if one.kind == kind and (all_ or one.over_at > now)]
            working = policy_of(found).telling.working
        if json_:
            for one in known:
                echo(json_line(one))
            return
        spoken = language(lang, found)
        head = ("编号", "状态", "匹配", "自", "至", "设置人", "说明") if spoken == "zh_CN" else (
            "id", "state", "matches", "from", "until", "by", "comment"
        )  # fmt: skip
        echo(table(head, (_line(one, now, working, spoken) for one in known), most=(0, 0, 40, 0, 0, 20, 0)))

    @group.command("end")
    @click.argument("id")
    @paths
    @click.option("--by", default=getpass.getuser, help="By whose word (default: the login name).")
    def ended(id: str, accounts: Path | None, settings: Path | None, by: str) -> None:
        """End one now: what it held back is told, and why."""
        from mediawatch import people
        from mediawatch.wires import control

        act(
            loaded(accounts, settings),
            lambda door: control.end_silence(door, id, by),
            lambda store: people.end_silence(store, id, by, wall_clock()),
            f"no {kind} {id}",
        )
        narrate("ok")


_listing("silence", silence)
_listing("maintenance", maintenance)


def _add(accounts: Path | None, settings: Path | None, values: dict[str, Any]) -> None:
    from mediawatch import people
    from mediawatch.wires import control

    try:
        wanted = Wanted.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise Stopped(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    act(
        loaded(accounts, settings),
        lambda door: control.silence(door, wanted.model_dump(mode="json")),
        lambda store: people.silence(store, wanted, wall_clock()),
        "",
    )
    narrate("ok")


def _matchers(given: tuple[str, ...]) -> tuple[Matcher, ...]:
    found = []
    for text in given:
        place, equals, value = text.partition("=")
        if not equals or not value or place not in get_args(Place):
            raise Stopped(f"{text!r} is no matcher; write one of {', '.join(get_args(Place))}, = and its value")
        found.append(Matcher.model_validate({"place": place, "value": value}))
    return tuple(found)


def _one_end(lasts: timedelta | None, until: datetime | None, begins: datetime) -> datetime:
    if (lasts is None) == (until is None):
        raise Stopped("say either --for how long or --until when")
    return begins + lasts if lasts is not None else until  # type: ignore[return-value]


def _recurrence(days: tuple[str, ...], begins: str, lasts: timedelta, skip_holidays: bool) -> Recurrence:
    from mediawatch.quantities import clock_time, weekday

    numbers = [day for day in days if day.isdigit()]
    try:
        return Recurrence(
            weekdays=frozenset(weekday(day) for day in days if not day.isdigit()),
            monthdays=frozenset(int(day) for day in numbers),
            begins=clock_time(begins),
            lasts=lasts,
            skip_holidays=skip_holidays,
        )
    except ValidationError as error:
        raise Stopped(str(error.errors()[0]["msg"])) from None
    except ValueError as error:
        raise Stopped(str(error)) from None


def _line(one: Silence, now: datetime, working: Working, spoken: Any) -> tuple[str, ...]:
    state = "over" if one.over_at <= now else "coming" if now < one.starts_at else "between"
    if one.spell(now, working) is not None:
        state = "muting"
    matches = " ".join(f"{matcher.place}={matcher.value}" for matcher in one.matchers)
    until = one.over_at
    return (one.id, STATES[state][spoken], matches, moment(one.starts_at), moment(until), one.by, one.comment)
