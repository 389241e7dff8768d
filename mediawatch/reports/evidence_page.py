"""The page in front of an evidence pack: what was found, by which rule, what was seen when, and how to check it."""

from __future__ import annotations

from collections.abc import Mapping

from mediawatch.core.model import Outcome
from mediawatch.core.office_words import PLATFORMS
from mediawatch.core.report_views import Pack
from mediawatch.core.rulebook import Words
from mediawatch.core.wording import CONFIDENCE, REASONS
from mediawatch.reports.paper import Block, Heading, Link, Paper, Picture, Say, Table, Text, told

OUTCOMES = {
    Outcome.PASS: Words(zh_CN="未发现问题", en="pass"),
    Outcome.AT_RISK: Words(zh_CN="临期", en="at risk"),
    Outcome.FAIL: Words(zh_CN="不符合要求", en="fail"),
    Outcome.UNKNOWN: Words(zh_CN="未能判定", en="could not be determined"),
}
MOST_SHOTS = 6  # pictures on the page; all of them are in the pack


def paper(pack: Pack, heads: Mapping[str, str], shots: Mapping[str, bytes]) -> Paper:
    """The page as a paper; it is rendered to HTML."""
    issue, say = pack.issue, Say(pack.issue.language)
    account, finding, evidence = pack.evidence.account, pack.finding, pack.evidence
    platform = PLATFORMS.get(account.kind)
    facts = [
        (say("账号", "account"), told(f"{account.name} ({account.id})")),
        (say("平台", "platform"), platform.in_(issue.language) if platform else account.kind),
        (say("主办单位", "sponsor"), told(account.sponsor) or "-"),
        (
            say("条款", "clause"),
            f"{pack.indicator.number or finding.indicator} {pack.indicator.title.in_(issue.language)}",
        ),
        (say("结论", "outcome"), OUTCOMES[finding.outcome].in_(issue.language)),
        (say("监测时间点", "judged at"), say.moment(finding.judged_at)),
        (say("自何时起", "since"), say.moment(finding.since)),
        (say("人工认定", "decided by people"), told("; ".join(pack.decided)) or "-"),
        (say("规则版本", "edition of the rules"), f"{pack.rulebook.id} {pack.rulebook.edition}"),
        *((say("地址", "address"), place) for place in pack.places),
    ]
    blocks: list[Block] = [
        Text(text=told(pack.says), strong=True),
        Table(head=(say("项目", "field"), say("内容", "content")), rows=tuple(facts), widths=(2, 8)),
        Heading(text=say("一、规则与依据", "1. The rule and where it stands")),
        Table(
            head=tuple(say("文字 出处 核对情况", "text source confidence").split()),
            rows=tuple(
                (
                    one.text
                    if one.confidence == "verified"
                    else say("（不作为条文引用）{text}", "(no quotation) {text}", text=one.text),
                    one.clause or "-",
                    CONFIDENCE[one.confidence].in_(issue.language),
                )
                for one in pack.indicator.cites
            ),
        ),
        Table(
            caption=say("认定所用数值", "The numbers it is made of"),
            head=(say("名称", "name"), say("数值", "value")),
            rows=tuple((name, str(value)) for name, value in finding.values.items()),
        ),
        Heading(text=say("二、所见内容", "2. The posts that were considered")),
        Table(
            head=tuple(say("发布时间 首次看到 最后看到 标题", "posted first_seen last_seen title").split()),
            rows=tuple(
                (
                    *(say.moment(one.at), say.moment(one.first_seen_at), say.moment(one.last_seen_at)),
                    Link(text=told(one.title) or one.key, url=one.url),
                )
                for one in evidence.posts
            ),
        ),
        Heading(text=say("三、查看记录", "3. The looks")),
        Table(
            head=tuple(say("时间 渠道 结果 内容数 可采信 原始数据", "at channel result posts trusted answers").split()),
            rows=tuple(
                (
                    say.moment(one.at),
                    one.adapter,
                    say("看到", "seen")
                    if one.failure is None
                    else told(f"{REASONS[one.failure.reason].in_(issue.language)} {one.failure.detail}"),
                    one.posts,
                    say("是", "yes") if one.trusted else say("否", "no"),
                    " ".join(digest[:16] for digest in one.digests) or "-",
                )
                for one in evidence.looks
            ),
            widths=(3, 2, 4, 1, 1, 5),
        ),
        Heading(text=say("四、完整性", "4. Whole and unchanged")),
        Table(
            caption=say("查看记录链的末端", "Where the chain of looks ends"),
            head=(say("目标", "target"), say("哈希", "hash")),
            rows=tuple(heads.items()),
        ),
        Text(text=say(
            "核验方法：先用 sha256sum -c SHA256SUMS 核对文件，再按 docs/evidence-pack.md 中的脚本核对原始数据、"
            "记录链和规则版本。",
            "To check: sha256sum -c SHA256SUMS, then the script of docs/evidence-pack.md for answers, chain and"
            " edition.",
        )),
    ]  # fmt: skip
    if pack.missing:
        blocks.append(Text(text=say(
            "有{n}份原始数据已不在库中，见 finding.json。", "{n} answers are no longer kept: see"
            " finding.json.", n=len(pack.missing),
        ), strong=True))  # fmt: skip
    blocks += [Picture(caption=digest, png=body) for digest, body in list(shots.items())[:MOST_SHOTS]]
    return Paper(
        language=issue.language,
        title=say("证据材料：{name}", "Evidence: {name}", name=told(account.name)),
        mark=say("内部材料：原始数据照录，未作脱敏", "Internal: answers are byte for byte, nothing in them is masked"),
        blocks=tuple(blocks),
    )
