"""The draft of a quarterly circular (检查情况通报), in the stable layout of the circulars that offices publish.

It must never rank apps by use, never count what could not be seen among the failures, and never show the wording of a
clause as official that was not checked. It is a draft and says so: a person issues it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mediawatch.core.campaign import Stage
from mediawatch.core.office_views import ClauseView, FindingRow, TallyView
from mediawatch.core.office_words import FORMS, PLATFORMS
from mediawatch.core.report_views import FORMS_BY_WEIGHT, Circular
from mediawatch.reports import annexes
from mediawatch.reports.counts import by_region, groups, rate, tallied
from mediawatch.reports.paper import Block, Chart, Heading, Paper, Say, Table, Text, told

MOST_NAMED = 30  # accounts that are named in the text of one clause; all of them are in the annex
_NUMERALS = "一二三四五六七八九十"


def paper(told_of: Circular) -> Paper:
    """The circular with its annexes."""
    issue, view = told_of.issue, told_of.view
    say = Say(issue.language)
    line = view.line
    frozen = line.stage is Stage.FROZEN
    kept = annexes.of(told_of)
    name = told(line.title) or say("{id}期", "{id}", id=line.id)
    parts = [
        (say("上期问题复查情况", "Last time's problems, checked again"), _again(told_of, say)),
        (say("总体情况", "Overall"), _overall(told_of, say)),
        (say("存在问题", "Problems"), _problems(told_of, say)),
        (say("未能判定情况", "What could not be determined"), _unseen(told_of, say)),
        (say("日常监测与提醒", "Daily watch and reminders"), _work(told_of, say)),
        (say("问责情况", "Accountability"), _held(told_of, say)),
        (say("工作要求", "What is asked"), _asked(told_of, say)),
    ]
    blocks: list[Block] = [*_basis(told_of, say)]
    for number, (title, body) in enumerate((part for part in parts if part[1]), start=0):
        blocks += [Heading(text=f"{_NUMERALS[number]}、{title}" if say.chinese else f"{number + 1}. {title}"), *body]
    return Paper(
        language=issue.language,
        title=say(
            "关于{name}政府网站与政务新媒体检查情况的通报",
            "Inspection of government websites and new media: {name}",
            name=name,
        ),
        mark=say("草稿，未经审签，不得公开", "DRAFT: not signed off, not for publication")
        + (
            ""
            if frozen
            else say("；检查尚未定稿，数字为阶段性结果", "; the inspection is not frozen, all numbers are provisional")
        ),
        to=told(issue.to) or say.fill("主送机关", "to whom"),
        blocks=tuple(blocks),
        signed=told(issue.issuer) or say.fill("制发机关", "issuing office"),
        day=issue.day,
        annexes=kept,
    )


def annexes_alone(told_of: Circular) -> Paper:
    """The annexes alone."""
    whole = paper(told_of)
    say = Say(told_of.issue.language)
    title = say("{title}附件", "{title}: annexes", title=whole.title)
    return whole.model_copy(update={"title": title, "blocks": (), "to": "", "signed": "", "day": None})


def account_named(row: FindingRow, say: Say) -> str:
    """“账号名”（平台，单位）"""
    words = PLATFORMS.get(row.kind)
    platform = row.kind if words is None else words.zh_CN if say.chinese else words.en
    unit = told(row.unit or row.sponsor)
    inside = say("，", ", ").join(part for part in (platform, unit) if part)
    return say("“{name}”（{inside}）", "“{name}” ({inside})", name=told(row.name), inside=inside)


# --- the parts --------------------------------------------------------------------------------------------------------


def _basis(told_of: Circular, say: Say) -> list[Block]:
    view = told_of.view
    seed = say(
        "，抽样种子为{seed}，任何人可据此复算", "; the seed {seed} lets anybody make the draw again", seed=view.seed
    )
    text = say(
        "依据{book}（{id}，版本{edition}），对政府网站与政务新媒体开展检查。查看时间为{begins}至{ends}，监测时间点为{at}。"
        "检查对象取自{population}冻结的登记册，共{all}个，抽查{drawn}个{seed}。",
        "By {book} ({id}, edition {edition}). Looks from {begins} to {ends}; judged at {at}. Of {all} accounts in the"
        " register as frozen on {population}, {drawn} were drawn{seed}.",
        book=view.rulebook_title,
        id=view.line.rulebook,
        edition=view.edition[:12],
        begins=say.day(view.line.begins_at),
        ends=say.day(view.line.judged_at),
        at=say.moment(view.line.judged_at),
        population=say.day(view.population_at),
        all=view.line.population,
        drawn=view.line.drawn,
        seed=seed if view.seed else "",
    )
    return [Text(text=text)]


def _again(told_of: Circular, say: Say) -> list[Block]:
    view, one = told_of.view, told_of.view.rechecked
    if not view.previous:
        return []
    text = say(
        "对上期（{before}）不合格的{all}个账号逐一复查：已合格{passed}个，仍不合格{failed}个，"
        "未能判定{unseen}个，待人工认定{open}个。",
        "All {all} accounts that failed in {before} were looked at again: {passed} pass now, {failed} still fail,"
        " {unseen} could not be determined, {open} wait for a person.",
        before=view.previous,
        all=one.checked,
        passed=one.passed,
        failed=one.failed,
        unseen=one.undetermined,
        open=one.undecided,
    )
    return [Text(text=text)]


def _overall(told_of: Circular, say: Say) -> list[Block]:
    view = told_of.view
    sites, media = groups(view.by_platform, say)
    blocks: list[Block] = [Text(text=_sentence(one, say)) for one in (sites, media) if one is not None]
    blocks.append(Text(text=say(
        "合格率按能够判定的账号计算：未能判定和待人工认定的账号，既不计入合格，也不计入不合格。",
        "Pass rates are of what was determined: what was not seen or waits for a person is neither.",
    )))  # fmt: skip
    whole = [one for one in (sites, media) if one is not None]
    total = view.line.overall
    name = say("总体", "overall")
    blocks.append(
        tallied(say("检查总体情况", "All that was checked"), name, (*whole, total) if len(whole) > 1 else whole, say)
    )
    blocks.append(tallied(say("分平台情况", "By platform"), say("平台", "platform"), view.by_platform, say))
    rates = [(one.label, rate(one)) for one in view.by_platform]
    blocks.append(Chart(
        caption=say("各平台合格率（%）", "Pass rate by platform (%)"),
        labels=tuple(label for label, _ in rates), values=tuple(value for _, value in rates),
    ))  # fmt: skip
    blocks.append(tallied(say("分层级情况", "By level"), say("层级", "level"), view.by_level, say))
    clean = [one for one in by_region(told_of) if one.passed and not one.failed + one.undetermined + one.undecided]
    if clean:
        names = say("、", ", ").join(one.label for one in clean)
        blocks.append(Text(text=say(
            "抽查账号全部合格的地区（{n}个）：{names}。",
            "Regions in which all that was checked passed ({n}): {names}.",
            n=len(clean), names=names,
        )))  # fmt: skip
    if len(view.trend) > 1:
        blocks.append(
            tallied(say("历次检查对比", "Against earlier inspections"), say("检查", "inspection"), view.trend, say)
        )
        blocks.append(Chart(
            caption=say("历次检查合格率（%）", "Pass rate over inspections (%)"), kind="line",
            labels=tuple(one.key for one in view.trend), values=tuple(map(rate, view.trend)),
        ))  # fmt: skip
    return blocks


def _sentence(one: TallyView, say: Say) -> str:
    return say(
        "{name}：登记{registered}个，抽查{checked}个，抽查比例{share}；合格{passed}个，不合格{failed}个，合格率{rate}；"
        "未能判定{unseen}个，待人工认定{open}个。",
        "{name}: {registered} registered, {checked} checked ({share}); {passed} passed, {failed} failed, pass rate"
        " {rate}; {unseen} undetermined, {open} undecided.",
        name=one.label,
        registered=one.registered,
        checked=one.checked,
        share=say.percent(one.share),
        passed=one.passed,
        failed=one.failed,
        rate=say.percent(one.pass_rate),
        unseen=one.undetermined,
        open=one.undecided,
    )


def _problems(told_of: Circular, say: Say) -> list[Block]:
    view = told_of.view
    if not view.by_clause:
        return [Text(text=say("本次检查未发现不合格账号和其他问题。", "Nothing was found."))]
    blocks: list[Block] = []
    rows: dict[str, list[FindingRow]] = {}
    for row in (*view.failures, *view.problems):
        rows.setdefault(row.indicator, []).append(row)
    clauses = sorted(
        view.by_clause, key=lambda one: one.severity != "veto"
    )  # stable: vetoes first, as the book has them
    for number, clause in enumerate(clauses, start=1):
        count = len(clause.accounts)
        kind = say("单项否决", "veto") if clause.severity == "veto" else say("其他问题", "other problem")
        head = say("（{n}）{title}（{no}{kind}，{count}个）", "({n}) {title} ({no}{kind}, {count})",
                   n=_numeral(number) if say.chinese else number, title=clause.title,
                   no=clause.number and clause.number + say("，", ", "),
                   kind=kind, count=count)  # fmt: skip
        blocks.append(Heading(text=head, level=2))
        if named := rows.get(clause.indicator, ()):
            blocks.append(Text(text=_named(named, say)))
    blocks.append(_clauses(clauses, say))
    if view.taken_back:
        blocks.append(Text(text=say(
            "定稿后有{n}项经复核撤销认定，不列名；统计仍为定稿时的数字，{fill}。",
            "{n} were dismissed since the freeze and are not named; the counts are those of the freeze. {fill}",
            n=len(view.taken_back), fill=say.fill("签发前更正数字", "correct the counts before it is issued"),
        )))  # fmt: skip
    return blocks


def _named(rows: Sequence[FindingRow], say: Say) -> str:
    names = say("、", ", ").join(account_named(one, say) for one in rows[:MOST_NAMED])
    if len(rows) > MOST_NAMED:
        return say(
            "{names}等{n}个，名单见附件。", "{names} and others, {n} in all: see the annexes.", names=names, n=len(rows)
        )
    return say("{names}。", "{names}.", names=names)


def _clauses(clauses: Iterable[ClauseView], say: Say) -> Table:
    return Table(
        caption=say("按指标条款统计", "By clause"),
        head=(say("条款", "clause"), say("问题", "problem"), say("类别", "kind"), say("账号数", "accounts")),
        rows=tuple(
            (
                one.number or "-",
                one.title,
                say("单项否决", "veto") if one.severity == "veto" else say("其他问题", "other problem"),
                len(one.accounts),
            )
            for one in clauses
        ),
        widths=(2, 6, 2, 2),
    )


def _unseen(told_of: Circular, say: Say) -> list[Block]:
    count = len(told_of.view.unseen)
    if not count:
        return []
    return [Text(text=say(
        "另有{n}个账号因平台限制、访问失败或尚待人工认定等原因未能判定，不作为不合格，另列名单，下期复查。",
        "{n} more accounts could not be determined: a platform or our own access kept us from seeing, or a person must"
        " decide. They have not failed; they are listed apart and will be looked at again.", n=count,
    ))]  # fmt: skip


def _work(told_of: Circular, say: Say) -> list[Block]:
    work = told_of.view.work
    return [Text(text=say(
        "{since}至{until}，共发出更新提醒{reminders}次，形成预警{alerts}次，收到整改报告{reports}份。",
        "From {since} to {until}: {reminders} reminders sent, {alerts} alerts confirmed, {reports} reports received.",
        since=say.day(work.since), until=say.day(work.until),
        reminders=work.reminders, alerts=work.alerts, reports=work.reports,
    ))]  # fmt: skip


def _held(told_of: Circular, say: Say) -> list[Block]:
    held = [
        say(
            "{form}{n}人次",
            "{form} {n}",
            form=FORMS[form].zh_CN if say.chinese else FORMS[form].en,
            n=told_of.held[form],
        )
        for form in FORMS_BY_WEIGHT
        if told_of.held.get(form)
    ]
    none = say(
        "系统内没有本期问责记录。{fill}", "The record has none. {fill}",
        fill=say.fill("如另有问责，请补充", "accountability that is not in the record"),
    )  # fmt: skip
    told_ = say("、", ", ").join(held)
    return [Text(text=say("本期问责：{told}。", "{told}.", told=told_) if held else none)]


def _asked(told_of: Circular, say: Say) -> list[Block]:
    due = say.day(told_of.due) if told_of.due else say.fill("整改期限", "the end of the term")
    proposed = (
        say("（期限为建议，以签发为准）", " (proposed; the issued text decides)")
        if told_of.proposed and told_of.due
        else ""
    )
    return [Text(text=say(
        "各责任单位要对照名单立即整改，并于{due}前书面报告整改情况{proposed}。逾期未改的，将督办、通报直至问责。"
        "对结果有异议的，可书面申辩并附证据。",
        "Units are to put right what is listed and to report in writing by {due}{proposed}. What is overdue"
        " is escalated. Whoever disagrees may state so in writing, with proof.", due=due, proposed=proposed,
    ))]  # fmt: skip


def _numeral(number: int) -> str:
    """Chinese numerals as headings have them, to ninety-nine."""
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else _NUMERALS[tens - 1] + "十"
    return ten + (_NUMERALS[ones - 1] if ones else "")
