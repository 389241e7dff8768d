"""Sends one letter by SMTP and brings back the server's answer. It must never retry, judge or log.

The connection is made here, so that a mail server, too, is only where the settings permit it; the protocol is
aiosmtplib's.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterable
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY

import aiosmtplib
from aiosmtplib.errors import (
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from mediawatch.core.model import Reason
from mediawatch.core.outgoing import Answered, Letter
from mediawatch.core.wire import Failed
from mediawatch.wires.guard import Network, permitted

_MOST_SAID = 2_000  # letters of a server's answer
_AT_ONCE = 4  # letters under way in all: mail servers count connections


class Mailer:
    """allow_private: networks that a mail server may be in although they are private. timeout: seconds for a letter.

    tls: what certificates are trusted; the machine's own where it is not given.
    """

    def __init__(
        self, allow_private: Iterable[Network] = (), timeout: float = 20.0, tls: ssl.SSLContext | None = None
    ) -> None:
        self._allow_private = tuple(allow_private)
        self._timeout = timeout
        self._tls = tls
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def send(self, letter: Letter) -> Answered:
        """The server's answer to the letter, or to the command at which it refused; 250 where one recipient is served.

        Raises `Failed` where no answer came.
        """
        try:
            async with self._room, asyncio.timeout(self._timeout):
                return await self._sent(letter)
        except SMTPRecipientsRefused as refused:
            codes = [one.code for one in refused.recipients]
            code = next((code for code in codes if code < 500), codes[0] if codes else 550)  # one may do later
            return _answered(
                code, "; ".join(f"{one.recipient}: {one.code} {one.message}" for one in refused.recipients)
            )
        except SMTPResponseException as refused:
            return _answered(refused.code, refused.message)
        except SMTPNotSupported as missing:
            raise Failed(Reason.NOT_ALLOWED, f"the mail server cannot do what the settings ask: {missing}") from None
        except ssl.SSLError:
            raise Failed(Reason.PLATFORM_DOWN, "no trusted TLS connection") from None
        except SMTPServerDisconnected:
            raise Failed(Reason.PLATFORM_DOWN, "the mail server hung up") from None
        except TimeoutError:
            raise Failed(Reason.TIMEOUT, "no whole answer in time") from None
        except socket.gaierror:
            raise Failed(Reason.OWN_NETWORK, "the mail server's name does not resolve") from None
        except OSError as error:
            raise Failed(Reason.PLATFORM_DOWN, error.strerror or type(error).__name__) from None
        except (SMTPException, ValueError) as error:
            raise Failed(Reason.NOT_ALLOWED, f"the letter cannot be sent as it is ({type(error).__name__})") from None

    async def _sent(self, letter: Letter) -> Answered:
        connection = await self._connect(letter.host, letter.port)
        try:
            smtp = aiosmtplib.SMTP(
                hostname=letter.host,
                sock=connection,
                use_tls=letter.security == "tls",
                start_tls=letter.security == "starttls",
                tls_context=self._tls or (None if letter.security == "none" else ssl.create_default_context()),
                username=letter.user or None,
                password=letter.password.get_secret_value() if letter.user and letter.password else None,
                local_hostname="mediawatch",
                timeout=self._timeout,
            )
            async with smtp:
                refused, said = await smtp.send_message(assembled(letter), sender=letter.sender, recipients=letter.to)
        finally:
            with contextlib.suppress(OSError):
                connection.close()
        return _answered(250, "; ".join([said, *(f"{to}: {code} {why}" for to, (code, why) in refused.items())]))

    async def _connect(self, host: str, port: int) -> socket.socket:
        """A connection to the first address of the host that is permitted and answers. Raises OSError, `Failed`."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        allowed = [one for one in found if permitted(str(one[4][0]), self._allow_private)]
        if not allowed:
            raise Failed(Reason.NOT_ALLOWED, "the mail server's address is not allowed")
        problem: OSError = OSError("no address")
        for family, kind, protocol, _, where in allowed:
            made = socket.socket(family, kind, protocol)
            made.setblocking(False)
            try:
                await loop.sock_connect(made, where)
            except OSError as error:
                made.close()
                problem = error
            except BaseException:
                made.close()
                raise
            else:
                return made
        raise problem


def assembled(letter: Letter) -> EmailMessage:
    """The letter as MIME. The same letter gives the same bytes at every attempt."""
    mime = EmailMessage(policy=SMTP_POLICY)
    mime["From"] = letter.sender
    mime["To"] = ", ".join(letter.to)
    mime["Subject"] = letter.subject
    mime["Date"] = letter.date
    mime["Message-ID"] = f"<{letter.message_id}>"
    mime["Auto-Submitted"] = "auto-generated"  # no mail robot answers it
    mime.set_content(letter.text)
    mime.add_alternative(letter.html, subtype="html")
    mime.set_boundary("=_" + "".join(sign for sign in letter.message_id if sign.isalnum())[:50])
    return mime


def _answered(code: int, said: str) -> Answered:
    return Answered(status=code, body=said[:_MOST_SAID].encode(errors="replace"))
