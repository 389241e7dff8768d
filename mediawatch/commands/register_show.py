"""`accounts show`, `export`, `history`, `units`: what the register says. They change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import NoStore, Stopped, as_json, files, language, loaded, reading
from mediawatch.commands.printing import STANDINGS, echo, json_line, moment, narrate, table
from mediawatch.core.standing import Standing

if TYPE_CHECKING:
    from mediawatch.core.list_views import UnitView
    from mediawatch.settings import Loaded


@click.command("show")
@click.argument("account")
@files
@as_json
def accounts_show(account: str, accounts: Path | None, settings: Path | None, lang: str | None, json_: bool) -> None:
    """The whole record of one account as the register holds it, with its units; people's names among it."""
    from mediawatch.core.register_change import facts_of
    from mediawatch.core.register_words import COLUMNS
    from mediawatch.core.units import chain

    found = loaded(accounts, settings, warn=True)
    known = {one.id: one for one in found.accounts if not one.canary}
    if account not in known:
        raise Stopped(f"no account {account!r} in the register; `mediawatch accounts list` names them")
    one = known[account]
    above = chain({unit.id: unit for unit in found.units}, one.unit)
    if json_:
        units = [unit.model_dump(mode="json", exclude={"contacts"}) for unit in above]
        echo(json_line({**one.model_dump(mode="json"), "units": units}))
        return
    spoken = language(lang, found)
    lines = [("id", one.id), *facts_of(one).items()]
    rows = [(COLUMNS[name].in_(spoken) if name in COLUMNS else name, text) for name, text in lines if name != "targets"]
    rows += [("渠道" if spoken == "zh_CN" else "channel", target.id) for target in one.targets]
    for unit in above:
        people = "，".join(" ".join(filter(None, (who.name, who.role, who.phone, who.email))) for who in unit.contacts)
        rows.append(("责任单位" if spoken == "zh_CN" else "unit", f"{unit.name} [{unit.id}] {people}".strip()))
    echo(table(("字段", "内容") if spoken == "zh_CN" else ("field", "says"), rows))


@click.command("history")
@click.argument("account")
@files
@as_json
def accounts_history(account: str, accounts: Path | None, settings: Path | None, lang: str | None, json_: bool) -> None:
    """Who changed what in an account's record, when and why, as far as the daemon has taken it up."""
    with reading(accounts, settings, lang) as (query, _, found):
        changes = query.register_history(account)
        spoken = language(lang, found)
    if not changes:
        raise Stopped(f"nothing is known of {account!r}; `mediawatch accounts list` names the accounts")
    if json_:
        for change in changes:
            echo(json_line(change))
        return
    chinese = spoken == "zh_CN"
    head = (
        ("时间", "字段", "原值", "新值", "经办人", "说明")
        if chinese
        else ("at", "field", "before", "after", "by", "note")
    )
    whole, hand = ("账号", "（直接修改文件）") if chinese else ("account", "(a file was edited)")
    rows = [
        (moment(one.at), one.field or whole, one.before or "-", one.after or "-", one.by or hand, one.note or "-")
        for one in changes
    ]
    echo(table(head, rows, most=(0, 0, 40, 40, 20, 60)))


@click.command("units")
@files
@as_json
def accounts_units(accounts: Path | None, settings: Path | None, lang: str | None, json_: bool) -> None:
    """The units as a tree, with how many accounts of each and of all below it stand how."""
    try:
        with reading(accounts, settings, lang) as (query, _, found):
            units = query.units(wall_clock())
    except NoStore:
        found = loaded(accounts, settings, warn=True)
        units = _not_looked_at(found)
    spoken = language(lang, found)
    if json_:
        for unit in units:
            echo(json_line(unit))
        return
    named = ("单位", "编号", "账号数") if spoken == "zh_CN" else ("unit", "id", "accounts")
    rows = [
        (
            "· " * unit.depth + unit.name,
            unit.id,
            str(sum(unit.by_outcome.values())),
            *map(str, unit.by_standing.values()),
        )
        for unit in units
    ]
    echo(table((*named, *(STANDINGS[one][spoken] for one in Standing)), rows))


def _not_looked_at(found: Loaded) -> tuple[UnitView, ...]:
    """The tree as the files have it: nobody has looked at an account yet."""
    from collections import Counter

    from mediawatch.store.units import tree

    own = Counter((account.unit, Standing.UNKNOWN) for account in found.accounts if account.unit and not account.canary)
    return tree({unit.id: unit for unit in found.units}, own)


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@files
@click.option("--heads", type=click.Choice(["names", "zh_CN"]), default="names", help="Field names, or Chinese heads.")
@click.option("--without-people", is_flag=True, help="Leave out contacts and every field that names people.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
def accounts_export(
    file: Path,
    accounts: Path | None,
    settings: Path | None,
    lang: str | None,
    heads: str,
    without_people: bool,
    dry_run: bool,
) -> None:
    """Write the register to a CSV file (accounts) or an XLSX file (accounts and units), as `import` reads it again."""
    from mediawatch.store.files import write_whole

    found = loaded(accounts, settings, warn=True)
    body = as_file(found, file, heads, without_people)
    own = sum(not account.canary for account in found.accounts)
    if not dry_run:
        try:
            write_whole(file, body)
        except OSError as error:
            raise Stopped(f"{file}: cannot be written: {error.strerror}") from None
    narrate(f"{'dry run: ' if dry_run else ''}{own} accounts, {len(found.units)} units")


def as_file(found: Loaded, file: Path, heads: str, without_people: bool) -> bytes:
    """The register as the bytes of a file of that name. Raises Stopped for a name that is none of CSV or XLSX."""
    from mediawatch.sheets import csv_bytes, xlsx_bytes

    if file.suffix.lower() not in (".csv", ".xlsx"):
        raise Stopped(f"{file}: must end in .csv or .xlsx")
    tables = _tables(found, without_people)
    named = [(name, _headed(head, heads, unit=bool(index)), rows) for index, (name, head, rows) in enumerate(tables)]
    return csv_bytes(named[0][1], named[0][2], mark=True) if file.suffix.lower() == ".csv" else xlsx_bytes(named)


def _tables(found: Loaded, without_people: bool) -> list[tuple[str, list[str], list[list[str]]]]:
    from mediawatch.register.rows import account_data, table_of, unit_data
    from mediawatch.register.shapes import ACCOUNTS, UNITS

    own = [account for account in found.accounts if not account.canary]
    units = list(found.units)
    if without_people:
        own = [one.model_copy(update={"filing": one.filing.impersonal()}) for one in own]
        units = [one.model_copy(update={"contacts": ()}) for one in units]
    accounts = [account_data(one, found.settings.rulebook) for one in own]
    return [
        ("accounts", *table_of(accounts, ACCOUNTS)),
        *([("units", *table_of([unit_data(one) for one in units], UNITS))] if units else []),
    ]


def _headed(head: list[str], heads: str, *, unit: bool) -> list[str]:
    from mediawatch.core.register_words import COLUMNS, UNIT_COLUMNS

    words = UNIT_COLUMNS if unit else COLUMNS
    return [words[name].zh_CN if heads == "zh_CN" and name in words else name for name in head]
