"""The evidence on an account, as it stood at an instant: what was written down later is not seen. It must never
judge.

Whether an incident covers a look is looked up here, not stored: an incident that is found late covers looks that were
taken before it was found. Only targets that are in the register now count: what a wrong address showed is no proof.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from operator import attrgetter, eq
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select

from mediawatch.core.beside import ALONE
from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.model import Account, DayVisits, Evidence, Look, Package, SeenPost, Target
from mediawatch.core.rules.rule import LAST_LOOKS, PARTS
from mediawatch.core.value import made
from mediawatch.store import batches, hits, matters, profiles, rows, seen_rows
from mediawatch.store.columns import among
from mediawatch.store.crowd import began, beside
from mediawatch.store.newest import newest_listed
from mediawatch.store.tables import ACCOUNT, INCIDENT, OBSERVATION, POST, POST_WAS, TARGET

POSTS = 50
VISIT_DAYS = 31  # Shanghai days of visits that a rule may see, today included
APART = timedelta(minutes=20)  # visits closer than this are one, where visits are counted
MOST_VISITS = 5000

_NOW = bindparam("now", type_=OBSERVATION.c.at.type)
_LAST = newest_listed(OBSERVATION, "target", ("at", "id"), "at", LAST_LOOKS, seen_rows.OF_LOOK)
# One more than are kept: which of the last are kept of one instant, only their keys say, and to go by these is dear.
_NEWEST_POSTS = newest_listed(POST, "account", ("order_at",), "first_seen_at", POSTS + 1, seen_rows.OF_POST)
_IN_ORDER_OF_KEYS = newest_listed(POST, "account", ("order_at", "key"), "first_seen_at", POSTS, seen_rows.OF_POST)
_IN_ORDER, _BY_TIME = attrgetter("at", "id"), attrgetter("at")
_LAST_SEEN = attrgetter("last_seen_at")
_BY_KEYS = attrgetter("order_at", "key")


def _end(newest: bool) -> Any:
    """The id of a target's first or last look that saw anything: one step into the index."""
    look = OBSERVATION.alias()
    order = (look.c.at.desc(), look.c.id.desc()) if newest else (look.c.at, look.c.id)
    asked = select(look.c.id).where(look.c.target == TARGET.c.id, look.c.saw, look.c.at <= _NOW).correlate(TARGET)
    return asked.order_by(*order).limit(1).scalar_subquery()


_ENDS = select(TARGET.c.id, _end(newest=False), _end(newest=True)).where(among(TARGET.c.id, "targets"))
# The different packages that a download address ever gave, each by the first look that saw it.
_PACKAGES = (
    select(OBSERVATION.c.target, OBSERVATION.c.facts, func.min(OBSERVATION.c.id).label("id"))
    .where(
        among(OBSERVATION.c.target, "targets"),
        OBSERVATION.c.at <= _NOW,
        OBSERVATION.c.facts.startswith('{"kind":"package","present":true'),
    )
    .group_by(OBSERVATION.c.target, OBSERVATION.c.facts)
)
_BY_ID = select(*(OBSERVATION.c[name] for name in seen_rows.OF_LOOK)).where(
    OBSERVATION.c.id.in_(bindparam("ids", expanding=True))
)
# Facts are our own JSON with its fields in one order: a page begins with `kind` and `opened`.
_VISITS = (
    select(
        *(OBSERVATION.c.target, OBSERVATION.c.platform, OBSERVATION.c.at),
        OBSERVATION.c.facts.startswith('{"kind":"page","opened":true').label("opened"),
        OBSERVATION.c.facts.not_like('%"notice":""%').label("noticed"),
        OBSERVATION.c.facts,
    )
    .where(
        among(OBSERVATION.c.target, "targets"),
        OBSERVATION.c.at >= bindparam("first", type_=OBSERVATION.c.at.type),
        OBSERVATION.c.at <= bindparam("now", type_=OBSERVATION.c.at.type),
        OBSERVATION.c.facts.startswith('{"kind":"page",'),
    )
    .order_by(OBSERVATION.c.at.desc(), OBSERVATION.c.id.desc())
    .limit(MOST_VISITS)
)
_NEWEST_DATE = re.compile(r'"newest_at":(?:"([^"]+)"|null)')  # the first is the page's own, columns come behind it
_WAS = (
    select(POST_WAS)
    .where(among(POST_WAS.c.account, "accounts"), POST_WAS.c.until > bindparam("now", type_=POST_WAS.c.until.type))
    .order_by(POST_WAS.c.until)
)
_INCIDENTS = select(INCIDENT).where(
    among(INCIDENT.c.platform, "platforms"),
    or_(INCIDENT.c.closed_at.is_(None), INCIDENT.c.closed_at > bindparam("first", type_=POST.c.at.type)),
)


