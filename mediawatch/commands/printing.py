"""Views as lines of text or JSON. Text is padded by true cell widths, so that Chinese columns stand straight."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click
from rich.cells import cell_len, set_cell_size

from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.model import Value
from mediawatch.core.rulebook import Language
from mediawatch.core.standing import Standing
from mediawatch.core.text import clean
from mediawatch.core.views import Row

STANDINGS: dict[Standing, dict[str, str]] = {
    Standing.FAIL: {"zh_CN": "不合格", "en": "fail"},
    Standing.CANDIDATE: {"zh_CN": "待核实", "en": "to check"},
    Standing.AT_RISK: {"zh_CN": "临期", "en": "at risk"},
    Standing.UNKNOWN: {"zh_CN": "未知", "en": "unknown"},
    Standing.PASS: {"zh_CN": "正常", "en": "pass"},
}


def json_line(view: Value | dict[str, Any]) -> str:
    """One object on one line, non-ASCII as it is."""
    data = view.model_dump(mode="json") if isinstance(view, Value) else view
    return json.dumps(data, ensure_ascii=False)


def moment(at: datetime | None) -> str:
    """An instant as people in the office read it: Beijing time, to the minute."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at is not None else "-"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], most: Sequence[int] | None = None) -> str:
    """Columns padded to their widest cell, or cut at `most` cells."""
    lines = [list(head), *([clean(cell, 2000) for cell in row] for row in rows)]
    limits = list(most or [0] * len(head))
    widths = [
        min(limit or 10_000, max(cell_len(line[column]) for line in lines)) for column, limit in enumerate(limits)
    ]
    shown = []
    for line in lines:
        cells = [
            set_cell_size(cell, width) if cell_len(cell) > width else cell + " " * (width - cell_len(cell))
            for cell, width in zip(line, widths, strict=True)
        ]
        shown.append("  ".join(cells).rstrip())
    return "\n".join(shown)


def board(rows: Iterable[Row], language: Language) -> str:
    """The board as text, problems first."""
    chinese = language == "zh_CN"
    head = ("结果", "余天", "账号", "类型", "最近更新", "说明") if chinese else (
        "outcome", "left", "account", "kind", "newest", "says"
    )  # fmt: skip
    return table(
        head,
        (
            (
                STANDINGS[row.standing][language],
                "-" if row.days_left is None else str(row.days_left),
                row.name,
                row.kind,
                moment(row.newest_post_at),
                row.says,
            )
            for row in rows
        ),
        most=(0, 0, 32, 0, 0, 0),
    )


def once_line(row: Row, language: Language) -> str:
    """One account on one line."""
    return f"{STANDINGS[row.standing][language]}\t{row.account}\t{clean(row.name)}\t{clean(row.says)}"


def echo(text: str) -> None:
    """Data, to stdout."""
    click.echo(text)


def narrate(text: str) -> None:
    """Narration, to stderr."""
    click.echo(text, err=True)
