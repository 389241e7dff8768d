"""Data into words: the sentence of a finding, in the rulebook's own template, and why we could not look.

Reports and messages in Chinese are the source language; English stands beside it. Pure; it must never decide anything.
"""

from __future__ import annotations

import re
from itertools import zip_longest

from mediawatch.core.doubt_words import doubts
from mediawatch.core.filling import filled
from mediawatch.core.incidents import Incident
from mediawatch.core.lifecycle import State
from mediawatch.core.model import Finality, Finding, Outcome, Reason
from mediawatch.core.problem_words import PROBLEMS
from mediawatch.core.rulebook import Confidence, Indicator, Language, Words

WHY: dict[str, Words] = {
    "no_closing_day": Words(
        zh_CN="登记中没有写明关停日期（state_since）", en="the register names no day of its closing (state_since)"
    ),
    "not_seen_since_closing": Words(zh_CN="关停之后尚未成功查看过", en="no look since its closing has answered"),
    "never_seen": Words(zh_CN="尚未成功读取过", en="no look has shown anything yet"),
    "no_posts": Words(
        zh_CN="所读取的渠道没有任何内容，不能据此判断", en="the channel showed no item at all, which proves nothing"
    ),
    "no_dates": Words(zh_CN="所读取的内容没有发布时间", en="the items shown carry no dates"),
    "hidden": Words(
        zh_CN="平台显示有内容但未向访客展示", en="the platform counts posts that it does not show to visitors"
    ),
    "too_early": Words(zh_CN="观察时间不足", en="it has not been watched for long enough"),
    "not_seen_since_deadline": Words(
        zh_CN="期限届满后尚未经全部必要渠道成功读取", en="not every needed channel has been read since the deadline"
    ),
    "not_seen_lately": Words(zh_CN="久未成功查看，现状不明", en="it was not seen for as long as is asked about"),
    "regressed": Words(
        zh_CN="列表内容比此前读到的更旧，可能是删除或缓存，需再次读取",
        en="the list went back behind what it showed before: deleted or an old copy; it will be read again",
    ),
    "not_shown_lately": Words(
        zh_CN="最近一次读到的列表及其前一日均未再见到期限内的内容，尚不能证明已删除",
        en="no list of the last day that was read shows anything of these days, and it is not proven to be deleted",
    ),
    "too_few_looks_between": Words(
        zh_CN="所标日期与首次见到之间，读到更新内容的读取太少，不能排除",
        en="too few looks between the date of an item and the first that showed it showed younger ones",
    ),
    "notice_in_between": Words(
        zh_CN="公告之日起没有见到过它仍在商店，不能确定是公告前还是公告后离开的",
        en="no look from the day of the notice on found it in the store, so that it may have left before or after",
    ),
    "contradicted": Words(zh_CN="渠道之间的信息相互矛盾", en="the channels contradict each other"),
    "none_counts": Words(zh_CN="所见内容均不算更新", en="nothing that was seen counts as an update"),
    "not_told_apart": Words(
        zh_CN="渠道不能区分该内容是否计入（原创、转发或群发）",
        en="the channel does not tell whether the item counts (own, repost or mass-sent)",
    ),
    "gap": Words(
        zh_CN="两次读取之间可能有内容未读到，不能证明整月情况",
        en="items may have passed between two looks, so that the whole month is not proven",
    ),
    "counts_not_told": Words(
        zh_CN="渠道没有给出发布、粉丝、关注的全部数字", en="the channel does not give all the counts that are asked for"
    ),
    "number_not_told": Words(
        zh_CN="所用渠道没有显示备案号的位置，须由人查看", en="no channel has a field for the number; a person must look"
    ),
    "number_missing_once": Words(zh_CN="备案号仅一日未见，尚待复核", en="the number was missing on one day only"),
    "level_not_registered": Words(zh_CN="登记信息没有写明单位层级", en="the register does not say the sponsor's level"),
    "not_seen_since_state": Words(
        zh_CN="登记为该状态之后尚未成功查看过", en="no look has answered since the register has it in this state"
    ),
    "said_once": Words(
        zh_CN="平台已如此答复，尚待一日内多次复核", en="the platform has said so; looks of a day must agree"
    ),
    "second_vantage": Words(
        zh_CN="尚待另一出口的站点复核", en="waiting for a second vantage: another site is to agree"
    ),
    "absent_once": Words(zh_CN="商店答复查无此应用，尚待多次复核", en="the store has said so; more looks must agree"),
    "no_version_date": Words(zh_CN="商店未给出版本更新日期", en="the store gives no date of the version"),
    "not_tried": Words(zh_CN="尚无可判定的启动结果", en="no attempt to open it has decided anything yet"),
    "not_downloaded": Words(zh_CN="安装包尚未下载成功", en="the package has not been downloaded"),
    "verification_not_told": Words(zh_CN="渠道没有说明认证情况", en="no channel tells whether it is verified"),
    "menu_not_told": Words(zh_CN="渠道没有给出自定义菜单", en="no channel tells the menu"),
    "menu_once": Words(zh_CN="仅一次见到，尚待复核", en="it was seen once only; a second look will tell"),
    "interaction_not_told": Words(
        zh_CN="渠道没有说明留言评论或菜单情况", en="no channel tells whether comments are open, or the menu"
    ),
    "interaction_once": Words(zh_CN="仅一日见到，尚待复核", en="it was seen on one day only; a later look will tell"),
    "too_few_visits": Words(
        zh_CN="一周内的间隔访问次数不足", en="there were too few spaced visits on the days of the week"
    ),
    "columns_unread": Words(
        zh_CN="有栏目近期未能读取或没有日期", en="some columns could not be read lately, or their items carry no dates"
    ),
    "unanswered_once": Words(
        zh_CN="仅一日未应答，尚待复核", en="it did not answer on one day only; a later look will tell"
    ),
    "does_not_open": Words(zh_CN="网站首页已打不开", en="the site does not open any more"),
    "workdays_unknown": Words(
        zh_CN="该年度的节假日安排尚未收录，不推算工作日（可在设置 calendar 中写明）",
        en="the holidays of that year are not known and no working day is guessed (name them under `calendar`)",
    ),
    "reply_not_told": Words(zh_CN="列表没有写明是否已答复", en="the list does not say whether it was answered"),
    "title_not_told": Words(zh_CN="期限内有帖子无标题，或即该件", en="a post of that time has no title, it may be it"),
    "letter_not_shown": Words(zh_CN="逾期的留言，列表已不再显示", en="its list shows the late message no more"),
    "in_incident": Words(
        zh_CN="只在平台异常期间读取到，不作依据", en="only looks during an incident of the platform have shown it"
    ),
    "age_not_told": Words(
        zh_CN="不能证明应用在该日之前已上线", en="it is not known that the app was there before that day"
    ),
    "feedback_not_told": Words(
        zh_CN="尚无人查找过投诉建议入口（用 attest 记录）",
        en="nobody has looked for a way to complain yet (see `attest`)",
    ),
    "description_not_told": Words(zh_CN="商店没有给出应用说明", en="no store that was asked describes the app"),
    "too_long_ago": Words(zh_CN="首次见到的时间已超出所保留的访问记录", en="it began before the visits that are kept"),
}

