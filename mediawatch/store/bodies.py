"""Kept answers and documents, for the reader of faces: bytes by digest, and what was written of the record.

How a document is made stands above the store (`documents.py`) and is given to it. It must never write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from mediawatch.core.bodies import Document, KeptAnswer, Wanted, kept

if TYPE_CHECKING:
    from mediawatch.store.in_words import InWords
    from mediawatch.store.query import Query


def _nothing(digest: str) -> bytes | None:
    return None


def _no_documents(query: Query, wanted: Wanted, now: datetime) -> tuple[Document, ...]:
    raise ValueError("no documents are written here")


@dataclass(frozen=True)
class Bodies:
    """recall: the bytes of a digest, `None` where they are not kept. write: the documents that are asked for."""

    recall: Callable[[str], bytes | None] = _nothing
    write: Callable[[Query, Wanted, datetime], tuple[Document, ...]] = _no_documents


class BodyQuery:
    """The part of `Query` that gives bytes."""

    _bodies: Bodies
    _words: InWords

    def answer(self, digest: str) -> KeptAnswer:
        """An answer as it was kept. Raises KeyError for one that is not, or no longer, kept."""
        body = self._bodies.recall(digest)
        if body is None:
            raise KeyError(digest)
        return kept(digest, body)

    def documents(
        self,
        kind: str,
        subject: str,
        now: datetime,
        *,
        form: str = "",
        issuer: str = "",
        to: str = "",
        due: date | None = None,
    ) -> tuple[Document, ...]:
        """The drafts of documents. Raises KeyError, ValueError as `documents.written`."""
        return self._bodies.write(
            cast("Query", self), Wanted(kind, subject, self._words.language, form, issuer, to, due), now
        )
