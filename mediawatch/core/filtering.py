"""What people type to narrow a list, read into a frozen `Filter`; and what a filter means, for lists in memory. Pure.

The grammar, words separated by blanks, all of which must hold:

    云溪            the searched text holds it, in any case; also first letters of pinyin: `yxfb`
    "a b"           the same, with the blank
    ^云.*公安       a word with any of `^ $ * + ? ( ) [ ] { } | \\` is a pattern over each line of the text
    !x              what does not hold x
    -f gzrm         fuzzy: these letters in this order
    -l kind=weibo   a label; `kind!=weibo`, `kind=weibo|wechat`, several by commas; `tag=` where there is none;
                    `sponsor==…` the whole value where a part of it would do

Full-width punctuation is taken for its narrow form, as a Chinese input method leaves it. A pattern that is not whole
yet is searched for as it stands. The store translates a `Filter` into SQL; it must mean there what `matches` says here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from mediawatch.core.model import Value
from mediawatch.core.pinyin import initials
from mediawatch.core.rulebook import Words

LONGEST = 200
"""Letters of a filter; more are refused."""

PREFIXED = frozenset({"region", "id"})
"""Labels that a value need only begin: `region=62` is all of 甘肃."""

CONTAINED = frozenset({"name", "sponsor", "supervisor"})
"""Labels of which a value may be any part."""

ACCOUNT_KEYS = (
    "kind", "level", "region", "unit", "sponsor", "supervisor", "state", "outcome", "indicator", "reason", "rulebook",
    "tag", "platform", "id", "name",
)  # fmt: skip
"""The labels of accounts, of which the board's rows are made."""

_KEYS = {
    "类型": "kind", "级别": "level", "层级": "level", "地区": "region", "区划": "region", "主办": "sponsor",
    "主办单位": "sponsor", "主管": "supervisor", "主管单位": "supervisor", "单位": "unit", "状态": "state",
    "结果": "outcome", "指标": "indicator", "原因": "reason", "规则": "rulebook", "标签": "tag", "平台": "platform",
    "编号": "id", "名称": "name", "账号": "name", "tags": "tag", "account": "id",
}  # fmt: skip
_VALUES = {
    "失败": "fail", "不合格": "fail", "待核": "candidate", "待核实": "candidate", "临期": "at_risk",
    "未知": "unknown", "正常": "pass", "合格": "pass",
    "微博": "weibo", "微信": "wechat", "应用": "app", "网站": "website", "国家": "national", "省": "province",
    "省级": "province", "市": "city", "市级": "city", "县": "county", "县级": "county", "乡镇": "town",
}  # fmt: skip
WIDE = str.maketrans("。、【】《》“”‘’￥—…", ".,[]<>\"\"''$-^")
_PATTERN = re.compile(r"[\^$*+?()\[\]{}|\\]")
_WORD = re.compile(r'(!?)((?:"[^"]*"?|[^\s"])+)')
_REPEATS = 2  # unbounded repetitions of one pattern: each of them multiplies the time


class Label(Value):
    """`key=one|other` or its contrary; values are case folded, and an empty one stands for "none".

    exact: the whole value and nothing else (`key==value`), also of keys of which a part or the beginning is enough.
    """

    kind: Literal["label"] = "label"
    key: str
    values: tuple[str, ...]
    inverse: bool = False
    exact: bool = False


class Text(Value):
    """text: a part. pattern: a regular expression, searched over each line, in any case. fuzzy: letters in order.

    Parts and fuzzy letters are levelled and case folded already.
    """

    kind: Literal["text", "pattern", "fuzzy"]
    value: str
    inverse: bool = False


class Filter(Value):
    """All terms must hold; none means everything."""

    terms: tuple[Label | Text, ...] = ()

    @property
    def texts(self) -> tuple[Text, ...]:
        """The terms that look into the searched text."""
        return tuple(term for term in self.terms if isinstance(term, Text))

    @property
    def labels(self) -> tuple[Label, ...]:
        """The terms that ask for a label."""
        return tuple(term for term in self.terms if isinstance(term, Label))


class FilterProblem(ValueError):
    """A filter that cannot be read; `says` tells why and what to do, in both languages."""

    def __init__(self, says: Words) -> None:
        super().__init__(says.en)
        self.says = says


def level(text: str) -> str:
    """The text as it is compared: compatibility forms and full-width punctuation in their plain form; case is kept."""
    return unicodedata.normalize("NFKC", text).translate(WIDE)


def searchable(*texts: str, spelled: Sequence[str] = ()) -> str:
    """What a list is searched in: each text on a line of its own, then the first letters of the `spelled` ones."""
    lines = [level(text).replace("\n", " ").casefold() for text in texts]
    return "\n".join([*lines, *(initials(level(text)) for text in spelled)])


