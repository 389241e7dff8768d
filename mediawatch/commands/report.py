"""`report …`: documents an office can send, as drafts. They read, write one new file, publish nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Instant, Stopped, files, language, loaded, reading
from mediawatch.commands.printing import echo, narrate
from mediawatch.core.calendar import day_of

if TYPE_CHECKING:
    from mediawatch.core.report_views import Issue
    from mediawatch.policy import Policy
    from mediawatch.reports.paper import Paper
    from mediawatch.store.query import Query
    from mediawatch.store.store import Store

NOTHING = 1
MISSING = 3

F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def report() -> None:
    """Documents as drafts: circular, annex, notice, supervision-year, work-year, evidence."""


def written(*forms: str, default: str) -> Callable[[F], F]:
    """The options of a command that writes a document."""

    def options(command: F) -> F:
        command = click.option("--dry-run", is_flag=True, help="Say what would be written; write nothing.")(command)
        command = click.option(
            "--out", type=click.Path(path_type=Path), help="The new file, or a folder for it (default: here)."
        )(command)
        form = click.option(
            "--format", "form", type=click.Choice(forms), default=default, show_default=True, help="What it is for."
        )
        return form(command)

    return options


def issued(command: F) -> F:
    """Who issues a document, and to whom."""
    to = click.option("--to", "to", default="", help="To whom it goes (主送); left open where it is not given.")
    issuer = click.option("--issuer", default="", help="Who issues it (制发机关); left open where it is not given.")
    return issuer(to(command))


@report.command()
@click.argument("campaign")
@files
@issued
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), help="The end of the term (default: that of its cases).")
@written("docx", "html", "xlsx", default="docx")
def circular(
    campaign: str,
    accounts: Path | None,
    settings: Path | None,
    lang: str | None,
    issuer: str,
    to: str,
    due: datetime | None,
    form: str,
    out: Path | None,
    dry_run: bool,
) -> None:
    """The draft of a circular (通报) about an inspection: DOCX or HTML the text with its annexes, XLSX the tables."""
    from mediawatch import reporting
    from mediawatch.reports import circular as document

    with _reading(accounts, settings, lang, issuer, to) as (store, query, policy, issue):
        day = due.date() if due else None
        view = reporting.circular(store, query, policy, campaign, issue, wall_clock(), day)
    _write(document.paper(view), form, out, f"{campaign}-circular", dry_run=dry_run)


@report.command()
@click.argument("campaign")
@files
@written("xlsx", "docx", "html", default="xlsx")
def annex(
    campaign: str,
    accounts: Path | None,
    settings: Path | None,
    lang: str | None,
    form: str,
    out: Path | None,
    dry_run: bool,
) -> None:
    """The annexes of a circular alone: counts by region and unit, lists of failures, of what was undetermined."""
    from mediawatch import reporting
    from mediawatch.reports import circular as document

    with _reading(accounts, settings, lang) as (store, query, policy, issue):
        view = reporting.circular(store, query, policy, campaign, issue, wall_clock())
    _write(document.annexes_alone(view), form, out, f"{campaign}-annex", dry_run=dry_run)


@contextmanager
def _reading(
    accounts: Path | None, settings: Path | None, lang: str | None, issuer: str = "", to: str = ""
) -> Iterator[tuple[Store, Query, Policy, Issue]]:
    """The record, and who issues what today. What is unknown or impossible ends with exit code 2."""
    from mediawatch.core.report_views import Issue
    from mediawatch.house import policy_of

    with reading(accounts, settings, lang) as (query, store, found):
        issue = Issue(language=language(lang, found), issuer=issuer, to=to, day=day_of(wall_clock()))
        try:
            yield store, query, policy_of(found), issue
        except KeyError as error:
            raise Stopped(f"there is no {error.args[0]}") from None
        except ValueError as error:
            raise Stopped(str(error)) from None


def _write(paper: Paper, form: Any, out: Path | None, stem: str, *, dry_run: bool) -> None:
    from mediawatch.reports.formats import rendered

    save(rendered(paper, form), out, f"{stem}.{form}", dry_run=dry_run)


def save(body: bytes, out: Path | None, name: str, *, dry_run: bool) -> None:
    """Writes a new file, or says what it would be. Nothing that is there is ever written over."""
    path = out / name if out is not None and out.is_dir() else out or Path(name)
    size = f"{len(body):,} bytes, SHA-256 {hashlib.sha256(body).hexdigest()}"
    if path.exists():
        raise Stopped(f"{path} is there already: name another file with --out")
    if dry_run:
        narrate(f"would be: {path}, {size}")
        return
    try:
        with path.open("xb") as stream:
            stream.write(body)
    except OSError as error:
        raise Stopped(f"{path} cannot be written: {error.strerror or type(error).__name__}") from None
    echo(str(path))
    narrate(size)


@report.command()
@click.argument("case")
@files
@issued
@written("docx", "html", default="docx")
def notice(
    case: str,
    accounts: Path | None,
    settings: Path | None,
    lang: str | None,
    issuer: str,
    to: str,
    form: str,
    out: Path | None,
    dry_run: bool,
) -> None:
    """The letter (整改通知书) about a case that has a term, with a slip on which the unit signs for it."""
    from mediawatch import reporting
    from mediawatch.reports import notice as document

    with _reading(accounts, settings, lang, issuer, to) as (_, query, policy, issue):
        view = reporting.letter(query, policy, case, issue, wall_clock())
    _write(document.paper(view), form, out, f"{case}-notice", dry_run=dry_run)


_YEAR = click.IntRange(2017, 2100)


@report.command("supervision-year")
@click.argument("year", type=_YEAR)
@files
@issued
@written("xlsx", "docx", "html", default="xlsx")
def supervision_year(
    year: int,
    accounts: Path | None,
    settings: Path | None,
    lang: str | None,
    issuer: str,
    to: str,
    form: str,
    out: Path | None,
    dry_run: bool,
) -> None:
    """The yearly form of supervision (监管年度报表): checks and accountability from frozen campaigns and cases."""
    from mediawatch import reporting
    from mediawatch.reports import supervision_year as document

    with _reading(accounts, settings, lang, issuer, to) as (store, _, _, issue):
        view = reporting.supervision_year(store, year, issue)
    _write(document.paper(view), form, out, f"supervision-{year}", dry_run=dry_run)


@report.command("work-year")
@click.argument("year", type=_YEAR)
@files
@issued
@click.option("--sponsor", default="", help="Of this sponsor (主办单位) alone.")
@written("xlsx", "docx", "html", default="xlsx")
def work_year(
    year: int,
    accounts: Path | None,
    settings: Path | None,
    lang: str | None,
    issuer: str,
    to: str,
    sponsor: str,
    form: str,
    out: Path | None,
    dry_run: bool,
) -> None:
    """The block 移动新媒体 of the yearly form of work: what polls know filled in, the rest marked for a person."""
    from mediawatch import reporting
    from mediawatch.reports import work_year as document

    with _reading(accounts, settings, lang, issuer, to) as (store, _, _, issue):
        view = reporting.work_year(store, year, issue, sponsor)
    _write(document.paper(view), form, out, f"work-{year}", dry_run=dry_run)


@report.command()
@click.argument("account")
@files
@click.option("--indicator", default="", help="This line, whatever its outcome (default: every line that fails).")
@click.option("--at", type=Instant(), help="As the record stood then (default: now).")
@click.option("--campaign", default="", help="As this inspection saw it at its T, by its own book.")
@click.option("--out", type=click.Path(path_type=Path), help="A folder for the packs (default: here).")
@click.option("--dry-run", is_flag=True, help="Say what would be written; write nothing.")
def evidence(
    account: str,
    accounts: Path | None,
    settings: Path | None,
    lang: str | None,
    indicator: str,
    at: datetime | None,
    campaign: str,
    out: Path | None,
    dry_run: bool,
) -> None:
    """An evidence pack (ZIP) for each finding against an account. Exit 1: nothing found; 3: answers are missing."""
    from mediawatch.documents import pack_name
    from mediawatch.packing import packs
    from mediawatch.reports import evidence_pack
    from mediawatch.store.blobs import Blobs

    if out is not None and not out.is_dir():
        raise Stopped(f"{out} is no folder")
    with _reading(accounts, settings, lang) as (store, _, policy, issue):
        recall = Blobs(loaded(accounts, settings).settings.data_dir / "answers").recall
        given = {"indicator": indicator, "campaign": campaign}
        found = packs(store, policy, recall, account, issue, at or wall_clock(), **given)
    if not found:
        narrate(f"nothing was found against {account}")
        raise click.exceptions.Exit(NOTHING)
    for pack in found:
        save(evidence_pack.render(pack), out, pack_name(pack), dry_run=dry_run)
    missing = sum(len(pack.missing) for pack in found)
    if missing:
        narrate(f"{missing} answers are no longer kept: the packs name them")
        raise click.exceptions.Exit(MISSING)
