"""Do the digests in a package's signatures fit its content? The schemes v1 (JAR), v2 and v3.

It checks that nothing was changed after signing, as far as digests tell, and reads which certificate is named. It does
not check the signatures themselves, and must never be taken for a proof of who signed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

MOST_INFLATED = 1024 * 1024 * 1024  # bytes that may come out of the archive in all
_USUAL, _LEAST = 20, 64 * 1024 * 1024  # times its size that a package unpacks to at most, or so many bytes
_MOST_TEXT = 32 * 1024 * 1024  # bytes of MANIFEST.MF or of a signature file
_MOST_PKCS7 = 64 * 1024
_CHUNK = 1024 * 1024
_MAGIC = b"APK Sig Block 42"
_BLOCKS = {0x7109871A: "v2", 0xF05368C0: "v3", 0x1B93AD61: "v3.1"}
_SIGNATURE_FILE = re.compile(r"META-INF/(?:[^/]+\.(?:SF|RSA|DSA|EC)|SIG-[^/]*|MANIFEST\.MF)", re.I)
_BLOCK_FILE = re.compile(r"META-INF/([^/]+)\.(?:RSA|DSA|EC)", re.I)
_DIGESTS = {"SHA1": "sha1", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
# Signature algorithm of the v2/v3 schemes → digest of the content in pieces of 1 MiB.
_CONTENT_DIGESTS = {
    0x0101: "sha256", 0x0102: "sha512", 0x0103: "sha256", 0x0104: "sha512",
    0x0201: "sha256", 0x0202: "sha512", 0x0301: "sha256",
}  # fmt: skip

Sections = dict[str, tuple[dict[str, str], bytes]]


def verified_schemes(body: bytes, archive: zipfile.ZipFile) -> tuple[tuple[str, ...] | None, bool]:
    """The schemes whose digests fit the content, and whether one is there that does not fit.

    The schemes are `None` where they could not be determined (too large, or packed in a way we do not read). A phone
    takes the newest scheme that is there: where a v2 or v3 block does not fit, nothing counts as signed.
    """
    blocks = _blocks(body)
    schemes: list[str] = []
    for number, name in _BLOCKS.items():
        if number in blocks:
            fits = _content_fits(body, blocks[number])
            if fits is None:
                return None, False
            if not fits:
                return (), True
            schemes.append(name)
    promised = _old_scheme(archive)
    if promised is None:
        return (tuple(schemes), False) if schemes else (None, False)
    there, old_fits, names_newer = promised
    if there and names_newer and not schemes:
        return (), True  # the signature file says that a newer block was there: it was cut out
    if old_fits:
        schemes.insert(0, "v1")
    return tuple(schemes), there and not old_fits and not schemes


def signer_of(body: bytes, archive: zipfile.ZipFile) -> str:
    """SHA-256 of the signing certificate that the newest scheme names, in hexadecimal; "" where it cannot be read."""
    blocks = _blocks(body)
    try:
        for number in reversed(_BLOCKS):
            if number in blocks:
                signed = _first(_first(_first(blocks[number])))  # of the first signer
                certificates = signed[4 + len(_first(signed)) :]  # behind the digests
                return hashlib.sha256(_first(_first(certificates))).hexdigest()
        found = [info for info in archive.infolist() if _BLOCK_FILE.fullmatch(info.filename)]
        return _old_signer(archive, found[0]) if len(found) == 1 and found[0].file_size <= _MOST_PKCS7 else ""
    except (struct.error, ValueError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return ""


def _old_signer(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    """The one certificate beside a v1 signature. Raises `ValueError` where there is none that can be read."""
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    with archive.open(info) as stream:
        certificates = pkcs7.load_der_pkcs7_certificates(stream.read(_MOST_PKCS7))
    if len(certificates) != 1:
        return ""  # a chain, or several signers: which of them signed is not told by their order
    return hashlib.sha256(certificates[0].public_bytes(Encoding.DER)).hexdigest()


# --- v1 ---------------------------------------------------------------------------------------------------------------


def _old_scheme(archive: zipfile.ZipFile) -> tuple[bool, bool, bool] | None:
    """Whether v1 is there, whether its digests fit, whether it names a newer scheme. `None`: cannot tell."""
    infos = {info.filename: info for info in archive.infolist()}
    names = {match[1].upper() for name in infos if (match := _BLOCK_FILE.fullmatch(name))}
    files = [info for name, info in infos.items() if name.upper() in {f"META-INF/{stem}.SF" for stem in names}]
    manifest_info = next((info for name, info in infos.items() if name.upper() == "META-INF/MANIFEST.MF"), None)
    if not files or manifest_info is None:
        return bool(files), False, False
    packed = sum(info.compress_size for info in infos.values())
    if sum(info.file_size for info in infos.values()) > min(MOST_INFLATED, max(_LEAST, _USUAL * packed)):
        return None
    try:
        manifest = _text(archive, manifest_info)
        _, entries = _sections(manifest)
        fits = len(infos) == len(archive.infolist()) and _entries_fit(archive, infos, entries)
        names_newer = False
        for info in files:
            head, parts = _sections(_text(archive, info))
            names_newer = names_newer or bool(re.search(r"[23]", head.get("X-ANDROID-APK-SIGNED", "")))
            fits = fits and _signature_file_fits(head, parts, manifest, entries)
    except (NotImplementedError, RuntimeError):  # a way of packing, or encryption, that we do not read
        return None
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, binascii.Error):
        return True, False, False
    return True, fits, names_newer


def _text(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.file_size > _MOST_TEXT:
        raise NotImplementedError(info.filename)
    with archive.open(info) as stream:
        return stream.read(_MOST_TEXT)


def _sections(text: bytes) -> tuple[dict[str, str], Sections]:
    """The head of a manifest, and each named part with the bytes that its digest is made of."""
    parts = re.findall(
        rb"(?:[^\r\n]+(?:\r\n|\n|\r))+(?:\r\n|\n|\r)?", text if text.endswith((b"\n", b"\r")) else text + b"\n"
    )
    head = _fields(parts[0]) if parts else {}
    named: Sections = {}
    for part in parts[1:]:
        fields = _fields(part)
        named[fields.get("NAME", "")] = (fields, part)
    return head, named


def _fields(part: bytes) -> dict[str, str]:
    """`Name: value` lines; a line that begins with a space continues the one before."""
    lines = re.sub(rb"(?:\r\n|\n|\r) ", b"", part).decode("utf-8").splitlines()
    return {
        name.strip().upper(): value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon
    }


def _digests(fields: dict[str, str], suffix: str) -> Iterator[tuple[str, bytes]]:
    """The known digests among the fields: the algorithm and the value."""
    for label, algorithm in _DIGESTS.items():
        value = fields.get(f"{label}-{suffix}")
        if value is not None:
            yield algorithm, base64.b64decode(value, validate=True)


def _entries_fit(archive: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo], entries: Sections) -> bool:
    """Every file of the archive is named with a digest that fits; its own signature files apart."""
    for name, info in infos.items():
        if name.endswith("/") or _SIGNATURE_FILE.fullmatch(name):
            continue
        expected = list(_digests(entries[name][0], "DIGEST")) if name in entries else []
        if not expected:
            return False
        running = [(hashlib.new(algorithm, usedforsecurity=False), value) for algorithm, value in expected]
        with archive.open(info) as stream:
            while piece := stream.read(_CHUNK):
                for state, _ in running:
                    state.update(piece)
        if any(state.digest() != value for state, value in running):
            return False
    return True


def _signature_file_fits(head: dict[str, str], parts: Sections, manifest: bytes, entries: Sections) -> bool:
    """The signature file's digest of the whole manifest fits, or else its digest of every part."""
    whole = list(_digests(head, "DIGEST-MANIFEST"))
    if whole and all(hashlib.new(name, manifest, usedforsecurity=False).digest() == value for name, value in whole):
        return True
    for name, (_, part) in entries.items():
        expected = list(_digests(parts[name][0], "DIGEST")) if name in parts else []
        if not expected or any(hashlib.new(a, part, usedforsecurity=False).digest() != value for a, value in expected):
            return False
    return bool(entries)


