"""Roll-up without a network: an office's standing as one signed file, handed to the office above (Ed25519).

A file is taken only where its signature is that of a trusted sender and it is newer than the last of the same sender.
What is taken is kept as it came, beside the register and never in it; its signature is checked whenever it is read.

The file: one line of JSON (`format`, `origin`, `signature`), then the signed body; what is signed is the text
`mediawatch-rollup/1`, a line feed, the origin, a line feed, and the body.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from pydantic import AwareDatetime, ValidationError

from mediawatch.core.calendar import told_at
from mediawatch.core.model import Unit, Value
from mediawatch.core.published import PublishedAccount
from mediawatch.store.files import private_dir, write_whole

FORMAT = "mediawatch-rollup/1"
MOST_BYTES = 256 * 1024 * 1024
SLIP = timedelta(days=1)  # how far a sender's clock may run ahead of ours
_ORIGIN = re.compile(r"[\w.-]{1,64}")


class NotTaken(Exception):
    """The file is not taken; `str()` says why, and what to do."""


class Rollup(Value):
    """What one office hands up: its units without their contacts, and how its accounts stand at `made_at`."""

    format: Literal["mediawatch-rollup/1"]
    origin: str
    made_at: AwareDatetime
    units: tuple[Unit, ...]
    accounts: tuple[PublishedAccount, ...]


def new_key(path: Path) -> str:
    """Makes a private key in a file that only its owner may read. Returns the public key.

    Raises OSError, also where the file is there already.
    """
    if path.exists():
        raise FileExistsError(17, "is there already; a key is never overwritten")
    key = Ed25519PrivateKey.generate()
    write_whole(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return _public(key)


def read_key(path: Path) -> Ed25519PrivateKey:
    """The private key in that file. Raises NotTaken where there is none."""
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise NotTaken(f"{path}: the key cannot be read: {error.strerror}") from None
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise NotTaken(f"{path}: holds no Ed25519 key; `mediawatch rollup key` makes one")
    return key


def seal(rollup: Rollup, key: Ed25519PrivateKey) -> bytes:
    """The signed file."""
    body = rollup.model_dump_json().encode()
    signature = base64.b64encode(key.sign(_signed(rollup.origin, body))).decode()
    head = json.dumps({"format": FORMAT, "origin": rollup.origin, "signature": signature})
    return head.encode() + b"\n" + body


def opened(raw: bytes, trusted: Mapping[str, str], now: datetime) -> Rollup:
    """The content of a file from a trusted sender. Raises NotTaken; nothing is believed before the signature is."""
    line, _, body = raw.partition(b"\n")
    try:
        head = json.loads(line)
        told, origin, signature = (
            head["format"],
            str(head["origin"]),
            base64.b64decode(head["signature"], validate=True),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotTaken("is no roll-up file") from None
    if told != FORMAT or not _ORIGIN.fullmatch(origin):
        raise NotTaken(f"is no roll-up file of the form {FORMAT}")
    if origin not in trusted:
        raise NotTaken(f"{origin} is not trusted: put its public key under `rollup.trusted` in the settings")
    try:
        _public_key(trusted[origin]).verify(signature, _signed(origin, body))
    except InvalidSignature:
        raise NotTaken(f"its signature is not that of {origin}: it was changed, or signed with another key") from None
    try:
        rollup = Rollup.model_validate_json(body)
    except ValidationError:
        raise NotTaken("is signed and holds what this version cannot read; update mediawatch") from None
    if rollup.origin != origin:
        raise NotTaken("names two senders")
    if rollup.made_at > now + SLIP:
        raise NotTaken(f"was made in the future ({told_at(rollup.made_at)}); check the clocks")
    return rollup


def take(folder: Path, raw: bytes, trusted: Mapping[str, str], now: datetime, *, dry_run: bool = False) -> Rollup:
    """Keeps the file as the last of its sender. Raises NotTaken, also where it is no newer than the last; OSError."""
    rollup = opened(raw, trusted, now)
    path = folder / f"{rollup.origin}.rollup"
    if path.exists():
        last = opened(path.read_bytes(), trusted, now)
        if rollup.made_at <= last.made_at:
            raise NotTaken(f"was made at {told_at(rollup.made_at)}, and one of {told_at(last.made_at)} is held already")
    if not dry_run:
        private_dir(folder)
        write_whole(path, raw)
    return rollup


def held(folder: Path, trusted: Mapping[str, str], now: datetime) -> tuple[list[Rollup], list[str]]:
    """The last file of each sender, by their names, and what is wrong with those that cannot be believed any more."""
    found, wrong = [], []
    for path in sorted(folder.glob("*.rollup")) if folder.is_dir() else ():
        try:
            found.append(opened(path.read_bytes(), trusted, now))
        except NotTaken as error:
            wrong.append(f"{path}: {error}")
    return found, wrong


def handed_up(
    origin: str, own: Iterable[PublishedAccount], units: Iterable[Unit], below: Iterable[Rollup], made_at: datetime
) -> Rollup:
    """An office's own accounts, and those that the offices below it handed up, each with the way it came."""
    accounts = list(own)
    for rollup in below:
        for account in rollup.accounts:
            way = "/".join(filter(None, (rollup.origin, account.origin)))
            accounts.append(account.model_copy(update={"origin": way}))
    bare = tuple(unit.model_copy(update={"contacts": (), "receivers": ()}) for unit in units)
    return Rollup(format=FORMAT, origin=origin, made_at=made_at, units=bare, accounts=tuple(accounts))


def _public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def _public_key(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))


def _signed(origin: str, body: bytes) -> bytes:
    return f"{FORMAT}\n{origin}\n".encode() + body
