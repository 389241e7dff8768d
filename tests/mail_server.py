"""A small mail server on loopback: it speaks enough SMTP to take letters, and refuses where it is told to."""

from __future__ import annotations

import asyncio
import base64
import datetime
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Server:
    """What the server does and has seen. says: the answer to a command in place of the usual one, by its first word.

    refuses: answers to RCPT by address. heard: every command, whether it came in the open.
    """

    port: int = 0
    starttls: bool = True
    says: dict[str, str] = field(default_factory=dict)
    refuses: dict[str, str] = field(default_factory=dict)
    heard: list[tuple[str, bool]] = field(default_factory=list)
    letters: list[EmailMessage] = field(default_factory=list)

    @property
    def login(self) -> str:
        """User and password as they came, the last time."""
        said = next(line for line, _ in reversed(self.heard) if line.startswith("AUTH PLAIN "))
        return base64.b64decode(said.split()[2]).decode().replace("\0", " ").strip()


@asynccontextmanager
async def mail_server(server: Server, *, tls: bool = False) -> AsyncIterator[Server]:
    """Serves while the block runs. tls: from the first byte."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _talk(server, reader, writer, tls)
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=contexts()[0] if tls else None)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


async def _talk(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secure: bool) -> None:
    def say(word: str, usual: str) -> None:
        writer.write(server.says.get(word, usual).encode() + b"\r\n")

    say("CONNECT", "220 mail.example ready")
    while line := (await reader.readline()).decode().strip():
        server.heard.append((line, secure))
        word = line.split()[0].upper()
        if word == "EHLO":
            offers = ["STARTTLS"] if server.starttls and not secure else []
            say(word, "\r\n".join(["250-mail.example", *(f"250-{offer}" for offer in offers), "250 AUTH PLAIN"]))
        elif word == "STARTTLS":
            say(word, "220 go ahead")
            await writer.drain()
            await writer.start_tls(contexts()[0])
            secure = True
        elif word == "RCPT":
            address = line.partition("<")[2].rstrip(">")
            say(word, server.refuses.get(address, "250 ok"))
        elif word == "DATA":
            say(word, "354 go on")
            body = b""
            while not body.endswith(b"\r\n.\r\n"):
                body += await reader.readline()
            server.letters.append(cast(EmailMessage, BytesParser(policy=default).parsebytes(body[:-3])))
            say("END", "250 queued as 17")
        elif word == "QUIT":
            say(word, "221 bye")
            return
        else:
            say(word, "235 welcome" if word == "AUTH" else "250 ok")


@cache
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of the server, and of one who trusts it: its certificate is made for this run and named localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    with TemporaryDirectory() as folder:
        chain, private = Path(folder, "chain.pem"), Path(folder, "key.pem")
        chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        serving.load_cert_chain(chain, private)
        return serving, ssl.create_default_context(cafile=str(chain))
