"""What can go wrong on a platform, by name, and when. Pure; how each trouble looks in bytes is the platforms' part."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field, model_validator

from mediawatch.core.model import Value
from mediawatch.sim.moments import Moment, Span


class Channel(StrEnum):
    """The kinds of platform that the simulator plays; `sink` is the receiver of webhooks."""

    WEIBO = "weibo"
    BRIDGE = "bridge"
    STORE = "store"
    PACKAGES = "packages"
    SITE = "site"
    WECHAT = "wechat"
    DEVICE = "device"
    SINK = "webhook"


class Mode(StrEnum):
    """Every misbehaviour; `DESCRIBED` says each in one line."""

    LOGIN_WALL = "login_wall"
    HTTP_432 = "http_432"
    HTTP_418 = "http_418"
    RATE_LIMITED = "rate_limited"
    CAPTCHA = "captcha"
    REDIRECT_TO_PASSPORT = "redirect_to_passport"
    CHANGED_PAGE = "changed_page"
    CUT_OFF = "cut_off"
    CUT_OFF_GZIP = "cut_off_gzip"
    SLOW = "slow"
    RESET = "reset"
    OFFLINE = "offline"
    SERVER_ERROR = "server_error"
    SOFT_EMPTY = "soft_empty"
    HIDDEN_POSTS = "hidden_posts"
    EMPTY_PROFILE = "empty_profile"
    PINNED_ONLY = "pinned_only"
    COUNT_DROP = "count_drop"
    GONE = "gone"
    BANNED = "banned"
    EMPTY_SHELL = "empty_shell"
    STALE = "stale"
    POST_DELETED = "post_deleted"
    WRONG_ACCOUNT = "wrong_account"
    DATES_1970 = "dates_1970"
    DATES_2099 = "dates_2099"
    RELATIVE_DATES = "relative_dates"
    NO_DATES = "no_dates"
    LAST_YEAR = "last_year"
    HTTP_403 = "http_403"
    HTTP_404 = "http_404"
    HTTP_414 = "http_414"
    MAINTENANCE = "maintenance"
    BUSY = "busy"
    EMPTY_BODY = "empty_body"
    NULL_ANSWER = "null_answer"
    GARBLED = "garbled"
    LIST_REFUSED = "list_refused"
    WRONG_LIST = "wrong_list"
    OLD_LIST = "old_list"
    SECOND_PAGE = "second_page"
    LAGGING = "lagging"
    ADS_ONLY = "ads_only"
    NOT_COUNTED = "not_counted"
    NO_IDENTITY = "no_identity"


DESCRIBED: dict[Mode, str] = {
    Mode.LOGIN_WALL: "Weibo answers ok:-100 with the address of the login page, WeChat's backend ret 200003",
    Mode.HTTP_432: "HTTP 432 without a body: risk control",
    Mode.HTTP_418: "HTTP 418 with a short page: too fast, the old way",
    Mode.RATE_LIMITED: "HTTP 429 with Retry-After",
    Mode.CAPTCHA: "HTTP 200 with a captcha in place of the content",
    Mode.REDIRECT_TO_PASSPORT: "HTTP 302 to Weibo's visitor system",
    Mode.CHANGED_PAGE: "HTTP 200, well-formed, in a shape that nobody has seen before",
    Mode.CUT_OFF: "the body ends in the middle; its Content-Length agrees",
    Mode.CUT_OFF_GZIP: "the gzip stream ends in the middle; its Content-Length agrees",
    Mode.SLOW: "no answer within any patience",
    Mode.RESET: "the connection is reset",
    Mode.OFFLINE: "our own line is cut: nothing answers",
    Mode.SERVER_ERROR: "HTTP 503 with a page",
    Mode.SOFT_EMPTY: "the timeline is ok:0 with no cards while the profile counts posts: a soft limit",
    Mode.HIDDEN_POSTS: "the timeline is ok:1 with no cards while the profile counts posts: hidden from visitors",
    Mode.EMPTY_PROFILE: "profile and timeline agree on a lie: no posts ever",
    Mode.PINNED_ONLY: "the first page shows the pinned post (or the oldest one) and nothing else",
    Mode.COUNT_DROP: "the profile counts no posts while the timeline shows them",
    Mode.GONE: "the platform itself says that there is no such account, app or file",
    Mode.BANNED: "Weibo links to its page about a banned account",
    Mode.EMPTY_SHELL: "a valid feed without items",
    Mode.STALE: "the platform goes on showing what stood when the trouble began",
    Mode.POST_DELETED: "the three newest posts that stood when the trouble began are deleted",
    Mode.WRONG_ACCOUNT: "the data of another account or app",
    Mode.DATES_1970: "every post is dated 1970",
    Mode.DATES_2099: "every post is dated 2099",
    Mode.RELATIVE_DATES: "Weibo's dates to 2020: 刚刚, 5分钟前, 2小时前, 昨天 12:00, 04-24, 2019-04-24",
    Mode.NO_DATES: "posts without dates",
    Mode.LAST_YEAR: "every post is dated a year too early",
    Mode.HTTP_403: "HTTP 403 with a short page",
    Mode.HTTP_404: "HTTP 404 with a server's own page: it speaks of the address, not of the account",
    Mode.HTTP_414: "HTTP 414: what a gateway says when it wants to be rid of us",
    Mode.MAINTENANCE: "HTTP 200 with a page about maintenance",
    Mode.BUSY: "HTTP 200 with a word about a busy system",
    Mode.EMPTY_BODY: "HTTP 200 without a body",
    Mode.NULL_ANSWER: "HTTP 200 with `null`",
    Mode.GARBLED: "the right answer in another encoding than it says",
    Mode.LIST_REFUSED: "the profile is shown, the list asks for a login",
    Mode.WRONG_LIST: "the profile is the right one, the list another account's",
    Mode.OLD_LIST: "the profile goes on counting, the list stands where it stood when the trouble began",
    Mode.SECOND_PAGE: "the list begins with the eleventh post",
    Mode.LAGGING: "everything as it was three days ago",
    Mode.ADS_ONLY: "a list of cards of which none is a post",
    Mode.NOT_COUNTED: "an empty list, and a profile without a count",
    Mode.NO_IDENTITY: "a profile that does not say whose it is",
}

_EVERYWHERE = frozenset({Channel.WEIBO, Channel.BRIDGE, Channel.STORE, Channel.PACKAGES})
_LISTS = frozenset({Channel.WEIBO, Channel.BRIDGE})
_ONLY_LISTS = (
    Mode.POST_DELETED,
    Mode.DATES_1970,
    Mode.DATES_2099,
    Mode.NO_DATES,
    Mode.LAST_YEAR,
    Mode.SECOND_PAGE,
    Mode.LAGGING,
)
_ONLY_WEIBO = (
    Mode.LOGIN_WALL,
    Mode.REDIRECT_TO_PASSPORT,
    Mode.SOFT_EMPTY,
    Mode.HIDDEN_POSTS,
    Mode.EMPTY_PROFILE,
    Mode.PINNED_ONLY,
    Mode.COUNT_DROP,
    Mode.BANNED,
    Mode.RELATIVE_DATES,
    Mode.LIST_REFUSED,
    Mode.WRONG_LIST,
    Mode.OLD_LIST,
    Mode.ADS_ONLY,
    Mode.NOT_COUNTED,
    Mode.NO_IDENTITY,
)
_SINK = frozenset({Channel.SINK})
_REFUSALS = (
    Mode.HTTP_432,
    Mode.HTTP_418,
    Mode.CAPTCHA,
    Mode.CUT_OFF,
    Mode.CUT_OFF_GZIP,
    Mode.RESET,
    Mode.SERVER_ERROR,
    Mode.RATE_LIMITED,
    Mode.SLOW,
    Mode.OFFLINE,
    Mode.GONE,
)
_PAGES = frozenset({Channel.SITE, Channel.WECHAT})

APPLIES: dict[Mode, frozenset[Channel]] = {
    **dict.fromkeys(Mode, _EVERYWHERE),
    **dict.fromkeys(_ONLY_LISTS, _LISTS),
    **dict.fromkeys(_ONLY_WEIBO, frozenset({Channel.WEIBO})),
    **dict.fromkeys((Mode.SLOW, Mode.RESET, Mode.OFFLINE, Mode.SERVER_ERROR), _EVERYWHERE | _SINK),
    Mode.RATE_LIMITED: _EVERYWHERE | _SINK,
    Mode.EMPTY_SHELL: frozenset({Channel.BRIDGE}),
    Mode.STALE: _LISTS | {Channel.STORE, Channel.SITE, Channel.WECHAT},
}
APPLIES |= {mode: APPLIES[mode] | _PAGES for mode in _REFUSALS}
APPLIES[Mode.HTTP_404] -= {Channel.PACKAGES}  # there it does speak of the package
APPLIES |= {mode: APPLIES[mode] | {Channel.DEVICE} for mode in (Mode.SLOW, Mode.OFFLINE)}
APPLIES |= {mode: APPLIES[mode] | {Channel.WECHAT} for mode in (Mode.LOGIN_WALL, Mode.CHANGED_PAGE, Mode.POST_DELETED)}


class Trouble(Value):
    """One trouble on the timetable.

    where: a platform (`weibo`, `wechat`, `store`, `packages`, `site`, `device`, `webhook`, the name of a bridge), an
        account id, one channel of an account (`city-app/packages`), or `all`.
    from, to: when it begins, and when it is over (for good: never, where `to` is missing).
    share: the share of accounts that it hits, drawn once from the world's seed.
    anew: so often it is drawn again whom it hits: 1m makes it a share of all looks, not of all accounts.
    retry_after: seconds, sent with any refusal by status; where it is missing, only `rate_limited` sends one (60).
    """

    mode: Mode
    where: tuple[str, ...]
    since: Moment = Field(alias="from")
    to: Moment | None = None
    share: float = Field(default=1.0, ge=0.0, le=1.0)
    anew: Span | None = None
    retry_after: int | None = Field(default=None, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _one_or_many(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("where"), str):
            return {**given, "where": (given["where"],)}
        return given
