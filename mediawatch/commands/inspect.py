"""`inspect …`: an inspection campaign from the order to the frozen result, and its verification."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mediawatch.commands.acting import Acting, acting
from mediawatch.commands.listing import Column, Listing, listing
from mediawatch.commands.new_files import new_file, write_new
from mediawatch.commands.options import Instant, Stopped, as_json, paths, reading
from mediawatch.commands.printing import echo, json_line, moment, narrate, table
from mediawatch.core.campaign import Stage
from mediawatch.core.narrowed_lists import CAMPAIGNS
from mediawatch.core.office_views import CampaignLine, FindingRow
from mediawatch.core.office_words import STAGES

if TYPE_CHECKING:
    from mediawatch.core.office_views import CampaignView, StatementView, TallyView
    from mediawatch.core.rulebook import Language

DIFFERS = 1
_HEAD = ("registered", "checked", "share %", "passed", "failed", "undetermined", "undecided", "pass %")
_COUNTED = ("registered", "checked", "share", "passed", "failed", "undetermined", "undecided", "pass_rate")


@click.group()
def inspect() -> None:
    """Inspection campaigns: draw, look, judge, hear the units, freeze, verify."""


@inspect.command()
@click.argument("campaign")
@acting
@click.option("--title", default="", help="What it is called in documents.")
@click.option("--rulebook", "book", help="The book it judges by, by name or file (default: the settings').")
@click.option("--at", type=Instant(), help="The instant at which the register is frozen (default: the present).")
@click.option("--from", "begins", type=Instant(), required=True, help="When the look window begins.")
@click.option("--until", "ends", type=Instant(ends=True), required=True, help="T, the instant of judgement.")
@click.option("--ratio", "ratios", multiple=True, required=True, help="30%, or level=city:100%; may be repeated.")
@click.option("--strata", default="level,platform,region", help="By what the population is divided, or `none`.")
@click.option("--previous", default="", help="The campaign before: its failures are looked at again first.")
def new(
    act: Acting,
    campaign: str,
    title: str,
    book: str | None,
    at: datetime | None,
    begins: datetime,
    ends: datetime,
    ratios: tuple[str, ...],
    strata: str,
    previous: str,
) -> None:
    """Order a campaign and freeze its population. Publish the digest before there is a seed."""
    from mediawatch.commands.rulebook import opened

    named = book or act.found.settings.rulebook
    known = act.found.rulebooks.get(named) or opened(named)
    answer = act.does(
        "inspect.new",
        id=campaign,
        title=title,
        rulebook=known.model_dump(mode="json", by_alias=True),
        population_at=at and at.isoformat(),
        begins_at=begins.isoformat(),
        judged_at=ends.isoformat(),
        by=[] if strata == "none" else strata.split(","),
        ratios=[_ratio(one) for one in ratios],
        previous=previous,
    )
    act.tells(answer, _says(answer))


@inspect.command()
@click.argument("campaign", required=False)
@acting
@click.option("--seed", help="The published seed (default: one made by chance now).")
@click.option("--to", type=click.Path(path_type=Path), help="Write the draw as it is published to this new file.")
@click.option("--verify", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Make a draw again.")
def draw(act: Acting, campaign: str | None, seed: str | None, to: Path | None, verify: Path | None) -> None:
    """Draw the sample from a seed; or, with --verify FILE, make a published draw again (exit 1 where it differs)."""
    if verify is not None:
        _verify_draw(verify, json_=act.json)
        return
    if campaign is None:
        raise Stopped("name a campaign, or a published draw to --verify")
    file = None if to is None else new_file(to, f"{campaign}-draw.json")  # before anything is done that stays
    answer = act.does("inspect.draw", id=campaign, seed=secrets.token_hex(16) if seed is None else seed)
    act.tells(answer, _says(answer))
    if file is not None and not act.dry_run:
        with reading(act.accounts, act.settings, None) as (query, _, _):
            write_new(file, query.published_draw(campaign).encode())
        narrate(f"written: {file}")


def _step(name: str, says: str) -> click.Command:
    @inspect.command(name, help=says)
    @click.argument("campaign")
    @acting
    @click.option("--note", default="")
    def step(act: Acting, campaign: str, note: str) -> None:
        answer = act.does(f"inspect.{name}", id=campaign, note=note)
        act.tells(answer, _says(answer))

    return step


look = _step("look", "Open the look window: the daemon looks at every account of the sample within it.")
judge = _step(
    "judge",
    "Judge the sample at T from the record; candidates enter the review queue. May be repeated until the freeze.",
)


@inspect.command()
@click.argument("campaign")
@acting
@click.option("--account", required=True, help="Whose result it is about.")
@click.option("--indicator", default="", help="Which line of it; all where it is not given.")
@click.option("--text", required=True, help="What the unit says.")
@click.option("--file", "proof", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def statement(act: Acting, campaign: str, account: str, indicator: str, text: str, proof: tuple[Path, ...]) -> None:
    """Take down what a unit says against a result (申辩). It must be decided before the freeze: `inspect rule`."""
    said = {"account": account, "indicator": indicator, "text": text, "proof": act.keeps(proof)}
    answer = act.does("inspect.statement", id=campaign, **said)
    act.tells(answer, _says(answer))


@inspect.command()
@click.argument("campaign")
@click.argument("number", type=int)
@acting
@click.option("--uphold/--reject", "upheld", default=None, help="Whether it takes the finding out; one of the two.")
@click.option("--reason", required=True, help="Why.")
def rule(act: Acting, campaign: str, number: int, upheld: bool | None, reason: str) -> None:
    """Decide a unit's statement, once."""
    if upheld is None:
        raise Stopped("say --uphold or --reject")
    answer = act.does("inspect.rule", id=campaign, number=number, upheld=upheld, reason=reason)
    act.tells(answer, _says(answer))


