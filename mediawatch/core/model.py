"""The nouns: frozen values that every other part speaks in.

Everything here refuses unknown fields and datetimes without a zone. Nothing here does IO, reads a clock or knows
how a value is stored or shown.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Value(BaseModel):
    """A frozen value: unknown fields are refused, datetimes must carry a zone."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


# --- what is watched ---------------------------------------------------------------------------------------------


class Target(Value):
    """One thing to look at. An account has several: two feeds, a store page and a package, …

    `id` is stable over restarts and edits of other targets: account id, adapter and a digest of the address.
    `address` holds the adapter's own fields, already checked by that adapter's `Address` model.
    `covers` names what this channel can see; `None` means "what the adapter covers by nature".
    """

    id: str
    account: str
    adapter: str
    platform: str
    address: dict[str, Any]
    covers: frozenset[str] = frozenset()


class Account(Value):
    """One registered account or app (政务新媒体账号), as the office that answers for it wrote it down."""

    id: str
    name: str
    kind: str
    sponsor: str = ""  # 主办单位
    supervisor: str = ""  # 主管单位
    region: str = ""  # GB/T 2260 code
    level: str = ""  # national province city county town
    rulebook: str = "national-2019"
    tags: tuple[str, ...] = ()
    canary: bool = False  # watched only to prove that a platform can be seen; never judged
    targets: tuple[Target, ...] = ()


# --- what came back ----------------------------------------------------------------------------------------------


class Blame(StrEnum):
    """Who is answerable for a look that showed nothing."""

    ACCOUNT = "account"
    PLATFORM = "platform"
    US = "us"


class Reason(StrEnum):
    """Why a look showed no content. Only reasons that blame the account may support a fail."""

    GONE = "gone"
    BLOCKED_ACCOUNT = "blocked_account"
    MOVED = "moved"
    LOGIN_REQUIRED = "login_required"
    RATE_LIMITED = "rate_limited"
    BLOCKED = "blocked"
    CAPTCHA = "captcha"
    UNREADABLE = "unreadable"
    PLATFORM_DOWN = "platform_down"
    TIMEOUT = "timeout"
    OWN_NETWORK = "own_network"
    NOT_ALLOWED = "not_allowed"  # our own guard or settings refused the address

    @property
    def blame(self) -> Blame:
        if self in _BLAMES_ACCOUNT:
            return Blame.ACCOUNT
        return Blame.US if self in _BLAMES_US else Blame.PLATFORM


_BLAMES_ACCOUNT = frozenset({Reason.GONE, Reason.BLOCKED_ACCOUNT, Reason.MOVED})
_BLAMES_US = frozenset({Reason.TIMEOUT, Reason.OWN_NETWORK, Reason.NOT_ALLOWED})


class Failure(Value):
    """A look that showed no content: the reason, a short technical detail, and how long to keep away (seconds)."""

    reason: Reason
    detail: str = ""
    retry_after: float | None = None


class Post(Value):
    """One published item, as the channel showed it.

    `at` is the claimed time of publication, `None` where the channel gives none. `original` is `None` where the
    channel cannot tell. `digest` is the SHA-256 of the cleaned text, so that an edit can be seen without keeping it.
    """

    key: str
    at: AwareDatetime | None
    title: str = ""
    url: str = ""
    pinned: bool = False
    repost: bool = False
    original: bool | None = None
    digest: str = ""


class Profile(Value):
    """What a platform says of the account itself. `None` means that this channel does not say."""

    uid: str = ""
    name: str = ""
    posts: int | None = None
    followers: int | None = None
    following: int | None = None
    verified: bool | None = None
    verified_type: int | None = None
    verified_reason: str = ""
    registered_at: AwareDatetime | None = None
    description: str = ""
    comments_open: bool | None = None


class MenuItem(Value):
    """One entry of an account's menu (WeChat 自定义菜单): its words, where it leads, and whether that answers.

    `dead` is `None` where the target was not asked. `path` is the place in the tree, such as `互动/留言`.
    """

    path: str
    action: str = ""  # view, click, miniprogram, …
    url: str = ""
    dead: bool | None = None


