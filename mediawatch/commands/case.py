"""`case …`: rectification cases: list and show them, and do with them what the office does."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mediawatch.commands.acting import Acting, acting
from mediawatch.commands.listing import Column, Listing, listing
from mediawatch.commands.options import Instant, Stopped
from mediawatch.commands.printing import moment
from mediawatch.core.narrowed_lists import CASES
from mediawatch.core.office_views import CaseLine, MoveView
from mediawatch.core.office_words import ACTS
from mediawatch.core.office_words import FORMS as FORMS_SAID
from mediawatch.core.office_words import STEPS as STEPS_SAID
from mediawatch.core.rectification import FORMS, STEPS

if TYPE_CHECKING:
    from mediawatch.core.office_views import CaseView
    from mediawatch.core.rulebook import Language

_TYPED = {"cured": "recheck --cured", "not_cured": "recheck --not-cured"}  # acts that have no command of their name
_PROOF = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def case() -> None:
    """Rectification cases: list, show, open, notify, receive, report, recheck, close, publish, escalate."""


_LISTED: tuple[Column[CaseLine], ...] = (
    Column("编号", "id", lambda one, _: one.id),
    Column("状态", "state", lambda one, _: one.says),
    Column("期限", "due", lambda one, _: str(one.due or "-")),
    Column("余天", "left", lambda one, _: "-" if one.days_left is None else str(one.days_left)),
    Column("账号", "account", lambda one, _: one.name, 24),
    Column("单位", "unit", lambda one, _: one.unit, 24),
    Column("条款", "line", lambda one, _: one.indicator or "-"),
    Column("问题", "problem", lambda one, _: one.title),
)


@case.command("list")
@listing(keys=CASES.keys, sorts=tuple(CASES.orders), first="term")
@click.option("--all", "all_", is_flag=True, help="Those that are over as well.")
@click.option("--campaign", default="", help="Only those of this campaign.")
@click.option("--account", default="", help="Only those of this account.")
def list_(asked: Listing, all_: bool, campaign: str, account: str) -> None:
    """The cases, those with the earliest end of their term first."""
    lines = asked.source.cases(asked.now, live_only=not all_, campaign=campaign, account=account)
    asked.show(_LISTED, asked.of(CASES, lines))


_TRACE: tuple[Column[MoveView], ...] = (
    Column("时间", "at", lambda one, _: moment(one.at)),
    Column("经办人", "by", lambda one, _: one.by),
    Column("事项", "does", lambda one, _: one.does),
    Column("说明", "note", lambda one, _: one.note),
    Column("证明材料", "proof", lambda one, _: " ".join(one.proof)),
)


@case.command()
@listing(keys=None)
@click.argument("case")
def show(asked: Listing, case: str) -> None:
    """One case with its whole trace. As CSV: one line for each move."""
    try:
        view = asked.source.case(case, asked.now)
    except KeyError:
        raise Stopped(f"there is no case {case}") from None
    asked.page(view, _page, (_TRACE, view.trace))


@case.command("open")
@acting
@click.option("--alert", default="", help="From this alert.")
@click.option("--campaign", default="", help="From the failures of this frozen campaign.")
@click.option("--account", default="", help="By hand, of this account; or only this one of a campaign.")
@click.option("--indicator", default="", help="The line of the standard, where it is by hand.")
@click.option("--problem", default="", help="The problem in words.")
def open_(act: Acting, alert: str, campaign: str, account: str, indicator: str, problem: str) -> None:
    """Open a case from an alert, the cases of a frozen campaign, or one by hand."""
    if not (alert or campaign or account):
        raise Stopped("name an --alert, a --campaign or an --account")
    if alert and (campaign or account or indicator):
        raise Stopped("an --alert names its account and line itself: leave out --campaign, --account and --indicator")
    if campaign and (indicator or problem):
        raise Stopped("a --campaign says itself what failed: leave out --indicator and --problem")
    said = {"alert": alert, "campaign": campaign, "account": account, "indicator": indicator, "problem": problem}
    _do(act, "case.open", **said)


def _noted(name: str, says: str, *, needs: str = "") -> click.Command:
    @case.command(name, help=says)
    @click.argument("case")
    @acting
    @click.option("--note", default="", required=bool(needs), help=needs or "What there is to say.")
    def noted(act: Acting, case: str, note: str) -> None:
        _do(act, f"case.{name}", id=case, note=note)

    return noted


confirm = _noted("confirm", "Confirm a detected fault.", needs="What was checked, and how.")
dismiss = _noted("dismiss", "It was none (误报): the case is over.", needs="Why it is none.")
close = _noted("close", "Close a case (销号), where a look or a person has seen it put right since the report.")


@case.command()
@click.argument("case")
@acting
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), help="The last day of the term.")
@click.option("--days", type=click.IntRange(1, 250), help="Or so many working days (default: `cases.report`).")
@click.option("--note", default="", help="By what letter.")
def notify(act: Acting, case: str, due: datetime | None, days: int | None, note: str) -> None:
    """Note that the unit was told: its term begins, counted in working days."""
    if due is not None and days is not None:
        raise Stopped("say --due or --days, not both")
    _do(act, "case.notify", id=case, due=due and due.date().isoformat(), days=days, note=note)


@case.command()
@click.argument("case")
@acting
@click.option("--measures", default="", help="What the unit does.")
@click.option("--person", default="", help="Who carries it out.")
@click.option("--note", default="")
def receive(act: Acting, case: str, measures: str, person: str, note: str) -> None:
    """Note that the unit signed for it."""
    _do(act, "case.receive", id=case, measures=measures, person=person, note=note)


@case.command()
@click.argument("case")
@acting
@click.option("--measures", required=True, help="What the unit does.")
@click.option("--person", default="", help="Who carries it out.")
@click.option("--note", default="")
def plan(act: Acting, case: str, measures: str, person: str, note: str) -> None:
    """Note what the unit will do, where it says so after it has signed."""
    _do(act, "case.plan", id=case, measures=measures, person=person, note=note)


@case.command()
@click.argument("case")
@acting
@click.option("--note", required=True, help="What the unit reports.")
@click.option("--file", "proof", multiple=True, type=_PROOF, help="Its proof; kept with the answers.")
def report(act: Acting, case: str, note: str, proof: tuple[Path, ...]) -> None:
    """Take down the unit's report; the account is looked at again at once."""
    _do(act, "case.report", id=case, note=note, proof=act.keeps(proof))


