"""An inspection and a case as text. Pure; counts of what is not frozen are called provisional."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from mediawatch.core.office_views import CampaignView, CaseView, FindingRow, MoveView, TallyView
from mediawatch.core.office_words import STAGES, STATES
from mediawatch.locale import Words
from mediawatch.tui.cells import Piece, fit, left, minute, safe
from mediawatch.tui.columns import Scene
from mediawatch.tui.paper import section

_MOST = 200  # lines of one table; how many are left out is said
Lines = Iterator[tuple[int, list[Piece]]]


def campaign_lines(view: CampaignView, width: int, scene: Scene) -> Lines:
    """The page of one inspection."""
    _, line = scene.words, view.line
    yield 0, [(safe(line.title), "strong"), (f"  ({safe(line.id)})", "dim")]
    stage = f"{STAGES[line.stage].in_(scene.language)}  {_('provisional')}"
    standing = _("frozen {when}").format(when=minute(line.frozen_at)) if line.frozen_at else stage
    yield 0, [(f"{standing}  {safe(view.rulebook_title)}", "")]
    yield 0, [(_("judged as of {when}").format(when=minute(line.judged_at)), "")]
    ordered = _("ordered by {who} {when}").format(who=safe(view.ordered_by), when=minute(view.ordered_at))
    yield 0, [(ordered, "dim")]
    if view.seed:
        drawn = _("drawn {drawn} of {all}, seed {seed}, population {digest}")
        numbers = {"drawn": line.drawn, "all": line.population, "digest": safe(view.population_digest)}
        yield 0, [(drawn.format(seed=safe(view.seed), **numbers), "dim")]
    yield from section(_("Counts"))
    yield from _tallies([line.overall, *view.by_platform], width, _)
    for title, tallies in ((_("By region"), view.by_region), (_("By unit"), view.by_unit)):
        if tallies:
            yield from section(title)
            yield from _tallies(tallies, width, _)
    yield from _rows(_("Failed"), view.failures, width, _)
    yield from _rows(_("Other problems"), view.problems, width, _)
    yield from _rows(_("Taken back since the freeze"), view.taken_back, width, _)
    yield from _rows(_("Waiting for a person"), view.waiting, width, _)
    if view.unseen:
        yield from section(_("Could not be judged: {n}").format(n=len(view.unseen)))
        for one in view.unseen[:_MOST]:
            yield 2, [(fit(one.name, 30) + "  ", "unknown"), (fit(safe("; ".join(one.why)), max(10, width - 36)), "")]
    if view.statements:
        yield from section(_("Statements of units"))
        for said in view.statements:
            yield 2, [(f"{minute(said.at)}  {safe(said.name)}  ", "strong"), (safe(said.text), "")]
    yield from _trace(view.trace, _)


def case_lines(view: CaseView, width: int, scene: Scene) -> Lines:
    """The page of one case."""
    _, line = scene.words, view.line
    state = STATES[line.state].in_(scene.language)
    yield (
        0,
        [(f"{state}  ", "at_risk"), (safe(line.name), "strong"), (f"  ({safe(line.account)})  {safe(line.id)}", "dim")],
    )
    problem = safe(view.problem or line.says)
    title = "" if problem.startswith(safe(line.title)) else safe(line.title)
    yield 0, [("  ".join(filter(None, (safe(line.unit), title, safe(line.campaign)))), "")]
    yield 0, [(problem, "")]
    term = left(line.days_left, _) if line.days_left is not None else ""
    until = _("term until {when}").format(when=line.due.isoformat()) if line.due else _("no term")
    yield 0, [("  ".join(filter(None, (until, term))), "fail" if (line.days_left or 0) < 0 else "")]
    if view.receipt_due is not None and view.received_at is None and line.closed_at is None:
        yield 0, [(_("to be received by {when}").format(when=view.receipt_due.isoformat()), "")]
    if view.receipt_late:
        yield 0, [(_("It was not received in time."), "fail")]
    if line.repeat:
        yield 0, [(_("It came back {n} times.").format(n=line.repeat), "fail")]
    if view.earlier:
        yield 0, [(_("earlier cases: {names}").format(names=", ".join(map(safe, view.earlier))), "dim")]
    yield from _trace(view.trace, _)


def _tallies(tallies: Sequence[TallyView], width: int, _: Words) -> Lines:
    heads = (_("checked"), _("failed"), _("unknown"), _("Pass rate"))
    names = max(10, min(36, width - 46))
    yield 2, [(" " * names + "".join(fit(f"  {head}", 11, right=True) for head in heads), "dim")]
    for one in tallies[:_MOST]:
        numbers = (f"{one.checked:,}", f"{one.failed:,}", f"{one.undetermined:,}", f"{one.pass_rate or '-'} %")
        cells = "".join(fit(number, 11, right=True) for number in numbers)
        yield 2, [(fit(one.label or one.key or _("all"), names), "strong"), (cells, "fail" if one.failed else "")]
    yield from _left_out(len(tallies), _)


def _rows(title: str, rows: Sequence[FindingRow], width: int, _: Words) -> Lines:
    if not rows:
        return
    yield from section(f"{title}: {len(rows)}")
    for one in rows[:_MOST]:
        name = fit(f"{safe(one.name)}  {safe(one.unit or one.sponsor)}", 38)
        said = f"{safe(one.number)} {safe(one.title)}: {safe(one.says)}"
        yield 2, [(name + "  ", "strong"), (fit(said, max(10, width - 44)), "")]
    yield from _left_out(len(rows), _)


def _trace(trace: Sequence[MoveView], _: Words) -> Lines:
    yield from section(_("What was done"))
    if not trace:
        yield 2, [(_("None."), "dim")]
    names = max((cell_len(safe(one.does)) for one in trace), default=0)
    people = min(24, max((cell_len(safe(one.by)) for one in trace), default=0))
    for one in trace[-_MOST:]:
        note = safe(one.note)
        yield 2, [(f"{minute(one.at)}  {fit(one.by, people)}  {fit(one.does, names)}  ", ""), (note, "")]
        for digest in one.proof:
            yield 4, [(_("proof {digest}").format(digest=safe(digest)), "dim")]


def _left_out(number: int, _: Words) -> Lines:
    if number > _MOST:
        yield 2, [(_("... the first {shown} of {n}").format(shown=_MOST, n=number), "dim")]
