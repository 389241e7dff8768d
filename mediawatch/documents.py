"""A document by its kind: gathered, put on paper and rendered, as the new file that it is. For every face alike.

Drafts only: it must not write to the record, nor publish anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from mediawatch import packing, reporting
from mediawatch.core.bodies import Document, Wanted
from mediawatch.core.calendar import day_of
from mediawatch.core.report_views import Issue, Pack
from mediawatch.policy import Policy
from mediawatch.reports import circular, evidence_pack, notice, supervision_year, work_year
from mediawatch.reports.formats import Format, rendered
from mediawatch.store.query import Query
from mediawatch.store.store import Store

FORMS: dict[str, tuple[Format, ...]] = {
    "circular": ("docx", "html", "xlsx"),
    "annex": ("xlsx", "docx", "html"),
    "notice": ("docx", "html"),
    "supervision-year": ("xlsx", "docx", "html"),
    "work-year": ("xlsx", "docx", "html"),
}
"""What each document may be written as, the usual one first."""
EVIDENCE: tuple[Literal["zip"] | Format, ...] = ("zip", "docx", "html")
"""Evidence whole, or the page in front of it alone."""
_NOT_IN_FILES = re.compile(r"[^0-9A-Za-z._-]")


class NothingFound(ValueError):
    """There is no finding that evidence could be packed of."""


def written(
    store: Store,
    query: Query,
    policy: Policy,
    recall: Callable[[str], bytes | None],
    wanted: Wanted,
    now: datetime,
) -> tuple[Document, ...]:
    """The documents. Raises KeyError for a subject that is unknown, ValueError, in words, where nothing is to write
    (`NothingFound` where it is evidence of nothing)."""
    kind, subject, form = wanted.kind, wanted.subject, wanted.form
    issue = Issue(language=wanted.language, issuer=wanted.issuer, to=wanted.to, day=day_of(now))
    if kind == "evidence":
        asked = {"indicator": wanted.indicator, "campaign": wanted.campaign}
        found = packing.packs(store, policy, recall, subject, issue, wanted.at or now, **asked)
        if not found:
            raise NothingFound(f"nothing was found against {subject}")
        return tuple(_evidence(pack, form) for pack in found)
    if kind not in FORMS:
        raise ValueError(f"there is no document {kind}; there are {', '.join((*FORMS, 'evidence'))}")
    chosen = next((one for one in FORMS[kind] if one == (form or one)), None)
    if chosen is None:
        raise ValueError(f"a {kind} is written as {', '.join(FORMS[kind])}")
    if kind in ("circular", "annex"):
        if wanted.due is not None and wanted.due < issue.day:
            raise ValueError(f"the term ends before the paper is written: {wanted.due} is past")
        whole = reporting.circular(store, query, policy, subject, issue, now, wanted.due)
        paper = circular.paper(whole) if kind == "circular" else circular.annexes_alone(whole)
    elif kind == "notice":
        paper = notice.paper(reporting.letter(store, query, policy, subject, issue, now))
    elif kind == "supervision-year":
        paper = supervision_year.paper(reporting.supervision_year(store, year_of(subject), issue))
    else:
        paper = work_year.paper(reporting.work_year(store, year_of(subject), issue, wanted.sponsor))
    stem = f"{kind.removesuffix('-year')}-{subject}" if kind.endswith("-year") else f"{subject}-{kind}"
    return (Document(name=f"{_NOT_IN_FILES.sub('_', stem)}.{chosen}", body=rendered(paper, chosen)),)


def _evidence(pack: Pack, form: str) -> Document:
    chosen = next((one for one in EVIDENCE if one == (form or one)), None)
    if chosen is None:
        raise ValueError(f"evidence is written as {', '.join(EVIDENCE)}")
    body = evidence_pack.render(pack) if chosen == "zip" else rendered(evidence_pack.page(pack), chosen)
    finding = pack.finding
    account = _NOT_IN_FILES.sub("_", finding.account)
    name = f"{account}-{finding.indicator}-{day_of(finding.judged_at):%Y%m%d}-evidence.{chosen}"
    return Document(name=name, body=body, missing=len(pack.missing))


def year_of(text: str) -> int:
    """A year that a form can be about. Raises ValueError."""
    if not re.fullmatch(r"20[0-9]{2}", text) or int(text) < 2017:
        raise ValueError(f"{text} is no year from 2017 on")
    return int(text)
