"""For every rule, rows that a jurist can read: what was seen, and which of the four answers follows.

Rows are made for one line of one book, with that line's own thresholds, account kind and coverage: ten days in Minhou
are ten days here. Everything is seen through one channel `a` that covers all that the line needs. A row with `edge` is
an instant at which an answer turns: the last day, midnight in Shanghai, the turn of a year, a leap day, a clock ahead.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from mediawatch.core.lifecycle import State
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules import RULES
from tests import rows_of_accounts, rows_of_apps, rows_of_register, rows_of_silence, rows_of_sites
from tests.row import TASKS, Line, Row, Rows
from tests.tables import account


def rows(line: Indicator) -> tuple[Row, ...]:
    """The rows of one line of a book."""
    kind = next((one for one in _PREFERRED.get(line.rule, ()) if one in line.applies_to), line.applies_to[0])
    of = account(kind, a={*line.needs_for(kind), *(_MORE.get(line.rule) or ("posts", "profile"))})
    told = {"state": line.states[0] if line.states else State.RUNNING, "state_since": date(2026, 3, 1)}
    params = RULES[line.rule].params.model_validate(line.params)
    return tuple(_ROWS[line.rule](Line(line, params, of.model_copy(update=told))))


def with_tasks(line: Indicator) -> Indicator:
    """The line as its rows are judged: the tasks of a required repost are an office's own."""
    return line.model_copy(update={"params": TASKS}) if line.rule == "required_reposts" else line


NEVER_WARNS = {
    "a state is as its last answer says: there is no term that runs out": (
        *("gone", "verification", "menu", "interaction", "articles", "moved", "app_listed", "app_downloads"),
        *("app_package", "app_back_end", "app_opens", "app_feedback", "dead_links", "hijacked_links", "filing_number"),
        *("sponsor_level", "unannounced", "migration_notice", "registered_twice", "look_alike", "unverified"),
        *("shown_in_state", "app_misuse", "ipv6"),
    ),
    "what was done was done, and nothing could be put right before it": (
        *("deletions", "backdated", "burst", "content_hits", "repost_share", "bought_fans", "posts_again"),
    ),
    "a hint is itself the warning": ("app_current", "certificate", "home_stale"),
    "the term runs for an authority or a platform, and the account can do nothing more": ("still_alive", "app_closing"),
    "it counts, and never fails anybody": ("last_minute",),
}
"""Rules that know no `at_risk`, by the reason why it would mean nothing."""

NO_LIMIT = {
    "one answer decides": (
        *("verification", "moved", "articles", "dead_links", "app_downloads", "app_package", "app_opens"),
        *("app_feedback", "app_misuse", "unannounced", "registered_twice", "look_alike", "unverified"),
    ),
    "it counts, and never fails anybody": ("last_minute",),
}
"""Rules without a number or an instant at which their answer turns, by the reason why."""

_PREFERRED = {"interaction": ("weibo",), "still_alive": ("weibo",)}
_MORE = {
    "columns": ("columns",),
    "dead_links": ("links",),
    "hijacked_links": ("links",),
    "certificate": ("visits", "back_end"),
}

_ROWS: dict[str, Callable[[Line], Rows]] = {
    "stale": rows_of_silence.stale,
    "weekly": rows_of_silence.weekly,
    "monthly_original": rows_of_silence.monthly,
    "zero_counts": rows_of_silence.zero,
    "empty_shell": rows_of_silence.shell,
    "gone": rows_of_accounts.gone,
    "renamed": rows_of_accounts.renamed,
    "registered_twice": rows_of_register.twice,
    "look_alike": rows_of_register.alike,
    "unverified": rows_of_register.unverified,
    "shown_in_state": rows_of_register.shown,
    "verification": rows_of_accounts.verification,
    "bought_fans": rows_of_accounts.fans,
    "menu": rows_of_accounts.menu,
    "interaction": rows_of_accounts.interaction,
    "articles": rows_of_accounts.articles,
    "moved": rows_of_accounts.moved,
    "posts_again": rows_of_accounts.posts_again,
    "still_alive": rows_of_accounts.still_alive,
    "unannounced": rows_of_accounts.unannounced,
    "deletions": rows_of_accounts.deletions,
    "backdated": rows_of_accounts.backdated,
    "last_minute": rows_of_accounts.last_minute,
    "burst": rows_of_accounts.burst,
    "repost_share": rows_of_accounts.reposts,
    "content_hits": rows_of_accounts.hits,
    "required_reposts": rows_of_accounts.required,
    "app_listed": rows_of_apps.listed,
    "app_back_end": rows_of_apps.back_end,
    "app_downloads": rows_of_apps.downloads,
    "app_package": rows_of_apps.package,
    "app_opens": rows_of_apps.opens,
    "app_feedback": rows_of_apps.feedback,
    "app_current": rows_of_apps.current,
    "app_misuse": rows_of_apps.misuse,
    "filing_number": rows_of_apps.filing,
    "sponsor_level": rows_of_apps.level,
    "app_closing": rows_of_apps.closing,
    "unreachable": rows_of_sites.unreachable,
    "home_stale": rows_of_sites.home,
    "columns": rows_of_sites.columns,
    "hijacked_links": rows_of_sites.hijacked,
    "dead_links": rows_of_sites.links,
    "migration_notice": rows_of_sites.notice,
    "ipv6": rows_of_sites.ipv6,
    "certificate": rows_of_sites.certificate,
    "replies": rows_of_sites.replies,
}
