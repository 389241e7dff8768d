"""What can go wrong with a store, in words for the person who runs it. It must not know SQL or a driver."""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot be used. The message is one sentence for a person and holds no secret."""


class NoDatabase(StoreError):
    """There is no store yet, and it was opened for reading only."""


class NewerDatabase(StoreError):
    """The database was written by a newer mediawatch. Nothing in it was touched."""


class ForeignDatabase(StoreError):
    """The database is not one of ours (or an empty file). Nothing in it was touched."""


class StoreBusy(StoreError):
    """Another process holds the store."""


class StoreUnavailable(StoreError):
    """The database cannot be reached or written just now: disk full, damaged, gone, locked for too long.

    What was being written is not there, except where a PostgreSQL connection broke during COMMIT: then it may be.
    Every write is safe to repeat.
    """


class Damaged(StoreUnavailable):
    """The file of the database does not hold together. A backup has to be brought back."""


class TookTooLong(StoreUnavailable):
    """A question was given up because it took too long. Nothing is wrong with the database."""
