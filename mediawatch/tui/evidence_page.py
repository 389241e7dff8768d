"""A finding and its evidence as text: what it says, by which rule, and the looks and posts that prove it. Pure.

It shows what the record holds and adds nothing: a person decides by it whether somebody is accused.
"""

from __future__ import annotations

from collections.abc import Iterator

from mediawatch.core.model import Finding
from mediawatch.core.views import AccountView, Judged, LookView, PostView
from mediawatch.locale import Words
from mediawatch.tui.account_page import indicator_lines
from mediawatch.tui.cells import Piece, fit, minute, safe, second
from mediawatch.tui.columns import Scene
from mediawatch.tui.paper import section
from mediawatch.tui.terms import reason

_MOST = 40
Lines = Iterator[tuple[int, list[Piece]]]


def evidence_lines(
    view: AccountView, indicator: str, width: int, scene: Scene, finding: Finding | None = None
) -> Lines:
    """The page of one finding; `finding` is what an alert rests on, where the standing answer is another by now."""
    _ = scene.words
    judged = next((one for one in view.findings if one.finding.indicator == indicator), None)
    yield 0, [(safe(view.row.name), "strong"), (f"  ({safe(view.row.account)})  {safe(view.row.sponsor)}", "dim")]
    if judged is None:
        yield 0, [(_("The indicator {name} has no standing answer.").format(name=safe(indicator)), "unknown")]
    else:
        yield from indicator_lines(judged, _, indent=0)
        yield from _boundary(judged, _)
    proof = finding or (judged.finding if judged else None)
    if proof is not None:
        yield from _values(proof, _)
        yield from _proof(proof, view.looks, width, _)
    yield from _considered(view.posts, width, _)
    for one in view.decisions:
        if one.indicator == indicator:
            yield 0, [(f"{safe(one.by)} {minute(one.at)} {safe(one.choice)}: {safe(one.reason)}", "at_risk")]


def _boundary(judged: Judged, _: Words) -> Lines:
    if judged.boundary:
        yield 2, [(safe(judged.boundary), "dim")]


def _values(finding: Finding, _: Words) -> Lines:
    if finding.values:
        yield from section(_("Numbers it rests on"))
        said = "   ".join(f"{safe(name)} {safe(str(value))}" for name, value in finding.values.items())
        yield 2, [(said, "")]


def _proof(finding: Finding, looks: tuple[LookView, ...], width: int, _: Words) -> Lines:
    yield from section(_("Looks that prove it"))
    if not finding.proof:
        yield 2, [(_("None is named: the answer rests on the whole record."), "dim")]
    kept = {(look.target, look.at): look for look in looks}
    for target, at in finding.proof[-_MOST:]:
        look = kept.get((target, at))
        saw = _("older than the looks shown here")
        if look is not None:
            saw = _("saw {n} posts").format(n=look.posts) if look.ok else reason(look.reason, _)
        yield 2, [(second(at) + "  ", "strong"), (fit(f"{safe(target)}  {saw}", max(10, width - 23)), "")]
        if look is not None and look.attested_by:
            yield 4, [(_("tried by {who}").format(who=safe(look.attested_by)), "")]
        for digest in look.digests if look is not None else ():
            yield 4, [(_("kept answer {digest}").format(digest=safe(digest)), "dim")]


def _considered(posts: tuple[PostView, ...], width: int, _: Words) -> Lines:
    yield from section(_("Posts considered"))
    if not posts:
        yield 2, [(_("None."), "dim")]
    for post in posts[:_MOST]:
        flags = [_("[pinned]") if post.pinned else "", _("[repost]") if post.repost else ""]
        said = " ".join(filter(None, (*flags, safe(post.title) or _("(without title)"))))
        when = minute(post.at) if post.at else _("undated")
        yield 2, [(fit(when, 16) + "  ", ""), (fit(said, max(10, width - 20)), "")]
        yield 4, [(_("first seen {when}").format(when=minute(post.first_seen_at)) + f"  {safe(post.url)}", "dim")]
    if len(posts) > _MOST:
        yield 2, [(_("... the first {shown} of {n}").format(shown=_MOST, n=len(posts)), "dim")]
