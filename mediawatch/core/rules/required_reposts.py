"""按要求转载: items of a higher office that had to be published by an hour that the book names, and were not, or late.

Source: Xichang and Yangling name late ones (C7). The tasks are data of a local book. What a list that does not reach
back to the task could not show is not missing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import AwareDatetime, Field, model_validator

from mediawatch.core.calendar import day_of
from mediawatch.core.copies import place
from mediawatch.core.model import Evidence, Feed, Finding, Look, Outcome, SeenPost, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import ALL_FOUR, FOREVER, Rule, Values, found, reaches, unknown
from mediawatch.core.text import spelled


class Task(Value):
    """One item: every one of `words` stands in the title of its post, or the post's address is `url`.

    from_: when it was put out (`from` in the book); hours: how long there is, the last instant included.
    """

    name: str = Field(min_length=1)
    words: tuple[str, ...] = ()
    url: str = ""
    from_: AwareDatetime = Field(alias="from")
    hours: int = Field(default=24, ge=1)

    @model_validator(mode="after")
    def _findable(self) -> Task:
        if not self.words and not self.url:
            raise ValueError("needs `words` or `url`")
        return self

    @property
    def ends(self) -> datetime:
        return self.from_ + timedelta(hours=self.hours)

    def met_by(self, post: SeenPost) -> bool:
        """Whether the post is the item, put out no earlier than on its day: wide letters, small ones and blanks, which
        a link or a tag leaves within words, make no difference, nor does what channels add to an address."""
        if day_of(_at(post)) < day_of(self.from_):
            return False
        if self.url:
            return post.url == self.url or (place(post.url) == place(self.url) != "")
        title = spelled(post.title)
        return all(spelled(word) in title for word in self.words)

    def may_be(self, post: SeenPost) -> bool:
        """Whether a post of its term has no title by which it could be known."""
        return not self.url and not post.title and day_of(self.from_) <= day_of(_at(post)) and _at(post) <= self.ends


class Params(Value):
    """tasks: what had to be published. within: how many days after its end a task is told of."""

    tasks: tuple[Task, ...] = ()
    within: int = Field(default=90, ge=1)


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Fails where an item appeared after its time, or no list that reaches back to it shows it after its time."""
    now = evidence.now
    tasks = [one for one in params.tasks if one.from_ <= now <= one.ends + timedelta(days=params.within)]
    if not tasks:
        return found(evidence, indicator, Outcome.PASS, {"tasks": 0}, holds_until=_next(params, now))
    late: list[tuple[Task, tuple[Look, ...]]] = []
    waiting: list[Task] = []
    doubtful: list[str] = []
    untold = False
    for task in tasks:
        posts = [post for post in evidence.posts if task.met_by(post)]
        if any(_at(post) <= task.ends for post in posts):
            continue
        if now <= task.ends:
            waiting.append(task)
            continue
        looks = _missing_looks(evidence, indicator, task)
        if isinstance(looks, str):
            doubtful.append(looks)
        elif any(map(task.may_be, evidence.posts)):
            untold = True
        else:
            late.append((task, looks))
    values: Values = {
        "tasks": len(tasks),
        "late": len(late),
        "waiting": len(waiting),
        "names": "、".join(f"“{task.name}”" for task, _ in late)
        or "、".join(f"“{one.name}”" for one in waiting)
        or None,
    }
    if late:
        proof = {(look.target, look.at) for _, looks in late for look in looks}
        return found(
            evidence,
            indicator,
            Outcome.FAIL,
            values,
            holds_until=now,
            since=min(task.ends for task, _ in late),
            proof=tuple(sorted(proof, key=lambda item: (item[1], item[0]))),
        )
    if doubtful:
        return unknown(evidence, indicator, "not_seen_since_deadline", values, missing=tuple(dict.fromkeys(doubtful)))
    if untold:
        return unknown(evidence, indicator, "title_not_told", values, missing=())
    holds = min((task.ends for task in waiting), default=_next(params, now))
    outcome = Outcome.AT_RISK if waiting else Outcome.PASS
    return found(evidence, indicator, outcome, values, holds_until=holds)


def _missing_looks(evidence: Evidence, indicator: Indicator, task: Task) -> tuple[Look, ...] | str:
    """For each kind that is needed, the first and last look after the end at a list that goes back behind the task;
    or the kind that has none."""
    proof: list[Look] = []
    for kind in indicator.needs_for(evidence.account.kind) or ("posts",):
        looks = [
            look
            for look in evidence.looks
            if kind in look.covers
            and look.trusted
            and isinstance(look.seen, Feed)
            and look.seen.oldest_at is not None
            and day_of(look.seen.oldest_at) < day_of(task.from_)
            and reaches(look) > task.ends
        ]
        if not looks:
            return kind
        own = [look for look in looks if look.target == looks[0].target]
        proof += [own[0], own[-1]]
    return tuple(proof)


def _next(params: Params, now: datetime) -> datetime:
    """When the next task begins."""
    return min((task.from_ for task in params.tasks if task.from_ > now), default=FOREVER)


def _at(post: SeenPost) -> datetime:
    """When a post counts as published: never after we first saw it, whatever date it claims."""
    return min(post.at, post.first_seen_at) if post.at is not None else post.first_seen_at


RULE = Rule(name="required_reposts", params=Params, judge=judge, outcomes=ALL_FOUR)
