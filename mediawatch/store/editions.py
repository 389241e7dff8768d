"""The editions of rulebooks that the house judged by, and from when on: the past is judged by what held then.

Written whenever settings are taken, and never changed. It must not judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection, func, insert, select

from mediawatch.core.rulebook import Rulebook
from mediawatch.core.rules import RULES
from mediawatch.core.value import canonical
from mediawatch.store.errors import StoreError
from mediawatch.store.ground_tables import BOOK_EDITION


def keep(connection: Connection, books: Iterable[Rulebook], now: datetime) -> None:
    """Writes down the books that the house judges by from now on; those that are the same as before write nothing."""
    last = select(func.max(BOOK_EDITION.c.id)).group_by(BOOK_EDITION.c.book)
    asked = select(BOOK_EDITION.c.book, BOOK_EDITION.c.content).where(BOOK_EDITION.c.id.in_(last))
    known = {row.book: row.content for row in connection.execute(asked)}
    rows = [
        {"book": book.id, "edition": book.edition, "at": now, "content": content}
        for book in books
        if known.get(book.id) != (content := _whole(book))
    ]
    if rows:
        connection.execute(insert(BOOK_EDITION), rows)


def books_at(connection: Connection, now_used: Mapping[str, Rulebook], at: datetime) -> dict[str, Rulebook]:
    """The books by id as the house used them at that instant. `now_used`: those of the settings, which hold for what
    was judged before the first edition was kept.

    Raises StoreError for an edition that this program cannot judge by any more.
    """
    last = select(func.max(BOOK_EDITION.c.id)).where(BOOK_EDITION.c.at <= at).group_by(BOOK_EDITION.c.book)
    asked = select(BOOK_EDITION).where(BOOK_EDITION.c.id.in_(last)).order_by(BOOK_EDITION.c.book)
    found = dict(now_used)
    for row in connection.execute(asked):
        if row.book not in now_used or _whole(now_used[row.book]) != row.content:
            found[row.book] = _read(row.content, row.edition)
    return found


def kept(connection: Connection) -> list[Rulebook]:
    """Every edition that was ever written down, each alone; those made for another program are left out."""
    found: dict[str, Rulebook] = {}
    for row in connection.execute(select(BOOK_EDITION).order_by(BOOK_EDITION.c.id)):
        try:
            book: Rulebook | None = _read(row.content, row.edition)
        except StoreError:
            continue
        while book is not None:
            found[book.edition], book = book.alone(), book.earlier
    return list(found.values())


def _whole(book: Rulebook) -> str:
    return canonical(book.model_dump(mode="json", by_alias=True))


def _read(content: str, edition: str) -> Rulebook:
    """The book under the edition by which the record knows it, whatever a later program would call it."""
    try:
        book: Rulebook | None = Rulebook.model_validate_json(content)
    except ValidationError:
        book = None
    if book is None or any(line.rule not in RULES for line in book.indicators):
        raise StoreError(f"edition {edition[:12]} was made for another program; judge by a book with --rulebook")
    book.__dict__["edition"] = edition  # where `cached_property` keeps it
    return book
