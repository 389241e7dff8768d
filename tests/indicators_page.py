"""docs/indicators.md, from the rulebooks and the adapters: `make indicators`. `test_rulebooks.py` keeps it true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mediawatch.adapters import ADAPTERS
from mediawatch.core.rulebook import Citation, Indicator, Manual, Rulebook, Words
from mediawatch.core.rules import RULES
from mediawatch.core.wording import CONFIDENCE, COVERAGE
from mediawatch.rulebook_file import built_in, load_rulebook

PAGE = Path(__file__).parent.parent / "docs" / "indicators.md"
SEVERITY = {"veto": "单项否决 · veto", "serious": "严重 · serious", "notice": "提示 · notice"}
FINALITY = {
    "auto": "可直接报告 · may be reported as it is",
    "candidate": "线索，须由人确认 · candidate: a person confirms",
}

HEAD = """\
# Indicators · 指标

<!-- made by `make indicators` from mediawatch/rulebooks; edit those -->

What is asked of an account, by which text, and what can decide it. The Chinese text is the ground; the English stands
beside it. 「要旨，非原文」 marks what gives the substance of a text and is no quotation.

Each text carries how sure we are of its wording, here and wherever the program shows it:

| mark | 中文 | English |
|---|---|---|
"""
BUILDING = """\

## Books that build on another · 地方规则

A book may name another (`extends`: a book that comes with the program, or a file) and say only what differs. It is made
whole when it is read, and its edition (a digest) covers every line it then holds. Mappings are merged key by key, at
every depth; lists and single values are replaced; `null` takes a key away.

| key | means |
|---|---|
| `override` | by id, what differs in a line of the other book |
| `keep` | by a new id, a line of the other book that holds here too, whatever `override` makes of it |
| `add` | whole lines that the other book lacks |
| `drop` | ids of lines that do not hold here |
| `manual` | further lines that need a person; they are shown and never judged |
| `switches` | answers to what the text leaves open, merged by name |
| `earlier` | the file that holds until this one's first day; any book may name one ([rulebooks.md](rulebooks.md)) |

A stricter number of days here repeals no national veto: such a book keeps the national line beside its own.

`mediawatch rulebook template` prints one to copy, `mediawatch rulebook check FILE` says what is wrong with one. A
book is named in `mediawatch.yaml` (`rulebook: ./county.yaml`) or at one account. It needs no code.

"""


MATTERS: dict[str, tuple[tuple[str, str], ...]] = {
    "U1": (("national-2019", "U1"), ("minhou", "U1"), ("minhou", "U1N"), ("hedong", "U1"), ("hedong", "U1N")),
    "U2": (("national-2019", "U1"), ("gansu", "U4")),
    "U3": (("guizhou", "U3"), ("beijing", "U3")),
    "U4": (("gansu", "U4"),),
    "U5": (("yangling", "U5"),),
    "U6": (("national-2019", "U6"), ("beijing", "U6Z")),
    "U7": (("national-2019", "U7"),),
    "U8": (("national-2019", "U8"),),
    "U9": (("national-2019", "U9"), ("national-2019", "U9E")),
    "U10": (("national-2019", "U10"),),
    "U11": (("national-2019", "U11"),),
    "A1": (("national-2019", "A1"),),
    "A2": (("national-2019", "A1"),),
    "A3": (("national-2019", "A3L"), ("national-2019", "A3D"), ("national-2019", "A3P"), ("national-2019", "A3V")),
    "A4": (("national-2019", "A4"), ("national-2019", "A3B")),
    "A5": (("national-2019", "A5"),),
    "A6": (("national-2019", "A6"), ("national-2019", "A6M"), ("national-2019", "A6D")),
    "A7": (("national-2019", "A7"), ("national-2019", "A7M")),
    "A8": (("national-2019", "A8"), ("national-2019", "A8L")),
    "I1": (("national-2019", "I1"), ("national-2019", "I-EFF")),
    "I2": (("national-2019", "I2"),),
    "I3": (("national-2019", "I3"),),
    "I4": (("national-2019", "I4"),),
    "I5": (("national-2019", "I5"),),
    "I6": (("national-2019", "I6"),),
    "C2": (("national-2019", "C2"), ("national-2019", "C2H")),
    "C3": (("national-2019", "C3"),),
    "C4": (("national-2019", "C4"),),
    "C5": (("national-2019", "C5"),),
    "C6": (("national-2019", "C6"),),
    "C7": (("yangling", "C7"),),
    "R1": (("national-2019", "R1"),),
    "R2": (("national-2019", "R2"),),
    "R3": (("national-2019", "R3N"), ("hedong", "R3N"), ("hedong", "R3")),
    "R4": (("national-2019", "R4U"), ("national-2019", "R4E"), ("national-2019", "R4")),
    "R5": (("national-2019", "R5"),),
    "R6": (("national-2019", "R6"),),
    "R7": (("national-2019", "A6"),),
    "R8": (("national-2019", "R8"), ("national-2019", "R8S")),
    "R9": (("national-2019", "R9"), ("national-2019", "R9V"), ("national-2019", "R9L")),
    "R10": (("national-2019", "R10"), ("national-2019", "R10P")),
    "P1": (("apps-2026", "P1"),),
    "P2": (("apps-2026", "P2"),),
    "P3": (("apps-2026", "P3"),),
    "P4": (("apps-2026", "P4"), ("apps-2026", "P4U")),
    "P5": (("apps-2026", "P5"),),
    "P7": (("apps-2026", "P7"),),
    "P10": (("apps-2026", "P10"),),
}
"""Every matter of the domain that polled data may decide, by its number, and the lines that ask it."""

INDEX = """\

