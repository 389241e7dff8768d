"""`report …`: documents an office can send, as drafts. They read, write new files, publish nothing."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.new_files import new_file, write_new
from mediawatch.commands.options import Instant, Stopped, files, language, reading
from mediawatch.commands.printing import echo, narrate

NOTHING = 1
MISSING = 3
_YEAR = click.IntRange(2017, 2100)

Command = Callable[..., None]


@click.group()
def report() -> None:
    """Documents as drafts: circular, annex, notice, supervision-year, work-year, evidence."""


@dataclass(frozen=True)
class Writing:
    """On which files a document rests, in what language and format, and where it goes; or that it is only a trial."""

    accounts: Path | None
    settings: Path | None
    lang: str | None
    form: str
    out: Path | None
    dry_run: bool

    def writes(self, kind: str, subject: str, **more: Any) -> None:
        """Writes the documents, or says what they would be. Raises Stopped; exits with 1 where nothing was found, with
        3 where answers are no longer kept. more: as in `core.bodies.Wanted`."""
        from mediawatch.core.bodies import Wanted
        from mediawatch.documents import NothingFound, written
        from mediawatch.house import policy_of
        from mediawatch.store.blobs import Blobs

        with reading(self.accounts, self.settings, self.lang) as (query, store, found):
            wanted = Wanted(kind, subject, language(self.lang, found), self.form, **more)
            recall = Blobs(found.settings.data_dir / "answers").recall
            try:
                made = written(store, query, policy_of(found), recall, wanted, wall_clock())
            except NothingFound as error:
                narrate(str(error))
                raise click.exceptions.Exit(NOTHING) from None
            except KeyError as error:
                raise Stopped(f"there is no {error.args[0]}") from None
            except ValueError as error:
                raise Stopped(str(error)) from None
        if len(made) > 1 and self.out is not None and not self.out.is_dir():
            raise Stopped(f"{len(made)} files are to be written, and {self.out} is no folder")
        for one, path in [(one, new_file(self.out, one.name)) for one in made]:  # all can be new, or none is written
            size = f"{len(one.body):,} bytes, SHA-256 {hashlib.sha256(one.body).hexdigest()}"
            if self.dry_run:
                narrate(f"would be: {path}, {size}")
                continue
            write_new(path, one.body)
            echo(str(path))
            narrate(size)
        if missing := sum(one.missing for one in made):
            narrate(f"{missing} answers are no longer kept: the packs name them")
            raise click.exceptions.Exit(MISSING)


def writing(*forms: str) -> Callable[[Command], Command]:
    """The options of a command that writes documents, given to it as its first argument, a `Writing`. The first of the
    forms is the usual one."""

    def options(command: Command) -> Command:
        @functools.wraps(command)
        def packed(
            accounts: Path | None,
            settings: Path | None,
            lang: str | None,
            form: str,
            out: Path | None,
            dry_run: bool,
            **given: Any,
        ) -> None:
            command(Writing(accounts, settings, lang, form, out, dry_run), **given)

        packed = click.option("--dry-run", is_flag=True, help="Say what would be written; write nothing.")(packed)
        packed = click.option(
            "--out", type=click.Path(path_type=Path), help="The new file, or a folder for it (default: here)."
        )(packed)
        form = click.option(
            "--format", "form", type=click.Choice(forms), default=forms[0], show_default=True, help="What it is for."
        )
        packed = form(packed)
        return files(packed)

    return options


def issued(command: Command) -> Command:
    """Who issues a document, and to whom."""
    to = click.option("--to", "to", default="", help="To whom it goes (主送); left open where it is not given.")
    issuer = click.option("--issuer", default="", help="Who issues it (制发机关); left open where it is not given.")
    return issuer(to(command))


@report.command()
@click.argument("campaign")
@writing("docx", "html", "xlsx")
@issued
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), help="The end of the term (default: that of its cases).")
def circular(paper: Writing, campaign: str, issuer: str, to: str, due: datetime | None) -> None:
    """The draft of a circular (通报) about an inspection: DOCX or HTML the text with its annexes, XLSX the tables."""
    paper.writes("circular", campaign, issuer=issuer, to=to, due=due and due.date())


@report.command()
@click.argument("campaign")
@writing("xlsx", "docx", "html")
def annex(paper: Writing, campaign: str) -> None:
    """The annexes of a circular alone: counts by region and unit, lists of failures, of what was undetermined."""
    paper.writes("annex", campaign)


@report.command()
@click.argument("case")
@writing("docx", "html")
@issued
def notice(paper: Writing, case: str, issuer: str, to: str) -> None:
    """The letter (整改通知书) about a case that has a term, with a slip on which the unit signs for it."""
    paper.writes("notice", case, issuer=issuer, to=to)


@report.command("supervision-year")
@click.argument("year", type=_YEAR)
@writing("xlsx", "docx", "html")
@issued
def supervision_year(paper: Writing, year: int, issuer: str, to: str) -> None:
    """The yearly form of supervision (监管年度报表): checks and accountability from frozen campaigns and cases."""
    paper.writes("supervision-year", str(year), issuer=issuer, to=to)


@report.command("work-year")
@click.argument("year", type=_YEAR)
@writing("xlsx", "docx", "html")
@issued
@click.option("--sponsor", default="", help="Of this sponsor (主办单位) alone.")
def work_year(paper: Writing, year: int, issuer: str, to: str, sponsor: str) -> None:
    """The block 移动新媒体 of the yearly form of work: what polls know filled in, the rest marked for a person."""
    paper.writes("work-year", str(year), issuer=issuer, to=to, sponsor=sponsor)


@report.command()
@click.argument("account")
@writing("zip", "docx", "html")
@click.option("--indicator", default="", help="This line, whatever its outcome (default: every line that fails).")
@click.option("--at", type=Instant(), help="As the record stood then (default: now).")
@click.option("--campaign", default="", help="As this inspection saw it at its T, by its own book.")
def evidence(paper: Writing, account: str, indicator: str, at: datetime | None, campaign: str) -> None:
    """An evidence pack for each finding against an account: a ZIP, or its page alone as DOCX or HTML. Exit 1: nothing
    found; 3: answers are missing."""
    paper.writes("evidence", account, indicator=indicator, at=at, campaign=campaign)
