"""One poll, from a due target to its next due time. Read this first.

`look` asks and reads, many at once; `absorb` records, judges, decides whom to tell and when to look again, in one
transaction. Nothing here reads a clock, and nothing that could not be seen is ever held against an account.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from mediawatch import watching
from mediawatch.adapters import ADAPTERS
from mediawatch.conclude import conclude, due
from mediawatch.core.model import Failure, Observation, Reason
from mediawatch.core.plausible import plausible
from mediawatch.core.wire import Failed, Wires, asked
from mediawatch.isolation import Readers
from mediawatch.policy import Policy
from mediawatch.screening import record
from mediawatch.store.claim import Claim, LastLook
from mediawatch.store.looks import Looked
from mediawatch.store.store import Store

log = logging.getLogger("mediawatch")


async def look(claim: Claim, wires: Wires, readers: Readers, now: datetime, since: datetime | None = None) -> Looked:
    """Asks the platform and reads the answer. Whatever goes wrong becomes a reason; nothing is raised.

    since: from when on looks were read by this very program; without it, every answer is read anew.
    """
    target = claim.target
    adapter = ADAPTERS[target.adapter]
    address = adapter.address.model_validate(target.address)
    if adapter.recall is not None:
        address = adapter.recall(address, claim.links)
    # "Unchanged" is good enough for an account that is proven; a finding against one rests on a whole new answer.
    proven = claim.deadline is not None and now < claim.deadline
    wire = wires.open(target.platform, now, claim.validators if proven else ())
    last, seen, failure, essence, again = comparable(claim, now, since), None, None, "", False
    try:
        async with wire:
            answers = await adapter.fetch(address, wire)
            if last is not None and last.digests == tuple(one.digest for one in wire.exchanges):
                essence = last.essence
            else:
                answers = await wire.whole(answers)
                essence = adapter.essence(wire.exchanges) if adapter.essence is not None else ""
            again = last is not None and essence == last.essence and all(one.plain for one in wire.exchanges)
            read = last.seen if last and again else await readers.read(adapter, address, await wire.whole(answers))
            seen = plausible(read, now)
    except Failed as failed:
        failure = failed.failure
    except OSError as error:  # whatever a platform does is a `Failed`: this is our own machine
        failure = Failure(reason=Reason.OWN_MACHINE, detail=error.strerror or type(error).__name__)
    except Exception as error:  # a defect of ours in one adapter: that target backs off, nobody else waits
        log.exception("our own code failed on %s", target.id)
        failure = Failure(reason=Reason.UNREADABLE, detail=f"our own code failed: {type(error).__name__}")
    told = tuple(asked(exchange, wire.base) for exchange in wire.exchanges)
    observation = Observation(
        target=target.id,
        account=target.account,
        at=now,
        seen=seen,
        failure=failure,
        digests=tuple(one.digest for one in told),
        asked=told,
        site=claim.place.site,
        exit=claim.place.exit,
    )
    return Looked(claim, observation, wire.validators, again, essence)


def comparable(claim: Claim, now: datetime, since: datetime | None) -> LastLook | None:
    """The last look, where answers of the same essence show what its answers showed."""
    last = claim.last
    if last is None or not last.essence or since is None or not since <= last.at < now:
        return None
    return last if len(claim.account.targets) == 1 or not last.posts else None  # two lists may show the same post


def absorb(store: Store, looked: Sequence[Looked], policy: Policy, now: datetime) -> int:
    """Records a few hundred looks and all that follows from them, in one transaction. Returns how many counted.

    A look whose lease was lost changes nothing: somebody else has looked since.
    """
    with store.writing() as ledger:
        written = record(ledger, looked, policy.screens)
        kept, unchanged = [one for one, _ in written], {one.claim.account.id for one, same in written if same}
        ended = watching.watch_looks(ledger, kept, policy, now)
        accounts = {one.claim.account.id: one.claim.account for one in kept}
        concluded = conclude(ledger, accounts.values(), policy, now, unchanged)
        wanted = ledger.campaigns.appointments([(one.claim.target.id, one.claim.account.id) for one in kept], now)
        ledger.reschedule_all((one.claim, due(one, concluded, wanted, policy, now)) for one in kept)
        watching.look_again(ledger, ended, policy, now)
    return len(kept)
