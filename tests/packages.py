"""Builds small Android packages for tests: a binary manifest, a ZIP, signatures whose digests fit (or do not).

The signatures hold right digests and no key: this project checks digests only.
"""

from __future__ import annotations

import base64
import hashlib
import io
import struct
import zipfile
from collections.abc import Sequence

ANDROID = "http://schemas.android.com/apk/res/android"
NONE = 0xFFFFFFFF
Element = tuple[str, dict[str, str | int | bool], Sequence["Element"]]


def binary_xml(root: Element) -> bytes:
    """An element tree as Android's binary XML. Attributes named `android:…` get that namespace."""
    strings: list[str] = []

    def index(text: str) -> int:
        if text not in strings:
            strings.append(text)
        return strings.index(text)

    def chunk(kind: int, payload: bytes) -> bytes:
        return struct.pack("<HHIII", kind, 16, 16 + len(payload), 1, NONE) + payload

    def attribute(name: str, value: str | int | bool) -> bytes:
        prefix, _, local = name.rpartition(":")
        namespace = index(ANDROID) if prefix else NONE
        if isinstance(value, bool):
            return struct.pack("<IIIHBBI", namespace, index(local), NONE, 8, 0, 0x12, NONE if value else 0)
        if isinstance(value, int):
            return struct.pack("<IIIHBBI", namespace, index(local), NONE, 8, 0, 0x10, value)
        return struct.pack("<IIIHBBI", namespace, index(local), index(value), 8, 0, 0x03, index(value))

    def element(node: Element) -> bytes:
        name, attributes, children = node
        packed = b"".join(attribute(key, value) for key, value in attributes.items())
        head = struct.pack("<IIHHHHHH", NONE, index(name), 20, 20, len(attributes), 0, 0, 0)
        inside = b"".join(element(child) for child in children)
        return chunk(0x0102, head + packed) + inside + chunk(0x0103, struct.pack("<II", NONE, index(name)))

    namespace = struct.pack("<II", index("android"), index(ANDROID))
    body = chunk(0x0100, namespace) + element(root) + chunk(0x0101, namespace)
    encoded = [struct.pack("<H", len(text)) + text.encode("utf-16-le") + b"\0\0" for text in strings]
    offsets = [sum(map(len, encoded[:number])) for number in range(len(encoded))]
    data = b"".join(encoded)
    data += b"\0" * (-len(data) % 4)
    start = 28 + 4 * len(offsets)
    pool = struct.pack("<HHIIIIII", 1, 28, start + len(data), len(offsets), 0, 0, start, 0)
    pool += struct.pack(f"<{len(offsets)}I", *offsets) + data
    return struct.pack("<HHI", 3, 8, 8 + len(pool) + len(body)) + pool + body


def manifest(package: str = "cn.gov.yunxi.app", launcher: str = ".Main", enabled: bool = True) -> bytes:
    """A manifest with one activity; without a launcher's filter where `launcher` is empty."""
    wants: list[Element] = [
        ("action", {"android:name": "android.intent.action.MAIN"}, ()),
        ("category", {"android:name": "android.intent.category.LAUNCHER"}, ()),
    ]
    filters: list[Element] = [("intent-filter", {}, wants)] if launcher else []
    activity: Element = ("activity", {"android:name": launcher or ".Main", "android:enabled": enabled}, filters)
    head: dict[str, str | int | bool] = {"android:versionCode": 7, "android:versionName": "1.7", "package": package}
    return binary_xml(("manifest", head, [("application", {}, [activity])]))


def archive(files: dict[str, bytes]) -> bytes:
    """A ZIP of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in files.items():
            target.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def signed_v1(files: dict[str, bytes], promises: str = "") -> dict[str, bytes]:
    """The files with a v1 signature over them. `promises`: the newer schemes that the signature file names."""
    listed = "Manifest-Version: 1.0\r\n\r\n"
    listed += "".join(f"Name: {name}\r\nSHA-256-Digest: {_digest(data)}\r\n\r\n" for name, data in files.items())
    newer = f"X-Android-APK-Signed: {promises}\r\n" if promises else ""
    over = f"Signature-Version: 1.0\r\nSHA-256-Digest-Manifest: {_digest(listed.encode())}\r\n{newer}\r\n"
    return files | {
        "META-INF/MANIFEST.MF": listed.encode(),
        "META-INF/CERT.SF": over.encode(),
        "META-INF/CERT.RSA": b"no key",
    }


def _prefixed(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def signed_block(package: bytes, numbers: Sequence[int] = (0x7109871A,), algorithm: int = 0x0103) -> bytes:
    """The package with a signing block whose digest of the content fits (SHA-256 in pieces of 1 MiB)."""
    end = package.rfind(b"PK\x05\x06")
    directory = struct.unpack("<I", package[end + 16 : end + 20])[0]
    pieces = [
        part[at : at + 1048576]
        for part in (package[:directory], package[directory:end], package[end:])
        for at in range(0, len(part), 1048576)
    ]
    inner = b"".join(hashlib.sha256(b"\xa5" + struct.pack("<I", len(piece)) + piece).digest() for piece in pieces)
    digest = hashlib.sha256(b"\x5a" + struct.pack("<I", len(pieces)) + inner).digest()
    digests = _prefixed(_prefixed(struct.pack("<I", algorithm) + _prefixed(digest)))
    block = _prefixed(_prefixed(_prefixed(digests + _prefixed(b"") + _prefixed(b"")) + _prefixed(b"") + _prefixed(b"")))
    pairs = b"".join(struct.pack("<QI", 4 + len(block), number) + block for number in numbers)
    size = struct.pack("<Q", len(pairs) + 24)
    whole = size + pairs + size + b"APK Sig Block 42"
    tail = package[end : end + 16] + struct.pack("<I", directory + len(whole)) + package[end + 20 :]
    return package[:directory] + whole + package[directory:end] + tail


def package(launcher: str = ".Main", name: str = "cn.gov.yunxi.app", v1: bool = True, v2: bool = True) -> bytes:
    """A good package, or one with something missing."""
    files = {"AndroidManifest.xml": manifest(name, launcher), "classes.dex": b"dex\n035\0" + b"\0" * 200}
    plain = archive(signed_v1(files, "2" if v2 else "") if v1 else files)
    return signed_block(plain) if v2 else plain
