"""Addresses as people paste them: which account they mean, or why none, and what to do."""

from __future__ import annotations

import pytest

from mediawatch.adapters import ADAPTERS
from mediawatch.adapters.pasted import TABLE, NotRecognised, recognise
from mediawatch.rulebook_file import KINDS

WEIBO = ("weibo", "weibo", {"uid": "5000609535"}, "5000609535")
ARTICLE = "https://mp.weixin.qq.com/s?__biz=MzA5OTk2MDY5Ng==&mid=1"


@pytest.mark.parametrize(
    ("pasted", "means"),
    [
        ("https://weibo.com/u/5000609535", WEIBO),
        ("https://m.weibo.cn/u/5000609535?jumpfrom=weibocom", WEIBO),
        (" weibo.com/5000609535 ", WEIBO),
        ("https://weibo.com/5000609535/Nabcdef01", WEIBO),
        ("https://weibo.com/p/1001065000609535/home?from=page", WEIBO),
        (ARTICLE, ("wechat", "wechat.article", {"urls": [ARTICLE]}, "MzA5OTk2MDY5Ng==")),
        ("https://mp.weixin.qq.com/mp/profile_ext?action=home&__biz=MzA5OTk2MDY5Ng==&scene=1",
         ("wechat", "wechat.backend", {"fakeid": "MzA5OTk2MDY5Ng=="}, "MzA5OTk2MDY5Ng==")),
        ("https://apps.apple.com/cn/app/%E4%BA%A4/id1039727169",
         ("app", "appstore", {"country": "cn", "track_id": "1039727169"}, "1039727169")),
        ("https://appgallery.huawei.com/#/app/C10012345", ("app", "huawei", {"app_id": "C10012345"}, "C10012345")),
        ("https://sj.qq.com/appdetail/cn.gov.city", ("app", "yingyongbao", {"package": "cn.gov.city"}, "cn.gov.city")),
        ("https://a.app.qq.com/o/simple.jsp?pkgname=cn.gov.city",
         ("app", "yingyongbao", {"package": "cn.gov.city"}, "cn.gov.city")),
        ("https://app.mi.com/details?id=cn.gov.city&ref=search",
         ("app", "xiaomi", {"package": "cn.gov.city"}, "cn.gov.city")),
        ("https://space.bilibili.com/123456/dynamic", ("bilibili", "bilibili", {"mid": "123456"}, "123456")),
        ("https://www.douyin.com/user/MS4wLjAB-x?x=1", ("video", "", {}, "MS4wLjAB-x")),
        ("https://www.kuaishou.com/profile/3x9", ("video", "", {}, "3x9")),
        ("https://www.xiaohongshu.com/user/profile/5ff0", ("video", "", {}, "5ff0")),
        ("https://www.toutiao.com/c/user/token/MS4w/", ("toutiao", "", {}, "MS4w")),
        ("https://bridge.example/feeds/1.xml", ("feed", "feed", {"url": "https://bridge.example/feeds/1.xml"}, "")),
        ("https://dl.example/a.apk?x=1", ("app", "apk", {"url": "https://dl.example/a.apk?x=1"}, "")),
        ("https://www.city.gov.cn/", ("website", "website", {"url": "https://www.city.gov.cn/"}, "")),
    ],
)  # fmt: skip
def test_an_address_tells_the_account(pasted: str, means: tuple[str, str, dict[str, object], str]) -> None:
    said = recognise(pasted)
    assert (said.kind, said.adapter, said.address, said.platform_id) == means
    if said.adapter:
        ADAPTERS[said.adapter].address.model_validate(said.address)
    else:
        assert said.advice is not None
        assert "--feed" in said.advice.zh_CN


@pytest.mark.parametrize(
    ("pasted", "why"),
    [
        ("https://weibo.com/shanghaifabu", "not the uid"),
        ("https://weibo.com/n/上海发布", "not the uid"),
        ("https://m.weibo.cn/status/4999999999999999", "one post"),
        ("https://v.douyin.com/abc/", "short link"),
        ("https://www.douyin.com/video/73", "one post"),
        ("https://weibo.com", "one post"),
        ("javascript:alert(1)", "no address"),
        ("hello", "no address"),
        ("https://a b.example/", "no address"),
    ],
)
def test_what_does_not_tell_the_account_is_refused_with_what_to_do(pasted: str, why: str) -> None:
    with pytest.raises(NotRecognised, match=why) as refused:
        recognise(pasted)
    assert refused.value.says.zh_CN != refused.value.says.en


def test_every_line_of_the_table_names_kinds_adapters_and_fields_that_exist() -> None:
    for line in TABLE:
        assert line.kind in KINDS
        fields = {*line.fits.groupindex, *line.query.values(), *([line.whole] if line.whole else [])} - {"id"}
        if line.adapter:
            assert fields <= ADAPTERS[line.adapter].address.model_fields.keys(), line
            assert not ADAPTERS[line.adapter].kinds or line.kind in ADAPTERS[line.adapter].kinds
        else:
            assert line.advice is not None
