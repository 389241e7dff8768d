"""What an adapter can have seen: posts, profiles, store listings, packages, launches, pages, articles.

Frozen values and nothing else: who may conclude what from them is the rules' business.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from mediawatch.core.calendar import day_of
from mediawatch.core.value import Value


class Post(Value):
    """One published item, as the channel showed it.

    `at` is the claimed time of publication, `None` where the channel gives none. `original` is `None` where the
    channel cannot tell. `digest` is the SHA-256 of the cleaned text, so that an edit can be seen without keeping it.
    `text` (cleaned, at most 4,000 characters), `links` (at most 20) and `source` (whose post a repost repeats, empty
    where it is a government body's by the platform's own word) are there to be screened and are never stored.
    """

    key: str
    at: AwareDatetime | None
    title: str = ""
    url: str = ""
    pinned: bool = False
    repost: bool = False
    original: bool | None = None
    digest: str = ""
    text: str = ""
    links: tuple[str, ...] = ()
    source: str = ""


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
    `menu` is `None` where the channel does not say; an empty menu is an empty tuple. `oldest_at` is how far back the
    list reaches, kept with the look; see `reach`.
    """

    kind: Literal["feed"] = "feed"
    profile: Profile | None = None
    posts: tuple[Post, ...] = ()
    complete: bool = True
    synced_at: AwareDatetime | None = None
    menu: tuple[MenuItem, ...] | None = None
    oldest_at: AwareDatetime | None = None

    @property
    def newest(self) -> Post | None:
        """The newest dated post, pinned or not: its place in the list says nothing."""
        last = max([post.at for post in self.posts if post.at is not None], default=None)
        newest = [post for post in self.posts if post.at == last] if last is not None else ()
        return max(newest, key=lambda post: post.key, default=None)

    @property
    def blank(self) -> bool:
        return not self.posts


def _nothing(value: object) -> bool:
    """What a look did not tell is written as if there were no field for it."""
    return not value


class Mark(Value):
    """A phrase of a list in what a store says of an app: which, what stands around it (redacted), and by which list."""

    term: str
    shown: str
    source: str


class Listing(Value):
    """A store's answer about one app. `present` false means that the store itself answered "no such app"; `blank` that
    it did so without a word, by an empty answer to a valid question.

    `description` (cleaned, at most 4,000 characters) is there to be screened and is never stored: `described` is what
    stays of it, the lists that it was searched by, and `marks` what they found.
    """

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
    description: str = Field(default="", exclude_if=_nothing)
    described: str = Field(default="", exclude_if=_nothing)
    marks: tuple[Mark, ...] = Field(default=(), exclude_if=_nothing)
    blank: bool = Field(default=False, exclude_if=_nothing)


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
    complaints: bool | None = None  # whether a way to complain was found; `None` where nobody looked for one
    attested_by: str = ""


class Column(Value):
    """One column (栏目) of a website as it was read: how many items, and the newest date among them.

    `read` is false where the list could not be read this time: then `items` and `newest_at` say nothing.
    """

    name: str
    url: str
    interval: Literal["two_weeks", "six_months", "none"] = "two_weeks"
    items: int = 0
    newest_at: AwareDatetime | None = None
    read: bool = True


class Link(Value):
    """One outbound link: `dead` for 404 and 410, `suspected` for any other failure, `unasked` beyond the budget.

    lands: the host that answered in the end, where it is another than the link's own.
    """

    url: str
    state: Literal["alive", "dead", "suspected", "unasked"]
    status: int = 0
    lands: str = ""


class Page(Value):
    """One visit to a website, whether it opened or not: a visit that fails is what is being counted.

    `opened` is false for no answer, an error status, or one later than the limit; `problem` says which. Times are in
    seconds. `newest_at` is the newest date on the page, `notice` the words of a migration notice that was found;
    `filled_in` whether scripts put in a part of it, which nobody sees who runs none.
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
    filled_in: bool = Field(default=False, exclude_if=_nothing)


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


class Letter(Value):
    """One message to an office and whether it was answered. Whoever wrote it, and what, is not kept: only its place.

    key: its address or number. replied_at: `None` where no day of the reply is told. replied: `None` where the list
    does not say.
    """

    key: str
    at: AwareDatetime
    replied_at: AwareDatetime | None = None
    replied: bool | None = None


class Letters(Value):
    """A list of messages to an office that was really read (a letter box, a register of error reports).

    rows: how many there were, those included whose dates could not be read. brought_by: who brought an office's own
    register; such a list is whole, and what it holds no more counts no more.
    """

    kind: Literal["letters"] = "letters"
    letters: tuple[Letter, ...] = ()
    rows: int = 0
    brought_by: str = ""


Seen = Annotated[Feed | Listing | Package | Launch | Page | Articles | Letters, Field(discriminator="kind")]


def shows(seen: Seen) -> bool:
    """Whether an answer shows anything: a list of posts that is empty does so only where the platform counts none."""
    if isinstance(seen, Feed) and not seen.posts:
        return seen.profile is not None and seen.profile.posts == 0
    return True


def reach(feed: Feed) -> datetime | None:
    """How far back a whole list reaches: what is older may have been pushed out, what is younger must be in it.

    `None` where that is not told: a part of a list, an item without a date, a list that is not in order of its dates.
    Pins stand anywhere; up to two leading items may be pins that the channel does not mark.
    """
    dates = [post.at for post in feed.posts if not post.pinned]
    if not feed.complete or None in dates:
        return None
    known = [at for at in dates if at is not None]
    for first in range(3):
        rest = known[first:]
        if len(rest) >= (3 if first else 2) and _in_order(rest):
            return rest[-1]
    return None


def _in_order(moments: list[datetime]) -> bool:
    """Whether they go back day by day; within a day in any order."""
    if moments == sorted(moments, reverse=True):
        return True
    days = [day_of(at) for at in moments]
    return days == sorted(days, reverse=True)