SHELL: dict[str, Words] = {
    "never_posted": Words(zh_CN="从未发布", en="never posted"),
    "reposts_only": Words(zh_CN="只有转发", en="reposts only"),
    "unverified": Words(zh_CN="未认证", en="not verified"),
    "incomplete": Words(zh_CN="资料不完整", en="incomplete profile"),
    "no_menu": Words(zh_CN="没有菜单", en="no menu"),
    "no_comments": Words(zh_CN="没有评论留言功能", en="no comment function"),
    "no_followers": Words(zh_CN="没有粉丝", en="nobody follows it"),
}
"""The parts of an empty shell, as `Finding.values["parts"]` names them."""

CODES: dict[tuple[str, str], Words] = {
    ("klass", "STALE"): Words(zh_CN="停更超期", en="overdue"),
    ("klass", "SLEEPING"): Words(zh_CN="睡眠", en="sleeping"),
    ("klass", "ZOMBIE"): Words(zh_CN="僵尸", en="zombie"),
    ("klass", "DEEP_ZOMBIE"): Words(zh_CN="深度僵尸", en="deep zombie"),
    ("klass", "EMPTY_SHELL"): Words(zh_CN="空壳", en="empty shell"),
    ("klass", "STOPPED_NOT_CANCELLED"): Words(zh_CN="已停更未注销", en="stopped, not cancelled"),
    ("by", "comments"): Words(zh_CN="评论或留言开放", en="comments are open"),
    ("by", "menu"): Words(zh_CN="菜单中有互动入口", en="the menu has an entry for it"),
    ("by", "dead_entry"): Words(zh_CN="菜单中的互动入口失效", en="the menu's entry for it is dead"),
    ("by", "none"): Words(zh_CN="既无评论留言，也无互动入口", en="neither comments nor an entry of the menu"),
    ("state", "ended"): Words(zh_CN="已过期", en="has ended"),
    ("state", "soon"): Words(zh_CN="即将到期", en="ends soon"),
    ("state", "good"): Words(zh_CN="有效", en="good"),
    ("state", "none"): Words(zh_CN="不适用（未使用 HTTPS）", en="none (no HTTPS)"),
    ("state", "moved"): Words(zh_CN="已迁移", en="moved"),
    ("state", "cancelled"): Words(zh_CN="已注销", en="cancelled"),
    ("where", "register"): Words(zh_CN="登记", en="the register"),
    **{("problem", code): words for code, words in PROBLEMS.items()},
    ("fault", "unannounced"): Words(zh_CN="未见关停公告", en="no notice of its closing is known"),
    ("fault", "gone_first"): Words(zh_CN="公告之前已下架", en="it left the stores before the notice"),
    ("fault", "still_listed"): Words(
        zh_CN="登记已关停而商店仍可查到", en="closed by the register and still in a store"
    ),
}
"""Values that are codes, by the name of the value and the code."""

