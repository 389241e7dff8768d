"""`inspect …`: an inspection campaign from the order to the frozen result, and its verification."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.acting import actor, kept, perform, tell
from mediawatch.commands.listing import Column, Listing, listing
from mediawatch.commands.options import Instant, Stopped, as_json, files, language, loaded, paths, reading
from mediawatch.commands.printing import echo, json_line, moment, narrate, table
from mediawatch.core.narrowed_lists import CAMPAIGNS
from mediawatch.core.office_views import CampaignLine
from mediawatch.core.office_words import STAGES

if TYPE_CHECKING:
    from mediawatch.core.office_views import CampaignView, FindingRow, TallyView
    from mediawatch.core.rulebook import Language
    from mediawatch.core.sampling import Ratio

DIFFERS = 1
_HEAD = ("registered", "checked", "share %", "passed", "failed", "undetermined", "undecided", "pass %")
_COUNTED = ("registered", "checked", "share", "passed", "failed", "undetermined", "undecided", "pass_rate")


@click.group()
def inspect() -> None:
    """Inspection campaigns: draw, look, judge, hear the units, freeze, verify."""


@inspect.command()
@click.argument("campaign")
@paths
@click.option("--title", default="", help="What it is called in documents.")
@click.option("--rulebook", "book", help="The book it judges by, by name or file (default: the settings').")
@click.option("--at", type=Instant(), help="The instant at which the register is frozen (default: the present).")
@click.option("--from", "begins", type=Instant(), required=True, help="When the look window begins.")
@click.option("--until", "ends", type=Instant(ends=True), required=True, help="T, the instant of judgement.")
@click.option("--ratio", "ratios", multiple=True, required=True, help="30%, or level=city:100%; may be repeated.")
@click.option("--strata", default="level,platform,region", help="By what the population is divided, or `none`.")
@click.option("--previous", default="", help="The campaign before: its failures are looked at again first.")
@actor
def new(
    campaign: str,
    accounts: Path | None,
    settings: Path | None,
    title: str,
    book: str | None,
    at: datetime | None,
    begins: datetime,
    ends: datetime,
    ratios: tuple[str, ...],
    strata: str,
    previous: str,
    by: str,
    dry_run: bool,
    json_: bool,
) -> None:
    """Order a campaign and freeze its population. Publish the digest before there is a seed."""
    from pydantic import ValidationError

    from mediawatch.commands.rulebook import opened
    from mediawatch.inspection import Order

    found = loaded(accounts, settings)
    known = found.rulebooks.get(book or found.settings.rulebook)
    try:
        order = Order.model_validate(
            {
                "id": campaign,
                "title": title,
                "rulebook": known or opened(book or found.settings.rulebook),
                "population_at": at,
                "begins_at": begins,
                "judged_at": ends,
                "by": () if strata == "none" else tuple(strata.split(",")),
                "ratios": tuple(map(_ratio, ratios)),
                "previous": previous,
            }
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Stopped(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    answer = perform(accounts, settings, "inspect.new", order, by, dry_run=dry_run)
    tell(answer, _says(answer), dry_run=dry_run, json_=json_)


@inspect.command()
@click.argument("campaign", required=False)
@paths
@click.option("--seed", help="The published seed (default: one made by chance now).")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Write the draw as it is published here.")
@click.option("--verify", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Make a draw again.")
@actor
def draw(
    campaign: str | None,
    accounts: Path | None,
    settings: Path | None,
    seed: str | None,
    to: Path | None,
    verify: Path | None,
    by: str,
    dry_run: bool,
    json_: bool,
) -> None:
    """Draw the sample from a seed; or, with --verify FILE, make a published draw again (exit 1 where it differs)."""
    if verify is not None:
        _verify_draw(verify, json_=json_)
        return
    if campaign is None:
        raise Stopped("name a campaign, or a published draw to --verify")
    from mediawatch.inspection import Seed

    answer = perform(
        accounts, settings, "inspect.draw", Seed(id=campaign, seed=seed or secrets.token_hex(16)), by, dry_run=dry_run
    )
    tell(answer, _says(answer), dry_run=dry_run, json_=json_)
    if to is not None and not dry_run:
        with reading(accounts, settings, None) as (query, _, _):
            to.write_text(query.published_draw(campaign), encoding="utf-8")
        narrate(f"written: {to}")


@inspect.command()
@click.argument("campaign")
@paths
@click.option("--note", default="")
@actor
def look(
    campaign: str, accounts: Path | None, settings: Path | None, note: str, by: str, dry_run: bool, json_: bool
) -> None:
    """Open the look window: the daemon looks at every account of the sample within it."""
    _step(accounts, settings, "inspect.look", campaign, note, by, dry_run=dry_run, json_=json_)


@inspect.command()
@click.argument("campaign")
@paths
@click.option("--note", default="")
@actor
def judge(
    campaign: str, accounts: Path | None, settings: Path | None, note: str, by: str, dry_run: bool, json_: bool
) -> None:
    """Judge the sample at T from the record; candidates enter the review queue. May be repeated until the freeze."""
    _step(accounts, settings, "inspect.judge", campaign, note, by, dry_run=dry_run, json_=json_)


@inspect.command()
@click.argument("campaign")
@paths
@click.option("--account", required=True, help="Whose result it is about.")
@click.option("--indicator", default="", help="Which line of it; all where it is not given.")
@click.option("--text", required=True, help="What the unit says.")
@click.option("--file", "proof", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@actor
def statement(
    campaign: str,
    accounts: Path | None,
    settings: Path | None,
    account: str,
    indicator: str,
    text: str,
    proof: tuple[Path, ...],
    by: str,
    dry_run: bool,
    json_: bool,
) -> None:
    """Take down what a unit says against a result (申辩). It must be decided before the freeze: `inspect rule`."""
    from mediawatch.inspection import Objection

    digests = kept(loaded(accounts, settings), proof, dry_run=dry_run)
    said = Objection(id=campaign, account=account, indicator=indicator, text=text, proof=digests)
    answer = perform(accounts, settings, "inspect.statement", said, by, dry_run=dry_run)
    tell(answer, _says(answer), dry_run=dry_run, json_=json_)


@inspect.command()
@click.argument("campaign")
@click.argument("number", type=int)
@paths
@click.option("--uphold/--reject", "upheld", required=True, default=None, help="Whether it takes the finding out.")
@click.option("--reason", required=True, help="Why.")
@actor
def rule(
    campaign: str,
    number: int,
    accounts: Path | None,
    settings: Path | None,
    upheld: bool,
    reason: str,
    by: str,
    dry_run: bool,
    json_: bool,
) -> None:
    """Decide a unit's statement, once."""
    from mediawatch.inspection import Ruling

    said = Ruling(id=campaign, number=number, upheld=upheld, reason=reason)
    answer = perform(accounts, settings, "inspect.rule", said, by, dry_run=dry_run)
    tell(answer, _says(answer), dry_run=dry_run, json_=json_)


