"""A message in words: one line on top, then one line for each notice or account, then what is not listed.

The same for every receiver; each puts it into its own format and escapes it there. It must not know any format.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from mediawatch.core.calendar import day_of, days_between
from mediawatch.core.model import Outcome
from mediawatch.core.text import clean
from mediawatch.core.views import Digest, DigestLine, Message, Notice
from mediawatch.receivers.words import words

# The link is our own, made of the public address in the settings; nothing in it may end an attribute or markdown.
_OUR_LINK = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~=?&%/-]*)?")

SEAL_SHOWN = 16  # letters of a seal: too many to be met by chance, few enough to be read out

Tone = Literal["bad", "near", "good", "plain"]

_WORST_FIRST = (
    *("incident", "escalated", "first", "silence_expired", "ack_expired", "repeat"),
    *("reminder", "acknowledged", "back", "incident_over", "resolved"),
)
_TONES: dict[str, Tone] = {
    **dict.fromkeys(("resolved", "back", "incident_over", "acknowledged"), "good"),
    "reminder": "near",
}
_OUTCOME_TONES: dict[Outcome, Tone] = {Outcome.FAIL: "bad", Outcome.AT_RISK: "near", Outcome.PASS: "good"}


@dataclass(frozen=True)
class Line:
    """What is told of one account: `label` says why (a new alert, at risk), `about` holds short parts in order."""

    label: str
    tone: Tone
    name: str
    about: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """title: who speaks. summary: one line, on top. lines: the worst first. more: how many are not among them.

    link: an address where the rest is seen and answered, empty where there is none; `open` are its words.
    """

    title: str
    summary: str
    bad: bool
    lines: tuple[Line, ...]
    more: int
    link: str
    open: str
    words: dict[str, str]

    def rest(self, shown: int) -> str:
        """What is said of the lines beyond the first `shown` and of what is in no line; empty where nothing is left."""
        left = len(self.lines) - shown + self.more
        if not left:
            return ""
        return self.words["more"].format(f"{left:,}") + ("" if self.link else self.words["console"])

    def sentence(self, line: Line) -> str:
        """The parts of a line as one sentence, in plain text."""
        return self.words["dot"].join(line.about) + self.words["stop"] if line.about else ""


def told(message: Message, language: str) -> Told:
    """The message in words. Text from outside is plain, one line each; it is not escaped for anything."""
    said = words(language)
    if message.digest is not None:
        return _digest(message, message.digest, said)
    if message.cause == "test":
        summary = f"{said['test']}{said['colon']}{said['test_says']}"
        return Told(said["head"], summary, False, (), 0, _link(message), said["rest"], said)
    ordered = sorted(message.notices, key=lambda notice: _WORST_FIRST.index(notice.cause))
    bad = any(_TONES.get(notice.cause, "bad") != "good" for notice in ordered)
    return Told(
        title=said["head"],
        summary=clean(message.summary) or _counted(message, ordered, said),
        bad=bad,
        lines=tuple(_line(notice, said) for notice in ordered),
        more=message.more,
        link=_link(message),
        open=said["open"] if bad else said["rest"],
        words=said,
    )


def _link(message: Message) -> str:
    return message.link if _OUR_LINK.fullmatch(message.link) else ""


def _counted(message: Message, notices: Iterable[Notice], said: dict[str, str]) -> str:
    """How many of which cause, over all that the message is about, also those that it does not list."""
    counts = message.counts or Counter(notice.cause for notice in notices)
    parts = [f"{said[cause]} {counts[cause]:,}" for cause in _WORST_FIRST if counts.get(cause)]
    unit = clean(message.unit_name)
    return (f"{unit}{said['colon']}" if unit else "") + said["dot"].join(parts)


def _line(notice: Notice, said: dict[str, str]) -> Line:
    since = clean(notice.says).rstrip("。.") or clean(notice.indicator)
    about = [clean(notice.sponsor or notice.unit_name), since, clean(notice.why).rstrip("。.")]
    if notice.finality == "candidate":
        about.append(said["candidate"])
    if notice.resolved_at:
        about.append(said["lasted"].format(days_between(notice.since or notice.opened_at, notice.resolved_at)))
    elif notice.since:
        about.append(said["since"].format(day_of(notice.since).isoformat()))
    if notice.acknowledged_by:
        about.append(_acknowledged(notice.acknowledged_by, notice.note, said))
    return Line(
        label=said[notice.cause],
        tone=_TONES.get(notice.cause, "bad"),
        name=clean(notice.name or notice.account or notice.platform),
        about=tuple(part for part in about if part),
    )


def _acknowledged(by: str, note: str, said: dict[str, str]) -> str:
    noted = clean(note)
    return said["by"].format(clean(by)) + (f"{said['colon']}{noted}" if noted else "")


def _digest(message: Message, digest: Digest, said: dict[str, str]) -> Told:
    last = day_of(digest.to - timedelta(microseconds=1))
    period = str(last) if day_of(digest.since) == last else f"{day_of(digest.since)} … {last}"
    unit = clean(digest.unit_name or digest.unit) or said["whole"]
    lines = [_standing(line, said) for line in digest.lines]
    if digest.blind:
        blind = said["blind"].format(", ".join(clean(name) for name in digest.blind))
        lines.insert(0, Line(said["incident"], "plain", blind, ()))
    summary = clean(digest.summary)
    if digest.seal:
        summary = f"{summary}{said['dot']}{said['seal'].format(clean(digest.seal)[:SEAL_SHOWN])}"
    return Told(
        title=f"{said[digest.period]}{said['dot']}{unit}{said['dot']}{period}",
        summary=summary,
        bad=any(line.outcome is Outcome.FAIL for line in digest.lines),
        lines=tuple(lines),
        more=digest.more,
        link=_link(message),
        open=said["rest"],
        words=said,
    )


def _standing(line: DigestLine, said: dict[str, str]) -> Line:
    about = [clean(line.unit_name), clean(line.says).rstrip("。.")]
    if line.days_left is not None:
        about.append(said["left" if line.days_left >= 0 else "over"].format(abs(line.days_left)))
    if line.acknowledged_by:
        about.append(_acknowledged(line.acknowledged_by, line.note, said))
    return Line(
        label=said[line.outcome],
        tone=_OUTCOME_TONES.get(line.outcome, "plain"),
        name=clean(line.name or line.account),
        about=tuple(part for part in about if part),
    )