REASONS: dict[Reason, Words] = {
    Reason.GONE: Words(zh_CN="平台称账号不存在", en="the platform says there is no such account"),
    Reason.BLOCKED_ACCOUNT: Words(
        zh_CN="平台称账号已被封禁或冻结", en="the platform says the account is banned or frozen"
    ),
    Reason.MOVED: Words(zh_CN="平台称账号已迁移", en="the platform says the account has moved"),
    Reason.LOGIN_REQUIRED: Words(zh_CN="平台要求登录", en="the platform asks us to log in"),
    Reason.RATE_LIMITED: Words(zh_CN="平台限制访问频率", en="the platform limits how often we may ask"),
    Reason.BLOCKED: Words(zh_CN="平台拒绝我方访问", en="the platform refuses us"),
    Reason.CAPTCHA: Words(zh_CN="平台要求验证码", en="the platform asks for a captcha"),
    Reason.UNREADABLE: Words(zh_CN="返回内容无法识别", en="the answer could not be read"),
    Reason.PLATFORM_DOWN: Words(zh_CN="平台或服务器无法正常应答", en="the platform or server did not answer properly"),
    Reason.TIMEOUT: Words(zh_CN="访问超时", en="the look timed out"),
    Reason.OWN_NETWORK: Words(zh_CN="我方网络不通", en="our own network is down"),
    Reason.OWN_CLOCK: Words(zh_CN="我方时钟存疑", en="our own clock is in doubt"),
    Reason.OWN_MACHINE: Words(
        zh_CN="我方主机故障（磁盘或系统资源）", en="our own machine refused: its disk or its system"
    ),
    Reason.NOT_ALLOWED: Words(zh_CN="我方设置不允许访问该地址", en="our own settings refuse this address"),
    Reason.NO_DEVICE: Words(zh_CN="没有可用的测试设备", en="no test device is ready"),
}

