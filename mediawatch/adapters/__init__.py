"""The set of adapters, by kind. Adding one is one file and one line here."""

from __future__ import annotations

from mediawatch.adapters import apk, appstore, feed, huawei, weibo, xiaomi, yingyongbao
from mediawatch.adapters.adapter import Adapter

ADAPTERS: dict[str, Adapter] = {
    adapter.kind: adapter
    for adapter in (
        weibo.ADAPTER,
        feed.ADAPTER,
        appstore.ADAPTER,
        huawei.ADAPTER,
        yingyongbao.ADAPTER,
        xiaomi.ADAPTER,
        apk.ADAPTER,
    )
}
