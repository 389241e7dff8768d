"""What an act of the office answers, in lines for people: the cases as they stand after it, or the inspection. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mediawatch.core.campaign import Stage
from mediawatch.core.office_words import STAGES, STATES, STEPS
from mediawatch.core.rectification import State
from mediawatch.locale import N_
from mediawatch.tui.cells import fit, safe
from mediawatch.tui.columns import Scene

_MOST = 8  # cases that are named
_MOST_CHANGES = 12  # fields of the register
_COUNTED = {
    "added": N_("accounts added"),
    "changed": N_("accounts changed"),
    "removed": N_("accounts removed"),
    "unchanged": N_("unchanged"),
    "units": N_("units"),
    "accounts": N_("accounts"),
    "bytes": N_("bytes"),
}
_TOLD = {
    "population": N_("accounts in the register"),
    "digest": N_("digest"),
    "seed": N_("seed"),
    "drawn": N_("drawn"),
    "strata": N_("strata"),
    "accounts": N_("accounts"),
    "targets": N_("channels"),
    "passed": N_("passed"),
    "failed": N_("failed"),
    "undetermined": N_("could not be judged"),
    "undecided": N_("undecided"),
    "against": N_("findings that count"),
    "candidates_open": N_("waiting for a person"),
    "statement": N_("statement"),
    "account": N_("account"),
    "upheld": N_("upheld"),
}


def told_lines(answer: Mapping[str, Any], scene: Scene) -> list[str]:
    """The lines; nothing for an act that answers neither."""
    _ = scene.words
    if "register" in answer:
        return _register(answer, scene)
    if "cases" in answer:
        cases = answer["cases"]
        lines = [_case(one, scene) for one in cases[:_MOST]]
        return lines if len(cases) <= _MOST else [*lines, _("and {n} more").format(n=len(cases) - _MOST)]
    if "campaign" in answer:
        stage = STAGES[Stage(answer["stage"])].in_(scene.language)
        told = [f"{_(_TOLD.get(key, key))}: {safe(str(value))}" for key, value in answer.get("told", {}).items()]
        return [f"{safe(answer['campaign'])}: {stage}", *told]
    return []


def _register(answer: Mapping[str, Any], scene: Scene) -> list[str]:
    """What an act with the register changes: in numbers, then field by field; last what it points out."""
    _ = scene.words
    counts = ", ".join(
        f"{_(_COUNTED.get(key, key))} {number:,}" for key, number in answer["register"].items() if number
    )
    changes = answer.get("changes", [])
    whole = _("the account")
    lines = [counts or _("nothing would change"), *([safe(answer["file"])] if "file" in answer else [])]
    for one in changes[:_MOST_CHANGES]:
        before, after = (fit(safe(one[key]) or "-", 40).rstrip() for key in ("before", "after"))
        lines.append(f"{safe(one['account'])}  {safe(one['field']) or whole}: {before} -> {after}")
    if len(changes) > _MOST_CHANGES:
        lines.append(_("and {n} more").format(n=len(changes) - _MOST_CHANGES))
    notes = answer.get("notes", [])
    lines += [f"! {safe(one)}" for one in notes[:_MOST]]
    return lines if len(notes) <= _MOST else [*lines, _("and {n} more").format(n=len(notes) - _MOST)]


def _case(one: Mapping[str, Any], scene: Scene) -> str:
    _ = scene.words
    state = STATES[State(one["state"])].in_(scene.language)
    facts = (
        f"{safe(one['id'])} {safe(one.get('name') or one['account'])}: {state}",
        _("term until {when}").format(when=one["due"]) if one.get("due") else "",
        _("to be received by {when}").format(when=one["receipt_due"]) if one.get("receipt_due") else "",
        STEPS[one["step"]].in_(scene.language) if one.get("step") in STEPS else "",
        _("earlier cases: {names}").format(names=", ".join(map(safe, one["earlier"]))) if one.get("earlier") else "",
    )
    return "  ".join(filter(None, facts))