SIGHTS: dict[str, Words] = {  # what else keeps a look from being one
    "blank": Words(zh_CN="没有显示任何内容", en="showed nothing at all"),
    "absent": Words(zh_CN="称查无应用", en="had no such app"),
    "old": Words(zh_CN="显示的内容比之前读取到的更旧", en="showed older posts than before"),
}

INCIDENTS: dict[str, Words] = {
    "blind": Words(
        zh_CN="{platform}：平台当前无法读取（{detail}），其间的读取不影响任何账号的评价",
        en="{platform}: it cannot be seen ({detail}); that accuses nobody",
    ),
    "stale": Words(
        zh_CN="{platform}：平台显示的可能是旧内容（{detail}），其间的读取不影响任何账号的评价",
        en="{platform}: it seems to show old copies ({detail}); that accuses nobody",
    ),
    "login": Words(
        zh_CN="{platform}：登录已不被认可（{detail}），其间读取的内容不作依据",
        en="{platform}: our login no longer holds ({detail}); what is read meanwhile proves nothing",
    ),
    "drift": Words(
        zh_CN="{platform}：对 {adapter} 的读取方式已不适用（{detail}），属本系统问题，不影响任何账号的评价",
        en="{platform}: our reading of {adapter} no longer fits ({detail}); that is our own fault and accuses nobody",
    ),
}

INCIDENT_KINDS: dict[str, Words] = {
    "blind": Words(zh_CN="无法读取", en="it cannot be seen"),
    "stale": Words(zh_CN="显示旧内容", en="it shows old copies"),
    "login": Words(zh_CN="登录不被认可", en="our login does not hold"),
    "drift": Words(zh_CN="读取方式不适用", en="our reading no longer fits"),
}

_DETAILS: tuple[tuple[re.Pattern[str], Words], ...] = (  # what `core/incidents.py` writes into the record
    (
        re.compile(r"(?P<reason>\w+) \((?P<blind>\d+) of (?P<looks>\d+) looks\)"),
        Words(zh_CN="最近 {looks} 次读取中 {blind} 次失败，多为：{reason}", en="{blind} of {looks} looks: {reason}"),
    ),
    (
        re.compile(r"canary silent: (?P<target>.+)"),
        Words(zh_CN="常更新的对照账号 {target} 没有新内容", en="{target}, known to post often, shows nothing new"),
    ),
    (
        re.compile(r"hidden post not shown: (?P<target>.+)"),
        Words(
            zh_CN="{target} 仅登录可见的内容没有显示", en="the post of {target} that only a login may see is not shown"
        ),
    ),
    (
        re.compile(r"(?P<adapter>\w+) unreadable \((?P<row>\d+) looks in a row\)"),
        Words(zh_CN="连续 {row} 次返回内容无法识别", en="{row} answers in a row could not be read"),
    ),
)

SESSIONS: dict[str, Words] = {
    "ok": Words(zh_CN="有效", en="ok"),
    "expiring": Words(zh_CN="即将到期", en="expiring"),
    "expired": Words(zh_CN="已到期", en="expired"),
    "refused": Words(zh_CN="平台不认可", en="refused"),
}

ANSWERS: dict[str, Words] = {  # of receivers
    "accepted": Words(zh_CN="已收下", en="taken"),
    "try_again": Words(zh_CN="暂不可用", en="outage"),
    "too_fast": Words(zh_CN="发送过快", en="too fast"),
    "refused": Words(zh_CN="被拒绝", en="refused"),
}