def evidence(connection: Connection, account_id: str, now: datetime, account: Account | None = None) -> Evidence:
    """All that a rule may look at. Raises KeyError for an unknown account.

    account: with the targets that count; those of the register now where it is not given.
    """
    account = account or rows.accounts(connection, [account_id])[account_id]
    return evidence_of(connection, [account], now)[account_id]


def evidence_of(
    connection: Connection,
    accounts: Sequence[Account],
    now: datetime,
    reads: Collection[str] = PARTS,
    *,
    bare: bool = False,
) -> dict[str, Evidence]:
    """The same for many accounts at once, by their ids: see `each_evidence`."""
    return {one.account.id: one for one in each_evidence(connection, accounts, now, reads, bare=bare)}


def each_evidence(
    connection: Connection,
    accounts: Sequence[Account],
    now: datetime,
    reads: Collection[str] = PARTS,
    *,
    bare: bool = False,
) -> Iterator[Evidence]:
    """The same for many accounts at once, in as many statements as for one, each made when it is asked for.

    reads: what it holds of `rule.PARTS` beside the looks; the rest is left empty, as if there were none. bare: for
    rules alone, which only read: posts and counts are left as the record holds them, by the names of their values; to
    make thousands of values costs more than to ask them.
    """
    known = {target.id: target for account in accounts for target in account.targets}
    asked = {"targets": sorted(known), "accounts": sorted(account.id for account in accounts), "now": now}
    looks = _looks_of(connection, asked, [one.id for one in known.values() if "package" in one.covers])
    posts = dict(batches.read(connection, _NEWEST_POSTS, asked)) if "posts" in reads else {}
    was = cache(lambda: _as_they_were(connection, asked))
    changes = profiles.last_changes(connection, asked) if "profiles" in reads else {}
    series = profiles.daily_counts(connection, list(known), now) if "series" in reads else {}
    groups = (*looks.values(), *changes.values(), *series.values())
    blind = Incidents(connection, [row for of in groups for row in (of[0], of[-1])])  # each is in the order of its time
    found = hits.of(connection, asked) if "hits" in reads else {}
    said = matters.of(connection, asked) if "matters" in reads else {}
    together = beside(connection, looks.values(), now) if "beside" in reads else {}
    for account in accounts:
        seen = [
            seen_rows.look_of(row, target.adapter, target.covers, not blind.cover(row.platform, row.at))
            for target in account.targets
            for row in looks.get(target.id, ())
        ]
        if len(account.targets) > 1:
            seen.sort(key=_BY_TIME)  # stable: of one instant, in the order they were written
        shown = _posts_of(connection, asked, account.id, posts.get(account.id))
        then: Sequence[Any] = shown if bare else [seen_rows.post_of(one) for one in shown]
        if shown and max(map(_LAST_SEEN, shown)) > now:
            then = _as_shown([seen_rows.post_of(one) for one in shown], was().get(account.id, {}), seen, now)
        yield made(
            Evidence,
            {
                "account": account,
                "now": now,
                "watched_since": next((look.at for look in seen if look.seen is not None), None),
                "looks": tuple(seen),
                "posts": tuple(then),
                "visits": _visits(connection, account.targets, now) if "visits" in reads else (),
                "profiles": profiles.changes_of(changes.get(account.id, ()), blind.cover),
                "series": profiles.series_of(series.get(account.id, ()), blind.cover, bare),
                "hits": found.get(account.id, ()),
                "matters": said.get(account.id, ()),
                "beside": together.get(account.id, ALONE),
            },
        )