# --- v2 and v3 --------------------------------------------------------------------------------------------------------


def _layout(body: bytes) -> tuple[int, int, int] | None:
    """Where the signing block, the directory and the end record begin; `None` where there is no signing block."""
    end = body.rfind(b"PK\x05\x06", max(0, len(body) - 65_557))
    directory = struct.unpack("<I", body[end + 16 : end + 20])[0]
    if directory < 32 or body[directory - 16 : directory] != _MAGIC:
        return None
    size = struct.unpack("<Q", body[directory - 24 : directory - 16])[0]
    start = directory - size - 8
    if start < 0 or struct.unpack("<Q", body[start : start + 8])[0] != size:
        return None
    return start, directory, end


def _blocks(body: bytes) -> dict[int, bytes]:
    """The pairs of the signing block, by their number."""
    layout = _layout(body)
    if layout is None:
        return {}
    start, directory, _ = layout
    pairs: dict[int, bytes] = {}
    at = start + 8
    while at + 12 <= directory - 24:
        length, number = struct.unpack("<QI", body[at : at + 12])
        if length < 4 or at + 8 + length > directory - 24:
            break
        pairs.setdefault(number, body[at + 12 : at + 8 + length])
        at += 8 + length
    return pairs


def _content_fits(body: bytes, block: bytes) -> bool | None:
    """Whether all digests of the content that we know fit. `None` where a signer names none, or cannot be read."""
    layout = _layout(body)
    if layout is None:
        return None
    wanted: set[tuple[str, bytes]] = set()
    try:
        signers = [list(_items(_first(_first(signer)))) for signer in _items(_first(block))]
        for digests in signers:
            pairs = [(struct.unpack("<I", item[:4])[0], _first(item[4:])) for item in digests]
            known = {(_CONTENT_DIGESTS[number], value) for number, value in pairs if number in _CONTENT_DIGESTS}
            if not known:
                return None
            wanted |= known
    except (struct.error, ValueError):
        return None
    if not signers:
        return None
    right = {name: _content_digest(body, layout, name) for name, _ in wanted}
    return all(right[name] == value for name, value in wanted)


def _first(data: bytes) -> bytes:
    """The first length-prefixed value."""
    length = struct.unpack("<I", data[:4])[0]
    if 4 + length > len(data):
        raise ValueError("a length beyond the end")
    return data[4 : 4 + length]


def _items(data: bytes) -> Iterator[bytes]:
    while data:
        item = _first(data)
        yield item
        data = data[4 + len(item) :]


def _content_digest(body: bytes, layout: tuple[int, int, int], algorithm: str) -> bytes:
    """The digest of digests over pieces of 1 MiB: entries, directory, end record (as if no block were there)."""
    start, directory, end = layout
    view = memoryview(body)
    tail = body[end : end + 16] + struct.pack("<I", start) + body[end + 20 :]
    pieces = [
        part[at : at + _CHUNK]
        for part in (view[:start], view[directory:end], memoryview(tail))
        for at in range(0, len(part), _CHUNK)
    ]
    top = hashlib.new(algorithm, b"\x5a" + struct.pack("<I", len(pieces)))
    for piece in pieces:
        state = hashlib.new(algorithm, b"\xa5" + struct.pack("<I", len(piece)))
        state.update(piece)
        top.update(state.digest())
    return top.digest()
