"""`rollup` and `snapshot`: the standing of the accounts as files, for the office above and for the public."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Stopped, as_json, files, language, loaded, paths, reading
from mediawatch.commands.printing import STANDINGS, echo, json_line, moment, narrate, table
from mediawatch.core.standing import Standing

if TYPE_CHECKING:
    from mediawatch.rollup import Rollup
    from mediawatch.settings import Loaded

HELD = "rollups"  # in the data folder


@click.group()
def rollup() -> None:
    """Hand the standing of your accounts to the office above, and take those of offices below: signed files."""


@rollup.command("key")
@click.argument("file", type=click.Path(path_type=Path))
def rollup_key(file: Path) -> None:
    """Make a private key in FILE, and print the public key for the office above to trust."""
    from mediawatch.rollup import new_key

    try:
        echo(new_key(file))
    except OSError as error:
        raise Stopped(f"{file}: {error.strerror}") from None
    narrate(f"the private key is in {file}: name it under `rollup.key`; the line above goes to the office above")


@rollup.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@paths
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
def rollup_export(file: Path, accounts: Path | None, settings: Path | None, dry_run: bool) -> None:
    """Write how your accounts stand, and those of the offices below, to a signed file for the office above."""
    from mediawatch.core.published import breaches_of, published
    from mediawatch.rollup import NotTaken, handed_up, read_key, seal
    from mediawatch.store.files import write_whole

    now = wall_clock()
    with reading(accounts, settings, None) as (query, _, found):
        ours = found.settings.rollup
        if not ours.name or ours.key is None:
            raise Stopped("who we are is not said: set `rollup.name` and `rollup.key` in the settings")
        known = breaches_of(query.alerts(now, True))
        own = [published(row, known) for row in query.rows(now)]
    below = _held(found)
    try:
        told = handed_up(ours.name, own, found.units, below, now)
        body = seal(told, read_key(ours.key))
        if not dry_run:
            write_whole(file, body)
    except NotTaken as error:
        raise Stopped(str(error)) from None
    except OSError as error:
        raise Stopped(f"{file}: cannot be written: {error.strerror}") from None
    narrate(f"{'dry run: ' if dry_run else ''}{len(told.accounts)} accounts, {len(own)} of them our own")


@rollup.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@paths
@click.option("--dry-run", is_flag=True, help="Check the file, and keep nothing.")
def rollup_import(file: Path, accounts: Path | None, settings: Path | None, dry_run: bool) -> None:
    """Take a signed file of an office below. It is shown apart (`rollup list`) and changes no record of ours."""
    from mediawatch.rollup import MOST_BYTES, NotTaken, take

    found = loaded(accounts, settings)
    try:
        with file.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise Stopped(f"{file}: is larger than {MOST_BYTES // 1024**2} MiB")
        told = take(_folder(found), raw, found.settings.rollup.trusted, wall_clock(), dry_run=dry_run)
    except NotTaken as error:
        raise Stopped(f"{file}: not taken: {error}") from None
    except OSError as error:
        raise Stopped(f"{file}: {error.strerror}") from None
    word = "would be taken" if dry_run else "taken"
    narrate(f"{word}: {len(told.accounts)} accounts of {told.origin}, as of {moment(told.made_at)}")


@rollup.command("list")
@files
@click.option("--origin", help="Only what this office handed up.")
@as_json
def rollup_list(
    accounts: Path | None, settings: Path | None, lang: str | None, origin: str | None, json_: bool
) -> None:
    """How the accounts of the offices below stand, as they handed it up, each with the way it came."""
    found = loaded(accounts, settings)
    spoken = language(lang, found)
    told = [
        (one.model_copy(update={"origin": "/".join(filter(None, (held.origin, one.origin)))}), held.made_at)
        for held in _held(found)
        if origin in (None, held.origin)
        for one in held.accounts
    ]
    if json_:
        for one, made_at in told:
            echo(json_line({**one.model_dump(mode="json"), "made_at": made_at.isoformat()}))
        return
    chinese = spoken == "zh_CN"
    head = (
        ("来源", "截至", "账号", "名称", "结论", "说明")
        if chinese
        else ("origin", "as of", "account", "name", "outcome", "says")
    )
    rows = [
        (one.origin, moment(made_at), one.account, one.name, STANDINGS[Standing(one.outcome.value)][spoken], one.says)
        for one, made_at in told
    ]
    echo(table(head, rows, most=(30, 0, 30, 24, 0, 0)))


@click.command()
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="The folder; default: `snapshot` of the settings."
)
@files
@click.option("--dry-run", is_flag=True, help="Say where it would be written, and write nothing.")
def snapshot(
    folder: Path | None, accounts: Path | None, settings: Path | None, lang: str | None, dry_run: bool
) -> None:
    """Write the public snapshot now: all accounts and those that fail, as CSV and JSON, with their schema."""
    from mediawatch.snapshot import FILES, write_snapshot

    with reading(accounts, settings, lang) as (query, _, found):
        where = folder or found.settings.snapshot
        if where is None:
            raise Stopped("no folder: name one with --to, or as `snapshot` in the settings")
        if dry_run:
            narrate(f"dry run: {', '.join(FILES)} in {where}")
            return
        try:
            total, failing = write_snapshot(query, where, wall_clock())
        except OSError as error:
            raise Stopped(f"{where}: cannot be written: {error.strerror}") from None
    narrate(f"{total} accounts, {failing} of them fail: {where}")


def _folder(found: Loaded) -> Path:
    return found.settings.data_dir / HELD


def _held(found: Loaded) -> list[Rollup]:
    from mediawatch.rollup import held

    told, wrong = held(_folder(found), found.settings.rollup.trusted, wall_clock())
    for message in wrong:
        narrate(message)
    return told
