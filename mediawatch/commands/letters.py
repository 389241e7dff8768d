"""`letters`: the office's own register of messages, as a table, into the record."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediawatch.commands.acting import Acting, acting
from mediawatch.commands.options import Moment, Stopped

if TYPE_CHECKING:
    from mediawatch.core.model import Letter


@click.command()
@click.argument("account")
@click.argument("file", type=click.Path(path_type=Path))
@acting
@click.option("--when", type=Moment(), required=True, help="As of when the register stands, with its zone.")
@click.option("--register", "name", default="", help="Which one, where the account has more (its `name`).")
def letters(act: Acting, account: str, file: Path, when: datetime, name: str) -> None:
    """Put an office's register of messages and replies (CSV or XLSX) into the record: numbers and days only."""
    from mediawatch.letters import Brought, table_of
    from mediawatch.store.blobs import Blobs

    said = Brought(account=account, name=name, at=when, letters=_read(file, when))
    if not act.dry_run:
        Blobs(act.found.settings.data_dir / "answers").keep(table_of(said.letters))
    done = act.does("account.letters", **said.model_dump(mode="json"))
    answers = ", ".join(f"{line} {outcome}" for line, outcome in done["answers"].items()) or "no line asks for them"
    act.tells(done, f"{done['letters']} messages taken, {done['waiting']} without a reply; {answers}")


def _read(file: Path, when: datetime) -> tuple[Letter, ...]:
    """The first table of the file that is a register. Raises Stopped with the place of what is wrong."""
    from mediawatch.adapters.letter_register import NoRegister, is_heading, letters_of
    from mediawatch.sheets import read_sheets
    from mediawatch.strict_yaml import Problem

    problems: list[Problem] = []
    for sheet in read_sheets(file, problems):
        _, heading = next(sheet.rows, (0, []))
        if is_heading(heading):
            try:
                found = letters_of(heading, sheet.rows, when)
            except NoRegister as error:
                raise Stopped(f"not taken: {sheet.file}: {error}") from None
            if not problems:
                return found
    if problems:
        raise Stopped("not taken: " + "; ".join(map(str, problems)))
    raise Stopped(f"not taken: {file}: no table's first line names the day of the message and of the reply")
