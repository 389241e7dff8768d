"""Own fault first: platforms that cannot be seen, logins that end, a disk that fills, a time in which we were down.

Each becomes an alert that accuses nobody, and is told like any other. It must not look, and it must not send.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mediawatch import notify
from mediawatch.core import alerting, faults, incidents, sessions
from mediawatch.core.alerting import Alert, State
from mediawatch.core.model import Failure, Listing, Reason
from mediawatch.core.schedule import spread
from mediawatch.core.wording import incident_says
from mediawatch.policy import Policy
from mediawatch.store.looks import Looked
from mediawatch.store.store import Ledger

_ALIVE = "alive_at"


@dataclass(frozen=True)
class Spell:
    """A time in which a platform could not be seen: looks from `since` to just before `to` prove nothing."""

    platform: str
    since: datetime
    to: datetime


def watch_ourselves(ledger: Ledger, policy: Policy, now: datetime, free: int | None = None) -> int:
    """Logins, receivers that refuse, the disk (`free` bytes), platforms that are well again: alerts open and end.

    Returns how many changed.
    """
    language = policy.language
    changed = (
        *_settled(ledger, policy, now),
        *sessions.transition(ledger.live_alerts_under("session:"), policy.sessions, now, language),
        *faults.refusals(ledger.live_alerts_under("receiver:"), ledger.outbox.refusals(), now, language),
    )
    if free is not None:
        changed += faults.disk(ledger.live_alerts("own:disk"), free, policy.telling.least_free, now, language)
    for alert in changed:
        _tell(ledger, alert, policy, now)
    if any(alert.indicator == sessions.EXPIRED for alert in changed):  # what a closed platform held back
        ledger.ask_again(now)
    return len(changed)


def watch_clock(ledger: Ledger, policy: Policy, doubt: faults.Doubt | None, now: datetime) -> None:
    """A clock that is wrong, or may be, is told, and that it is well again."""
    for alert in faults.clock(ledger.live_alerts("own:clock"), doubt, now, policy.language):
        _tell(ledger, alert, policy, now)


def unproven(looked: Looked) -> Looked:
    """A look whose instant is in doubt: its answers are kept, and it has seen nothing."""
    failed = Failure(reason=Reason.OWN_CLOCK, detail="the clock is in doubt")
    return replace(
        looked, observation=looked.observation.model_copy(update={"seen": None, "failure": failed}), again=False
    )


def sign_of_life(ledger: Ledger, policy: Policy, now: datetime, *, starts: bool) -> bool:
    """Writes down that we run. Where we did not for longer than is tolerated, that is told. Returns whether it is.

    starts: whether this is the first since the start; a clock that leaps is no time in which we were down.
    """
    down = faults.was_down(alive_at(ledger), now, policy.telling.down_after, policy.language) if starts else None
    if down is not None:
        _tell(ledger, down, policy, now)
    ledger.remember(_ALIVE, now.isoformat())
    return down is not None


def alive_at(ledger: Ledger) -> datetime | None:
    """When a house on this store last wrote down that it runs: in a fleet, any worker of it."""
    said = ledger.remembered(_ALIVE)
    return None if said is None else datetime.fromisoformat(said)


def watch_looks(ledger: Ledger, looked: Iterable[Looked], policy: Policy, now: datetime) -> tuple[Spell, ...]:
    """`watch_platforms` of those of which these looks may say anything new: where one of them showed nothing, or less
    than the one before it, where an incident stands, and where canaries sing, whatever was looked at. Looks that show
    something darken no platform."""
    looked = tuple(looked)
    platforms = {one.claim.target.platform for one in looked}
    dark = {one.claim.target.platform for one in looked if not one.showed or one.goes_back}
    dark |= platforms if policy.canaried is None else platforms & policy.canaried
    machines = {faults.machine_of(one.observation.site): one.observation.site for one in looked}
    live = ledger.live_alerts_of({*(f"platform:{platform}" for platform in platforms - dark), *machines})
    for subject, site in machines.items():
        _watch_machine(ledger, site, looked, live.pop(subject, ()), policy, now)
    return watch_platforms(ledger, dark | {subject.removeprefix("platform:") for subject in live}, policy, now)


def _watch_machine(
    ledger: Ledger, site: str, looked: Iterable[Looked], live: Iterable[Alert], policy: Policy, now: datetime
) -> None:
    """A machine that takes no answer, or starts no reader, is told once, and that it does again."""
    made = [one.observation for one in looked if one.observation.site == site]
    refused = [one.failure.detail for one in made if one.failure and one.failure.reason is Reason.OWN_MACHINE]
    kept = any(one.digests for one in made)
    for alert in faults.machine(live, site, refused[-1] if refused else "", kept, now, policy.language):
        _tell(ledger, alert, policy, now)


def watch_platforms(ledger: Ledger, platforms: Iterable[str], policy: Policy, now: datetime) -> tuple[Spell, ...]:
    """Own fault first: opens or ends each platform's incident before anything is concluded from its looks.

    Returns the spells that ended, or that show a sign of life: who was looked at in them is to be looked at again.
    """
    ended = (_watch_platform(ledger, platform, policy, now) for platform in sorted(platforms))
    return tuple(spell for spell in ended if spell is not None)


def look_again(ledger: Ledger, ended: Iterable[Spell], policy: Policy, now: datetime) -> None:
    """What was looked at while a platform was down waits for no other day, now that it is back."""
    for spell in ended:
        ledger.hasten(spell.platform, spell.since, spell.to, lambda id_: now + policy.cadence.retry * spread(id_))


def _watch_platform(ledger: Ledger, platform: str, policy: Policy, now: datetime) -> Spell | None:
    standing = [alert for alert in ledger.live_alerts(f"platform:{platform}") if alert.level == "incident"]
    blind_since = spell.opened_at if (spell := ledger.incident(platform)) is not None else None
    recent = ledger.recent_looks(platform, now - policy.incident_window, None if spell else incidents.ENOUGH)
    looks = incidents.counted(recent, now)
    if recent and not looks:  # we have seen nothing of it, neither that it is blind nor that it is back
        return None
    canaries = frozenset(look.target for look in looks if look.target.startswith(incidents.CANARY))
    sights = ledger.last_sights({look.target for look in looks})
    posted = ledger.have_posted({look.target for look in looks if look.failure is None and look.posts == 0})
    dated = {look.target for look in looks if look.newest_at is not None}
    shown = ledger.shown_since(dated, (blind_since or now) - incidents.LATELY, now)
    absent = {look.target for look in looks if isinstance(look.seen, Listing) and not look.seen.present}
    listed = ledger.listed_at(absent, (blind_since or now) - incidents.LATELY)
    hidden = {target: ledger.post_seen_at(target, policy.hidden[target]) for target in canaries & policy.hidden.keys()}
    quiet = policy.quiet_of(platform)
    incident = incidents.assess(
        platform, looks, canaries, now, quiet, blind_since, sights, hidden, posted, shown, listed
    )
    if incident is None:
        if blind_since is None:
            return None
        ended = Spell(platform, blind_since, looks[-1].at if looks else now)
        ledger.close_incident(platform, ended.to)  # the look that cleared it is trusted
        for alert in standing:
            if alert.indicator not in incidents.COMES_AND_GOES:
                _tell(ledger, alert.model_copy(update={"state": State.RESOLVED, "resolved_at": now}), policy, now)
        ledger.ask_again(now)  # what the platform's trouble held back
        return ended
    ledger.open_incident(platform, incident.since, f"{incident.kind}: {incident.detail}")
    if not standing or _names_another_fault(incident, standing):
        opened = Alert(
            id=alerting.alert_id(f"platform:{platform}", incident.kind, "incident", now),
            subject=f"platform:{platform}",
            indicator=incident.kind,
            level="incident",
            state=State.OPEN,
            since=incident.since,
            opened_at=now,
            confirmed_at=now,
            detail=incident_says(incident, policy.language),
        )
        _tell(ledger, opened, policy, now)
    elif blind_since is not None and (back := incidents.sign_of_life(looks, blind_since)) is not None:
        return Spell(platform, blind_since, back)
    return None


def _tell(ledger: Ledger, alert: Alert, policy: Policy, now: datetime) -> None:
    ledger.save_alert(alert)
    notify.owe(ledger, alert, policy, now)


def _settled(ledger: Ledger, policy: Policy, now: datetime) -> tuple[Alert, ...]:
    """The alerts of platforms that could be seen for some time since: one trouble that comes and goes is told once.

    The youngest looks of that time, and all of canaries, tell whether it still does.
    """
    blind = ledger.open_incidents()
    standing = [
        alert
        for alert in ledger.live_alerts_under("platform:")
        if alert.level == "incident" and alert.subject.removeprefix("platform:") not in blind
    ]
    seen_since = ledger.blind_until({alert.subject.removeprefix("platform:") for alert in standing})
    return tuple(
        alert.model_copy(update={"state": State.RESOLVED, "resolved_at": now})
        for alert in standing
        if now - seen_since.get(alert.subject.removeprefix("platform:"), alert.opened_at) >= incidents.SETTLED
        and not _comes_and_goes(ledger, alert.subject.removeprefix("platform:"), policy, now)
    )


def _comes_and_goes(ledger: Ledger, platform: str, policy: Policy, now: datetime) -> bool:
    looks = ledger.recent_looks(platform, now - incidents.SETTLED, incidents.ENOUGH)
    return incidents.comes_and_goes(incidents.counted(looks, now), policy.quiet_of(platform))


def _names_another_fault(incident: incidents.Incident, standing: Sequence[Alert]) -> bool:
    """Whether an incident that stands has turned out to be our parser's or our login's: somebody else must act."""
    return incident.kind in ("drift", "login") and all(alert.indicator != incident.kind for alert in standing)
