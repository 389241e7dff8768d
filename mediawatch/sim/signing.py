"""Signs the simulator's packages with a key that everyone may know: v1 (JAR) and APK Signature Scheme v2. Pure.

RSA with PKCS#1 v1.5 and SHA-256, which is deterministic. Must never sign anything that is meant to be trusted.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from functools import lru_cache

_P = int(
    "feffca63d07ddd2d70c1558fdc226b09ee1c31398038db6c1e6a274e65768224"
    "3092ecb0acfe518cb6d04425d2c7e6213e8f9f3b2036e410438c38bf9f0744b8"
    "beb42868bb0c1be47d2b6ff528ed541838d3e7423b982af7210050c4135965ad"
    "c7b2be753d92d63061871efaed288f12118e07848df9c2139ef5eea19798c48f",
    16,
)
_Q = int(
    "fcdf35a1f5bfcadf43457f0174a67fa15fb947410688dc7971c4b3b9c533a235"
    "5a651df02bc04239947b83c01e7cbc640a0ae62129ccbc422763a4fc145fb3e7"
    "14dd912d6a6727f676e6e741b7724ae9ee9ed9d3132e7fd61c0a50242a58ab93"
    "0ceeb34b112d272b30568f25acaf205626eafddd1bfa47a12a329fe532ff6ca7",
    16,
)
MODULUS, EXPONENT = _P * _Q, 65537
_D = pow(EXPONENT, -1, (_P - 1) * (_Q - 1))

_SEQUENCE, _SET, _INTEGER, _BITS, _OCTETS, _NULL, _NAME = 0x30, 0x31, 0x02, 0x03, 0x04, 0x05, 0x0C
_CHUNK = 1 << 20
_V2_BLOCK, _RSA_SHA256 = 0x7109871A, 0x0103


def sign(data: bytes) -> bytes:
    """The RSA signature (256 bytes) of the data."""
    digest = der(_SEQUENCE, _algorithm("2.16.840.1.101.3.4.2.1"), der(_OCTETS, hashlib.sha256(data).digest()))
    padded = b"\0\1" + b"\xff" * (256 - 3 - len(digest)) + b"\0" + digest
    return pow(int.from_bytes(padded, "big"), _D, MODULUS).to_bytes(256, "big")


def v1_files(contents: dict[str, bytes]) -> dict[str, bytes]:
    """The three files that sign those contents as a JAR."""
    sections = {name: f"Name: {name}\r\nSHA-256-Digest: {_digest(data)}\r\n\r\n" for name, data in contents.items()}
    listed = "Manifest-Version: 1.0\r\nCreated-By: 1.0 (mediawatch simulator)\r\n\r\n" + "".join(sections.values())
    head = (
        "Signature-Version: 1.0\r\nCreated-By: 1.0 (mediawatch simulator)\r\n"
        f"SHA-256-Digest-Manifest: {_digest(listed.encode())}\r\nX-Android-APK-Signed: 2\r\n\r\n"
    )
    signed = head + "".join(
        f"Name: {name}\r\nSHA-256-Digest: {_digest(section.encode())}\r\n\r\n" for name, section in sections.items()
    )
    return {
        "META-INF/MANIFEST.MF": listed.encode(),
        "META-INF/CERT.SF": signed.encode(),
        "META-INF/CERT.RSA": _signed_data(signed.encode()),
    }


def with_v2(archive: bytes, vouched: bytes | None = None) -> bytes:
    """The ZIP file (no comment) with an APK Signing Block before its central directory.

    vouched: another file of the same length that the block vouches for instead: a signature that does not fit.
    """
    end = len(archive) - 22
    directory = struct.unpack_from("<I", archive, end + 16)[0]
    # The offset in the end record is that of the signing block while digests are taken: it is unchanged here.
    told = archive if vouched is None else vouched
    digest = _chunked_digest((told[:directory], told[directory:end], told[end:]))
    signed = (
        _sized(_sized(struct.pack("<I", _RSA_SHA256) + _sized(digest))) + _sized(_sized(certificate())) + _sized(b"")
    )
    signature = _sized(struct.pack("<I", _RSA_SHA256) + _sized(sign(signed)))
    signer = _sized(signed) + _sized(signature) + _sized(_public_key())
    pair = struct.pack("<I", _V2_BLOCK) + _sized(_sized(signer))
    pairs = struct.pack("<Q", len(pair)) + pair
    size = struct.pack("<Q", len(pairs) + 24)
    block = size + pairs + size + b"APK Sig Block 42"
    moved = archive[end : end + 16] + struct.pack("<I", directory + len(block)) + archive[end + 20 :]
    return archive[:directory] + block + archive[directory:end] + moved


def _chunked_digest(sections: tuple[bytes, ...]) -> bytes:
    chunks = [section[at : at + _CHUNK] for section in sections for at in range(0, len(section), _CHUNK)]
    digests = (hashlib.sha256(b"\xa5" + struct.pack("<I", len(chunk)) + chunk).digest() for chunk in chunks)
    return hashlib.sha256(b"\x5a" + struct.pack("<I", len(chunks)) + b"".join(digests)).digest()


def _sized(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def der(tag: int, *parts: bytes) -> bytes:
    """One value in ASN.1's distinguished encoding."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def _number(value: int) -> bytes:
    return der(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _object(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    packed = bytes((first * 40 + second,))
    for part in rest:
        digits = [part & 0x7F]
        while part := part >> 7:
            digits.append(part & 0x7F | 0x80)
        packed += bytes(reversed(digits))
    return der(0x06, packed)


def _algorithm(dotted: str) -> bytes:
    return der(_SEQUENCE, _object(dotted), der(_NULL))


def _public_key() -> bytes:
    key = der(_SEQUENCE, _number(MODULUS), _number(EXPONENT))
    return der(_SEQUENCE, _algorithm("1.2.840.113549.1.1.1"), der(_BITS, b"\0", key))


def _issuer() -> bytes:
    common_name = der(_SEQUENCE, _object("2.5.4.3"), der(_NAME, b"mediawatch simulator"))
    return der(_SEQUENCE, der(_SET, common_name))


@lru_cache(maxsize=1)
def certificate() -> bytes:
    """The self-signed certificate (DER), good from 2000 to 2049."""
    told = der(
        _SEQUENCE,
        der(0xA0, _number(2)),
        _number(1),
        _algorithm("1.2.840.113549.1.1.11"),
        _issuer(),
        der(_SEQUENCE, der(0x17, b"000101000000Z"), der(0x17, b"491231235959Z")),
        _issuer(),
        _public_key(),
    )
    return der(_SEQUENCE, told, _algorithm("1.2.840.113549.1.1.11"), der(_BITS, b"\0", sign(told)))


def _signed_data(data: bytes) -> bytes:
    """PKCS #7: a detached signature over the data, with the certificate."""
    sha256 = _algorithm("2.16.840.1.101.3.4.2.1")
    signer = der(
        _SEQUENCE,
        _number(1),
        der(_SEQUENCE, _issuer(), _number(1)),
        sha256,
        _algorithm("1.2.840.113549.1.1.1"),
        der(_OCTETS, sign(data)),
    )
    content = der(
        _SEQUENCE,
        _number(1),
        der(_SET, sha256),
        der(_SEQUENCE, _object("1.2.840.113549.1.7.1")),
        der(0xA0, certificate()),
        der(_SET, signer),
    )
    return der(_SEQUENCE, _object("1.2.840.113549.1.7.2"), der(0xA0, content))
