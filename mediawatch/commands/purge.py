"""`purge`: raw answers about one account go at once, with a proof of what went. It must never go without a reason."""

from __future__ import annotations

import getpass
import re
from datetime import datetime
from pathlib import Path

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Instant, Stopped, as_json, loaded, paths
from mediawatch.commands.printing import echo, json_line, narrate
from mediawatch.commands.store import plain_words
from mediawatch.core.text import clean


@click.command()
@click.argument("account")
@paths
@click.option("--reason", required=True, help="Why; it stands in the record.")
@click.option("--by", default=getpass.getuser, help="Who has it done (default: the login name).")
@click.option("--before", type=Instant(), help="Only answers whose last look was before it.")
@click.option("--answer", "answers", multiple=True, metavar="SHA256", help="Only this answer; may be repeated.")
@click.option("--all", "all_of_it", is_flag=True, help="Also what an alert, case, inspection or other account needs.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and take nothing away.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def purge(
    account: str,
    accounts: Path | None,
    settings: Path | None,
    reason: str,
    by: str,
    before: datetime | None,
    answers: tuple[str, ...],
    all_of_it: bool,
    dry_run: bool,
    yes: bool,
    json_: bool,
) -> None:
    """Take the raw answers about ACCOUNT away now, and print what went: each digest, and the hash over all of them.

    Not while a daemon holds the store (exit 4). Looks, findings and digests stay; copies and backups are not reached.
    """
    from mediawatch.house import held_store, keep_of
    from mediawatch.purging import Asked, StillThere, found
    from mediawatch.purging import purge as take
    from mediawatch.store.blobs import Blobs

    if not clean(reason):
        raise Stopped("--reason: say why")
    if not all(re.fullmatch("[0-9a-f]{64}", one) for one in answers):
        raise Stopped("--answer: an answer is named by the 64 letters of its SHA-256")
    known, now = loaded(accounts, settings, known=True), wall_clock()
    blobs, keep = Blobs(known.settings.data_dir / "answers"), keep_of(known.settings)
    asked = Asked(account, before, frozenset(answers), all_of_it)
    with plain_words(), held_store(known.settings, now) as store:
        try:
            goes = found(store, blobs, asked, keep, now)
            verb = "go although needed" if all_of_it else "stay"
            narrate(f"{len(goes.answers):,} answers, {goes.size / 1e6:,.1f} MB; {verb}: {goes.resting:,} that "
                    f"something rests on, {goes.shared:,} that other accounts brought as well")  # fmt: skip
            done = None
            if not dry_run and goes.answers:
                if not yes:
                    click.confirm(f"take {len(goes.answers):,} answers about {account} away for good?", abort=True)
                goes, done = take(store, blobs, asked, keep, now, clean(by), clean(reason))
        except KeyError:
            raise Stopped(f"{account}: no such account in the record") from None
        except StillThere as error:
            raise Stopped(str(error)) from None
    for digest, size in goes.answers:
        echo(json_line({"answer": digest, "bytes": size, "gone": done is not None}) if json_ else digest)
    if done is not None:
        echo(json_line({"purge": done.id, "answers": done.answers, "bytes": done.size, "root": done.root})
             if json_ else f"purge {done.id}: {done.answers:,} answers gone, root {done.root}")  # fmt: skip
