"""`receivers list|show|test|retry`: who can be told, how it goes, whether it works. What is shown holds no secret."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.acting import Acting, acting
from mediawatch.commands.listing import Column, Listing, listing
from mediawatch.commands.options import NoStore, Stopped, as_json, files, language, loaded, reading
from mediawatch.commands.printing import echo, json_line, moment, narrate, table
from mediawatch.complaints import unknown_name
from mediawatch.core.narrowed_lists import RECEIVERS
from mediawatch.core.receiver_views import ReceiverView
from mediawatch.core.rulebook import Language
from mediawatch.core.views import Message
from mediawatch.core.wording import ANSWERS

if TYPE_CHECKING:
    from mediawatch.settings import Loaded
    from mediawatch.telling import Attempt


@click.group()
def receivers() -> None:
    """Receivers: list, show what was last said, send a test, tell again what one refused."""


_LISTED: tuple[Column[ReceiverView], ...] = (
    Column("接收方", "receiver", lambda view, _: view.name),
    Column("类型", "kind", lambda view, _: view.kind or "-"),
    Column("每分钟", "a minute", lambda view, _: f"{view.per_minute:g}"),
    Column("待发", "owed", lambda view, _: str(view.owed)),
    Column("放弃", "given up", lambda view, _: str(view.given_up)),
    Column("最近送达", "last sent", lambda view, _: moment(view.sent_at)),
    Column("最近答复", "last answer", lambda view, spoken: _answer(view, spoken)),
    Column("失败自", "failing since", lambda view, _: moment(view.failing_since)),
    Column("最近错误", "last error", lambda view, _: view.error or "-", 60),
)


class _OfSettings:
    """The receivers as the settings have them, before there is a store."""

    def __init__(self, found: Loaded) -> None:
        self._found = found

    def receivers(self, now: datetime) -> tuple[ReceiverView, ...]:
        from mediawatch.house import receiver_views

        return receiver_views(self._found.settings)


@receivers.command("list")
@listing(keys=RECEIVERS.keys, sorts=tuple(RECEIVERS.orders), first="settings", storeless=_OfSettings)
def receivers_list(asked: Listing) -> None:
    """Every receiver: its kind and pace, what it is owed, when it last took anything, since when it takes nothing."""
    asked.show(_LISTED, asked.of(RECEIVERS, asked.source.receivers(asked.now)))


@receivers.command("show")
@click.argument("name")
@files
@as_json
def receivers_show(name: str, accounts: Path | None, settings: Path | None, lang: str | None, json_: bool) -> None:
    """One receiver, with the last request and the last answer. Addresses, tokens and signatures are left out."""
    views, spoken = _views(accounts, settings, lang)
    found = [view for view in views if view.name == name]
    if not found:
        raise Stopped(unknown_name("receiver", name, [view.name for view in views]))
    [view] = found
    if json_:
        echo(json_line(view))
        return
    chinese = spoken == "zh_CN"
    pairs = (
        ("接收方" if chinese else "receiver", f"{view.name}  [{view.kind or '-'}]"),
        ("每分钟" if chinese else "a minute", f"{view.per_minute:g}"),
        ("待发" if chinese else "owed", f"{view.owed}" + (f"  ({moment(view.owed_since)})" if view.owed else "")),
        ("放弃" if chinese else "given up", f"{view.given_up}"),
        ("最近送达" if chinese else "last sent", moment(view.sent_at)),
        ("最近尝试" if chinese else "last tried", f"{moment(view.tried_at)}  {_answer(view, spoken)}"),
        ("失败自" if chinese else "failing since", f"{moment(view.failing_since)}  ({view.failed})"),
        ("最近错误" if chinese else "last error", view.error or "-"),
    )
    echo(table(("", ""), pairs).strip("\n"))
    _both_sides(view.request, view.said, spoken)


@receivers.command("test")
@click.argument("name")
@files
@as_json
def receivers_test(name: str, accounts: Path | None, settings: Path | None, lang: str | None, json_: bool) -> None:
    """Send a message that says it is a test, now; print both sides. Exit code 0 where it was taken, else 1."""
    from mediawatch.house import receivers_of
    from mediawatch.receivers.receiver import Answer

    found = loaded(accounts, settings)
    known = receivers_of(found.settings)
    if name not in known:
        raise Stopped(unknown_name("receiver", name, known))
    spoken = language(lang, found)
    attempt = asyncio.run(_test(found, name, spoken))
    if json_:
        echo(json_line(attempt.tried))
    else:
        narrate(f"{name}: {ANSWERS[attempt.answer.value].in_(spoken)}")
        narrate(attempt.detail)
        _both_sides(attempt.request, attempt.said, spoken)
    sys.exit(0 if attempt.answer is Answer.ACCEPTED else 1)


@receivers.command("retry")
@click.argument("name")
@acting
@click.option("--lang", type=click.Choice(["zh_CN", "en"]), help="Language; default: the settings', else the locale's.")
@click.option("--note", default="", help="What was mended; it stands in the record.")
def receivers_retry(act: Acting, name: str, lang: str | None, note: str) -> None:
    """Owe a receiver again what it refused, under the same ids, once its token or address is mended."""
    from mediawatch.house import receivers_of

    known = receivers_of(act.found.settings)
    if name not in known:
        raise Stopped(unknown_name("receiver", name, known))
    answer = act.does("receiver.retry", receiver=name, note=note)
    number = answer["messages"]
    says = (
        f"{number} 条消息将重新发送"
        if language(lang, act.found) == "zh_CN"
        else f"owed again: {number} message{'s' * (number != 1)}"
    )
    act.tells(answer, says)


async def _test(found: Loaded, name: str, spoken: Language) -> Attempt:
    from mediawatch.house import receivers_of, sender_of
    from mediawatch.telling import tell

    now = wall_clock()
    message = Message(id=f"test-{now:%Y%m%dT%H%M%S}", receiver=name, at=now, cause="test")
    async with sender_of(found.settings) as sender:
        return await tell(receivers_of(found.settings)[name], message, sender, now, spoken)


def _views(accounts: Path | None, settings: Path | None, lang: str | None) -> tuple[tuple[ReceiverView, ...], Language]:
    """The receivers; as the settings have them where there is no store yet."""
    from mediawatch.house import receiver_views

    try:
        with reading(accounts, settings, lang) as (query, _, found):
            return query.receivers(wall_clock()), language(lang, found)
    except NoStore:
        found = loaded(accounts, settings)
        return receiver_views(found.settings), language(lang, found)


def _answer(view: ReceiverView, spoken: Language) -> str:
    return ANSWERS[view.answer].in_(spoken) if view.answer in ANSWERS else "-"


def _both_sides(request: str, said: str, spoken: Language) -> None:
    for head, text in (
        ("请求" if spoken == "zh_CN" else "request", request),
        ("答复" if spoken == "zh_CN" else "answer", said),
    ):
        if text:
            echo(f"\n--- {head}\n{text}")