class Feed(Value):
    """A list of posts that was really read.

    `complete` is false where the channel said that it shows only a part that may hide newer posts. `blank` is true
    where the answer was valid but held no item at all: such a channel saw nothing, which is not "nothing there".
    `synced_at` is when a bridge last read the platform itself, where it says: an index that lags is no silent account.
    `menu` is `None` where the channel does not say; an empty menu is an empty tuple.
    """

    kind: Literal["feed"] = "feed"
    profile: Profile | None = None
    posts: tuple[Post, ...] = ()
    complete: bool = True
    synced_at: AwareDatetime | None = None
    menu: tuple[MenuItem, ...] | None = None

    @property
    def newest(self) -> Post | None:
        """The newest dated post, pinned or not: its place in the list says nothing."""
        dated = [post for post in self.posts if post.at is not None]
        return max(dated, key=lambda post: (post.at, post.key), default=None)

    @property
    def blank(self) -> bool:
        return not self.posts


class Listing(Value):
    """A store's answer about one app. `present` false means that the store itself answered "no such app"."""

    kind: Literal["listing"] = "listing"
    present: bool
    name: str = ""
    seller: str = ""
    bundle: str = ""
    version: str = ""
    updated_at: AwareDatetime | None = None
    url: str = ""
    package_url: str = ""
    filing_no: str = ""


class Package(Value):
    """An installation package as its download address gave it.

    `present` false means that the address itself answered 404 or 410. `problem` is a short code for what makes the
    bytes no installable package (`not_zip`, `no_manifest`, `wrong_package`, `unsigned`, `bad_signature`,
    `no_launcher`, …), empty where nothing is wrong.
    """

    kind: Literal["package"] = "package"
    present: bool
    status: int
    size: int = 0
    sha256: str = ""
    valid: bool = False
    problem: str = ""
    package: str = ""
    version: str = ""
    version_code: int | None = None
    signed: bool | None = None
    schemes: tuple[str, ...] = ()
    signer: str = ""  # SHA-256 of the signing certificate, where it was read
    launchable: str = ""


class Launch(Value):
    """One attempt to open an app on a device, or a person's signed word for it.

    `opened` is `None` where the attempt does not decide. `blame` says at whose door a failure lies: only `app` may
    support a fail. `problem` is a short code (`crash`, `native_crash`, `anr`, `left_front`, `blank`, `install_failed`,
    `bench`, …). `attested_by` names the person where no device spoke.
    """

    kind: Literal["launch"] = "launch"
    opened: bool | None
    blame: Literal["app", "bench", "none"]
    problem: str = ""
    package: str = ""
    activity: str = ""
    device: str = ""
    os: str = ""
    screenshot: str = ""  # digest of the kept picture
    filing_no: str = ""
    attested_by: str = ""


class Column(Value):
    """One column (栏目) of a website as it was read: how many items, and the newest date among them."""

    name: str
    url: str
    interval: Literal["two_weeks", "six_months", "none"] = "two_weeks"
    items: int
    newest_at: AwareDatetime | None = None


class Link(Value):
    """One outbound link: `dead` for 404 and 410, `suspected` for any other failure, `unasked` beyond the budget."""

    url: str
    state: Literal["alive", "dead", "suspected", "unasked"]
    status: int = 0


class Page(Value):
    """One visit to a website, whether it opened or not: a visit that fails is what is being counted.

    `opened` is false for no answer, an error status, or one later than the limit; `problem` says which. Times are in
    seconds. `newest_at` is the newest date on the page, `notice` the words of a migration notice that was found.
    """

    kind: Literal["page"] = "page"
    opened: bool
    status: int = 0
    elapsed: float = 0.0
    problem: str = ""
    title: str = ""
    newest_at: AwareDatetime | None = None
    dates: int = 0
    tls_expires_at: AwareDatetime | None = None
    columns: tuple[Column, ...] = ()
    links: tuple[Link, ...] = ()
    notice: str = ""
    filing_no: str = ""


class Article(Value):
    """What became of one known article link: alive, or what the platform says instead."""

    url: str
    state: Literal[
        "alive", "deleted", "violation", "reviewing", "infringing", "moved", "cancelled", "blocked", "bad_link"
    ]
    at: AwareDatetime | None = None  # when it was published, where the page says
    target: str = ""  # where a moved account went


