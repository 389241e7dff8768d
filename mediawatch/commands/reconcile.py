"""`accounts reconcile`: the export of the national filing against the register and the record. It changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Stopped, as_json, files, language, loaded
from mediawatch.commands.printing import echo, json_line, narrate, table
from mediawatch.core.calendar import day_of

if TYPE_CHECKING:
    from mediawatch.core.reconcile import Difference, Filed, Sight
    from mediawatch.core.rulebook import Language
    from mediawatch.settings import Loaded


@click.command("reconcile")
@click.argument("file", type=click.Path(path_type=Path))
@files
@click.option(
    "--within", type=click.IntRange(0, 365), default=5, help="The term for filing, also a change, in working days."
)
@click.option("--of", "of", type=click.DateTime(["%Y-%m-%d"]), help="The day of the export (default: today).")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this .csv, .xlsx or .json file instead.")
@as_json
def accounts_reconcile(
    file: Path,
    accounts: Path | None,
    settings: Path | None,
    lang: str | None,
    within: int,
    of: datetime | None,
    out: Path | None,
    json_: bool,
) -> None:
    """Hold an export of the national filing (CSV or XLSX) against the register and what platforms show. Exit 1 where
    anything differs."""
    found = loaded(accounts, settings)
    spoken = language(lang, found)
    if out is not None and out.suffix.lower() not in (".csv", ".xlsx", ".json"):
        raise Stopped(f"{out}: must end in .csv, .xlsx or .json")
    told = compared(file, found, within, of.date() if of else day_of(wall_clock()), narrate)
    if json_:
        for one in told:
            echo(json_line(one))
    elif out is not None:
        _write(out, told, spoken)
    elif told:
        echo(table(*_rows(told, spoken), most=(0, 24, 30, 0, 30, 0, 40, 0)))
    narrate(_summary(told, spoken))
    if told:
        raise SystemExit(1)


def compared(file: Path, found: Loaded, within: int, of: date, says: Callable[[str], None]) -> tuple[Difference, ...]:
    """Where the filing in that file, of that day, differs from the register and the record. Raises Stopped.

    within: the term for filing, in working days. says: is told what was left out.
    """
    from mediawatch.core.reconcile import reconcile
    from mediawatch.core.workdays import Workdays

    own = [account for account in found.accounts if not account.canary]
    calendar = found.settings.calendar
    workdays = Workdays(calendar.holidays, calendar.workdays, calendar.years)
    return reconcile(_filed(file, found), own, _sights(found, says), workdays, within, of)


def _filed(file: Path, found: Loaded) -> list[Filed]:
    """The rows of the file, each with the account that it means. Exit 2 where one cannot be read."""
    from pydantic import ValidationError

    from mediawatch.commands.register import refuse
    from mediawatch.core.lifecycle import State
    from mediawatch.core.reconcile import Filed
    from mediawatch.register.handed_in import Identities, read_handed_in

    handed = read_handed_in(file)
    known = {account.id: account for account in found.accounts if not account.canary}
    identities = Identities(known)
    rows = []
    for row in handed.accounts:
        identities.complete(row, handed.problems)
        data, filing = row.data, row.data.get("filing", {})
        ended = filing.get("cancelled_on") or data.get("state_since") or None
        try:
            rows.append(
                Filed(
                    line=row.line,
                    name=data.get("name", ""),
                    kind=data.get("kind", ""),
                    sponsor=data.get("sponsor", ""),
                    platform_id=filing.get("platform_id", ""),
                    state=State(data.get("state", "running")),
                    opened_on=filing.get("opened_on"),
                    filed_on=filing.get("filed_on"),
                    ended_on=ended,
                    verified_reason=filing.get("verified_reason", ""),
                    account=data["id"] if data.get("id") in known else identities.by_name(row) or "",
                )
            )
        except (ValidationError, ValueError) as error:
            field = str(error.errors()[0]["loc"][0]) if isinstance(error, ValidationError) else "state"
            handed.problems.append(row.problem((field,), f"`{field}` cannot be read"))
    refuse(handed.problems, file=True)
    return rows


def _sights(found: Loaded, says: Callable[[str], None]) -> dict[str, Sight]:
    from mediawatch.store.errors import StoreError
    from mediawatch.store.query import Query
    from mediawatch.store.store import Store

    try:
        with closing(Store.open(found.settings.database, now=wall_clock(), read_only=True)) as store:
            return Query(store, found.rulebooks, found.settings.language).sights()
    except StoreError as error:
        says(f"{error}; what platforms show is left out")
        return {}


def _rows(told: tuple[Difference, ...], spoken: Language) -> tuple[list[str], list[list[str]]]:
    from mediawatch.core.reconcile import TITLES

    head = (
        ["事项", "账号编号", "备案名称", "平台", "主办单位", "行", "内容", "逾期工作日"]
        if spoken == "zh_CN"
        else ["matter", "account", "name", "kind", "sponsor", "rows", "what", "working days late"]
    )
    rows = [
        [
            *(TITLES[one.code].in_(spoken), one.account, one.name, one.kind, one.sponsor),
            *(" ".join(map(str, one.lines)), one.shown, "" if one.days is None else str(one.days)),
        ]
        for one in told
    ]
    return head, rows


def _write(out: Path, told: tuple[Difference, ...], spoken: Language) -> None:
    import json

    from mediawatch.sheets import csv_bytes, xlsx_bytes
    from mediawatch.store.files import write_whole

    head, rows = _rows(told, spoken)
    if out.suffix.lower() == ".json":
        body = json.dumps([one.model_dump(mode="json") for one in told], ensure_ascii=False, indent=1).encode()
    elif out.suffix.lower() == ".csv":
        body = csv_bytes(head, rows, mark=True)
    else:
        body = xlsx_bytes([("differences", head, rows)])
    try:
        write_whole(out, body)
    except OSError as error:
        raise Stopped(f"{out}: cannot be written: {error.strerror}") from None


def _summary(told: tuple[Difference, ...], spoken: Language) -> str:
    from collections import Counter

    from mediawatch.core.reconcile import TITLES

    if not told:
        return "备案与登记一致" if spoken == "zh_CN" else "the filing and the register agree"
    counted = Counter(one.code for one in told)
    return "; ".join(f"{TITLES[code].in_(spoken)}: {number}" for code, number in counted.items())
