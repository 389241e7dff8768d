"""The set of receivers, by kind. Adding one is one file and one line here."""

from __future__ import annotations

from mediawatch.core.model import Value
from mediawatch.receivers import apprise, dingtalk, email, feishu, webhook, wecom
from mediawatch.receivers.receiver import Receiver

RECEIVERS: dict[str, Receiver] = {
    receiver.kind: receiver
    for receiver in (
        webhook.RECEIVER,
        wecom.RECEIVER,
        dingtalk.RECEIVER,
        feishu.RECEIVER,
        email.RECEIVER,
        apprise.RECEIVER,
    )
}


def members(receiver: Receiver, settings: Value) -> int:
    """How many notices fit in one message: what the settings say, otherwise the receiver's own figure."""
    return int(getattr(settings, "members", receiver.members))