def read(text: str, keys: Collection[str] = ACCOUNT_KEYS) -> Filter:
    """The filter that was typed. `keys`: the labels that the list has. Raises FilterProblem."""
    if len(text) > LONGEST:
        raise FilterProblem(Words(zh_CN=f"筛选条件最多 {LONGEST} 个字", en=f"a filter has at most {LONGEST} letters"))
    terms: list[Label | Text] = []
    words = list(_WORD.finditer(level(text)))
    while words:
        bang, word = words.pop(0).groups()
        inverse, quoted = bang == "!", word.startswith('"')
        word = word.replace('"', "")
        if word.startswith("-l") and not quoted:
            terms += _labels(word[2:] or _next(words, "-l"), keys)
        elif word.startswith("-f") and not quoted:
            terms.append(Text(kind="fuzzy", value=(word[2:] or _next(words, "-f")).casefold(), inverse=inverse))
        else:
            terms += _text(word, inverse, plain=quoted)
    return Filter(terms=tuple(terms))


def _next(words: list[re.Match[str]], option: str) -> str:
    if not words:
        after = {"-l": "key=value", "-f": "abc"}[option]
        raise FilterProblem(Words(zh_CN=f"{option} 之后要写 {after}", en=f"{option} wants {after} behind it"))
    return words.pop(0).group(0).replace('"', "")


def _labels(text: str, keys: Collection[str]) -> list[Label]:
    found = []
    for pair in filter(None, text.split(",")):
        match = re.fullmatch(r"([^=!]+)(!?)=(=?)(.*)", pair)
        key = match and match[1].casefold()
        key = key if key in keys else _KEYS.get(key or "")
        if match is None or key not in keys:
            named = ", ".join(keys)
            raise FilterProblem(
                Words(zh_CN=f"-l 写作 键=值，键有：{named}", en=f"-l is written key=value; the keys are {named}")
            )
        values = tuple(_VALUES.get(value, value).casefold() for value in match[4].split("|"))
        found.append(Label(key=str(key), values=values, inverse=match[2] == "!", exact=bool(match[3])))
    return found


def _text(word: str, inverse: bool, plain: bool) -> list[Label | Text]:
    if word in ("", "!"):
        return []
    if not plain and _PATTERN.search(word):
        pattern = _whole(word)
        if pattern is not None:
            return [Text(kind="pattern", value=pattern, inverse=inverse)] if pattern else []
    return [Text(kind="text", value=word.casefold(), inverse=inverse)]


def _whole(word: str) -> str | None:
    """The pattern without what it does not need, `None` if it is not whole. Raises FilterProblem for a costly one."""
    word = re.sub(r"^(\.\*)+|(?<!\\)(\.\*)+$", "", word)
    try:
        re.compile(word)
    except (re.error, OverflowError, RecursionError):
        return None
    bare = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "x", word)
    repeated = len(re.findall(r"[*+]|\{\d*,\d*\}", bare))
    if (
        re.search(r"\)[*+?{]|\(\?(?!:)|\\[1-9]", bare + word)
        or repeated > _REPEATS
        or re.search(r"\{\d{3,}|,\d{3,}\}", bare)
    ):
        raise FilterProblem(
            Words(
                zh_CN=f"正则表达式过于复杂：组不能重复，`*`、`+` 至多 {_REPEATS} 个",
                en=f"the pattern is too costly: no repeated groups, at most {_REPEATS} of `*` and `+`",
            )
        )
    return word


def checked(only: Filter) -> Filter:
    """A filter that came ready made from elsewhere, if it is one that `read` could have made. Raises FilterProblem."""
    for term in only.terms:
        said = term.values if isinstance(term, Label) else (term.value,)
        if sum(map(len, said)) > LONGEST:
            raise FilterProblem(
                Words(zh_CN=f"筛选条件最多 {LONGEST} 个字", en=f"a filter has at most {LONGEST} letters")
            )
        if term.kind == "pattern" and not _whole(term.value):
            raise FilterProblem(Words(zh_CN="正则表达式不完整", en="the pattern is not whole"))
    if len(only.terms) > LONGEST:
        raise FilterProblem(Words(zh_CN="筛选条件过多", en="too many terms in one filter"))
    return only


@lru_cache(maxsize=64)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern of a `Text` term, to be searched in levelled, case folded text."""
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


def matches(filter_: Filter, searched: str, labels: Mapping[str, Sequence[str]]) -> bool:
    """Whether a line is shown. searched: made by `searchable`. labels: by key; one without an entry has none."""
    return all(_holds(term, searched, labels) is not term.inverse for term in filter_.terms)


def _holds(term: Label | Text, searched: str, labels: Mapping[str, Sequence[str]]) -> bool:
    if isinstance(term, Label):
        given = [level(one).casefold() for one in labels.get(term.key, ()) if one]
        return any(_has("" if term.exact else term.key, value, given) for value in term.values)
    if term.kind == "text":
        return term.value in searched
    if term.kind == "pattern":
        return compiled(term.value).search(searched) is not None
    letters = iter(searched)
    return all(letter in letters for letter in term.value)


def _has(key: str, value: str, given: Sequence[str]) -> bool:
    if not value:
        return not given
    if key in PREFIXED:
        return any(one.startswith(value) for one in given)
    if key in CONTAINED:
        return any(value in one for one in given)
    return value in given
