"""`judge` and `rejudge`: the record judged again. `judge` reads and prints; `rejudge` rebuilds the standing answers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Busy, Instant, Stopped, as_json, files, language, loaded, reading
from mediawatch.commands.printing import STANDINGS, echo, json_line, narrate, table
from mediawatch.commands.progress import progress_bar
from mediawatch.core.model import Finality, Outcome

if TYPE_CHECKING:
    from mediawatch.core.rulebook import Language
    from mediawatch.core.views import Judged
    from mediawatch.rejudge import Verdict


@click.command()
@files
@click.option("--as-of", type=Instant(ends=True), help="A day, or an instant with its zone (default: the present).")
@click.option("--rulebook", "book_name", help="Judge by this book, by name or file (default: each account's own).")
@click.option("--account", help="Only this account.")
@as_json
def judge(
    accounts: Path | None,
    settings: Path | None,
    lang: str | None,
    as_of: datetime | None,
    book_name: str | None,
    account: str | None,
    json_: bool,
) -> None:
    """Judge the past from the record: the same evidence, book and instant give the same findings.

    Nothing is looked at, and nothing is changed.
    """
    from mediawatch.commands.rulebook import opened
    from mediawatch.core.calendar import day_of
    from mediawatch.rejudge import NoBook
    from mediawatch.rejudge import as_of as judged_as_of
    from mediawatch.store.errors import StoreError
    from mediawatch.store.past import Past

    at = as_of or wall_clock()
    book = opened(book_name) if book_name is not None else None
    if book is not None and not book.on(day_of(at)).in_force_on(day_of(at)):
        narrate(f"{book.id} is not in force on {day_of(at)}; judged by it all the same")
    shown = []
    with reading(accounts, settings, lang) as (_, store, found), progress_bar("judging") as progress:
        spoken: Language = language(lang, found)
        past = Past(store)
        try:
            books = found.rulebooks if as_of is None else past.books(found.rulebooks, at)
            verdicts = judged_as_of(past, books, at, book=book, account=account, progress=progress)
            for verdict in verdicts:
                for one in told(verdict, spoken):
                    if json_:
                        echo(json_line({**one.model_dump(mode="json"), "edition": verdict.book.edition}))
                    else:
                        shown.append(one)
        except KeyError:
            raise Stopped(f"no account {account!r} in the register; `mediawatch accounts list` names them") from None
        except (NoBook, StoreError) as error:
            raise Stopped(str(error)) from None
    if not json_:
        echo(as_table(shown, spoken))


def told(verdict: Verdict, spoken: Language) -> tuple[Judged, ...]:
    """The findings of one account in words, in the order of the book."""
    from mediawatch.core.views import Judged
    from mediawatch.core.wording import say

    lines = []
    for finding in verdict.findings:
        indicator = verdict.book.indicator(finding.indicator)
        lines.append(
            Judged(
                finding=finding,
                number=indicator.number,
                candidate=finding.outcome is Outcome.FAIL and finding.finality is Finality.CANDIDATE,
                title=indicator.title.in_(spoken),
                says=say(indicator, finding, spoken),
                severity=indicator.severity,
                cites=indicator.cites,
                boundary=indicator.boundary.in_(spoken) if indicator.boundary else "",
                rulebook=verdict.book.id,
            )
        )
    return tuple(lines)


def as_table(lines: list[Judged], spoken: Language) -> str:
    head = ("账号", "指标", "结果", "说明") if spoken == "zh_CN" else ("account", "indicator", "outcome", "says")
    rows = ((one.finding.account, one.finding.indicator, STANDINGS[one.standing][spoken], one.says) for one in lines)
    return table(head, rows, most=(24, 0, 0, 0))


@click.command()
@files
@click.option("--whole", is_flag=True, help="Judge every account anew, whatever stands.")
def rejudge(accounts: Path | None, settings: Path | None, lang: str | None, whole: bool) -> None:
    """Rebuild the standing answers from the record. Not while a daemon holds the store (exit 4).

    Answers that are proven to stand as they are by now are left: nobody has looked since, and neither the clock, the
    book, the register nor an incident has changed what they rest on.
    """
    from mediawatch.house import writing_store
    from mediawatch.memory import settle
    from mediawatch.rejudge import NoBook, rebuild
    from mediawatch.store.errors import StoreBusy, StoreError

    found = loaded(accounts, settings)
    now = wall_clock()
    try:
        with writing_store(found, now) as store, progress_bar("judging") as progress:
            settle()
            done = rebuild(store, found.rulebooks, now, progress, whole=whole)
    except StoreBusy as error:
        raise Busy(str(error)) from None
    except (StoreError, NoBook) as error:
        raise Stopped(str(error)) from None
    narrate(f"judged {done.judged} accounts again; {done.stood} stand as they are")
