"""A person's signed word that an app opened, or did not, goes into the record as a look of its `launch` channel.

It must never take a word whose signature does not fit, and never a word about another app or from the future.
"""

from __future__ import annotations

from datetime import datetime

from mediawatch.adapters.attestation import Attestation, launch_of
from mediawatch.conclude import take_in
from mediawatch.core.model import Account, Observation, Target
from mediawatch.core.seen import Launch
from mediawatch.core.wire import Failed
from mediawatch.policy import Policy
from mediawatch.store.store import Store


def attest(store: Store, policy: Policy, account_id: str, word: Attestation, signature: str, now: datetime) -> Launch:
    """Writes the word down and judges the account by it, in one transaction.

    Raises KeyError for an account that is not in the register, ValueError (in words) where the word is not taken.
    """
    if policy.attestation_key is None:
        raise ValueError("the settings hold no attestation_key: nobody's word can be checked")
    try:
        seen = launch_of(word, signature, policy.attestation_key.get_secret_value().encode())
    except Failed as failed:
        raise ValueError(failed.failure.detail) from None
    if word.at > now:
        raise ValueError("it is said to have been tried in the future")
    with store.writing() as ledger:
        target = _channel(ledger.account(account_id), account_id, word.package)
        digests = (word.picture,) if word.picture else ()
        looked = Observation(target=target.id, account=account_id, at=word.at, seen=seen, digests=digests)
        take_in(ledger, policy, looked, now)
    return seen


def _channel(account: Account | None, account_id: str, package: str) -> Target:
    if account is None:
        raise KeyError(account_id)
    targets = [target for target in account.targets if target.adapter == "launch"]
    found = [target for target in targets if target.address["package"] == package]
    if not found:
        raise ValueError(f"{account_id} has no channel `launch`" + (f" for {package}" if targets else ""))
    return found[0]
