"""整改通知书: the letter to a unit about one case, with a slip on which it signs for it. There is one template, ours.

It must quote no clause whose wording was not checked, and name nobody.
"""

from __future__ import annotations

from mediawatch.core.report_views import Letter
from mediawatch.reports.paper import Annex, Block, Heading, Paper, Say, Table, Text, told


def paper(letter: Letter) -> Paper:
    """The letter and its slip."""
    issue, say, case = letter.issue, Say(letter.issue.language), letter.case
    line = case.line
    unit = told(line.unit) or say.fill("责任单位", "unit")
    blocks: list[Block] = [
        Text(text=say("案件编号：{id}    文号：{no}", "Case {id}    Document no.:"
            " {no}", id=line.id, no=say.fill("文号", "number"))),
        Text(text=say(
            "经监测核实，你单位负责的“{name}”（{account}）存在以下问题，请依规整改。",
            "“{name}” ({account}), for which your unit answers, was found to have the following problem.",
            name=told(line.name), account=line.account,
        )),
        Heading(text=say("一、存在问题", "1. The problem")),
        *_what(letter, say),
        Text(text=told(case.problem)),
    ]  # fmt: skip
    blocks += [Text(text=say("依据：{text}", "By: {text}", text=told(clause))) for clause in letter.clauses]
    if line.repeat:
        blocks.append(Text(text=say(
            "该账号一年内因同一问题已立案{n}次，属反复出现。", "It is the account's case no. {m} about the same"
            " within a year.",
            n=line.repeat, m=line.repeat + 1,
        ), strong=True))  # fmt: skip
    receipt = say("收到本通知后，请于{day}前签收回执。", "Sign for it by {day}.", day=say.day(case.receipt_due))
    blocks += [
        Heading(text=say("二、整改要求", "2. What is asked")),
        Text(text=say(
            "{receipt}请于{due}前完成整改，并书面报告整改措施、责任人和佐证材料。报告后将复查，复查通过方予销号。",
            "{receipt} Put it right and report in writing by {due}: measures, who carried them out, proof. It"
            " is then looked at"
            " again, and closed once that shows it put"
            " right.", receipt=receipt if case.receipt_due else "", due=say.day(line.due),
        )),
        Text(text=say(
            "逾期未改的，将按规定督办、通报直至问责。有异议的，可在期限内书面申辩并附证据。",
            "What is overdue is escalated. Whoever disagrees may state so in writing within the term, with proof.",
        )),
    ]  # fmt: skip
    names = say("签收单位 签收人 签收日期 整改措施 整改责任人", "unit signed_by day measures carried_out_by").split()
    slip = Table(
        head=(say("项目", "field"), say("内容", "content")),
        rows=((say("案件编号", "case"), line.id), *((name.replace("_", " "), "") for name in names)),
        widths=(3, 9),
        by_hand=True,
    )
    return Paper(
        language=issue.language,
        title=say("政务新媒体整改通知书", "Notice to put right"),
        mark=say("草稿，未经审签", "DRAFT: not signed off"),
        to=told(issue.to) or unit,
        blocks=tuple(blocks),
        signed=told(issue.issuer) or say.fill("制发机关", "issuing office"),
        day=issue.day,
        annexes=(Annex(title=say("签收回执", "Receipt"), blocks=(slip,)),),
    )


def _what(letter: Letter, say: Say) -> list[Block]:
    """What it is called, and under which line of the standard; nothing where no line says it."""
    if not letter.title:
        return []
    inside = [letter.number, say("单项否决", "veto") if letter.veto else ""]
    shown = say("，", ", ").join(filter(None, inside))
    kind = say("问题类别：{title}{line}。", "Kind of problem: {title}{line}.", title=letter.title,
               line=say("（{shown}）", " ({shown})", shown=shown) if shown else "")  # fmt: skip
    return [Text(text=kind)]
