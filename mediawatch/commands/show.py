"""`accounts`, `findings`, `explain`: what the record says, as text or JSON. They read, and change nothing."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.listing import Column, Listing, listing
from mediawatch.commands.options import Stopped, as_json, files, language, loaded, reading
from mediawatch.commands.printing import STANDINGS, echo, json_line, moment, narrate, table
from mediawatch.commands.review import decided
from mediawatch.core.reading import SORTS
from mediawatch.core.register_words import COLUMNS
from mediawatch.core.rulebook import Citation, Language
from mediawatch.core.views import AccountView, Judged, Row
from mediawatch.core.wording import CONFIDENCE, COVERAGE, REASONS, STATES, label
from mediawatch.tui.chart import spark

if TYPE_CHECKING:
    from mediawatch.core.profiles import Facts
    from mediawatch.store.query import Query

SHOWN_DAYS = 60  # days of followers in one line


ROWS: tuple[Column[Row], ...] = (
    Column("结果", "outcome", lambda row, spoken: STANDINGS[row.standing][spoken]),
    Column("余天", "left", lambda row, _: "-" if row.days_left is None else str(row.days_left)),
    Column("账号", "account", lambda row, _: row.name, 32),
    Column("类型", "kind", lambda row, _: row.kind),
    Column("最近更新", "newest", lambda row, _: moment(row.newest_post_at)),
    Column("说明", "says", lambda row, _: row.says),
)


@click.command("list")
@listing(sorts=SORTS, first="days_left")
def accounts_list(asked: Listing) -> None:
    """Every account with the finding that speaks for it, problems first."""
    asked.show(ROWS, asked.rows())


@click.command("check")
@files
@as_json
def accounts_check(accounts: Path | None, settings: Path | None, lang: str | None, json_: bool) -> None:
    """The register held against itself and against what platforms tell of it: matters for a person to look at."""
    from mediawatch.core.register_check import TITLES, check_register
    from mediawatch.store.errors import StoreError
    from mediawatch.store.query import Query
    from mediawatch.store.store import Store

    found = loaded(accounts, settings)
    spoken = language(lang, found)
    told: dict[str, list[Facts]] = {}
    try:
        with closing(Store.open(found.settings.database, now=wall_clock(), read_only=True)) as store:
            told = Query(store, found.rulebooks, spoken).told()
    except StoreError as error:
        narrate(f"{error}; only the register itself is checked")
    matters = check_register(found.accounts, told)
    if json_:
        for matter in matters:
            echo(json_line({"number": matter.number, **matter.model_dump(mode="json")}))
        return
    head = ("编号", "事项", "账号", "内容") if spoken == "zh_CN" else ("number", "matter", "accounts", "what")
    rows = (
        (matter.number, TITLES[matter.code][1].in_(spoken), ", ".join(matter.accounts), matter.shown)
        for matter in matters
    )
    echo(table(head, rows, most=(0, 0, 0, 0)))


@click.command()
@files
@click.option("--account", help="Only this account.")
@as_json
def findings(accounts: Path | None, settings: Path | None, lang: str | None, account: str | None, json_: bool) -> None:
    """The standing answer for each account and indicator."""
    with reading(accounts, settings, lang) as (query, _, found):
        if account is not None:
            _known(query, account)
        judged = tuple(query.findings(wall_clock(), account))
    if json_:
        for one in judged:
            echo(json_line(one))
        return
    spoken = language(lang, found)
    head = ("账号", "指标", "结果", "证明有效至", "说明") if spoken == "zh_CN" else (
        "account", "indicator", "outcome", "proven until", "says"
    )  # fmt: skip
    rows = (
        (
            one.finding.account,
            one.finding.indicator,
            STANDINGS[one.standing][spoken],
            _until(one, spoken),
            one.says,
        )
        for one in judged
    )
    echo(table(head, rows, most=(24, 0, 0, 0, 0)))


_JUDGED: tuple[Column[Judged], ...] = (
    Column("账号", "account", lambda one, _: one.finding.account),
    Column("指标", "indicator", lambda one, _: one.finding.indicator),
    Column("结果", "outcome", lambda one, spoken: STANDINGS[one.standing][spoken]),
    Column("证明有效至", "proven until", lambda one, spoken: _until(one, spoken)),
    Column("说明", "says", lambda one, _: one.says),
)


@click.command()
@listing(keys=None)
@click.argument("account")
def explain(asked: Listing, account: str) -> None:
    """Everything about one account: every indicator, why, until when proven, what was seen, what is missing.

    As CSV: one line for each indicator.
    """
    try:
        view = asked.source.account(account, asked.now)
    except KeyError:
        raise Stopped(f"no account {account!r} in the register; `mediawatch accounts list` names them") from None
    if asked.form == "csv":
        asked.show(_JUDGED, view.findings)
    else:
        echo(json_line(view) if asked.form == "json" else explained(view, asked.language))


def _known(query: Query, account: str) -> AccountView:
    """The account's page, or exit 2."""
    try:
        return query.account(account, wall_clock())
    except KeyError:
        raise Stopped(f"no account {account!r} in the register; `mediawatch accounts list` names them") from None


