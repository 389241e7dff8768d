"""Messages to receivers and settings of receivers, for tests. Values are invented."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from mediawatch.core.model import Outcome, Value
from mediawatch.core.views import Digest, DigestLine, Message, Notice
from mediawatch.receivers import apprise, dingtalk, email, feishu, webhook, wecom

AT = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()
TOKEN = "00000000-0000-0000-0000-000000000000"
LINK = "https://watch.example/answers/n-0001.abc_DEF-123"

SILENT = Notice(
    id="n-0001",
    alert="5f1c0ffee0ddba11",
    cause="first",
    level="breach",
    account="city-news",
    name="某市发布",
    kind="wechat",
    sponsor="某市人民政府办公室",
    indicator="stale",
    number="2.1",
    outcome="fail",
    finality="auto",
    since=datetime(2026, 11, 17, 16, tzinfo=UTC),
    opened_at=datetime(2026, 11, 18, 0, 5, tzinfo=UTC),
    says="已 17 天未更新，最近一条发布于 2026-11-03。",
    values={"days": 17, "class": "STALE"},
    rulebook="national-2019@3f2a",
)
BACK = SILENT.model_copy(
    update={
        "id": "n-0002",
        "alert": "00decade00decade",
        "cause": "resolved",
        "account": "highway",
        "name": "某省公路",
        "kind": "weibo",
        "sponsor": "",
        "outcome": "pass",
        "resolved_at": datetime(2026, 11, 19, 23, tzinfo=UTC),
        "says": "已恢复更新。",
    }
)
OUTAGE = Notice(
    id="n-0003",
    alert="0ddba110ddba1100",
    cause="incident",
    level="incident",
    name="weibo",
    platform="weibo",
    indicator="platform",
    opened_at=datetime(2026, 11, 20, 1, tzinfo=UTC),
    says="微博无法读取，2800 个账号暂无结论，不作任何认定。",
)
ALL = (BACK, SILENT, OUTAGE)
DIGEST = Digest(
    period="weekly",
    unit="city",
    unit_name="某市",
    since=datetime(2026, 11, 15, 16, tzinfo=UTC),
    to=datetime(2026, 11, 22, 16, tzinfo=UTC),
    summary="300 个账号：1 个不合格，1 个临期；本周新增 1，解除 2，1 条无人签收。",
    accounts=300,
    by_outcome={Outcome.FAIL: 1, Outcome.AT_RISK: 1, Outcome.PASS: 298},
    opened=1,
    resolved=2,
    standing=1,
    unacknowledged=1,
    reminders=4,
    blind=("weibo",),
    lines=(
        DigestLine(
            account="city-news",
            name="某市发布",
            unit_name="某市人民政府办公室",
            outcome=Outcome.FAIL,
            says="已 17 天未更新。",
            days_silent=17,
            days_left=-3,
            acknowledged_by="王五",
            note="今日补发",
        ),
        DigestLine(account="highway", name="某省公路", outcome=Outcome.AT_RISK, says="已 12 天未更新。", days_left=2),
    ),
    more=298,
)


def message(*notices: Notice, id_: str = "n-0001", **changes: Any) -> Message:
    """A message of these notices, as the notifier makes it."""
    causes = {notice.cause for notice in notices}
    said = {
        "id": id_,
        "receiver": "duty",
        "at": AT,
        "cause": causes.pop() if len(causes) == 1 else "several",
        "notices": notices,
        "total": len(notices),
    }
    return Message.model_validate(said | changes)


MESSAGES = {
    "notices": message(*ALL, link=LINK, more=2781, total=2784),
    "digest": message(cause="digest", digest=DIGEST, id_="d-0001"),
    "test": message(cause="test", id_="test-0001"),
}
SETTINGS: dict[str, Value] = {
    "webhook": webhook.Settings(url=SecretStr(f"https://duty.example/hook?token={TOKEN}"), secret=(SecretStr(SECRET),)),
    "wecom": wecom.Settings(url=SecretStr(f"https://qyapi.example/cgi-bin/webhook/send?key={TOKEN}")),
    "dingtalk": dingtalk.Settings(
        url=SecretStr(f"https://oapi.example/robot/send?access_token={TOKEN}"), secret=SecretStr("SEC0123456789abcdef")
    ),
    "feishu": feishu.Settings(
        url=SecretStr(f"https://open.example/open-apis/bot/v2/hook/{TOKEN}"), secret=SecretStr("a-secret-of-the-robot")
    ),
    "email": email.Settings(
        host="mail.example",
        user="watch@city.example",
        password=SecretStr("a-password-of-the-mail"),
        sender="watch@city.example",
        to=("duty@city.example", "chief@city.example"),
    ),
    "apprise": apprise.Settings(url=(SecretStr(f"ntfys://{TOKEN}@ntfy.example/duty-room"),)),
}
