"""Why a fail needs a person, in words: what whoever decides is to check, in Chinese and English. Pure.

It says what a finding holds and adds nothing; a finding of before reasons were written down says none.
"""

from __future__ import annotations

from mediawatch.core.filling import filled
from mediawatch.core.model import Finding
from mediawatch.core.rulebook import Language, Words

DOUBTS: dict[str, Words] = {
    "unwatched": Words(
        zh_CN="本系统自 {watched_since} 起才连续读取其列表，不足所要求的期限，也没有另一平台印证，所见可能是旧内容："
        "请打开该账号核对",
        en="its list has been read without a pause only since {watched_since}, for less time than is asked about, and "
        "no other platform shows the same, so that it may be an old copy: open the account and see",
    ),
    "went_back": Words(
        zh_CN="其列表曾显示 {hidden_post} 的内容，{last_shown} 以后不再显示，可能已删除，也可能是平台显示旧内容："
        "请打开该账号，查看最新一条的日期",
        en="its list went back behind what it showed: the item of {hidden_post} was last seen on {last_shown}, and is "
        "deleted, or the list is an old copy; open the account and see of which day its newest item is",
    ),
    "deleted": Words(
        zh_CN="{deleted_post} 发布的内容后来已被删除，按本规则不算更新：请核实是谁因何删除",
        en="the item of {deleted_post} was deleted since, which does not count as an update here: find out who deleted "
        "it, and why",
    ),
    "unseen_beside": Words(
        zh_CN="{unseen_post} 的内容只在另一渠道见过，现在能读取的渠道没有显示它，可能也看不到新内容：请打开该账号核对",
        en="the item of {unseen_post} was shown by another channel, and not by the one that can be read now, which may "
        "not show newer ones either: open the account and see",
    ),
    "counts_more": Words(
        zh_CN="平台所计的发布数由 {counted_first} 增至 {counted_last}，列表却没有新内容，可能有访客看不到的内容："
        "请登录该平台查看",
        en="the platform counted {counted_first} posts and now counts {counted_last}, and its list shows nothing new: "
        "log in to the platform and see whether some are not shown to visitors",
    ),
    "redated": Words(
        zh_CN="其列表曾把最新内容标为 {dated_before}，与现有的日期不符：请打开该账号核对发布日期",
        en="its list has dated its newest item {dated_before}, later than its posts are dated in the record: open the "
        "account and check the dates",
    ),
    "count_unwatched": Words(
        zh_CN="本系统自 {watched_since} 起才读取，不足所要求的期限，此前只凭平台一时所示：请打开该账号核对",
        en="it was first read on {watched_since}, for less time than is asked about; of the time before only one "
        "moment speaks: open the account and see",
    ),
    "not_counted": Words(
        zh_CN="平台没有给出发布数，所见只是空白列表，内容可能未向访客展示：请打开该账号核对",
        en="the platform gives no count of its posts, and an empty list may hide them from visitors: open the account "
        "and see",
    ),
    "no_followers": Words(
        zh_CN="平台显示的粉丝数也是 0，可能不是所登记的账号：请核对登记的地址",
        en="nobody follows it either, so that it may be another account than the registered one: check its address in "
        "the register",
    ),
    "crowd": Words(
        zh_CN="平台同期还称另外 {others} 个账号不可用，可能是平台自身异常：请打开该账号核对",
        en="the platform says so of {others} others in the same days, so that the fault may be its own: open the "
        "account and see",
    ),
    "canary_gone": Words(
        zh_CN="平台同期还称对照账号不可用，可能是平台自身异常：请打开该账号核对",
        en="the platform says so of a canary in the same days, so that the fault may be its own: open the account and "
        "see",
    ),
    "taken_back": Words(
        zh_CN="平台近一个月内对另外 {back} 个账号收回过同样的答复：请打开该账号核对",
        en="the platform took such a word back of {back} others within a month: open the account and see",
    ),
    "still_shown": Words(
        zh_CN="同一平台的另一渠道其后仍显示该账号：请打开该账号核对",
        en="another channel of the same platform has shown the account since: open the account and see",
    ),
    "page_unwatched": Words(
        zh_CN="本系统自 {watched_since} 起才连续读到首页的日期，不足所要求的期限，所见可能是旧副本，或不是更新的部分："
        "请打开首页核对",
        en="dates were read on the home page without a pause only since {watched_since}, for less time than is asked "
        "about, so that it may be an old copy, or not the part that is updated: open the page and see",
    ),
    "page_back": Words(
        zh_CN="首页曾显示 {hidden_post} 的内容，{last_shown} 以后不再显示，可能是内容撤下、恢复了旧版或所见为旧副本："
        "请打开首页核对",
        en="the home page went back behind what it showed: an item of {hidden_post} was last seen on {last_shown}; it "
        "was taken down, or the page is an older one or an old copy: open the page and see",
    ),
    "page_filled": Words(
        zh_CN="首页有一部分由脚本填入，本系统看不到，较新的日期可能在其中：请用浏览器打开首页核对",
        en="scripts fill in a part of the home page, which is not seen here, and a newer date may stand in it: open "
        "the page in a browser and see",
    ),
    "store_blank": Words(
        zh_CN="商店只以空白答复，没有写明查无此应用，接口变化也会如此：请在手机上打开该商店查找",
        en="the store answered with nothing and never said that there is no such app, as it would where its interface "
        "has changed: open the store on a telephone and see",
    ),
    "few_dates": Words(
        zh_CN="首页只读到 {fewest} 个日期（不足 {least_dates} 个），较新的日期可能没有读到：请打开首页核对",
        en="only {fewest} dates were read on the home page (fewer than {least_dates}), so that a newer one may be "
        "missing: open the page and see",
    ),
}
"""By the codes of `rules.doubts.NAMED`."""

_WAITS = Words(
    zh_CN="；{final_from} 起（含当日）再读到同样结果的，不再需要人工核实",
    en="; from {final_from} on, a look that shows the same needs no person",
)


def doubts(finding: Finding, language: Language, *, ahead: bool) -> str:
    """Why the finding needs a person; empty where it does not say. ahead: and from when on it will need none, for
    whoever may wait for it; what is judged once and for all, as in an inspection, never will."""
    told = str(finding.values.get("doubts") or "").split(",")
    said = ("；" if language == "zh_CN" else "; ").join(DOUBTS[one].in_(language) for one in told if one in DOUBTS)
    if said and ahead and "final_from" in finding.values:
        said += _WAITS.in_(language)
    return filled(said, finding.values)