STATES: dict[State, Words] = {
    State.APPLIED: Words(zh_CN="拟开设", en="applied for"),
    State.APPROVED: Words(zh_CN="已批准待备案", en="approved, not filed yet"),
    State.RUNNING: Words(zh_CN="运行", en="running"),
    State.CHANGING: Words(zh_CN="变更中", en="changing"),
    State.RECTIFYING: Words(zh_CN="整改中", en="rectifying"),
    State.CLOSING: Words(zh_CN="拟关停", en="closing asked for"),
    State.ANNOUNCED: Words(zh_CN="停更公告期", en="stop announced"),
    State.CANCELLING: Words(zh_CN="平台注销中", en="being cancelled on the platform"),
    State.CLOSED: Words(zh_CN="已注销", en="closed"),
    State.MIGRATED: Words(zh_CN="已迁移", en="migrated"),
    State.LOST: Words(zh_CN="失控", en="access lost"),
    State.REOPENED: Words(zh_CN="违规复开", en="reopened without filing"),
    State.UNREGISTERED: Words(zh_CN="未备案", en="not filed"),
}

COVERAGE: dict[str, Words] = {
    "posts": Words(zh_CN="公开内容", en="public posts"),
    "profile": Words(zh_CN="账号资料", en="the profile"),
    "mass_sent": Words(zh_CN="群发文章", en="mass-sent articles"),
    "published": Words(zh_CN="发布（未群发）文章", en="published articles that were not mass-sent"),
    "menu": Words(zh_CN="自定义菜单", en="the menu"),
    "comments": Words(zh_CN="评论权限", en="who may comment"),
    "articles": Words(zh_CN="已知文章的状态", en="what became of known articles"),
    "about": Words(zh_CN="关于公众号页面", en="the page about the account"),
    "listing": Words(zh_CN="应用商店页面", en="the store listing"),
    "package": Words(zh_CN="安装包", en="the package"),
    "filing": Words(zh_CN="商店页面的备案号栏", en="the field for the filing number in the store"),
    "filing_shown": Words(zh_CN="应用内公示的备案编号", en="the filing number as the app itself shows it"),
    "back_end": Words(zh_CN="应用后台地址", en="the address of its back end"),
    "ipv6": Words(zh_CN="IPv6访问", en="the way over IPv6"),
    "launch": Words(zh_CN="真机启动", en="the launch on a device"),
    "visits": Words(zh_CN="网站访问", en="the visits to the site"),
    "home": Words(zh_CN="网站首页", en="the home page"),
    "columns": Words(zh_CN="网站栏目", en="the columns of the site"),
    "links": Words(zh_CN="首页链接", en="the links on the home page"),
    "letters": Words(zh_CN="公开留言及答复", en="public letters and their replies"),
    "corrections": Words(zh_CN="找错留言台账", en="the register of error reports"),
    "test_letters": Words(zh_CN="自行测试的提问台账", en="the register of one's own test questions"),
}

CONFIDENCE: dict[Confidence, Words] = {
    "verified": Words(zh_CN="条文已核对", en="verified"),
    "corroborated": Words(zh_CN="有旁证，未见原文", en="corroborated, original text not seen"),
    "from_memory": Words(zh_CN="凭记忆，待核对，非正式条文", en="from memory, not official text until checked"),
    "ours": Words(zh_CN="本项目的解释，非国家规定", en="our own reading, no official text"),
}

CANDIDATE = Words(zh_CN="【线索，须人工核实后方可通报】", en=" [A candidate: a person must confirm it first.]")
BECAUSE = Words(
    zh_CN="【线索，须人工核实后方可通报：{doubts}】", en=" [A candidate: a person must confirm it first: {doubts}.]"
)
CONFIRMED = Words(zh_CN="【线索已经人工核实】", en=" [A person has confirmed it.]")


def why(finding: Finding, language: Language) -> str:
    """Why an answer is `unknown`: what we lack, and what kept us from seeing it."""
    parts: list[str] = []
    code = finding.values.get("why")
    if isinstance(code, str) and code in WHY:
        parts.append(WHY[code].in_(language))
    if finding.reason is not None:
        parts.append(REASONS[finding.reason].in_(language))
    if finding.missing:
        names = [COVERAGE[kind].in_(language) if kind in COVERAGE else kind for kind in finding.missing]
        listed = ("、" if language == "zh_CN" else ", ").join(names)
        parts.append(f"缺少渠道：{listed}" if language == "zh_CN" else f"not covered: {listed}")
    return ("；" if language == "zh_CN" else "; ").join(parts)


