"""A document before it has a format: title, paragraphs, tables, charts and numbered annexes, in one language.

Everything that is put in is made safe text here, once: one line, no control characters. It must not know any format,
nor escape for one: each format does that for itself.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.content.personal import redact
from mediawatch.core.model import Value
from mediawatch.core.rulebook import Language
from mediawatch.core.text import clean

MOST = 4000  # letters of one paragraph or cell


def _safe(text: str) -> str:
    return clean(text, MOST)


Line = Annotated[str, AfterValidator(_safe)]


class Link(Value):
    """An address as a cell. Only http and https become links, in formats that have them; anything else stays text."""

    text: Line
    url: Line

    @property
    def safe(self) -> bool:
        return self.url.startswith(("https://", "http://"))


Cell = int | float | Line | Link


class Heading(Value):
    """level 1: 一、 level 2: （一）; the number is part of the text."""

    text: Line
    level: Literal[1, 2] = 1


class Text(Value):
    """A paragraph. strong: what must not be overlooked."""

    text: Line
    strong: bool = False


class Table(Value):
    """head and every row have as many cells as there are `widths` (in shares of the line). sheet: its name, short.

    by_hand: its empty cells are filled in with a pen, and need room.
    """

    caption: Line = ""
    sheet: Line = ""
    head: tuple[Line, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...] = ()
    by_hand: bool = False


class Chart(Value):
    """Shares in percent by label; `None` where there is no number. A picture of numbers that a table gives as well."""

    caption: Line
    labels: tuple[Line, ...]
    values: tuple[float | None, ...]
    kind: Literal["bars", "line"] = "bars"


class Picture(Value):
    """A picture that was taken, as PNG."""

    caption: Line
    png: bytes = Field(repr=False)


Block = Heading | Text | Table | Chart | Picture


class Annex(Value):
    """附件. wide: its tables need the long side of the page."""

    title: Line
    blocks: tuple[Block, ...]
    wide: bool = False


class Paper(Value):
    """A document. mark: what stands on top of every page (a draft says so). to: 主送. signed, day: who, when."""

    language: Language
    title: Line
    mark: Line = ""
    to: Line = ""
    blocks: tuple[Block, ...]
    signed: Line = ""
    day: date | None = None
    annexes: tuple[Annex, ...] = ()

    @property
    def day_told(self) -> str:
        """The day as documents write it; nothing where there is none."""
        return "" if self.day is None else Say(self.language).day(self.day)

    @property
    def annexes_told(self) -> tuple[str, ...]:
        """附件说明, a line for each: `附件：1. …`, then `2. …`. Nothing for annexes alone."""
        if not self.blocks or not self.annexes:
            return ()
        several = len(self.annexes) > 1
        head = ("附件：", "附件：") if self.language == "zh_CN" else ("Annex: ", "Annexes: ")
        lines = [f"{n}. {one.title}" if several else one.title for n, one in enumerate(self.annexes, start=1)]
        return (head[several] + lines[0], *lines[1:])


class Say:
    """Texts of a document in its language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self.chinese = language == "zh_CN"

    def __call__(self, chinese: str, english: str, **told: object) -> str:
        return (chinese if self.chinese else english).format(**told)

    def fill(self, chinese: str, english: str) -> str:
        """A place that a person must fill in."""
        return self(f"【待填：{chinese}】", f"[to be filled in: {english}]")

    def day(self, day: date | datetime | None) -> str:
        """A Shanghai day as documents write it; a dash where there is none."""
        if day is None:
            return "-"
        if isinstance(day, datetime):
            day = day.astimezone(SHANGHAI).date()
        return f"{day.year}年{day.month}月{day.day}日" if self.chinese else day.isoformat()

    def moment(self, at: datetime | None) -> str:
        """An instant in Beijing time, to the minute."""
        return "-" if at is None else f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"

    def percent(self, rate: str) -> str:
        return rate if rate == "-" else f"{rate}%"


def told(text: str) -> str:
    """Free text of others, with the middle of personal numbers masked."""
    return redact(clean(text, MOST))


def annex_number(number: int, of: int, language: Language) -> str:
    """附件 alone, 附件1 of several."""
    if language == "zh_CN":
        return "附件" if of == 1 else f"附件{number}"
    return "Annex" if of == 1 else f"Annex {number}"


def chart_table(chart: Chart) -> Table:
    """The numbers of a chart, where there is no picture."""
    numbers = tuple("-" if value is None else f"{value:.1f}" for value in chart.values)
    return Table(caption=chart.caption, head=chart.labels, rows=(numbers,))
