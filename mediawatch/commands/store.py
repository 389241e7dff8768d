"""`store`: how large it is, what may go, a whole copy, and a store made of one. It must never overwrite a store."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Busy, NoStore, Stopped, as_json, files, loaded, paths
from mediawatch.commands.printing import echo, json_line, narrate, table
from mediawatch.commands.progress import progress_bar
from mediawatch.core.text import clean
from mediawatch.settings import Loaded
from mediawatch.store.blobs import Blobs
from mediawatch.store.errors import NoDatabase, StoreBusy, StoreError


@click.group()
def store() -> None:
    """The store: size, prune, backup, restore."""


@contextmanager
def plain_words() -> Iterator[None]:
    """What goes wrong with a store or a disk is one sentence and an exit code."""
    try:
        yield
    except StoreBusy as error:
        raise Busy(str(error)) from None
    except NoDatabase:
        raise NoStore("there is no store yet: run `mediawatch once` or `mediawatch run` first") from None
    except StoreError as error:
        raise Stopped(str(error)) from None
    except OSError as error:
        raise Stopped(f"{error.filename or 'the disk'}: {error.strerror or error}") from None


@store.command("size")
@files
@as_json
def store_size(accounts: Path | None, settings: Path | None, lang: str | None, json_: bool) -> None:
    """What the store holds and how many bytes each part takes on the disk."""
    from mediawatch.commands.options import language
    from mediawatch.store.size import parts
    from mediawatch.store.store import Store

    found = loaded(accounts, settings, known=True)
    with plain_words():
        kept = Store.open(found.settings.database, now=wall_clock(), read_only=True)
        try:
            rows = parts(kept)
        finally:
            kept.close()
        answers = list(_answers(found).sizes())
    rows.append(("answers", len(answers), sum(size for _, size in answers)))
    if json_:
        for name, number, size in rows:
            echo(json_line({"part": name, "rows": number, "bytes": size}))
        return
    head = ("部分", "条数", "占用") if language(lang, found) == "zh_CN" else ("part", "rows", "on disk")
    echo(table(head, ((name, f"{number:,}", _megabytes(size)) for name, number, size in rows), most=(0, 0, 0)))


@store.command("prune")
@paths
@click.option("--by", default=getpass.getuser, help="Who has it done (default: the login name).")
@click.option("--dry-run", is_flag=True, help="Say what would go, and take nothing away.")
@as_json
def store_prune(accounts: Path | None, settings: Path | None, by: str, dry_run: bool, json_: bool) -> None:
    """Take raw answers away that are older than `retention` says and that nothing rests on, and those that no look
    names.

    A running daemon does so itself once a day; only where none runs is there anything to do here.
    """
    from mediawatch.house import held_store, keep_of
    from mediawatch.tidying import Tidying, stray_answers, would_go

    found, now = loaded(accounts, settings, known=True), wall_clock()
    blobs = _answers(found)
    with plain_words(), held_store(found.settings, now) as kept:
        if dry_run:
            answers, size = would_go(kept, blobs, keep_of(found.settings), now)
            strays, strays_size = stray_answers(kept, blobs, now)
        else:
            pruning = Tidying(kept, blobs, keep_of(found.settings), now, clean(by))
            while (done := pruning.step()) is None:
                pass
            answers, size = done.answers, done.size
            strays, strays_size = pruning.strays, pruning.strays_size
    if json_:
        told = {"answers": answers, "bytes": size, "strays": strays, "strays_bytes": strays_size}
        echo(json_line({**told, "dry_run": dry_run}))
        return
    narrate(f"{'would go' if dry_run else 'gone'}: {answers:,} answers, {_megabytes(size)}")
    if strays:
        narrate(f"  and {strays:,} that no look names, {_megabytes(strays_size)}")


@store.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
@paths
def store_backup(folder: Path, accounts: Path | None, settings: Path | None) -> None:
    """Copy the whole store to FOLDER, which must not be there yet; a daemon may go on running.

    Settings and the register's files are not among it: they are yours, keep them with it.
    """
    from mediawatch.store.backup import back_up

    found = loaded(accounts, settings, known=True)
    with plain_words(), progress_bar("copying answers") as progress:
        made = back_up(found.settings.database, _answers(found), folder, wall_clock(), progress)
    narrate(f"{folder}: {made.answers:,} answers, {_megabytes(made.size)}, schema {made.revision}")


@store.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@paths
@click.option("--check", is_flag=True, help="Check the backup only, and write nothing.")
def store_restore(folder: Path, accounts: Path | None, settings: Path | None, check: bool) -> None:
    """Make a store of the backup in FOLDER, where the settings say and no store is yet.

    First it is checked as a whole: the database's digest and integrity, every answer, its version.
    """
    from mediawatch.store.backup import checked, restore

    found = loaded(accounts, settings, known=True)
    with plain_words(), progress_bar("checking answers") as progress:
        if check:
            whole = checked(folder, progress)
        else:
            with _alone(found):
                whole = restore(folder, found.settings.database, _answers(found), wall_clock(), progress)
    narrate(f"{'whole' if check else 'restored'}: {whole.answers:,} answers, made at {whole.made_at}")


@contextmanager
def _alone(found: Loaded) -> Iterator[None]:
    """Nobody else begins a store there meanwhile. Raises StoreBusy."""
    from mediawatch.house import holder

    with closing(holder(found.settings, beside=False)):
        yield


def _answers(found: Loaded) -> Blobs:
    return Blobs(found.settings.data_dir / "answers")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
