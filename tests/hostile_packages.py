"""Forty-nine packages as somebody would make them to hang, fill or fool whoever reads them; small ones, made here."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from collections.abc import Callable

from tests.packages import Element, archive, binary_xml, manifest, package, signed_block, signed_v1

MANIFEST = "AndroidManifest.xml"


def _with(body: bytes, **more: bytes) -> bytes:
    return archive({MANIFEST: body, "classes.dex": b"dex\n035\0", **more})


def _deep(levels: int) -> bytes:
    flat = binary_xml(("manifest", {"package": "cn.gov.yunxi.app"}, [("a", {}, ())]))
    start = flat.rindex(struct.pack("<H", 0x0102) + struct.pack("<H", 16))
    end = flat.index(struct.pack("<HH", 0x0103, 16), start)
    one, close = flat[start:end], flat[end : end + 24]
    return _resized(flat[:start] + one * levels + close * levels + flat[end + 24 :])


def _resized(body: bytes) -> bytes:
    return body[:4] + struct.pack("<I", len(body)) + body[8:]


def _wide(attributes: int) -> bytes:
    head: dict[str, str | int | bool] = {"package": "cn.gov.yunxi.app"}
    flat = binary_xml(("manifest", head, [("a", {"x": "y"}, ())]))
    start = flat.rindex(struct.pack("<HH", 0x0102, 16))
    size = struct.unpack_from("<I", flat, start + 4)[0]
    element = flat[start : start + size]
    attribute = element[36:56]
    more = element[:28] + struct.pack("<H", attributes) + element[30:36] + attribute * attributes
    more = more[:4] + struct.pack("<I", len(more)) + more[8:]
    return _resized(flat[:start] + more + flat[start + size :])


def _many(elements: int) -> bytes:
    children: list[Element] = [("a", {}, ())]
    flat = binary_xml(("manifest", {"package": "cn.gov.yunxi.app"}, children))
    start = flat.rindex(struct.pack("<HH", 0x0102, 16))
    end = flat.index(struct.pack("<HH", 0x0103, 16), start) + 24
    return _resized(flat[:start] + flat[start:end] * elements + flat[end:])


def _strings(number: int) -> bytes:
    flat = manifest()
    return flat[:16] + struct.pack("<I", number) + flat[20:]


def _chunk(size: int) -> bytes:
    flat = manifest()
    start = flat.index(struct.pack("<HH", 0x0102, 16))
    return flat[: start + 4] + struct.pack("<I", size) + flat[start + 8 :]


def _bomb(name: str, size: int, **files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for own, data in files.items():
            target.writestr(own, data)
        with target.open(name, "w", force_zip64=False) as stream:
            for _ in range(size // 1_000_000):
                stream.write(bytes(1_000_000))
    return out.getvalue()


def _signed_bomb(size: int) -> bytes:
    """Signed in the old way, so that whoever checks it has to unpack it all."""
    with io.BytesIO() as out:
        files = signed_v1({MANIFEST: manifest(), "classes.dex": b"dex"})
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for own, data in files.items():
                target.writestr(own, data)
            with target.open("assets/bomb", "w") as stream:
                for _ in range(size // 1_000_000):
                    stream.write(bytes(1_000_000))
        return out.getvalue()


def _lies(body: bytes, size: int) -> bytes:
    """The directory says another size of the manifest than it has."""
    entry = body.index(b"PK\x01\x02") + 24
    return body[:22] + struct.pack("<I", size) + body[26:entry] + struct.pack("<I", size) + body[entry + 4 :]


def _field(at: int, value: bytes) -> bytes:
    """One field of the first entry of the directory changed."""
    body = package()
    entry = body.index(b"PK\x01\x02")
    return body[: entry + at] + value + body[entry + at + len(value) :]


def _end(at: int, value: bytes) -> bytes:
    body = package()
    end = body.rindex(b"PK\x05\x06")
    return body[: end + at] + value + body[end + at + len(value) :]


def _names(*names: str) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as target:
        warnings.simplefilter("ignore")
        for name in names:
            target.writestr(name, manifest() if name == MANIFEST else b"x")
    return out.getvalue()


def _crowd(entries: int) -> bytes:
    directory = b"".join(
        struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
        for _ in range(entries)
    )
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, entries & 0xFFFF, entries & 0xFFFF, len(directory), 4, 0)
    return b"PK\x03\x04" + directory + end


PACKAGES: dict[str, Callable[[], bytes]] = {
    "deep_100": lambda: _with(_deep(100)),
    "deep_5000": lambda: _with(_deep(5_000)),
    "deep_50000": lambda: _with(_deep(20_000)),  # of 50,000 the manifest alone would be too large
    "attrs_300": lambda: _with(_wide(300)),
    "attrs_5000": lambda: _with(_wide(5_000)),
    "attrs_20000": lambda: _with(_wide(20_000)),
    "elems_15000": lambda: _with(_many(15_000)),
    "elems_17000": lambda: _with(_many(17_000)),
    "elems_500k": lambda: _with(_many(100_000)),
    "strings_4g": lambda: _with(_strings(0xFFFFFFFF)),
    "strings_200k": lambda: _with(_strings(200_000)),
    "chunk_0": lambda: _with(_chunk(0)),
    "chunk_7": lambda: _with(_chunk(7)),
    "chunk_beyond": lambda: _with(_chunk(0x7FFFFFFF)),
    "empty_manifest": lambda: _with(b""),
    "tiny_manifest": lambda: _with(b"\x03\x00\x08\x00"),
    "cut_manifest": lambda: _with(manifest()[:-30]),
    "text_manifest": lambda: _with(b"<?xml version='1.0'?><manifest/>"),
    "entities": lambda: _with(b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 1000 + b'">]><manifest>&a;</manifest>'),
    "random_manifest": lambda: _with(bytes(number * 7919 % 256 for number in range(5000))),
    "zero_manifest": lambda: _with(bytes(100_000)),
    "bomb_manifest": lambda: _bomb(MANIFEST, 40_000_000),
    "bomb_manifest_lies": lambda: _lies(_bomb(MANIFEST, 40_000_000), 100),
    "bomb_resources": lambda: _bomb("resources.arsc", 100_000_000, **{MANIFEST: manifest()}),
    "bomb_asset": lambda: _bomb("assets/bomb", 120_000_000, **{MANIFEST: manifest()}),
    "bomb_asset_signed": lambda: _signed_bomb(120_000_000),
    "two_manifests": lambda: _names(MANIFEST, MANIFEST),
    "zip_slip": lambda: _names(MANIFEST, "../../../../tmp/mediawatch-pwned", "/etc/mediawatch-pwned", "C:\\pwned"),
    "odd_names": lambda: _names(MANIFEST, "a\x00b", "\x1b[2J", "x" * 60_000, "\u202e"),
    "name_nul": lambda: _with(manifest("cn.gov\x00.app")),
    "name_path": lambda: _with(manifest("../../../../tmp/pwned")),
    "name_escape": lambda: _with(manifest("cn.\x1b[2J.app")),
    "name_newline": lambda: _with(manifest("cn.gov\n.app")),
    "name_long": lambda: _with(manifest("a." + "b" * 30_000)),
    "launcher_hostile": lambda: _with(manifest(launcher=".Main;rm -rf /")),
    "encrypted_flag": lambda: _field(8, b"\x01\x00"),
    "odd_method": lambda: _field(10, b"\x63\x00"),
    "bad_crc": lambda: _field(16, b"\xff\xff\xff\xff"),
    "size_4g": lambda: _field(24, b"\xff\xff\xff\xff"),
    "offset_beyond": lambda: _field(42, b"\xff\xff\xff\x7f"),
    "entries_65535": lambda: _end(10, b"\xff\xff"),
    "directory_4g": lambda: _end(12, b"\xff\xff\xff\xff"),
    "directory_elsewhere": lambda: _end(16, b"\x00\x00\x00\x40"),
    "crowd_60k": lambda: _crowd(60_000),
    "crowd_400k": lambda: _crowd(400_000),
    "junk_prefix": lambda: b"MZ" + bytes(4096) + package(),
    "comment_64k": lambda: package()[:-2] + b"\xff\xff" + bytes(65_535),
    "block_cut": lambda: signed_block(archive({MANIFEST: manifest()}))[:-200],
    "block_huge": lambda: package().replace(b"APK Sig Block 42", b"APK Sig Block 42" * 2),
}
GOOD: dict[str, Callable[[], bytes]] = {"control": package}