def counts_of(connection: Connection, accounts: Sequence[Account], now: datetime) -> dict[str, Evidence]:
    """Evidence that holds nothing but the daily counts, as `evidence_of` gives them."""
    series = profiles.daily_counts(connection, [one.id for account in accounts for one in account.targets], now)
    blind = Incidents(connection, [of[0] for of in series.values()])
    return {
        account.id: Evidence(
            account=account, now=now, series=profiles.series_of(series.get(account.id, ()), blind.cover)
        )
        for account in accounts
    }


def _visits(connection: Connection, targets: Iterable[Target], now: datetime) -> tuple[DayVisits, ...]:
    """The visits of the last month by target and day: one query, and none for accounts whose visits nobody counts."""
    counted = [target.id for target in targets if "visits" in target.covers]
    if not counted:
        return ()
    first = midnight_after(day_of(now) - timedelta(days=VISIT_DAYS))
    found = batches.named(connection, _VISITS, {"targets": counted, "first": first, "now": now})
    blind = Incidents(connection, found)
    days: dict[tuple[date, str], list[Row[Any]]] = {}
    for row in reversed(found):
        if not blind.cover(row.platform, row.at):
            days.setdefault((day_of(row.at), row.target), []).append(row)
    return tuple(_day_of_visits(target, day, visits) for (day, target), visits in sorted(days.items(), key=_by_day))


def _by_day(item: tuple[tuple[date, str], list[Row[Any]]]) -> tuple[date, str]:
    return item[0]


def _day_of_visits(target: str, day: date, visits: Sequence[Row[Any]]) -> DayVisits:
    """Counts one day. What lies too close behind a visit that counts does not: a second look proves no second visit."""
    spaced: list[Row[Any]] = []
    for visit in visits:
        if not spaced or visit.at - spaced[-1].at >= APART:
            spaced.append(visit)
    failed = [visit.at for visit in spaced if not visit.opened]
    return DayVisits(
        target=target,
        day=day,
        total=len(visits),
        spaced=len(spaced),
        failed=len(failed),
        opened=sum(bool(visit.opened) for visit in visits),
        noticed=sum(bool(visit.opened and visit.noticed) for visit in visits),
        newest_at=_newest_shown(visit.facts for visit in visits if visit.opened),
        first_failed_at=failed[0] if failed else None,
        last_failed_at=failed[-1] if failed else None,
    )


def _newest_shown(pages: Iterable[str]) -> datetime | None:
    """The newest date that any of these pages showed, as they are written down."""
    told = {found[1] for page in pages if (found := _NEWEST_DATE.search(page)) is not None}
    return max((datetime.fromisoformat(one) for one in told if one is not None), default=None)


def recent_looks(connection: Connection, platform: str, since: datetime, most: int | None) -> tuple[Look, ...]:
    """The last `most` looks at a platform from `since` on (all of them for `None`), and all of its canaries, from old
    to new."""
    asked = (
        select(*(OBSERVATION.c[name] for name in seen_rows.OF_LOOK), TARGET.c.adapter, TARGET.c.covers)
        .join(TARGET, TARGET.c.id == OBSERVATION.c.target)
        .where(OBSERVATION.c.at >= since, OBSERVATION.c.platform == platform, TARGET.c.removed_at.is_(None))
        .order_by(OBSERVATION.c.at.desc(), OBSERVATION.c.id.desc())
    )
    found: dict[int, Row[Any]] = {}
    found |= {row.id: row for row in connection.execute(asked.limit(most) if most else asked).all()}
    if most and len(found) == most:
        canaries = select(ACCOUNT.c.id).where(ACCOUNT.c.canary, ACCOUNT.c.removed_at.is_(None))
        found |= {row.id: row for row in connection.execute(asked.where(TARGET.c.account.in_(canaries)))}
    blind = Incidents(connection, list(found.values()))
    covers = {text: frozenset(json.loads(text)) for text in {row.covers for row in found.values()}}
    return tuple(
        seen_rows.look_of(row, row.adapter, covers[row.covers], not blind.cover(row.platform, row.at))
        for row in sorted(found.values(), key=lambda row: (row.at, row.id))
    )


