"""WeChat through the backend of one logged-in account (mp.weixin.qq.com): the list of what any account sent out.

It must never read an expired login, a limit or a broken record as "nothing there".
"""

from __future__ import annotations

from typing import Self
from urllib.parse import quote, urlsplit

import msgspec
from pydantic import Field, model_validator

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import decoded, digest_of, is_page, moment, plain, refuse, unexpected_page, web_address
from mediawatch.core.model import Feed, Post, Profile, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

SEARCH = "/cgi-bin/searchbiz"
LIST = "/cgi-bin/appmsgpublish"
PAGE = 20  # records in one answer, the most that is given
LIMITED = 4 * 3600.0  # seconds; the platform's own frequency control lasts from minutes to a day
_TOKEN = (("token", "token"),)
_AJAX = "lang=zh_CN&f=json&ajax=1"
_DELETED = 4  # del_flag of the phone client's list; 1 is an ordinary article
_CODES: dict[int, Reason] = {
    200003: Reason.LOGIN_REQUIRED,
    200040: Reason.LOGIN_REQUIRED,
    200013: Reason.RATE_LIMITED,
    200002: Reason.UNREADABLE,
    -1: Reason.PLATFORM_DOWN,
}


class Address(Value):
    """fakeid: the account, as in `__biz` of its links. nickname: its exact name, where no fakeid is known. own: our
    login's account. Exactly one of the three. A nickname costs a second question of the few that the platform allows.
    """

    fakeid: str = Field(default="", pattern=r"^([A-Za-z0-9+/]{8,24}={0,2})?$")
    nickname: str = Field(default="", max_length=60)
    own: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum((bool(self.fakeid), bool(self.nickname), self.own)) != 1:
            raise ValueError("needs exactly one of `fakeid`, `nickname` and `own: true`")
        return self


# --- the shapes; fields that we do not name are skipped ---------------------------------------------------------------


class _Response(msgspec.Struct):
    ret: int
    err_msg: str | None = None


class _Envelope(msgspec.Struct):
    base_resp: _Response | None = None
    ret: int | None = None
    errmsg: str | None = None
    publish_page: str | None = None
    general_msg_list: str | None = None


class _Found(msgspec.Struct):
    fakeid: str
    nickname: str
    signature: str | None = None
    verify_status: int | None = None


class _Search(msgspec.Struct):
    accounts: list[_Found] = msgspec.field(name="list")


class _Record(msgspec.Struct):
    publish_info: str | None = None


class _PublishPage(msgspec.Struct):
    total_count: int
    publish_list: list[_Record]


class _Sent(msgspec.Struct):
    time: int | None = None


class _Message(msgspec.Struct):
    """An article, in the words of either form."""

    appmsgid: int | str | None = None
    aid: str | None = None
    itemidx: int | None = None
    title: str | None = None
    digest: str | None = None
    link: str | None = None
    content_url: str | None = None
    update_time: int | None = None
    is_deleted: bool | int | None = None


class _Info(msgspec.Struct):
    sent_info: _Sent | None = None
    appmsgex: list[_Message] | None = None
    appmsg_info: list[_Message] | None = None


class _Comm(msgspec.Struct):
    id: int | str
    datetime: int | None = None


class _Ext(msgspec.Struct):
    title: str | None = None
    digest: str | None = None
    content_url: str | None = None
    del_flag: int | None = None
    multi_app_msg_item_list: list[_Ext] | None = None


class _Pushed(msgspec.Struct):
    comm_msg_info: _Comm
    app_msg_ext_info: _Ext | None = None


class _PushedList(msgspec.Struct):
    messages: list[_Pushed] = msgspec.field(name="list")


_PAGE = msgspec.json.Decoder(_PublishPage)
_SEARCH = msgspec.json.Decoder(_Search)
_INFO = msgspec.json.Decoder(_Info)
_PUSHED = msgspec.json.Decoder(_PushedList)
_ENVELOPE = msgspec.json.Decoder(_Envelope)


# --- asking -----------------------------------------------------------------------------------------------------------


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """The search where only a name is known, and the newest page of the list."""
    fakeid = address.fakeid
    if address.nickname:
        query = f"action=search_biz&begin=0&count=5&query={quote(address.nickname, safe='')}&{_AJAX}"
        exchange = await wire.ask(
            Request(url=f"{wire.base}{SEARCH}?{query}", headers=(("Referer", f"{wire.base}/"),), secret_query=_TOKEN)
        )
        fakeid = read_search(address.nickname, exchange).uid
    whose = (
        "type=101_1_102_103&free_publish_type=1&sub_action=list"
        if address.own
        else f"fakeid={quote(fakeid, safe='')}&type=101_1&free_publish_type=1&sub_action=list_ex"
    )
    query = f"sub=list&search_field=null&begin=0&count={PAGE}&query=&{whose}&{_AJAX}"
    await wire.ask(
        Request(url=f"{wire.base}{LIST}?{query}", headers=(("Referer", f"{wire.base}/"),), secret_query=_TOKEN)
    )
    return wire.exchanges