@inspect.command()
@click.argument("campaign")
@acting
@click.option("--leave-undecided", "leave", is_flag=True, help="Candidates that nobody decided stay open for good.")
@click.option("--note", default="", help="By what decision it is final.")
def freeze(act: Acting, campaign: str, leave: bool, note: str) -> None:
    """End a campaign: a digest is taken over everything, and nothing of it is changed again."""
    answer = act.does("inspect.freeze", id=campaign, leave=leave, note=note)
    act.tells(answer, _says(answer))


@inspect.command()
@click.argument("campaign")
@paths
@as_json
def verify(campaign: str, accounts: Path | None, settings: Path | None, json_: bool) -> None:
    """Hold a frozen campaign against its digest, its draw, the record and the answers (exit 1 where it differs)."""
    from mediawatch import frozen
    from mediawatch.store.blobs import Blobs

    with reading(accounts, settings, None) as (_, store, found):
        try:
            checked = frozen.verify(store, campaign, Blobs(found.settings.data_dir / "answers").recall)
        except KeyError:
            raise Stopped(f"there is no campaign {campaign}") from None
        except ValueError as error:
            raise Stopped(str(error)) from None
    if json_:
        echo(json_line(checked))
    else:
        narrate(f"{checked.digest}: {checked.accounts} accounts, {checked.looks} channels")
        echo("\n".join(checked.problems) or "as it was frozen")
    if checked.problems:
        raise click.exceptions.Exit(DIFFERS)


_LISTED: tuple[Column[CampaignLine], ...] = (
    Column("编号", "id", lambda one, _: one.id),
    Column("阶段", "stage", lambda one, spoken: STAGES[one.stage].in_(spoken)),
    Column("监测时间点", "T", lambda one, _: moment(one.judged_at)),
    Column("总数", "registered", lambda one, _: str(one.population)),
    Column("抽查", "drawn", lambda one, _: str(one.drawn)),
    Column("不合格", "failed", lambda one, _: str(one.overall.failed)),
    Column("未判定", "undetermined", lambda one, _: str(one.overall.undetermined)),
    Column("合格率%", "pass %", lambda one, _: one.overall.pass_rate),
    Column("待办", "waiting", lambda one, _: str(one.waiting)),
)


@inspect.command("list")
@listing(keys=CAMPAIGNS.keys, sorts=tuple(CAMPAIGNS.orders), first="latest")
def list_(asked: Listing) -> None:
    """Every campaign, the latest first."""
    asked.show(_LISTED, asked.of(CAMPAIGNS, asked.source.campaigns(asked.now)))


_FOUND: tuple[Column[FindingRow], ...] = (
    Column("账号编号", "account", lambda one, _: one.account),
    Column("账号", "name", lambda one, _: one.name),
    Column("单位", "unit", lambda one, _: one.unit or one.sponsor),
    Column("条款", "line", lambda one, _: one.number or one.indicator),
    Column("事项", "title", lambda one, _: one.title),
    Column("说明", "says", lambda one, _: one.says),
)


