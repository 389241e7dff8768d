"""The digest of an invented campaign, for a test that takes it in several processes. Imports nothing but the core."""

from __future__ import annotations

from datetime import UTC, date, datetime

from mediawatch.core.campaign import Member, Plan, Result, Verdict, sealed
from mediawatch.core.model import Account, Target
from mediawatch.core.rulebook import Rulebook, Words
from mediawatch.core.sampling import Ratio

T = datetime(2020, 10, 31, 10, tzinfo=UTC)


def digest() -> str:
    """Of a campaign of one account, whose channel covers many things."""
    covers = frozenset({"posts", "profile", "menu", "comments", "articles", "mass_sent", "published", "visits"})
    target = Target(id="a/w", account="a", adapter="weibo", platform="weibo", address={"uid": "1"}, covers=covers)
    account = Account(id="a", name="a", kind="weibo", targets=(target,))
    book = Rulebook(id="b", title=Words(zh_CN="b", en="b"), in_force_from=date(2019, 4, 1), indicators=())
    times = {"population_at": T, "begins_at": T, "judged_at": T, "ordered_at": T}
    plan = Plan.model_validate({"id": "q", "rulebook": book, "ratios": (Ratio(ratio="1"),), "ordered_by": "w", **times})
    result = Result(account=account, lines=(), verdict=Verdict.UNDETERMINED)
    return sealed(plan, "{}", [Member(account=account)], [result], ())
