"""`alerts list|ack|route|preview|burden`: what stands open, who takes care of it, who is told, when and why."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.listing import Column, Listing, listing
from mediawatch.commands.one_act import acted
from mediawatch.commands.options import Lasts, Stopped, as_json, files, language, loaded, paths, reading
from mediawatch.commands.printing import echo, json_line, moment, narrate, table
from mediawatch.core.alert_words import CAUSES
from mediawatch.core.alerting_views import ForeseenView
from mediawatch.core.reading import ALERT_KEYS, ALERT_SORTS
from mediawatch.core.rulebook import Language
from mediawatch.core.views import AlertView
from mediawatch.settings import Loaded

STATES = {
    "pending": {"zh_CN": "待复核", "en": "pending"},
    "open": {"zh_CN": "未处理", "en": "open"},
    "resolved": {"zh_CN": "已解除", "en": "resolved"},
    "acknowledged": {"zh_CN": "已签收", "en": "acknowledged"},
}
LEVELS = {
    "breach": {"zh_CN": "不合格", "en": "breach"},
    "candidate": {"zh_CN": "待核实", "en": "to check"},
    "notice": {"zh_CN": "提示", "en": "hint"},
    "reminder": {"zh_CN": "提醒", "en": "reminder"},
    "incident": {"zh_CN": "平台故障", "en": "incident"},
    "fault": {"zh_CN": "自身故障", "en": "our own fault"},
    "flapping": {"zh_CN": "反复变化", "en": "flapping"},
}


@click.group()
def alerts() -> None:
    """Alerts: list, acknowledge, and who is told of them."""


def _columns() -> tuple[Column[AlertView], ...]:
    def state(view: AlertView, spoken: Language) -> str:
        return STATES["acknowledged" if view.state == "open" and view.answered else view.state][spoken]

    return (
        Column("编号", "id", lambda view, _: view.id),
        Column("级别", "level", lambda view, spoken: LEVELS[view.read_as][spoken]),
        Column("状态", "state", state),
        Column("账号", "account", lambda view, _: view.name or view.account, 28),
        Column("自", "since", lambda view, _: moment(view.since)),
        Column("告警于", "opened", lambda view, _: moment(view.opened_at)),
        Column("说明", "says", lambda view, _: view.says),
    )


@alerts.command("list")
@listing(keys=ALERT_KEYS, sorts=ALERT_SORTS, first="opened_at", falls=True)
@click.option("--all", "all_", is_flag=True, help="Those that are over as well.")
def alerts_list(asked: Listing, all_: bool) -> None:
    """Alerts that stand (with --all: ever stood)."""
    asked.show(_columns(), asked.alerts(not all_))


@alerts.command("ack")
@click.argument("alert")
@paths
@click.option("--by", default=getpass.getuser, help="Who takes care of it (default: the login name).")
@click.option("--note", default="", help="What is being done.")
@click.option("--for", "lasts", type=Lasts(), help="For how long: 8h, 3d (default: as the settings say).")
@click.option("--sticky", is_flag=True, help="Until it is healthy.")
def alerts_ack(
    alert: str,
    accounts: Path | None,
    settings: Path | None,
    by: str,
    note: str,
    lasts: timedelta | None,
    sticky: bool,
) -> None:
    """Acknowledge an alert: somebody takes care of it. Goes through the daemon where one runs."""
    found = loaded(accounts, settings)
    until = None if lasts is None else wall_clock() + lasts
    asyncio.run(acknowledge(found, alert, by, note, until, sticky))
    narrate("ok")


@alerts.command("route")
@click.argument("account")
@files
@as_json
def alerts_route(account: str, accounts: Path | None, settings: Path | None, lang: str | None, json_: bool) -> None:
    """Who would be told of a breach of the account, when and why, if it were confirmed now; and of those that stand."""
    from mediawatch.foresight import route
    from mediawatch.house import policy_of

    with reading(accounts, settings, lang) as (_, store, found):
        policy = replace(policy_of(found), language=language(lang, found))
        try:
            words = route(store, policy, account, wall_clock())
        except KeyError:
            raise Stopped(f"no account {account}") from None
    _print_words(words, language(lang, found), json_)


@alerts.command("preview")
@files
@click.option("--within", type=Lasts(), default="1d", help="How far to look ahead (default: 1d).")
@click.option("--messages", "whole", is_flag=True, help="The messages themselves, as the receivers would get them.")
@as_json
def alerts_preview(
    accounts: Path | None, settings: Path | None, lang: str | None, within: timedelta, whole: bool, json_: bool
) -> None:
    """What will be told, to whom, when and why, if nothing changes: what waits, and what falls due."""
    from mediawatch.foresight import messages, preview
    from mediawatch.house import policy_of, receivers_of

    with reading(accounts, settings, lang) as (_, store, found):
        policy = replace(policy_of(found), language=language(lang, found))
        if whole:
            for message in messages(store, policy, receivers_of(found.settings), wall_clock(), within):
                head = f"\n--- {moment(message.at)}  {message.receiver}  ({message.notices})"
                echo(json_line(message) if json_ else f"{head}\n{message.text}")
            return
        words = preview(store, policy, wall_clock(), within)
    _print_words(words, language(lang, found), json_)


@alerts.command("burden")
@files
@click.option("--days", type=click.IntRange(1, 3660), default=30, help="Of how many days (default: 30).")
@as_json
def alerts_burden(accounts: Path | None, settings: Path | None, lang: str | None, days: int, json_: bool) -> None:
    """How much each unit was told: reminders, those it was spared, breaches, ends."""
    from mediawatch.foresight import burden
    from mediawatch.house import policy_of

    with reading(accounts, settings, lang) as (_, store, found):
        views = burden(store, policy_of(found), wall_clock() - timedelta(days=days))
    if json_:
        for view in views:
            echo(json_line(view))
        return
    head = ("单位", "提醒", "未发提醒", "告警", "恢复", "其他") if language(lang, found) == "zh_CN" else (
        "unit", "reminders", "spared", "breaches", "ends", "other"
    )  # fmt: skip
    figures = ("reminders", "spared", "breaches", "ends", "other")
    rows = ((view.name or view.unit or "-", *(str(getattr(view, name)) for name in figures)) for view in views)
    echo(table(head, rows, most=(40, 0, 0, 0, 0, 0)))


def _print_words(words: Iterable[ForeseenView], spoken: Language, json_: bool) -> None:
    if json_:
        for word in words:
            echo(json_line(word))
        return
    head = ("时间", "接收方", "原因", "级别", "账号", "单位", "说明") if spoken == "zh_CN" else (
        "when", "receiver", "cause", "level", "account", "unit", "why"
    )  # fmt: skip
    lines = (
        (
            moment(one.at) if one.at is not None else "-",
            one.receiver or "-",
            CAUSES[one.cause].in_(spoken),
            LEVELS[one.level][spoken],
            one.name or one.account,
            one.unit_name or one.unit or "-",
            one.why,
        )
        for one in words
    )
    echo(table(head, lines, most=(0, 0, 0, 0, 28, 28, 0)))


async def acknowledge(
    found: Loaded, alert: str, by: str, note: str, until: datetime | None = None, sticky: bool = False
) -> None:
    """Through the daemon, or with the store's lock taken here where no daemon runs. Raises Stopped."""
    from mediawatch import people
    from mediawatch.house import policy_of
    from mediawatch.wires import control

    ends = None if until is None else until.isoformat()
    await acted(
        found,
        lambda door: control.acknowledge(door, alert, by, note, ends, sticky),
        lambda store: people.acknowledge(
            store, policy_of(found), alert, by, note, wall_clock(), until=until, sticky=sticky
        ),
        f"no alert {alert}",
    )
