"""The set of adapters, by kind. Adding one is one file and one line here."""

from __future__ import annotations

from mediawatch.adapters import (
    apk,
    appstore,
    bilibili,
    columns,
    feed,
    h5,
    huawei,
    ipv6,
    launch,
    letter_register,
    letters,
    links,
    website,
    wechat_article,
    wechat_backend,
    wechat_official,
    weibo,
    weibo_desktop,
    weibo_open,
    xiaomi,
    yingyongbao,
)
from mediawatch.adapters.adapter import Adapter

ADAPTERS: dict[str, Adapter] = {
    adapter.kind: adapter
    for adapter in (
        weibo.ADAPTER,
        weibo_desktop.ADAPTER,
        weibo_open.ADAPTER,
        wechat_official.ADAPTER,
        wechat_backend.ADAPTER,
        wechat_article.ADAPTER,
        feed.ADAPTER,
        appstore.ADAPTER,
        huawei.ADAPTER,
        yingyongbao.ADAPTER,
        xiaomi.ADAPTER,
        apk.ADAPTER,
        h5.ADAPTER,
        ipv6.ADAPTER,
        launch.ADAPTER,
        bilibili.ADAPTER,
        website.ADAPTER,
        columns.ADAPTER,
        links.ADAPTER,
        letters.ADAPTER,
        letter_register.ADAPTER,
    )
}