## Which line asks what · 索引

By the numbers under which the matter is known, the lines that ask it: by which rule what was seen is judged, or that a
`person` decides, with the reason in the line.

| matter | lines |
|---|---|
"""


def _index(books: dict[str, Rulebook]) -> Iterator[str]:
    for matter, lines in MATTERS.items():
        told = []
        for book, name in lines:
            (line,) = (one for one in (*books[book].indicators, *books[book].manual) if one.id == name)
            how = f"`{line.rule}`" if isinstance(line, Indicator) else "person"
            told.append(f"`{book}` {name} {line.title.zh_CN} ({how})")
        yield f"| {matter} | {'; '.join(told)} |"


def page() -> str:
    """The whole document."""
    books = {name: load_rulebook(name) for name in built_in()}
    order = sorted(books, key=lambda name: (bool(books[name].extends), name))
    lines = [f"| `{name}` | {words.zh_CN} | {words.en} |" for name, words in CONFIDENCE.items()]
    text = HEAD + "\n".join(lines) + "\n" + INDEX + "\n".join(_index(books)) + "\n" + BUILDING
    for name in order:
        book = books[name]
        text += "\n".join(_book(book, books.get(book.extends))) + "\n\n"
    return text.rstrip("\n") + "\n"


def _book(book: Rulebook, base: Rulebook | None) -> Iterator[str]:
    yield f"## {book.id}"
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield _row("名称 · title", _both(book.title))
    yield _row("施行 · in force", _days(book.in_force_from, book.in_force_to))
    if base is not None:
        yield _row("依据 · extends", f"`{base.id}`")
        dropped = {one.id for one in (*base.indicators, *base.manual)} - {
            one.id for one in (*book.indicators, *book.manual)
        }
        if dropped:
            yield _row("不适用 · dropped", " ".join(f"`{one}`" for one in sorted(dropped)))
    known = base.switches if base is not None else {}
    for name, switch in book.switches.items():
        if known.get(name) != switch:
            yield _row(f"`{name}: {str(switch.value).lower()}`", f"{_both(switch.title)}<br>{_both(switch.reason)}")
    theirs = {one.id: one for one in base.indicators} if base is not None else {}
    for indicator in book.indicators:
        old = theirs.get(indicator.id)
        if old != indicator:
            yield from _indicator(indicator, changed=old is not None)
    by_hand = {one.id: one for one in base.manual} if base is not None else {}
    for manual in book.manual:
        if by_hand.get(manual.id) != manual:
            yield from _manual(manual)


def _indicator(line: Indicator, *, changed: bool) -> Iterator[str]:
    yield ""
    yield f"### {line.id} {line.title.zh_CN} · {line.title.en}"
    yield ""
    yield "| | |"
    yield "|---|---|"
    if changed:
        yield _row("变更 · changed", "在所依据的规则上修改 · differs from the book it builds on")
    yield from _ground(line)
    yield _row("性质 · weight", f"{SEVERITY[line.severity]}；{FINALITY[line.finality.value]}")
    params = RULES[line.rule].params.model_validate(line.params)
    given = ", ".join(f"{name}={getattr(params, name)!r}" for name in line.params)
    yield _row("规则 · rule", f"`{line.rule}`" + (f" `{given}`" if given else ""))
    yield _row("适用 · applies to", " ".join(f"`{kind}`" for kind in line.applies_to))
    if line.in_force_from or line.in_force_to:
        yield _row("施行 · in force", _days(line.in_force_from, line.in_force_to))
    if line.if_watched:
        yield _row("前提 · asked", "仅在登记了可见渠道时判断 · only of accounts with a channel for it")
    if not line.needs:
        yield _row("数据 · data", "任一渠道的答复 · the answers of any channel")
    for kind, needs in _needs(line).items():
        names = "、".join(f"{COVERAGE[need].zh_CN} `{need}`" if need in COVERAGE else f"`{need}`" for need in needs)
        sources = "; ".join(f"`{need}`: {_sources(need, kind)}" for need in needs)
        yield _row(f"数据 · data ({kind})", names)
        yield _row(f"来源 · sources ({kind})", sources)


def _manual(line: Manual) -> Iterator[str]:
    yield ""
    yield f"### {line.id} {line.title.zh_CN} · {line.title.en}"
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield _row("需要人工 · needs a person", _both(line.asks))
    yield from _ground(line)
    yield _row("性质 · weight", SEVERITY[line.severity])
    yield _row("适用 · applies to", " ".join(f"`{kind}`" for kind in line.applies_to))


def _ground(line: Indicator | Manual) -> Iterator[str]:
    if line.number:
        yield _row("编号 · number", line.number)
    if isinstance(line, Indicator) and line.fault is not None:
        yield _row("问题名称 · fault", _both(line.fault))
    for cited in line.cites:
        yield _row("条文 · cites", _cited(cited))
    if line.boundary is not None:
        yield _row("含/不含 · boundary", _both(line.boundary))


def _cited(cited: Citation) -> str:
    mark = CONFIDENCE[cited.confidence]
    clause = f" ——{cited.clause}" if cited.clause else ""
    return f"{cited.text}{clause} 【{mark.zh_CN} · {mark.en}】"


def _needs(line: Indicator) -> dict[str, tuple[str, ...]]:
    """The coverage that a fail needs, by kind of account."""
    named = {kind: line.needs_for(kind) for kind in line.applies_to}
    alike = {needs: [kind for kind in named if named[kind] == needs] for needs in dict.fromkeys(named.values())}
    return {", ".join(kinds): needs for needs, kinds in alike.items() if needs}


def _sources(need: str, kinds: str) -> str:
    """The adapters that see it by nature for accounts of one of these kinds, and those that may declare it."""
    fits = [
        adapter
        for adapter in ADAPTERS.values()
        if need in adapter.covers and (not adapter.kinds or adapter.kinds & set(kinds.split(", ")))
    ]
    told = [f"`{adapter.kind}`" for adapter in fits]
    if need in ("mass_sent", "published"):
        told.append("`feed`（须以 `covers` 声明 · that declares it）")
    return " ".join(told) or "须以 `covers` 声明的渠道 · a channel that declares it"


def _both(words: Words) -> str:
    return f"{words.zh_CN}<br>{words.en}"


def _days(first: object, last: object) -> str:
    return f"{first or '…'} – {last or '…'}"


def _row(name: str, value: str) -> str:
    return f"| {name} | {value.replace('|', chr(92) + '|')} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
