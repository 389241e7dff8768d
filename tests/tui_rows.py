"""The accounts of the world that the console is tried on: made of numbers alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mediawatch.core.calendar import days_between
from mediawatch.core.model import Outcome, Reason
from mediawatch.core.views import Row

NOW = datetime(2026, 11, 23, 6, 32, 5, tzinfo=UTC)
_PLACES = ("云溪", "江口", "临泉", "青石", "白沙", "东岭", "南屏", "西塘", "北渡", "金坝")
_OFFICES = ("人民政府办公室", "公安局", "交通运输局", "卫生健康委员会", "应急管理局", "教育局", "融媒体中心")
_NAMES = ("发布", "公安", "交通", "健康", "应急", "教育", "融媒")
_KINDS = ("weibo", "wechat", "weibo", "app", "wechat")


def make_row(number: int, language: str = "zh_CN") -> Row:
    """The account of that number: a few fail, are at risk or cannot be seen; the rest is in order."""
    now, zh = NOW, language == "zh_CN"
    place, office = _PLACES[number % 10], number % 7
    who = {
        "account": f"acc-{number:04}",
        "name": f"{place}{_NAMES[office]}" + (f"{number}" if number >= 70 else ""),
        "kind": _KINDS[number % 5],
        "sponsor": f"{place}市{_OFFICES[office]}",
        "region": f"33{number % 10:02}00",
        "level": "city",
        "indicator": "stale",
    }
    look = now - timedelta(seconds=12 + 37 * (number % 60))
    if number % 100 == 7:
        newest = now - timedelta(days=30 + number * 3)
        over = days_between(newest, now) - 14
        return Row(
            **who,
            outcome=Outcome.FAIL,
            newest_post_at=newest,
            days_silent=over + 14,
            days_left=-over,
            holds_until=now,
            says=f"已{over + 14}天未更新，超过14天" if zh else f"nothing new for {over + 14} days, 14 are allowed",
            looked_at=look,
            tried_at=look,
        )
    if number % 60 == 11:
        silent = 12 + number % 2
        newest = now - timedelta(days=silent)
        return Row(
            **who,
            outcome=Outcome.AT_RISK,
            newest_post_at=newest,
            days_silent=silent,
            days_left=14 - silent,
            holds_until=now + timedelta(days=2),
            says=f"已{silent}天未更新，{14 - silent}天后超期"
            if zh
            else f"nothing new for {silent} days, 14 are allowed",
            looked_at=look,
            tried_at=look,
        )
    if who["kind"] == "weibo" and number % 30 == 17:
        return Row(
            **who,
            outcome=Outcome.UNKNOWN,
            newest_post_at=now - timedelta(days=16),
            days_silent=16,
            holds_until=now,
            reason=Reason.LOGIN_REQUIRED,
            says="期限后没有看到内容" if zh else "nothing could be seen since the deadline",
            looked_at=now - timedelta(days=3),
            tried_at=look,
        )
    newest = now - timedelta(hours=number % 200)
    return Row(
        **who,
        outcome=Outcome.PASS,
        newest_post_at=newest,
        days_silent=days_between(newest, now),
        days_left=14 - days_between(newest, now),
        holds_until=newest + timedelta(days=14),
        says="更新正常" if zh else "posts regularly",
        looked_at=look,
        tried_at=look,
    )
