"""`acts list`: what people did about alerts, silences, receivers and accounts. It only reads."""

from __future__ import annotations

from pathlib import Path

import click

from mediawatch.commands.options import as_json, files, language, reading
from mediawatch.commands.printing import echo, json_line, moment, table
from mediawatch.core.rulebook import Words

ACTS = {
    "acknowledge": Words(zh_CN="签收", en="acknowledged"),
    "silence": Words(zh_CN="设置静默", en="silenced"),
    "end_silence": Words(zh_CN="结束静默", en="ended a silence"),
    "look_again": Words(zh_CN="要求重新查看", en="had it looked at again"),
    "prune": Words(zh_CN="清理旧原始数据", en="pruned old answers"),
    "purge": Words(zh_CN="清除原始数据", en="purged answers"),
    "retry_receiver": Words(zh_CN="要求重新发送", en="had it told again"),
}


@click.group()
def acts() -> None:
    """What people did about alerts: who, when, why."""


@acts.command("list")
@click.argument("subject", required=False)
@files
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, help="At most so many (default: 100).")
@as_json
def acts_list(
    subject: str | None, accounts: Path | None, settings: Path | None, lang: str | None, limit: int, json_: bool
) -> None:
    """The newest first; with SUBJECT only those about that alert, silence, receiver or account."""
    with reading(accounts, settings, lang) as (_, store, found):
        with store.recalling() as ledger:
            known = ledger.acts(subject, limit)
        spoken = language(lang, found)
    if json_:
        for one in known:
            echo(json_line(one))
        return
    chinese = spoken == "zh_CN"
    head = ("时间", "谁", "事项", "对象", "至", "说明") if chinese else ("when", "who", "did", "about", "until", "note")
    lines = (
        (moment(one.at), one.by, ACTS[one.act].in_(spoken), one.subject, moment(one.until), one.note or "-")
        for one in known
    )
    echo(table(head, lines, most=(0, 28, 0, 40, 0, 0)))