@inspect.command()
@click.argument("campaign")
@paths
@click.option("--leave-undecided", "leave", is_flag=True, help="Candidates that nobody decided stay open for good.")
@click.option("--note", default="", help="By what decision it is final.")
@actor
def freeze(
    campaign: str,
    accounts: Path | None,
    settings: Path | None,
    leave: bool,
    note: str,
    by: str,
    dry_run: bool,
    json_: bool,
) -> None:
    """End a campaign: a digest is taken over everything, and nothing of it is changed again."""
    from mediawatch.inspection import Freeze

    said = Freeze(id=campaign, leave=leave, note=note)
    answer = perform(accounts, settings, "inspect.freeze", said, by, dry_run=dry_run)
    tell(answer, _says(answer), dry_run=dry_run, json_=json_)


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
@listing(keys=CAMPAIGNS.keys)
def list_(asked: Listing) -> None:
    """Every campaign, the latest first."""
    asked.show(_LISTED, CAMPAIGNS.of(asked.source.campaigns(asked.now), asked.only))


@inspect.command()
@click.argument("campaign")
@files
@click.option("--draw", "published", is_flag=True, help="The draw as it is published.")
@as_json
def show(
    campaign: str, accounts: Path | None, settings: Path | None, lang: str | None, published: bool, json_: bool
) -> None:
    """One campaign: counts, failures, what waits for people, what could not be seen, the trace."""
    with reading(accounts, settings, lang) as (query, _, found):
        try:
            if published:
                echo(query.published_draw(campaign))
                return
            view, spoken = query.campaign(campaign, wall_clock()), language(lang, found)
        except KeyError:
            raise Stopped(f"there is no campaign {campaign}") from None
    echo(json_line(view) if json_ else _page(view, spoken))


def _step(
    accounts: Path | None,
    settings: Path | None,
    act: str,
    campaign: str,
    note: str,
    by: str,
    *,
    dry_run: bool,
    json_: bool,
) -> None:
    from mediawatch.inspection import Named

    answer = perform(accounts, settings, act, Named(id=campaign, note=note), by, dry_run=dry_run)
    tell(answer, _says(answer), dry_run=dry_run, json_=json_)


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


def _ratio(text: str) -> Ratio:
    from mediawatch.core.sampling import read_ratio

    try:
        return read_ratio(text)
    except ValueError:
        raise Stopped(f"--ratio {text}: write 30%, or level=city,platform=app:100%") from None


def _says(answer: dict[str, Any]) -> str:
    told = ", ".join(f"{name} {value}" for name, value in answer["told"].items())
    return f"{answer['campaign']} {answer['stage']}: {told}"


def _page(view: CampaignView, spoken: Language) -> str:
    from mediawatch.core.office_words import VERDICTS

    line = view.line
    failed, waiting = ("不合格", "待核实") if spoken == "zh_CN" else ("failed", "waiting")
    unseen = (f"{VERDICTS[one.verdict].in_(spoken)} {one.name}: {'; '.join(one.why)}" for one in view.unseen)
    return "\n\n".join(
        part
        for part in (
            f"{line.id} {line.title}  {STAGES[line.stage].in_(spoken)}  T {moment(line.judged_at)}  {line.rulebook}",
            f"seed {view.seed or '-'}  population {view.population_digest[:16]}…  digest {line.digest or '-'}",
            _tallies((line.overall, *view.by_platform, *view.by_level, *view.by_region), spoken),
            _findings(failed, view.failures),
            _findings(waiting, view.waiting),
            "\n".join(unseen),
            "\n".join(f"{moment(one.at)} {one.by} {one.does} {one.note}".rstrip() for one in view.trace),
        )
        if part
    )


def _findings(title: str, rows: tuple[FindingRow, ...]) -> str:
    listed = [(one.account, one.name, one.number or one.indicator, one.says, one.evidence) for one in rows]
    return table((f"{title} {len(rows)}", "", "", "", ""), listed, most=(0, 28, 0, 0, 16))


def _tallies(tallies: tuple[TallyView, ...], spoken: Language) -> str:
    chinese = ("", "总数", "抽查", "抽查比例%", "合格", "不合格", "未判定", "待认定", "合格率%")
    head = chinese if spoken == "zh_CN" else ("", *_HEAD)
    return table(head, ((one.label, *(str(getattr(one, name)) for name in _COUNTED)) for one in tallies))
