"""`review list|confirm|dismiss`: candidates that wait for a person, with their evidence, and what people decide."""

from __future__ import annotations

import asyncio
import getpass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.listing import Column, Listing, listing
from mediawatch.commands.options import Busy, Instant, Stopped, loaded, paths
from mediawatch.commands.printing import moment, narrate
from mediawatch.core.reading import ALERT_KEYS, ALERT_SORTS
from mediawatch.core.rulebook import Language, Words
from mediawatch.core.views import AlertView
from mediawatch.settings import Loaded

if TYPE_CHECKING:
    from mediawatch.core.review import Choice
    from mediawatch.core.views import DecisionView

REVIEWS = {
    "waiting": Words(zh_CN="待人工核实", en="waits for a person"),
    "confirmed": Words(zh_CN="已确认", en="confirmed"),
    "dismissed": Words(zh_CN="已排除", en="dismissed"),
}
CHOICES = {"confirm": Words(zh_CN="确认", en="confirms"), "dismiss": Words(zh_CN="排除", en="dismisses")}


@click.group()
def review() -> None:
    """Candidates that wait for a person: list, confirm, dismiss."""


def _says(view: AlertView, spoken: Language) -> str:
    return "; ".join((view.says, *_evidence(view, spoken), *(decided(one, spoken) for one in view.decisions)))


_LISTED: tuple[Column[AlertView], ...] = (
    Column("编号", "id", lambda view, _: view.id),
    Column("核实", "review", lambda view, spoken: REVIEWS[view.review].in_(spoken)),
    Column("账号", "account", lambda view, _: view.name or view.account, 28),
    Column("指标", "indicator", lambda view, _: view.indicator),
    Column("告警于", "opened", lambda view, _: moment(view.opened_at)),
    Column("说明", "says", _says),
)


@review.command("list")
@listing(keys=ALERT_KEYS, sorts=ALERT_SORTS, first="opened_at", falls=True)
@click.option("--all", "all_", is_flag=True, help="Those that are decided or over as well.")
def review_list(asked: Listing, all_: bool) -> None:
    """Candidates that wait, each with its evidence and with what people have said of it so far."""
    found = (one for one in asked.alerts(not all_) if one.review != "not_needed")
    asked.show(_LISTED, (one for one in found if all_ or one.review == "waiting"))


@review.command()
@click.argument("alert")
@paths
@click.option("--by", default=getpass.getuser, help="Who decides (default: the login name).")
@click.option("--reason", required=True, help="Why: what was looked at, and how.")
def confirm(alert: str, accounts: Path | None, settings: Path | None, by: str, reason: str) -> None:
    """Confirm a candidate: from now on it is told. Goes through the daemon where one runs."""
    asyncio.run(decide(loaded(accounts, settings), alert, "confirm", by, reason))
    narrate("ok")


@review.command()
@click.argument("alert")
@paths
@click.option("--by", default=getpass.getuser, help="Who decides (default: the login name).")
@click.option("--reason", required=True, help="Why it is no breach.")
@click.option("--until", type=Instant(), help="Until when; without it for as long as the evidence does not change.")
def dismiss(
    alert: str, accounts: Path | None, settings: Path | None, by: str, reason: str, until: datetime | None
) -> None:
    """Dismiss a candidate: it is over and nobody is told. Goes through the daemon where one runs."""
    asyncio.run(decide(loaded(accounts, settings), alert, "dismiss", by, reason, until))
    narrate("ok")


async def decide(
    found: Loaded, alert: str, choice: Choice, by: str, reason: str, until: datetime | None = None
) -> None:
    """Through the daemon, or with the store's lock taken here where no daemon runs. Raises Stopped."""
    from mediawatch.core.text import clean
    from mediawatch.house import held_store, policy_of, socket_path
    from mediawatch.review import decide as decided_here
    from mediawatch.store.errors import StoreBusy, StoreError
    from mediawatch.wires import control

    ends = None if until is None else until.isoformat()
    try:
        await control.review(socket_path(found.settings), alert, choice, by, reason, ends)
    except control.ControlRefused as error:
        raise Stopped(str(error)) from None
    except control.NoDaemon:
        try:
            now = wall_clock()
            with held_store(found.settings, now, beside=True) as store:
                decided_here(store, policy_of(found), alert, choice, clean(by), clean(reason), now, until)
        except StoreBusy as error:
            raise Busy(str(error)) from None
        except StoreError as error:
            raise Stopped(str(error)) from None
        except KeyError:
            raise Stopped(f"no alert {alert}") from None
        except ValueError as error:
            raise Stopped(str(error)) from None


def decided(one: DecisionView, spoken: Language) -> str:
    """One decision in words: who, when, what, why, until when."""
    until = "" if one.expires_at is None else f"（至 {moment(one.expires_at)}）" if spoken == "zh_CN" else (
        f" (until {moment(one.expires_at)})"
    )  # fmt: skip
    return f"{moment(one.at)} {one.by} {CHOICES[one.choice].in_(spoken)}{until}: {one.reason}"


def _evidence(view: AlertView, spoken: Language) -> tuple[str, ...]:
    if view.finding is None or not view.finding.proof:
        return ()
    looks = ", ".join(f"{moment(at)} {target}" for target, at in view.finding.proof)
    return (("证据: " if spoken == "zh_CN" else "proof: ") + looks,)
