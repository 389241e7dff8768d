"""`rulebook list|show|diff|check|try|template`: the standard as data, and what another standard would have said.

Wherever a text of the standard is shown, what we know of its wording stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Instant, Stopped, as_json, files, language, reading
from mediawatch.commands.printing import echo, json_line, moment, table
from mediawatch.commands.progress import progress_bar

if TYPE_CHECKING:
    from mediawatch.core.rulebook import Citation, Indicator, Language, Manual, Rulebook, Words
    from mediawatch.rejudge import Difference

spoken_in = click.option(
    "--lang", type=click.Choice(["zh_CN", "en"]), default="zh_CN", help="Language (default: zh_CN)."
)


@click.group()
def rulebook() -> None:
    """Rulebooks: list, show, compare, check, try on the record."""


def opened(name_or_path: str) -> Rulebook:
    """The book, or exit 2 with what is wrong."""
    from mediawatch.rulebook_file import RulebookError, UnknownRulebook, load_rulebook

    try:
        return load_rulebook(name_or_path)
    except (RulebookError, UnknownRulebook) as error:
        raise Stopped(str(error)) from None


@rulebook.command("list")
@spoken_in
@as_json
def list_(lang: Language, json_: bool) -> None:
    """The rulebooks that come with the program."""
    from mediawatch.rulebook_file import built_in

    books = [opened(name) for name in built_in()]
    if json_:
        for book in books:
            echo(json_line(_summary(book)))
        return
    head = ("编号", "依据", "施行", "指标", "需人工", "版本", "名称") if lang == "zh_CN" else (
        "id", "extends", "in force", "indicators", "by hand", "edition", "title"
    )  # fmt: skip
    rows = (
        (
            book.id,
            book.extends or "-",
            _days(book.in_force_from, book.in_force_to),
            str(len(book.indicators)),
            str(len(book.manual)),
            book.edition[:12],
            book.title.in_(lang),
        )
        for book in books
    )
    echo(table(head, rows))


def _summary(book: Rulebook) -> dict[str, Any]:
    told = [_edition(one) for one in _earlier(book)]
    return {
        **book.model_dump(mode="json", include={"id", "title", "in_force_from", "in_force_to", "extends"}),
        "edition": book.edition,
        "indicators": [one.id for one in book.indicators],
        "manual": [one.id for one in book.manual],
        **({"earlier": told} if told else {}),
    }


def _earlier(book: Rulebook) -> Iterator[Rulebook]:
    """The editions before it, from the last to the first."""
    while book.earlier is not None:
        book = book.earlier
        yield book


def _edition(book: Rulebook) -> dict[str, Any]:
    return {**book.model_dump(mode="json", include={"in_force_from", "in_force_to"}), "edition": book.edition}


@rulebook.command()
@click.argument("book")
@spoken_in
@as_json
def show(book: str, lang: Language, json_: bool) -> None:
    """A rulebook, by name or file, whole: every line with its wording and how sure we are of it."""
    found = opened(book)
    if json_:
        content = found.model_dump(mode="json", by_alias=True, exclude={"indicators", "manual", "earlier"})
        told = {"earlier": before} if (before := [_edition(one) for one in _earlier(found)]) else {}
        echo(json_line({"kind": "rulebook", **content, "edition": found.edition, **told}))
        for kind, lines in (("indicator", found.indicators), ("manual", found.manual)):
            for line in lines:
                echo(json_line({"kind": kind, **line.model_dump(mode="json", by_alias=True)}))
        return
    echo("\n".join(_shown(found, lang)))


def _shown(book: Rulebook, lang: Language) -> Iterator[str]:
    def words(zh: str, en: str) -> str:
        return zh if lang == "zh_CN" else en

    yield f"{book.id}  {book.title.in_(lang)}"
    yield f"{words('施行', 'in force')}: {_days(book.in_force_from, book.in_force_to)}"
    if book.extends:
        yield f"{words('依据', 'extends')}: {book.extends}"
    yield f"{words('版本', 'edition')}: {book.edition}"
    for before in _earlier(book):
        days = _days(before.in_force_from, before.in_force_to)
        yield f"{words('此前版本', 'the edition before')}: {days}  {before.edition}"
    for name, switch in book.switches.items():
        yield f"{name}: {words('是', 'yes') if switch.value else words('否', 'no')}  {switch.title.in_(lang)}"
        yield f"    {switch.reason.in_(lang)}"
    for line in book.indicators:
        yield ""
        how = f"{line.rule} {_params(line)}".rstrip()
        confirm = words("须人工确认", "a person confirms") if line.finality == "candidate" else words("自动", "final")
        yield f"{line.id}  {line.number}  {line.title.in_(lang)}  [{line.severity}; {confirm}]"
        yield f"    {words('规则', 'rule')}: {how}"
        yield f"    {words('适用', 'applies to')}: {' '.join(line.applies_to)}"
        if line.in_force_from or line.in_force_to:
            yield f"    {words('施行', 'in force')}: {_days(line.in_force_from, line.in_force_to)}"
        yield from _ground(line.cites, line.boundary, lang)
    for manual in book.manual:
        yield ""
        person = words("需要人工", "needs a person")
        yield f"{manual.id}  {manual.number}  {manual.title.in_(lang)}  [{manual.severity}; {person}]"
        yield f"    {manual.asks.in_(lang)}"
        yield from _ground(manual.cites, manual.boundary, lang)


def _ground(cites: tuple[Citation, ...], boundary: Words | None, lang: Language) -> Iterator[str]:
    from mediawatch.core.wording import CONFIDENCE

    if boundary is not None:
        yield f"    {'含/不含' if lang == 'zh_CN' else 'boundary'}: {boundary.in_(lang)}"
    for cited in cites:
        sure = CONFIDENCE[cited.confidence].in_(lang)
        yield f"    {'条文' if lang == 'zh_CN' else 'cites'}: {cited.text}  {cited.clause}  [{sure}]"


def _params(line: Indicator) -> str:
    return " ".join(f"{name}={value}" for name, value in line.params.items())


def _days(first: object, last: object) -> str:
    return f"{first or '…'} – {last or ''}".rstrip()


@rulebook.command()
@click.argument("a")
@click.argument("b")
@spoken_in
@as_json
def diff(a: str, b: str, lang: Language, json_: bool) -> None:
    """What differs from book A to book B, line by line."""
    old, new = opened(a), opened(b)
    changes = list(differences(old, new))
    for change in changes:
        echo(json_line(change) if json_ else _change_line(change))
    if not changes and not json_:
        echo("两本规则内容相同。" if lang == "zh_CN" else "The two books say the same.")


def differences(old: Rulebook, new: Rulebook) -> Iterator[dict[str, Any]]:
    """`{line, change, field, old, new}` for all that differs, but for the books' own names and days."""
    for kind in ("switches", "indicators", "manual"):
        before, after = _lines(old, kind), _lines(new, kind)
        for name in dict.fromkeys((*before, *after)):
            if name not in after:
                yield {"kind": kind, "line": name, "change": "dropped"}
            elif name not in before:
                yield {"kind": kind, "line": name, "change": "added"}
            else:
                for field, was, is_ in _fields(before[name], after[name], ""):
                    told = {"field": field, "old": was, "new": is_}
                    yield {"kind": kind, "line": name, "change": "changed", **told}


