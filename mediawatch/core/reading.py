"""What faces may ask of the record: one protocol, spoken by the store, by a daemon's API and by a past instant. Pure.

One more question is one method here, one in `store/query.py`, and one line in `QUESTIONS`, by which it travels.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Protocol

from mediawatch.core.bodies import Document, KeptAnswer
from mediawatch.core.filtering import Filter
from mediawatch.core.list_views import AlertPage, Change, Group, UnitView
from mediawatch.core.model import Outcome
from mediawatch.core.office_views import CampaignLine, CampaignView, CaseLine, CaseView
from mediawatch.core.receiver_views import ReceiverView
from mediawatch.core.views import AccountView, AlertView, Counts, LookView, Page, PlatformView, SessionView

EVERYTHING = Filter()
ALERT_KEYS = (
    *("level", "state", "review", "indicator", "id", "account", "by", "acknowledged"),
    *("name", "kind", "region", "sponsor", "supervisor", "tag"),
)
"""The labels of alerts; the last ones are those of their accounts."""
SORTS = (
    *("days_left", "deadline", "outcome", "name", "kind", "level", "region", "sponsor", "state", "indicator"),
    *("newest_post_at", "looked_at", "tried_at", "account"),
)
"""The orders of the board."""
ALERT_SORTS = ("opened_at", "since", "level", "state", "indicator", "review", "account", "name", "resolved_at", "told")
"""The orders of alerts."""
LOG_KEYS = ("account", "platform", "reason", "adapter", "saw")
"""The labels of the look log."""
LABELS = {"alert_page": ALERT_KEYS, "log": LOG_KEYS}
"""The labels of the questions whose lists are not accounts."""


class Source(Protocol):
    """Reads the record. Calls are synchronous and come from one thread of a face's own, one at a time.

    `now` is the instant at which is read; of a past one a source of its own tells (`PastSource`). `only` narrows a list
    (`core.filtering`); its labels are named at each method. Whatever a call raises is shown as a message.
    """

    def page(
        self,
        now: datetime,
        *,
        offset: int = 0,
        limit: int = 50,
        contains: str = "",
        outcomes: frozenset[Outcome] = frozenset(),
        sort: str = "days_left",
        only: Filter = EVERYTHING,
        descending: bool = False,
        after: str = "",
        before: str = "",
        marked: bool = False,
    ) -> Page:
        """A window of the board; labels: `core.filtering.ACCOUNT_KEYS`. No `outcomes` means all of them.

        sort: `days_left` (problems first), `name`, `kind`, `level`, `region`, `sponsor`, `state`, `outcome`,
        `indicator`, `deadline`, `newest_post_at`, `looked_at`, `tried_at` (the longest ago first), `account`.
        after, before: the mark of a row in the same order (`last` or `first` of another page, or one of its `marks`),
        to go on from or back to; `offset` is then only repeated. marked: whether each row's mark is wanted.
        """
        ...

    def ids(
        self,
        now: datetime,
        *,
        outcomes: frozenset[Outcome] = frozenset(),
        sort: str = "days_left",
        only: Filter = EVERYTHING,
        descending: bool = False,
        offset: int = 0,
        limit: int = 1000,
    ) -> tuple[str, ...]:
        """The ids of the accounts that `page` would list, many times faster: which they are, and where each stands."""
        ...

    def counts(self, now: datetime, only: Filter = EVERYTHING) -> Counts:
        """The board in numbers; alerts, promises and looks are those of all accounts, whatever the filter."""
        ...

    def groups(self, now: datetime, by: str, only: Filter = EVERYTHING) -> tuple[Group, ...]:
        """Accounts by province, city, county, unit, sponsor, supervisor, kind, level, state, indicator or rulebook.

        To drill down: `groups(by="city", only=read("-l region=62"))`, then `by="sponsor"` within a city's key.
        """
        ...

    def units(self, now: datetime) -> tuple[UnitView, ...]:
        """The units as a tree, each followed by those below it, with how the accounts of all of these stand."""
        ...

    def account(self, account_id: str, now: datetime) -> AccountView:
        """One account's page. Raises KeyError for one that is not on the board."""
        ...

    def answer(self, digest: str) -> KeptAnswer:
        """What a platform answered, byte for byte, by the digest that a look names. Raises KeyError."""
        ...

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
        """The drafts of documents: `circular` or `annex` of an inspection, `notice` of a case, `evidence` against an
        account, `supervision-year` or `work-year` of a year. form: docx, html or xlsx; the document's usual if empty.
        due: the end of the term that a circular gives; that of its cases where it is `None`.

        Raises KeyError for a subject that is unknown, ValueError, in words, where there is nothing to write.
        """
        ...

    def alerts(self, now: datetime, live_only: bool) -> tuple[AlertView, ...]:
        """All alerts, the live ones first, the newest of each first."""
        ...

    def alert_page(
        self,
        now: datetime,
        *,
        only: Filter = EVERYTHING,
        live_only: bool = True,
        sort: str = "opened_at",
        descending: bool = True,
        offset: int = 0,
        limit: int = 50,
        after: str = "",
        before: str = "",
    ) -> AlertPage:
        """A window of the alerts, live ones first; labels: `ALERT_KEYS`, of which `acknowledged` is yes or no.
        after, before: one of the `marks` of another page in the same order, as for `page`.

        sort: `opened_at`, `since`, `level` (incidents first, reminders last), `state`, `indicator`, `review`,
        `account`, `name`, `resolved_at`, `told`; of what is alike the newest first.
        """
        ...

    def platforms(self, now: datetime, window: timedelta) -> tuple[PlatformView, ...]:
        """Each platform's health over the last `window`."""
        ...

    def sessions(self, now: datetime) -> tuple[SessionView, ...]:
        """The logins of the settings."""
        ...

    def receivers(self, now: datetime) -> tuple[ReceiverView, ...]:
        """The receivers of the settings: what each is owed, was last sent, and said."""
        ...

    def campaigns(self, now: datetime) -> tuple[CampaignLine, ...]:
        """Every inspection, the latest first."""
        ...

    def campaign(self, campaign: str, now: datetime) -> CampaignView:
        """One inspection, whole. Raises KeyError."""
        ...

    def cases(
        self, now: datetime, *, live_only: bool = False, campaign: str = "", account: str = ""
    ) -> tuple[CaseLine, ...]:
        """The cases, those with the earliest end of their term first."""
        ...

    def case(self, case: str, now: datetime) -> CaseView:
        """One case with its trace. Raises KeyError."""
        ...

    def log(
        self, now: datetime, *, only: Filter = EVERYTHING, before: str = "", limit: int = 100
    ) -> tuple[LookView, ...]:
        """The looks at all accounts, newest first; labels: `LOG_KEYS`, of which `saw` is yes or no.

        before: the `mark` of a line, behind which to go on.
        """
        ...

    def changes(self, since: datetime, until: datetime, limit: int = 100) -> tuple[Change, ...]:
        """What changed after `since` and up to `until`, newest first."""
        ...

    def instants(self, since: datetime, until: datetime, limit: int = 1000) -> tuple[datetime, ...]:
        """When something changed after `since` and up to `until`, from old to new: the steps of a replay."""
        ...


QUESTIONS = (
    *("page", "ids", "counts", "groups", "units", "account", "alerts", "alert_page"),
    *("platforms", "sessions", "receivers", "log", "changes", "instants"),
    *("campaigns", "campaign", "cases", "case", "answer", "documents"),
)
"""The methods of `Source` that a daemon answers over the network, by name; their annotations say how they travel."""
