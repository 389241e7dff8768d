"""Rows into views, in one language and in the words of the rulebooks. It reads nothing and must never write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from mediawatch.core import lifecycle, views
from mediawatch.core.calendar import day_of, days_between
from mediawatch.core.model import Finality, Finding, Outcome, Reason
from mediawatch.core.review import Decision, Review
from mediawatch.core.rulebook import Indicator, Language, Rulebook
from mediawatch.core.standing import Standing, standing_at
from mediawatch.core.wording import WHY, incident_in_short, say
from mediawatch.store import rows
from mediawatch.store.enroll import RANK
from mediawatch.store.outbox import OWED, SENT

DAY = timedelta(days=1)


class InWords:
    """books: the rulebooks by id."""

    def __init__(self, books: Mapping[str, Rulebook], language: Language) -> None:
        self._books = books
        self.language: Language = language

    def row(self, row: Row[Any], now: datetime, acknowledged: bool, confirmed: bool) -> views.Row:
        """An account's line of the board. Of the alert about what speaks for it: somebody answers for it; people have
        confirmed it."""
        stored = rows.finding_of(row.finding)
        finding = stored and standing_at(stored, now)
        silent = None if row.newest_post_at is None else days_between(row.newest_post_at, now)
        left = None if row.deadline is None else days_between(now, row.deadline - DAY)
        outcome = finding.counts_as if finding else Outcome(row.outcome)
        says = self.says(row.rulebook, finding, confirmed=confirmed)
        indicator = row.indicator
        if outcome in (Outcome.PASS, Outcome.AT_RISK) and row.deadline is not None and row.deadline <= now:
            # a hint speaks, and what the account passed has run out meanwhile
            outcome, indicator, says = Outcome.UNKNOWN, "", WHY["not_seen_since_deadline"].in_(self.language)
        return views.Row(
            account=row.id,
            name=row.name,
            kind=row.kind,
            sponsor=row.sponsor,
            unit=row.unit,
            region=row.region,
            level=row.level,
            outcome=outcome,
            candidate=outcome is Outcome.FAIL and row.rank == RANK[Standing.CANDIDATE],
            indicator=indicator,
            newest_post_at=row.newest_post_at,
            days_silent=silent,
            days_left=left,
            holds_until=row.holds_until,
            reason=None if row.reason is None else Reason(row.reason),
            says=says,
            looked_at=row.looked_at,
            tried_at=row.tried_at,
            acknowledged=acknowledged,
            state=lifecycle.State(row.state),
        )

    def judged(self, found: Iterable[Row[Any]], now: datetime) -> tuple[views.Judged, ...]:
        """Standing answers, in the order of accounts, and of an account's indicators as its rulebook lists them."""
        placed = []
        for row in found:
            place, indicator = self._indicator(row.rulebook, row.indicator, row.judged_at)
            placed.append(((row.account, place, row.indicator), row, indicator))
        return tuple(self._one(row, indicator, now) for _, row, indicator in sorted(placed, key=lambda item: item[0]))

    def _one(self, row: Row[Any], indicator: Indicator | None, now: datetime) -> views.Judged:
        finding = standing_at(Finding.model_validate_json(row.finding), now)
        candidate = finding.outcome is Outcome.FAIL and finding.finality is Finality.CANDIDATE and not row.told
        return views.Judged(
            finding=finding,
            candidate=candidate,
            number=indicator.number if indicator else "",
            title=indicator.title.in_(self.language) if indicator else finding.indicator,
            says=say(indicator, finding, self.language, ahead=True) if indicator else "",
            severity=indicator.severity if indicator else "",
            cites=indicator.cites if indicator else (),
            boundary=indicator.boundary.in_(self.language) if indicator and indicator.boundary else "",
            rulebook=row.rulebook,
        )

    def alert(
        self, row: Row[Any], counted: Mapping[tuple[str, str], int], decided: Iterable[Decision], now: datetime
    ) -> views.AlertView:
        """An alert, with its account's name and rulebook beside it (NULL for none). counted: notices by (id, state)."""
        alert = rows.alert_of(row)
        confirmed = alert.review is Review.CONFIRMED
        copied = set(views.AlertView.model_fields) & set(type(alert).model_fields) - {"state", "review"}
        return views.AlertView(
            **{name: getattr(alert, name) for name in copied},
            state=alert.state.value,
            review=alert.review.value,
            decisions=tuple(map(decision, decided)),
            answered=alert.answered(now),
            account=alert.subject,
            name=row.account_name or alert.subject.removeprefix("platform:"),
            says=self.says(row.account_rulebook or "", alert.finding, confirmed=confirmed) or alert.detail,
            told=counted.get((alert.id, SENT), 0),
            owed=counted.get((alert.id, OWED), 0),
        )

    def says(self, rulebook: str, finding: Finding | None, *, confirmed: bool) -> str:
        """What a finding says; nothing where its line of the rulebook is no longer there."""
        indicator = self._indicator(rulebook, finding.indicator, finding.judged_at)[1] if finding else None
        if indicator is None or finding is None:
            return ""
        return say(indicator, finding, self.language, confirmed=confirmed, ahead=True)

    def incident(self, kept: str) -> str:
        """What keeps us from seeing a platform, as the record keeps it."""
        return incident_in_short(kept, self.language)

    def manual(self, rulebook: str, kind: str) -> tuple[views.NeedsPerson, ...]:
        """What a person must look at in accounts of a kind."""
        lines = self._books[rulebook].manual_for(kind) if rulebook in self._books else ()
        return tuple(
            views.NeedsPerson(
                id=line.id,
                number=line.number,
                title=line.title.in_(self.language),
                asks=line.asks.in_(self.language),
                severity=line.severity,
                cites=line.cites,
            )
            for line in lines
        )

    def _indicator(self, rulebook: str, indicator_id: str, at: datetime) -> tuple[int, Indicator | None]:
        """The indicator and its place in the edition that held then; none where an old finding names what is no longer
        there."""
        indicators = self._books[rulebook].on(day_of(at)).indicators if rulebook in self._books else ()
        for place, indicator in enumerate(indicators):
            if indicator.id == indicator_id:
                return place, indicator
        return len(indicators), None


def decision(decision: Decision) -> views.DecisionView:
    """What a person decided, as others see it."""
    return views.DecisionView(**{name: getattr(decision, name) for name in views.DecisionView.model_fields})