def _fields(old: Any, new: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """What differs below a path; mappings are compared key by key, lists as a whole."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _fields(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif old != new:
        yield path, old, new


def _lines(book: Rulebook, kind: str) -> dict[str, dict[str, Any]]:
    if kind == "switches":
        return {name: switch.model_dump(mode="json") for name, switch in book.switches.items()}
    lines: tuple[Indicator | Manual, ...] = book.indicators if kind == "indicators" else book.manual
    return {line.id: line.model_dump(mode="json", by_alias=True) for line in lines}


def _change_line(change: dict[str, Any]) -> str:
    if change["change"] != "changed":
        return f"{'-' if change['change'] == 'dropped' else '+'} {change['line']}"
    return f"~ {change['line']}.{change['field']}: {json_value(change['old'])} -> {json_value(change['new'])}"


def json_value(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


@rulebook.command()
@click.argument("file", type=click.Path(dir_okay=False))
@as_json
def check(file: str, json_: bool) -> None:
    """Check a rulebook file and list every problem with file:line:column. Exit 2 where there is one."""
    from mediawatch.rulebook_file import RulebookError, load_rulebook

    try:
        book = load_rulebook(file if "/" in file or file.endswith((".yaml", ".yml")) else f"./{file}")
    except RulebookError as error:
        if json_:
            for problem in error.problems:
                echo(json_line({name: getattr(problem, name) for name in ("file", "line", "column", "message")}))
        raise Stopped("" if json_ else str(error)) from None
    summary = _summary(book)
    echo(json_line(summary) if json_ else f"ok: {book.id}, {len(book.indicators)} indicators, edition {book.edition}")


@rulebook.command("template")
def template_() -> None:
    """Print a rulebook to copy, with its explanations."""
    from mediawatch.rulebook_file import template

    echo(template().rstrip("\n"))


@rulebook.command("try")
@click.argument("book")
@files
@click.option("--since", type=Instant(), required=True, help="From this day (or instant) on.")
@click.option("--until", type=Instant(ends=True), help="Up to this day (or instant); default: the present.")
@as_json
def try_(
    book: str,
    accounts: Path | None,
    settings: Path | None,
    lang: str | None,
    since: datetime,
    until: datetime | None,
    json_: bool,
) -> None:
    """Who would have failed under BOOK, on the record, beside what the accounts' own books say. Changes nothing."""
    from mediawatch.rejudge import NoBook, attempt
    from mediawatch.store.past import Past

    tried = opened(book)
    end = until or wall_clock()
    if end < since:
        raise Stopped("--since lies after the end of the time that is judged")
    with reading(accounts, settings, lang) as (_, store, found), progress_bar("judging") as progress:
        spoken: Language = language(lang, found)
        try:
            past = Past(store)
            own = past.books(found.rulebooks, end)
            judged, differences_ = attempt(past, own, tried, since, end, progress)
        except NoBook as error:
            raise Stopped(str(error)) from None
    for difference in differences_:
        echo_difference(difference, tried, spoken, json_)
    if not json_:
        echo(
            f"{tried.id}: 按 {moment(since)} 至 {moment(end)} 的记录，共判断 {judged} 个账号。"
            if spoken == "zh_CN"
            else f"{tried.id}: {judged} accounts judged on the record from {moment(since)} to {moment(end)}."
        )


def echo_difference(difference: Difference, tried: Rulebook, lang: Language, json_: bool) -> None:
    """One line of the standard in one sentence, and under it every account that fares otherwise, with the reason."""
    from mediawatch.core.wording import say

    headline = in_one_line(difference, lang)
    if json_:
        counts = {what: difference.count(what) for what in ("more", "fewer", "sooner")}
        echo(json_line({"indicator": difference.indicator, "own": difference.own_book, "says": headline, **counts}))
    else:
        echo(headline)
    for change in difference.changes:
        line = difference.new if change.what != "fewer" else difference.old
        assert line is not None
        says = say(line, change.finding, lang)
        if json_:
            view = {
                "change": change.what,
                "account": change.account.id,
                "name": change.account.name,
                "finding": change.finding.model_dump(mode="json"),
                "failed_before_at": change.before.judged_at.isoformat() if change.before else None,
                "says": says,
            }
            echo(json_line(view))
        else:
            mark = {"more": "+", "fewer": "-", "sooner": "<"}[change.what]
            echo(f"  {mark} {change.account.id}  {change.account.name}  {moment(change.finding.judged_at)}  {says}")


def in_one_line(difference: Difference, lang: Language) -> str:
    """`U1 Content not updated (against national-2019): 10 days instead of 14: 38 more, 5 sooner`."""
    chinese = lang == "zh_CN"
    line = difference.new or difference.old
    assert line is not None
    if difference.old is None:
        how = "新增" if chinese else "new"
    elif difference.new is None:
        how = "不再要求" if chinese else "no longer asked"
    elif difference.new.rule != difference.old.rule:
        how = f"{difference.new.rule} {'代替' if chinese else 'instead of'} {difference.old.rule}"
    else:
        how = ("，" if chinese else ", ").join(_instead(*one, lang) for one in difference.thresholds)
        how = how or ("阈值相同" if chinese else "the same thresholds")
    names = {"more": "多", "fewer": "少", "sooner": "提前"} if chinese else {}
    counted = [(what, difference.count(what)) for what in ("more", "fewer", "sooner")]
    told = [f"{names[what]} {number} 个" if chinese else f"{number} {what}" for what, number in counted if number]
    result = ("，" if chinese else ", ").join(told) or ("没有变化" if chinese else "no change")
    own = f"（对照 {difference.own_book}）" if chinese else f" (against {difference.own_book})"
    return f"{difference.indicator} {line.title.in_(lang)}{own}: {how}: {result}"


def _instead(name: str, new: Any, old: Any, lang: Language) -> str:
    if name in ("days", "months"):
        unit = {"days": "天", "months": "个月"}[name]
        return f"{new} {unit}（原 {old} {unit}）" if lang == "zh_CN" else f"{new} {name} instead of {old}"
    return (
        f"{name} {json_value(new)}（原 {json_value(old)}）"
        if lang == "zh_CN"
        else f"{name} {json_value(new)} instead of {json_value(old)}"
    )