class Articles(Value):
    """The re-visit of recent article links of one account."""

    kind: Literal["articles"] = "articles"
    profile: Profile | None = None
    articles: tuple[Article, ...]


Seen = Annotated[Feed | Listing | Package | Launch | Page | Articles, Field(discriminator="kind")]


class Observation(Value):
    """One look: what was seen, or why nothing was. Exactly one of `seen` and `failure` is set.

    `digests` name the raw answers (SHA-256) that were kept before anything was read from them.
    """

    target: str
    account: str
    at: AwareDatetime
    seen: Seen | None = None
    failure: Failure | None = None
    digests: tuple[str, ...] = ()


# --- what a rule may look at -------------------------------------------------------------------------------------


class Look(Value):
    """A look as the record holds it. `seen` carries no posts here: those are in `Evidence.posts`, once each.

    `trusted` is false where a platform incident covers the look: it may pass an account, it may never fail one.
    """

    target: str
    adapter: str
    platform: str
    covers: frozenset[str]
    at: AwareDatetime
    seen: Seen | None = None
    failure: Failure | None = None
    posts: int = 0  # how many posts this look showed
    newest_at: AwareDatetime | None = None  # the newest claimed date among them
    trusted: bool = True
    digests: tuple[str, ...] = ()


class SeenPost(Value):
    """A post as the record holds it: once, with the first and the last look that showed it."""

    key: str
    target: str
    at: AwareDatetime | None
    title: str = ""
    url: str = ""
    pinned: bool = False
    repost: bool = False
    original: bool | None = None
    first_seen_at: AwareDatetime
    last_seen_at: AwareDatetime


class Evidence(Value):
    """All that a rule may look at, as it stood at `now`. `looks` run from old to new, `posts` from new to old.

    `watched_since` is the first look that saw anything of the account, `None` before that.
    """

    account: Account
    now: AwareDatetime
    watched_since: AwareDatetime | None = None
    looks: tuple[Look, ...] = ()
    posts: tuple[SeenPost, ...] = ()


# --- what follows ------------------------------------------------------------------------------------------------


class Outcome(StrEnum):
    """The four answers. `unknown` is an answer: we could not look, and nobody is accused."""

    PASS = "pass"
    AT_RISK = "at_risk"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Finality(StrEnum):
    """`auto` may be reported as it is; a `candidate` waits for a person to confirm it."""

    AUTO = "auto"
    CANDIDATE = "candidate"


class Finding(Value):
    """A rule's answer about one account at one instant.

    since: from when on the outcome has held, as far as the evidence reaches.
    holds_until: the instant until which the outcome is proven without looking again; never before the look it rests
        on, and equal to `judged_at` where nothing is proven ahead.
    warns_at: the next instant before `holds_until` at which a reminder falls due, if nothing newer is seen by then.
    deadline: the instant at which a pass turns (or turned) into a fail, where the rule knows one.
    values: the numbers and dates that the sentence is made of.
    proof: the looks that prove a fail, `(target, at)` from old to new; two of them, apart, confirm an alert.
    missing: kinds of coverage that the indicator needs and no trusted look has given.
    reason: why we could not look, where that is why the outcome is `unknown`.
    """

    account: str
    indicator: str
    outcome: Outcome
    judged_at: AwareDatetime
    since: AwareDatetime | None = None
    holds_until: AwareDatetime
    warns_at: AwareDatetime | None = None
    deadline: AwareDatetime | None = None
    values: dict[str, str | int | float | bool | None] = {}
    finality: Finality = Finality.AUTO
    proof: tuple[tuple[str, AwareDatetime], ...] = ()
    missing: tuple[str, ...] = ()
    reason: Reason | None = None


_RANK = {Outcome.PASS: 0, Outcome.AT_RISK: 1, Outcome.UNKNOWN: 2, Outcome.FAIL: 3}


def worst(findings: tuple[Finding, ...]) -> Finding | None:
    """The finding that speaks for the account: fail, unknown, at_risk, pass; the first among equals."""
    return max(findings, key=lambda finding: _RANK[finding.outcome], default=None)
