"""`verify`: the whole record against its chains, its seals and the kept answers. It reads, and mends nothing."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from mediawatch.commands.options import Stopped, as_json, files, language, reading
from mediawatch.commands.printing import echo, json_line, moment, narrate

COUNTED = ("targets", "looks", "acts", "seals", "stamps", "answers", "let_go")


@click.command()
@files
@click.option(
    "--expect",
    multiple=True,
    metavar="HASH",
    help="A seal that was kept elsewhere, or its first 12 letters at least: it must be there.",
)
@as_json
def verify(
    accounts: Path | None, settings: Path | None, lang: str | None, expect: tuple[str, ...], json_: bool
) -> None:
    """Check that nothing of the record was changed afterwards: looks, people's acts, seals, kept answers.

    Works beside a running daemon and on a copy without one. Exit code 0 where all is as it was written, else 1.
    """
    from mediawatch.proof import verify as walk
    from mediawatch.stamping import Authority
    from mediawatch.store.blobs import Blobs

    wanted = [one.strip().lower() for one in expect]
    if not all(re.fullmatch("[0-9a-f]{12,64}", one) for one in wanted):
        raise Stopped("--expect: a seal is 64 letters of 0-9a-f; give 12 of them at least")
    with reading(accounts, settings, lang) as (_, store, found):
        recall = Blobs(found.settings.data_dir / "answers").recall
        with store.recalling() as ledger:
            let_go = ledger.retention.let_go()
        stamp = found.settings.stamp
        stamped = Authority(stamp.roots).read if stamp is not None else None
        seen = walk(store, recall, let_go=let_go, expected=wanted, stamped=stamped)
        chinese = language(lang, found) == "zh_CN"
    newest = seen.newest
    counts = {name: getattr(seen, name) for name in COUNTED}
    if json_:
        for flaw in seen.flaws:
            echo(json_line({"flaw": flaw.why, "where": flaw.where}))
        for one in seen.warnings:
            echo(json_line({"warning": one.why, "where": one.where}))
        seal = {"seal": newest.hash, "sealed_at": newest.at.isoformat()} if newest else {}
        seal |= {"stamped_at": seen.stamped_at.isoformat()} if seen.stamped_at else {}
        echo(json_line({**counts, "unchecked_stamps": seen.unchecked, "flaws": len(seen.flaws), **seal}))
    else:
        for flaw in seen.flaws:
            echo(f"{flaw.where}: {flaw.why}")
        for one in seen.warnings:
            echo(f"{'注意' if chinese else 'warning'}: {one.where}: {one.why}")
        names = (
            ("对象", "次查看", "条操作", "个封印", "个时间戳", "份留存答复", "份按期清除") if chinese else tuple(counts)
        )
        echo(", ".join(f"{number:,} {name}" for number, name in zip(counts.values(), names, strict=True)))
        if newest is not None:
            echo(("最新封印" if chinese else "newest seal") + f" {newest.hash}  {moment(newest.at)}")
        if seen.stamped_at is not None:
            echo(("时间戳证明至" if chinese else "proven by a time stamp up to") + f" {moment(seen.stamped_at)}")
        if seen.unchecked:
            narrate(f"{seen.unchecked} 个时间戳未核验：设置 stamp.roots" if chinese else
                    f"{seen.unchecked} time stamps were not checked: the settings have no stamp.roots")  # fmt: skip
        narrate(("有改动" if chinese else "NOT as it was written") if seen.flaws else ("无改动" if chinese else "ok"))
    sys.exit(1 if seen.flaws else 0)
