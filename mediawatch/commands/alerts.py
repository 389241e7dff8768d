"""`alerts list|ack`: what stands open, and who takes care of it."""

from __future__ import annotations

import asyncio
import getpass
from pathlib import Path

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Busy, Stopped, as_json, files, language, loaded, paths, reading
from mediawatch.commands.printing import echo, json_line, moment, narrate, table
from mediawatch.settings import Loaded

STATES = {
    "pending": {"zh_CN": "待复核", "en": "pending"},
    "open": {"zh_CN": "未处理", "en": "open"},
    "resolved": {"zh_CN": "已解除", "en": "resolved"},
    "acknowledged": {"zh_CN": "已签收", "en": "acknowledged"},
}
LEVELS = {
    "breach": {"zh_CN": "不合格", "en": "breach"},
    "reminder": {"zh_CN": "提醒", "en": "reminder"},
    "incident": {"zh_CN": "平台故障", "en": "incident"},
}


@click.group()
def alerts() -> None:
    """Alerts: list and acknowledge."""


@alerts.command("list")
@files
@click.option("--all", "all_", is_flag=True, help="Those that are over as well.")
@as_json
def alerts_list(accounts: Path | None, settings: Path | None, lang: str | None, all_: bool, json_: bool) -> None:
    """Alerts that stand (with --all: ever stood)."""
    with reading(accounts, settings, lang) as (query, _, found):
        views = query.alerts(wall_clock(), not all_)
    if json_:
        for view in views:
            echo(json_line(view))
        return
    spoken = language(lang, found)
    head = ("编号", "级别", "状态", "账号", "自", "告警于", "说明") if spoken == "zh_CN" else (
        "id", "level", "state", "account", "since", "opened", "says"
    )  # fmt: skip
    rows = (
        (
            view.id,
            LEVELS[view.level][spoken],
            STATES["acknowledged" if view.acknowledged_at and view.state == "open" else view.state][spoken],
            view.name or view.account,
            moment(view.since),
            moment(view.opened_at),
            view.says,
        )
        for view in views
    )
    echo(table(head, rows, most=(0, 0, 0, 28, 0, 0, 0)))


@alerts.command("ack")
@click.argument("alert")
@paths
@click.option("--by", default=getpass.getuser, help="Who takes care of it (default: the login name).")
@click.option("--note", default="", help="What is being done.")
def alerts_ack(alert: str, accounts: Path | None, settings: Path | None, by: str, note: str) -> None:
    """Acknowledge an alert: somebody takes care of it. Goes through the daemon where one runs."""
    found = loaded(accounts, settings)
    asyncio.run(acknowledge(found, alert, by, note))
    narrate("ok")


async def acknowledge(found: Loaded, alert: str, by: str, note: str) -> None:
    """Through the daemon, or with the store's lock taken here where no daemon runs. Raises Stopped."""
    from mediawatch import people
    from mediawatch.house import held_store, policy_of, socket_path
    from mediawatch.store.errors import StoreBusy, StoreError
    from mediawatch.wires import control

    try:
        await control.acknowledge(socket_path(found.settings), alert, by, note)
    except control.ControlRefused as error:
        raise Stopped(str(error)) from None
    except control.NoDaemon:
        try:
            with held_store(found.settings, wall_clock()) as store:
                people.acknowledge(store, policy_of(found), alert, by, note, wall_clock())
        except StoreBusy as error:
            raise Busy(str(error)) from None
        except StoreError as error:
            raise Stopped(str(error)) from None
        except KeyError:
            raise Stopped(f"no alert {alert}") from None
        except ValueError as error:
            raise Stopped(str(error)) from None