def say(
    indicator: Indicator, finding: Finding, language: Language, *, confirmed: bool = False, ahead: bool = False
) -> str:
    """The sentence for a finding, with its mark. confirmed: a person has confirmed the candidate that it is. ahead: it
    is the answer that stands, which later looks may make such that no person is needed."""
    return sentence(indicator, finding, language) + mark(finding, language, confirmed=confirmed, ahead=ahead)


def mark(finding: Finding, language: Language, *, confirmed: bool, ahead: bool = False) -> str:
    """What stands behind the sentence of a candidate: that a person must confirm it, and why; or that one has."""
    if finding.outcome is not Outcome.FAIL or finding.finality is not Finality.CANDIDATE:
        return ""
    if confirmed:
        return CONFIRMED.in_(language)
    because = doubts(finding, language, ahead=ahead)
    return BECAUSE.in_(language).format(doubts=because) if because else CANDIDATE.in_(language)


def sentence(indicator: Indicator, finding: Finding, language: Language) -> str:
    """The sentence alone. A value that the template names and the finding lacks shows as a dash."""
    sentences = indicator.says
    words = {
        Outcome.PASS: sentences.pass_,
        Outcome.AT_RISK: sentences.at_risk or sentences.pass_,
        Outcome.FAIL: sentences.fail,
        Outcome.UNKNOWN: sentences.unknown,
    }[finding.outcome]
    values: dict[str, object] = {**finding.values, "why": why(finding, language)}
    parts = finding.values.get("parts")
    if isinstance(parts, str):
        values["parts"] = _parts(parts, str(finding.values.get("grounds") or ""), language)
    for name, value in finding.values.items():
        if isinstance(value, str) and (name, value) in CODES:
            values[name] = CODES[name, value].in_(language)
    said = finding.values.get("said")
    if isinstance(said, str):
        values["said"] = REASONS[Reason(said)].in_(language)
    return filled(words.in_(language), values)


def label(finding: Finding, language: Language) -> str:
    """Our own class of a fail (僵尸, 睡眠, 空壳 …), for internal use: no document quotes it. Empty where none."""
    klass = CODES.get(("klass", str(finding.values.get("klass", ""))))
    return klass.in_(language) if klass is not None else ""


def _parts(parts: str, grounds: str, language: Language) -> str:
    """The parts of a shell in words, each with the day and the channel that told it."""
    told = zip_longest([part for part in parts.split(",") if part in SHELL], grounds.split(","), fillvalue="")
    named = [SHELL[part].in_(language) + (f" [{ground}]" if ground else "") for part, ground in told if part]
    return ("、" if language == "zh_CN" else ", ").join(named) or "-"


def incident_says(incident: Incident, language: Language) -> str:
    """A platform incident in a sentence."""
    said = incident.model_dump() | {"detail": _detail_says(incident.detail, language)}
    return INCIDENTS[incident.kind].in_(language).format(**said)


def incident_in_short(kept: str, language: Language) -> str:
    """An incident as the record keeps it (`kind: detail`), in words, where its platform is named beside it."""
    kind, _, detail = kept.partition(": ")
    if kind not in INCIDENT_KINDS:
        return kept
    between = "：" if language == "zh_CN" else ": "
    return INCIDENT_KINDS[kind].in_(language) + between + _detail_says(detail, language)


def _detail_says(detail: str, language: Language) -> str:
    for pattern, words in _DETAILS:
        if found := pattern.fullmatch(detail):
            values = found.groupdict()
            if (reason := values.get("reason")) is not None:
                values["reason"] = _reason_says(reason, language)
            return words.in_(language).format(**values)
    return detail


def _reason_says(code: str, language: Language) -> str:
    words = SIGHTS.get(code) or (REASONS[Reason(code)] if code in set(Reason) else None)
    return words.in_(language) if words is not None else code
