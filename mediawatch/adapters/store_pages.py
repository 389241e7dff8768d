"""What the pages of Chinese app stores have in common: the address of an app, words for "no such app", filing numbers.

Pure. None of it was recorded from a live server: whatever fits none of these words is unreadable, never absent.
"""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta, timezone

from pydantic import Field

from mediawatch.core.model import Value
from mediawatch.core.text import clean

BEIJING = timezone(timedelta(hours=8))
PACKAGE = r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+$"
MOST_DESCRIPTION = 4000
MAX_BODY = 4 * 1024 * 1024
_NUMBER = r"[\u4e00-\u9fff]ICP备[0-9]{6,12}号"
_FILING = re.compile(_NUMBER + "(?:-[0-9]{1,6}[A-Z]?)?")
_OF_AN_APP = re.compile(rf"{_NUMBER}-[0-9]{{1,6}}[A-Z]|(?<=(?<!ICP)备案号[:： ]){_NUMBER}(?:-[0-9]{{1,6}})?")
_LABELLED = re.compile(
    r"(?<!公安)(?<!网安)备案(?:编)?号\s{0,4}[:：]?\s{0,4}([\u4e00-\u9fffA-Za-z0-9〔〕\[\]()（）_-]{4,60})"
)
_CODE = re.compile(r"<(/?)(?:script|style)\b[^<>]*>?", re.I)
_TAG = re.compile(r"<[^<>]*>")
_NEAR = 300  # letters from the start within which the message stands
_VERSION = re.compile("版本|更新(?:时间|日期|于)")
_ABSENT = ("应用不存在", "该应用已下架", "应用已下架", "没有找到该应用", "未找到该应用", "应用已被下架")


class PackageAddress(Value):
    """package: the app's own name, such as `cn.gov.city`."""

    package: str = Field(pattern=PACKAGE, max_length=200)


def words_of(page: str) -> str:
    """What a reader sees of a page, as one line: no scripts, no markup."""
    shown: list[str] = []
    at, hidden = 0, False
    for tag in _CODE.finditer(page):
        if not hidden:
            shown.append(page[at : tag.start()])
        at, hidden = tag.end(), not tag[1]
    if not hidden:
        shown.append(page[at:])
    return clean(html.unescape(_TAG.sub(" ", " ".join(shown))), 20_000)


def says_absent(words: str) -> bool:
    """Whether the store itself says, in words, that it has no such app: at the start of a page that shows no version of
    anything. What describes an app, or users write, may speak of another that was taken down."""
    return any(word in words[:_NEAR] for word in _ABSENT) and not _VERSION.search(words)


def filing_number(text: str) -> str:
    """The first filing number (APP备案号) in a text, or nothing."""
    found = _FILING.search(text)
    return found[0] if found else ""


def app_number(words: str) -> str:
    """The same among all the words of a page: an app's own number ends with a letter (`…号-2A`), or has a label of its
    own. Any other, as at the foot, is the site's or the store's."""
    found = _OF_AN_APP.search(words)
    return found[0] if found else ""


def any_filing_number(text: str) -> str:
    """An app's own number, but before it one that a label names, with digits in it, as the CAC's."""
    labelled = (found[1] for found in _LABELLED.finditer(text))
    own = next((number for number in labelled if re.search(r"[0-9]{4}", number) and "ICP" not in number), "")
    return own or app_number(text)


def beijing_day(text: str) -> datetime | None:
    """`2025-11-20` as the beginning of that day in Beijing, `None` for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=BEIJING)
    except ValueError:
        return None


def instant(number: object) -> datetime | None:
    """Seconds or milliseconds since 1970, as a number or its digits; `None` where that is no day of our times."""
    text = str(number).strip("\0 ")
    if isinstance(number, bool) or not re.fullmatch(r"[0-9]{9,14}", text):
        return None
    value = int(text)
    moment = datetime.fromtimestamp(value / 1000 if value > 100_000_000_000 else value, BEIJING)
    return moment if 2007 <= moment.year <= 2100 else None