@case.command()
@click.argument("case")
@acting
@click.option("--cured/--not-cured", default=None, help="What you saw yourself, with a --note on how.")
@click.option("--note", default="")
def recheck(act: Acting, case: str, cured: bool | None, note: str) -> None:
    """Look again after the report; or say what you saw yourself."""
    _do(act, "case.recheck", id=case, cured=cured, note=note)


@case.command()
@click.argument("case", required=False, default="")
@acting
@click.option("--campaign", default="", help="All cases of this campaign.")
@click.option("--at", type=Instant(), help="When the circular was published (default: now).")
@click.option("--note", default="", help="Which circular.")
def publish(act: Acting, case: str, campaign: str, at: datetime | None, note: str) -> None:
    """Note that a circular named it. What was put right before that stays known."""
    if bool(case) == bool(campaign):
        raise Stopped("name one case, or a --campaign")
    _do(act, "case.publish", id=case, campaign=campaign, at=at and at.isoformat(), note=note)


@case.command()
@click.argument("case")
@acting
@click.option("--step", type=click.Choice(STEPS), required=True, help="督办 通报 约谈 问责 关停")
@click.option("--person", default="", help="Who was held to account.")
@click.option(
    "--form", default="", type=click.Choice(("", *FORMS)), help="How: 约谈 书面检查 通报批评 警告或记过 免职 其他"
)
@click.option("--note", default="")
def escalate(act: Acting, case: str, step: str, person: str, form: str, note: str) -> None:
    """Go one step further with an overdue case; those who get reminders are told."""
    _do(act, "case.escalate", id=case, step=step, person=person, form=form, note=note)


def _do(act: Acting, name: str, **said: Any) -> None:
    answer = act.does(name, **said)
    act.tells(answer, "; ".join(map(_says, answer["cases"])))


def _says(one: dict[str, Any]) -> str:
    due = f", due {one['due']}" if one["due"] else ""
    repeat = f", repeat of {', '.join(one['earlier'])}" if one["earlier"] else ""
    step = f", escalated: {one['step']}" if one["step"] else ""
    return f"{one['id']} {one['account']} {one['state']}{due}{step}{repeat}"


def _told(told: dict[str, str], spoken: Language) -> str:
    """What an act said besides its note: which step, whom and how, until when."""
    step, form = told.get("step", ""), told.get("form", "")
    words = [STEPS_SAID[step].in_(spoken) if step in STEPS_SAID else step, told.get("person", "")]
    words += [FORMS_SAID[form].in_(spoken) if form in FORMS_SAID else form, told.get("due", "")]
    return " ".join(filter(None, [*words, told.get("earlier", ""), told.get("campaign", "")]))


def _page(view: CaseView, spoken: Language) -> str:
    line = view.line
    chinese = spoken == "zh_CN"
    facts = [
        ("账号" if chinese else "account", f"{line.name} ({line.account})"),
        ("单位" if chinese else "unit", line.unit or "-"),
        ("问题" if chinese else "problem", view.problem),
        ("状态" if chinese else "state", line.says + (f" {STEPS_SAID[line.step].in_(spoken)}" if line.step else "")),
        ("期限" if chinese else "due", str(line.due or "-")),
        ("见已整改" if chinese else "put right", moment(line.fixed_at)),
        ("通报" if chinese else "published", moment(line.published_at)),
        ("检查" if chinese else "inspections", ", ".join(filter(None, (line.campaign, *view.also))) or "-"),
        ("此前案件" if chinese else "earlier cases", ", ".join(view.earlier) or "-"),
        (
            "可办" if chinese else "possible now",
            ", ".join(f"{_TYPED.get(one, one)} {ACTS[one].in_(spoken)}" for one in view.acts) or "-",
        ),
    ]
    head = [f"{line.id}", *(f"{name}: {text}" for name, text in facts)]
    trace = (
        (
            moment(one.at),
            one.by,
            one.does,
            _told(one.told, spoken),
            one.note,
            " ".join(digest[:12] for digest in one.proof),
        )
        for one in view.trace
    )
    return "\n".join(head) + "\n\n" + "\n".join("  ".join(part for part in row if part) for row in trace)
