"""The words of the page by which messages are answered, in Chinese and English. Words only."""

from __future__ import annotations

_ZH = {
    "html": "zh-CN",
    "title": "政务新媒体监测",
    "head": "本消息涉及 {} 项，{} 项尚无人签收",
    "acked": "已签收 {} 项。",
    "before": "{} 项此前已有人签收。",
    "nothing": "没有需要签收的事项。",
    "by": "{} 已签收",
    "over": "已解除",
    "rest": "另有 {} 项未列出，签收后重新打开本页，或在控制台查看。",
    "name": "签收人",
    "note": "备注",
    "act": "签收",
    "none_chosen": "请至少选择一项。",
    "unknown_link": "链接无效。",
    "expired": "链接已过期，请在控制台签收。",
    "too_often": "请求过于频繁，请稍后再试。",
}
_EN = {
    "html": "en",
    "title": "Government new-media watch",
    "head": "This message is about {}; {} still wait for somebody",
    "acked": "Acknowledged: {}.",
    "before": "Answered for by somebody before: {}.",
    "nothing": "There is nothing to acknowledge.",
    "by": "acknowledged by {}",
    "over": "over",
    "rest": "{} more are not listed: open this page again after you have answered, or see the console.",
    "name": "Your name",
    "note": "Note",
    "act": "Acknowledge",
    "none_chosen": "Choose at least one.",
    "unknown_link": "This link is not valid.",
    "expired": "This link has expired; acknowledge in the console.",
    "too_often": "Too many requests; wait a moment.",
}


def words_of(language: str) -> dict[str, str]:
    """Chinese for `zh…`, English for anything else."""
    return _ZH if language.startswith("zh") else _EN