class Incidents:
    """The incidents that may cover some looks."""

    def __init__(self, connection: Connection, looks: Sequence[Any]) -> None:
        self._spells: dict[str, list[tuple[datetime, datetime | None]]] = {}
        if looks:
            asked = {"platforms": sorted({row.platform for row in looks}), "first": min(row.at for row in looks)}
            for row in batches.named(connection, _INCIDENTS, asked):
                self._spells.setdefault(row.platform, []).append((row.opened_at, row.closed_at))

    def cover(self, platform: str, at: datetime) -> bool:
        """True where one covers that instant: from its opening to just before its end."""
        if not self._spells:  # nearly always
            return False
        for opened, closed in self._spells.get(platform, ()):
            if opened <= at and (closed is None or at < closed):
                return True
        return False


def _looks_of(connection: Connection, asked: Mapping[str, Any], packages: Sequence[str]) -> dict[str, list[Any]]:
    """By target, from old to new: its last looks, and beside them the first and the last that saw anything, and the
    first since then by which the account is gone.

    packages: targets of which the first look at the highest version of each package is there too.
    """
    looks: dict[str, list[Any]] = {
        target: seen_rows.looks_of(text)[::-1] for target, text in batches.read(connection, _LAST, asked) if text
    }
    full = [target for target, found in looks.items() if len(found) == LAST_LOOKS]  # there may be older ones
    if full:
        ends = batches.read(connection, _ENDS, {**asked, "targets": full})
        kept = {row.id for target in full for row in looks[target]}
        told = [one for one in packages if one in full]
        highest = _highest(batches.named(connection, _PACKAGES, {**asked, "targets": told})) if told else set[int]()
        first_said = began(connection, {target: looks[target] for target in full}, asked["now"])
        more = sorted(({one for row in ends for one in row[1:] if one is not None} | highest | first_said) - kept)
        for row in connection.execute(_BY_ID, {"ids": more}).all() if more else ():
            looks[row.target].append(row)
            looks[row.target].sort(key=_IN_ORDER)
    return looks


def _posts_of(
    connection: Connection, asked: Mapping[str, Any], account: str, text: str | None
) -> list[seen_rows.StoredPost]:
    """An account's newest posts, from new to old, those of one instant in the order of their keys. text: with them, as
    many as lie in no such order."""
    posts = seen_rows.posts_of(text) if text else []
    if len(posts) > POSTS and posts[POSTS].order_at == posts[POSTS - 1].order_at:
        ((_, text),) = batches.read(connection, _IN_ORDER_OF_KEYS, {**asked, "accounts": [account]})
        posts = seen_rows.posts_of(text)
    instants = [one.order_at for one in posts]
    if any(map(eq, instants, instants[1:])):
        posts.sort(key=_BY_KEYS, reverse=True)
    return posts[:POSTS]


def _highest(found: Iterable[Row[Any]]) -> set[int]:
    """For each target and package the look that first saw the highest version, faulty ones left out."""
    best: dict[tuple[str, str], tuple[int, int]] = {}
    for row in found:
        told = Package.model_validate_json(row.facts)
        if told.version_code is not None and not told.problem:
            mark = (told.version_code, -row.id)
            best[row.target, told.package] = max(mark, best.get((row.target, told.package), mark))
    return {-id_ for _, id_ in best.values()}


def _as_shown(
    posts: Iterable[SeenPost], was: Mapping[str, Row[Any]], looks: Iterable[Look], now: datetime
) -> list[SeenPost]:
    """Posts that a later look showed again, as they were at `now`. was: by key, what those were then that one showed
    otherwise. looks: up to `now`."""
    shown = {look.target: look.at for look in looks if look.posts}  # the last that showed any post
    return [
        seen_rows.post_then(one, was.get(one.key), shown, now) if one.key in was or one.last_seen_at > now else one
        for one in posts
    ]


def _as_they_were(connection: Connection, asked: Mapping[str, Any]) -> dict[str, dict[str, Row[Any]]]:
    """By account and key, what posts were at `now` that a later look showed otherwise; the present asks nothing."""
    found: dict[str, dict[str, Row[Any]]] = {}
    for row in batches.named(connection, _WAS, asked):
        found.setdefault(row.account, {}).setdefault(row.key, row)
    return found
