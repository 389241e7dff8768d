"""One message, once, to one receiver: render, send, read the answer, and keep both as people may see them.

It must not decide whom to tell, when, or whether to try again. What it returns holds no secret of the settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mediawatch.core.model import Reason, Value
from mediawatch.core.receiver_views import Tried
from mediawatch.core.rulebook import Language
from mediawatch.core.text import clean
from mediawatch.core.views import Message
from mediawatch.core.wire import Failed, Unsent
from mediawatch.receivers.receiver import Answer, Receiver
from mediawatch.redaction import bounded, secrets_in, secrets_of, shown
from mediawatch.wires.secret import hide
from mediawatch.wires.sending import Sender

_MOST_DETAIL = 300  # letters


@dataclass(frozen=True)
class Configured:
    """A receiver of the settings: its name, what kind it is, and its own checked settings."""

    name: str
    receiver: Receiver
    settings: Value


@dataclass(frozen=True)
class Attempt:
    """What one attempt came to. detail: the answer in short. request, said: both sides, bounded, without secrets.

    retry_after: seconds for which the receiver wants to be left alone; none where it did not say. doubtful: no word
    came back, so that the receiver may have the message all the same.
    """

    at: datetime
    answer: Answer
    detail: str
    request: str = ""
    said: str = ""
    retry_after: float | None = None
    doubtful: bool = False

    @property
    def tried(self) -> Tried:
        """The same, as it is kept."""
        return Tried(
            at=self.at,
            taken=self.answer is Answer.ACCEPTED,
            answer=self.answer.value,
            detail=self.detail,
            request=self.request,
            said=self.said,
        )


async def tell(configured: Configured, message: Message, sender: Sender, now: datetime, language: Language) -> Attempt:
    """Sends one message. Never raises for what a receiver does: an outage is an answer to try again on."""
    receiver, secrets = configured.receiver, _secrets(configured, message)
    request = ""
    try:
        outgoing = receiver.render(message, configured.settings, now, language)
        secrets = (*secrets, *secrets_in(outgoing))
        request = shown(outgoing, secrets)
        answered = await sender.send(outgoing, now)
    except Failed as failed:
        permanent = failed.failure.reason is Reason.NOT_ALLOWED
        answer = Answer.REFUSED if permanent else Answer.TRY_AGAIN
        detail = clean(hide(str(failed), secrets), _MOST_DETAIL)
        return Attempt(now, answer, detail, request, doubtful=not isinstance(failed, Unsent))
    answer = receiver.accepted(answered.status, answered.body)
    said = bounded(hide(answered.body.decode(errors="replace"), secrets))
    wait = answered.retry_after
    if answer is Answer.TOO_FAST:
        wait = max(wait or 0.0, receiver.rest.total_seconds())
    detail = clean(f"{answered.status} {answer.value}: {said}", _MOST_DETAIL)
    return Attempt(now, answer, detail, request, f"{answered.status}\n{said}".rstrip(), wait)


def as_shown(configured: Configured, message: Message, now: datetime, language: Language) -> str:
    """The request that would be sent, as people may see it; or why it cannot be made. Sends nothing."""
    secrets = _secrets(configured, message)
    try:
        outgoing = configured.receiver.render(message, configured.settings, now, language)
    except Failed as failed:
        return clean(hide(str(failed), secrets), _MOST_DETAIL)
    return shown(outgoing, (*secrets, *secrets_in(outgoing)))


def _secrets(configured: Configured, message: Message) -> tuple[str, ...]:
    links = (message.link, *(notice.link for notice in message.notices))
    return (*secrets_of(configured.settings), *(link for link in links if link))