@inspect.command()
@listing(keys=None)
@click.argument("campaign")
@click.option("--draw", "published", is_flag=True, help="The draw as it is published; of the store here.")
def show(asked: Listing, campaign: str, published: bool) -> None:
    """One campaign: counts, failures, what waits for people, what could not be seen, the trace; as CSV its failures."""
    source: Any = asked.source
    if published and not hasattr(source, "published_draw"):
        raise Stopped("--draw: the published draw is read from the store, not from afar or from the past")
    try:
        if published:
            echo(source.published_draw(campaign))
            return
        view = asked.source.campaign(campaign, asked.now)
    except KeyError:
        raise Stopped(f"there is no campaign {campaign}") from None
    asked.page(view, _page, (_FOUND, view.failures))


def _verify_draw(file: Path, *, json_: bool) -> None:
    from pydantic import ValidationError

    from mediawatch.core.sampling import Draw, differences

    try:
        published = Draw.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Stopped(f"{file} is no published draw: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    found = differences(published)
    if json_:
        echo(json_line({"campaign": published.campaign, "drawn": len(published.drawn), "problems": list(found)}))
    else:
        echo("\n".join(found) or f"{published.campaign}: {len(published.drawn)} accounts, drawn as published")
    if found:
        raise click.exceptions.Exit(DIFFERS)


def _ratio(text: str) -> dict[str, str]:
    from mediawatch.core.sampling import read_ratio

    try:
        return read_ratio(text).model_dump()
    except ValueError:
        wanted = "write 30%, or level=city,platform=app:100%; above 0 and at most 100%"
        raise Stopped(f"--ratio {text}: {wanted}") from None


def _says(answer: dict[str, Any]) -> str:
    told = ", ".join(f"{name} {value}" for name, value in answer["told"].items())
    return f"{answer['campaign']} {answer['stage']}: {told}"


def _page(view: CampaignView, spoken: Language) -> str:
    from mediawatch.core.office_words import VERDICTS

    line = view.line
    failed, waiting, back = (
        ("不合格", "待核实", "定稿后撤销")
        if spoken == "zh_CN"
        else ("failed", "waiting", "taken back since the freeze")
    )
    judged = line.stage in (Stage.JUDGED, Stage.FROZEN)
    unseen = (f"{VERDICTS[one.verdict].in_(spoken)} {one.name}: {'; '.join(one.why)}" for one in view.unseen)
    return "\n\n".join(
        part
        for part in (
            f"{line.id} {line.title}  {STAGES[line.stage].in_(spoken)}  T {moment(line.judged_at)}  {line.rulebook}",
            f"seed {view.seed or '-'}  population {view.population_digest}  digest {line.digest or '-'}",
            _tallies((line.overall, *view.by_platform, *view.by_level, *view.by_region), spoken),
            _findings(failed, view.failures) if judged else "",
            _findings(back, view.taken_back) if view.taken_back else "",
            _findings(waiting, view.waiting) if view.waiting else "",
            "\n".join(unseen),
            "\n".join(_statement(one, spoken) for one in view.statements),
            "\n".join(f"{moment(one.at)} {one.by} {one.does} {one.note}".rstrip() for one in view.trace),
        )
        if part
    )


def _statement(one: StatementView, spoken: Language) -> str:
    """What a unit said, under the number by which it is decided, and what was decided."""
    chinese = spoken == "zh_CN"
    words = ("申辩成立", "申辩不成立", "待处理") if chinese else ("upheld", "rejected", "to be decided")
    decided = words[2] if one.upheld is None else words[0] if one.upheld else words[1]
    reason = f" ({one.decided_by}: {one.reason})" if one.upheld is not None else ""
    head = f"{'申辩' if chinese else 'statement'} {one.number}"
    return f"{head} {moment(one.at)} {one.by}: {one.name} {one.indicator}: {one.text}  [{decided}{reason}]"


def _findings(title: str, rows: tuple[FindingRow, ...]) -> str:
    listed = [(one.account, one.name, one.number or one.indicator, one.says, one.evidence) for one in rows]
    return table((f"{title} {len(rows)}", "", "", "", ""), listed, most=(0, 28, 0, 0, 16))


def _tallies(tallies: tuple[TallyView, ...], spoken: Language) -> str:
    chinese = ("", "总数", "抽查", "抽查比例%", "合格", "不合格", "未判定", "待认定", "合格率%")
    head = chinese if spoken == "zh_CN" else ("", *_HEAD)
    return table(head, ((one.label, *(str(getattr(one, name)) for name in _COUNTED)) for one in tallies))