# --- reading ----------------------------------------------------------------------------------------------------------


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Feed:
    """What was sent out, as the newest page of the list has it. Raises `Failed` where it does not show the list.

    `complete` is false where a record that cannot be read may be the newest, or where all that is left was deleted.
    """
    if not exchanges:
        raise Failed(Reason.UNREADABLE, "no answer")
    last = exchanges[-1]
    profile = Profile(uid=address.fakeid)
    if address.nickname:
        profile = read_search(address.nickname, exchanges[0])
        if urlsplit(last.url).path.endswith(SEARCH):
            raise Failed(Reason.UNREADABLE, "no answer but the search's")
    envelope = _envelope(last)
    if envelope.general_msg_list is not None:
        return Feed(profile=profile, posts=_pushed(envelope.general_msg_list))
    page: _PublishPage = decoded(_PAGE, envelope.publish_page or b"", "publish_page")
    if page.total_count > 0 and not page.publish_list:
        raise Failed(Reason.UNREADABLE, f"{page.total_count} publications counted, none shown")
    read = [_record(record) for record in page.publish_list]
    posts = {post.key: post for record in read for post in record or ()}
    return Feed(
        # No number instead of a zero: a limited session has been seen to count nothing, too.
        profile=profile.model_copy(update={"posts": page.total_count or None}),
        posts=tuple(posts.values()),
        complete=_whole(read) and all(post.at is not None for post in posts.values()) and bool(posts or not read),
    )


def read_search(name: str, exchange: Exchange) -> Profile:
    """The account of exactly that name. Raises `Failed(unreadable)` where the search shows none, or several."""
    _envelope(exchange)
    search: _Search = decoded(_SEARCH, exchange.body, "search")
    found = {one.fakeid: one for one in search.accounts if clean(one.nickname, 60) == clean(name, 60)}
    if len(found) != 1:
        raise Failed(Reason.UNREADABLE, f"{len(found)} accounts of that name in the search; give a fakeid")
    one = next(iter(found.values()))
    return Profile(
        uid=one.fakeid,
        name=clean(one.nickname, 60),
        verified=None if one.verify_status is None else one.verify_status == 2,
        description=plain(one.signature or ""),
    )


def _record(record: _Record) -> tuple[Post, ...] | None:
    """The articles of one record that were not deleted; `None` where the record is empty or broken."""
    try:
        info: _Info = decoded(_INFO, record.publish_info or b"", "publish_info")
    except Failed:
        return None
    if info.appmsgex is None and info.appmsg_info is None:
        return None
    sent = info.sent_info.time if info.sent_info is not None else None
    messages = enumerate((*(info.appmsgex or ()), *(info.appmsg_info or ())), 1)
    return tuple(_post(message, index, sent) for index, message in messages if not message.is_deleted)


def _post(message: _Message, index: int, sent: int | None) -> Post:
    """When it was sent counts, not when it was last edited; an edit moves `update_time`."""
    url = web_address(message.link or message.content_url or "")
    key = message.aid or (f"{message.appmsgid}_{message.itemidx or index}" if message.appmsgid is not None else url)
    return Post(
        key=clean(key, 200) or digest_of(f"{message.title}\n{sent}"),
        at=moment(sent or message.update_time),
        title=plain(message.title or "", 300),
        url=url,
        digest=digest_of(f"{message.title or ''}\n{message.digest or ''}"),
    )


def _whole(read: list[tuple[Post, ...] | None]) -> bool:
    """True where no record that cannot be read may be the newest: each stands below a newer one, in a list in order."""
    if None not in read:
        return True
    dates = [post.at for record in read for post in (record or ())[:1] if post.at is not None]
    return bool(read[0]) and dates == sorted(dates, reverse=True)


def _pushed(text: str) -> tuple[Post, ...]:
    """The list as the phone client gets it (`profile_ext?action=getmsg`), where a recording holds one."""
    pushed: _PushedList = decoded(_PUSHED, text or b"", "general_msg_list")
    posts: dict[str, Post] = {}
    for message in pushed.messages:
        ext = message.app_msg_ext_info
        for index, one in enumerate((ext, *(ext.multi_app_msg_item_list or ())) if ext is not None else (), 1):
            if one.del_flag == _DELETED:
                continue
            key = clean(f"{message.comm_msg_info.id}_{index}", 200)
            posts[key] = Post(
                key=key,
                at=moment(message.comm_msg_info.datetime),
                title=plain(one.title or "", 300),
                url=web_address(one.content_url or ""),
                digest=digest_of(f"{one.title or ''}\n{one.digest or ''}"),
            )
    return tuple(posts.values())


def _envelope(exchange: Exchange) -> _Envelope:
    """The outer answer. Raises `Failed` with what its `ret` says; one that we do not know is our fault."""
    refuse(exchange)
    if is_page(exchange.body) or not exchange.body.strip():
        if "重新登录" in exchange.body[:65536].decode("utf-8", "replace"):
            raise Failed(Reason.LOGIN_REQUIRED, "page that asks for a login")
        raise unexpected_page(exchange, "JSON")
    envelope: _Envelope = decoded(_ENVELOPE, exchange.body, "answer")
    ret = envelope.base_resp.ret if envelope.base_resp is not None else envelope.ret
    words = (envelope.base_resp.err_msg if envelope.base_resp is not None else envelope.errmsg) or ""
    if ret is None:
        raise Failed(Reason.UNREADABLE, "answer without `ret`")
    if ret != 0:
        reason = _CODES.get(ret, Reason.UNREADABLE)
        wait = LIMITED if reason is Reason.RATE_LIMITED else None
        raise Failed(reason, f"ret {ret}: {clean(words, 120)}", wait)
    return envelope


ADAPTER = Adapter(
    kind="wechat.backend",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"wechat"}),
    covers=frozenset({"mass_sent", "published"}),
    pace=Pace(per_minute=2, at_once=1),
    base_url="https://mp.weixin.qq.com",
    needs="A login by QR code, as `cookie` and as the secret `token`; a person renews it every few days.",
    blind="What is behind the newest page of the list, and everything once the login has expired.",
)
