"""A frozen inspection held against everything it rests on: its digest, its draw, the record and the kept answers.

It must never change anything: what differs is told, not mended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mediawatch.core.campaign import Stage, sealed
from mediawatch.core.model import Finding, Value
from mediawatch.core.rules import judge as judged_by
from mediawatch.core.rules.doubts import without_reasons
from mediawatch.core.sampling import Draw, differences
from mediawatch.store import traces
from mediawatch.store.inspections import Campaigns
from mediawatch.store.past import Past
from mediawatch.store.store import Store


class Checked(Value):
    """What a check of a frozen campaign found: `problems` in words, nothing where all is as it was frozen."""

    campaign: str
    digest: str
    accounts: int
    looks: int
    problems: tuple[str, ...]


def verify(store: Store, campaign: str, recall: Callable[[str], bytes | None]) -> Checked:
    """Holds a frozen campaign against its digest, its draw, the record and the kept answers.

    recall: gives a kept answer by its digest. Raises KeyError for an unknown campaign, ValueError for one not frozen.
    """
    with store.reading() as connection:
        campaigns = Campaigns(connection)
        stored = campaigns.one(campaign)
        members = tuple(member for member, _ in campaigns.members(campaign))
        results, statements = campaigns.results(campaign), campaigns.statements(campaign)
        heads = [(target, head) for one in results for target, head in one.heads.items()]
        lost = [(target, head) for target, head in heads if not campaigns.has_look(target, head)]
        acts = traces.of(connection, f"campaign:{campaign}")
    if stored.stage is not Stage.FROZEN:
        raise ValueError(f"campaign {campaign} is {stored.stage.value}: only a frozen one can be verified")
    problems = []
    if sealed(stored.plan, stored.draw, members, results, statements) != stored.digest:
        problems.append("what is stored is not what was frozen: the digest differs")
    if [one.told.get("digest") for one in acts if one.act == "freeze"] != [stored.digest]:
        problems.append("the digest is not the one that was written down when it was frozen")
    problems += [f"draw: {one}" for one in differences(Draw.model_validate_json(stored.draw))]
    seen = Past(store).evidences([one.account for one in results], stored.plan.judged_at)
    for one, evidence in zip(results, seen, strict=True):
        was = [line.finding for line in one.lines]
        if not agree(judged_by(stored.plan.rulebook, evidence), was):
            problems.append(f"{one.account.id}: the record, judged again at T, does not say what was frozen")
    problems += [f"{target}: the look {head[:12]} is not in the record" for target, head in lost]
    for target in sorted({target for target, _ in heads}):
        chain = store.verify_chain(target)
        if not chain.whole:
            problems.append(f"{target}: look {chain.broken} {chain.why}")
    answers = sorted({digest for one in results for digest in one.answers})
    problems += [f"the kept answer {digest[:12]} is missing or changed" for digest in answers if recall(digest) is None]
    return Checked(
        campaign=campaign, digest=stored.digest, accounts=len(results), looks=len(heads), problems=tuple(problems)
    )


def agree(again: Sequence[Finding], was: Sequence[Finding]) -> bool:
    """Whether they are the same answers, to the byte. One that was frozen without reasons why it needs a person, before
    there were any, is held against the answer alone."""
    if len(again) != len(was):
        return False
    alike = (new if "doubts" in old.values else without_reasons(new) for new, old in zip(again, was, strict=True))
    return all(new.model_dump_json() == old.model_dump_json() for new, old in zip(alike, was, strict=True))