def explained(view: AccountView, spoken: Language) -> str:
    """An account's page as text."""
    chinese = spoken == "zh_CN"

    def words(zh: str, en: str) -> str:
        return zh if chinese else en

    row = view.row
    since = "" if view.state_since is None else words(f"自 {view.state_since}", f"since {view.state_since}")
    lines = [
        f"{row.name}  [{row.account}]  {row.kind}  {row.sponsor}",
        words("结论", "outcome") + f": {STANDINGS[row.standing][spoken]}  {row.says}",
        words("状态", "state") + f": {STATES[row.state].in_(spoken)}" + (f" ({since})" if since else ""),
        words("最近更新", "newest post") + f": {moment(row.newest_post_at)}",
        words("下次查看", "next look") + f": {moment(view.next_due_at)}",
        words("规则", "rulebook") + f": {view.rulebook}",
        words("渠道", "channels") + ":",
        *(f"  {target}" for target in view.targets),
    ]
    lines += _filed(view, spoken)
    if view.missing:
        names = [COVERAGE[kind].in_(spoken) if kind in COVERAGE else kind for kind in view.missing]
        lines.append(words("缺少渠道", "missing channels") + ": " + ", ".join(names))
    lines += ["", words("指标", "indicators") + ":"]
    for one in view.findings:
        finding = one.finding
        klass = label(finding, spoken)
        known_as = f" [{words('内部分级', 'our class')}: {klass}]" if klass else ""
        lines.append(f"  {one.number or finding.indicator} {one.title}: {STANDINGS[one.standing][spoken]}{known_as}")
        lines.append(f"    {one.says}")
        lines.append(f"    {words('证明有效至', 'proven until')}: {_until(one, spoken)}")
        lines += _cited(one.cites, spoken)
        if one.boundary:
            lines.append(f"    {words('含/不含', 'boundary')}: {one.boundary}")
        if finding.proof:
            looks = ", ".join(f"{moment(at)} {target}" for target, at in finding.proof)
            lines.append(f"    {words('证据', 'proof')}: {looks}")
        if finding.missing:
            names = [COVERAGE[kind].in_(spoken) if kind in COVERAGE else kind for kind in finding.missing]
            lines.append(f"    {words('缺少', 'missing')}: {', '.join(names)}")
    if view.manual:
        lines += ["", words("需要人工判断（程序不作判断）", "needs a person (never judged by this program)") + ":"]
    for manual in view.manual:
        lines += [f"  {manual.number or manual.id} {manual.title}", f"    {manual.asks}", *_cited(manual.cites, spoken)]
    if view.decisions:
        lines += ["", words("人工核实", "reviews") + ":"]
        lines += [f"  {one.indicator}: {decided(one, spoken)}" for one in view.decisions]
    lines += _profile(view, spoken)
    lines += ["", words("查看记录", "looks") + ":"]
    for look in view.looks:
        seen = words(f"{look.posts} 条", f"{look.posts} items") if look.ok else ""
        if look.attested_by:
            seen = words(f"由 {look.attested_by} 人工证明", f"attested by {look.attested_by}")
        why = REASONS[look.reason].in_(spoken) if look.reason is not None else ""
        trust = (
            "" if look.trusted else words("（平台故障期间，不作依据）", " (during a platform incident: proves nothing)")
        )
        lines.append(f"  {moment(look.at)}  {look.adapter}  {seen}{why} {look.detail}{trust}".rstrip())
    lines += ["", words("内容", "posts") + ":"]
    for post in view.posts:
        marks = "".join(
            (words(" 置顶", " pinned") if post.pinned else "", words(" 转发", " repost") if post.repost else "")
        )
        lines.append(f"  {moment(post.at)}{marks}  {post.title}")
    return "\n".join(lines)


def _filed(view: AccountView, spoken: Language) -> list[str]:
    """What is filed of the account, without what names people."""
    told = view.filing.model_dump(mode="json", exclude_defaults=True)
    if not told:
        return []
    title = "备案登记" if spoken == "zh_CN" else "filed"
    shown = ((name, ", ".join(value) if isinstance(value, list) else str(value)) for name, value in told.items())
    return [f"{title}:", *(f"  {COLUMNS[name].in_(spoken)}: {value}" for name, value in shown)]


def _cited(cites: tuple[Citation, ...], spoken: Language) -> list[str]:
    """Each text with how sure we are of its wording beside it."""
    said = "依据" if spoken == "zh_CN" else "cites"
    return [f"    {said}: {cited.text} {cited.clause} [{CONFIDENCE[cited.confidence].in_(spoken)}]" for cited in cites]


def _profile(view: AccountView, spoken: Language) -> list[str]:
    """What the platform told of the account itself, over time."""
    if not view.profiles and not view.series:
        return []
    chinese = spoken == "zh_CN"
    lines = ["", ("账号资料的变化" if chinese else "what the platform tells of the account") + ":"]
    for one in view.profiles:
        trust = "" if one.trusted else "（平台故障期间）" if chinese else " (during a platform incident)"
        lines.append(f"  {moment(one.at)}  {one.says}{trust}")
    counted = [(one.day, one.followers) for one in view.series if one.followers is not None]
    if counted:
        (first, before), (last, now) = counted[0], counted[-1]
        chart = spark([count for _, count in counted[-SHOWN_DAYS:]])
        lines.append(f"  {'粉丝' if chinese else 'followers'}: {before} ({first}) {chart} {now} ({last})")
    return lines


def _until(one: Judged, spoken: Language) -> str:
    """Until when the answer is proven without looking again; nothing is proven ahead for a fail or an unknown."""
    finding = one.finding
    if finding.holds_until <= finding.judged_at:
        return ("截至 " if spoken == "zh_CN" else "as of ") + moment(finding.judged_at)
    if finding.holds_until.year > 9000:
        return "始终" if spoken == "zh_CN" else "for good"
    return moment(finding.holds_until)
