"""A small but real Android package, made in pure Python: binary manifest, code file, both signatures. Pure.

It is signed twice, as Android's own tools do it: v1 (`META-INF/*.SF`, `*.RSA`) and APK Signature Scheme v2. The key
is part of this file on purpose: it signs nothing but packages of an invented world. The signing itself is
`signing.py`. Everything is stored uncompressed, so that the bytes do not depend on the machine's zlib.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from functools import lru_cache

from mediawatch.sim import signing
from mediawatch.sim.definition import PackageState
from mediawatch.sim.reply import page

_ANDROID = "http://schemas.android.com/apk/res/android"
# Attributes that Android knows by number; their names stand first in the string pool, in this order.
_KNOWN = {
    "label": 0x01010001,
    "name": 0x01010003,
    "exported": 0x01010010,
    "minSdkVersion": 0x0101020C,
    "versionCode": 0x0101021B,
    "versionName": 0x0101021C,
    "targetSdkVersion": 0x01010270,
}
_NONE = 0xFFFFFFFF
_NOTE = "assets/readme.txt"

Attribute = tuple[str, str | int | bool]
Element = tuple[str, list[Attribute], "list[Element]"]


@lru_cache(maxsize=256)
def in_state(state: PackageState, package: str, version: str, version_code: int) -> bytes:
    """The bytes that lie at the download address in that state (none where the file is missing)."""
    match state:
        case PackageState.HTML_PAGE:
            return page("您访问的文件不存在或已被移走，请返回首页。", title="提示信息").body
        case PackageState.EMPTY | PackageState.MISSING:
            return b""
        case PackageState.NO_MANIFEST:
            return _archive({"classes.dex": code_file(), _NOTE: b"no manifest\n"})
        case PackageState.WRONG_PACKAGE:
            return signed(package + ".other", version, version_code)
        case PackageState.NO_LAUNCHER:
            return signed(package, version, version_code, launcher=False)
        case PackageState.UNSIGNED:
            return _archive(_contents(package, version, version_code, launcher=True))
        case PackageState.BAD_SIGNATURE:
            contents = _contents(package, version, version_code, launcher=True)
            files = contents | signing.v1_files(contents)
            changed = files | {_NOTE: files[_NOTE].upper()}
            return signing.with_v2(_archive(changed), vouched=_archive(files))
        case PackageState.TRUNCATED:
            good = signed(package, version, version_code)
            return good[: len(good) * 3 // 5]
    return signed(package, version, version_code)


def signed(package: str, version: str, version_code: int, *, launcher: bool = True) -> bytes:
    """A package that is signed with both schemes."""
    contents = _contents(package, version, version_code, launcher=launcher)
    return signing.with_v2(_archive(contents | signing.v1_files(contents)))


def _contents(package: str, version: str, version_code: int, *, launcher: bool) -> dict[str, bytes]:
    return {
        "AndroidManifest.xml": manifest(package, version, version_code, launcher=launcher),
        "classes.dex": code_file(),
        _NOTE: b"made by the mediawatch simulator\n",
    }


def _archive(contents: dict[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as archive:
        for name, data in contents.items():
            archive.writestr(zipfile.ZipInfo(name, (1981, 1, 1, 1, 1, 2)), data)
    return kept.getvalue()


def code_file() -> bytes:
    """The least DEX 035 file: a header and its own map, checksums right, no classes."""
    header_size, map_at = 0x70, 0x70
    items = ((0x0000, 1, 0), (0x1000, 1, map_at))
    item_map = struct.pack("<I", len(items)) + b"".join(
        struct.pack("<HHII", kind, 0, many, at) for kind, many, at in items
    )
    size = header_size + len(item_map)
    sizes = [size, header_size, 0x12345678, 0, 0, map_at] + [0] * 12 + [len(item_map), map_at]
    rest = struct.pack("<20I", *sizes) + item_map
    named = hashlib.sha1(rest, usedforsecurity=False).digest() + rest
    return b"dex\n035\0" + struct.pack("<I", zlib.adler32(named)) + named


def manifest(package: str, version: str, version_code: int, *, launcher: bool = True) -> bytes:
    """AndroidManifest.xml in Android's binary form; without `launcher`, nothing in it can be started."""
    kind = "LAUNCHER" if launcher else "DEFAULT"
    intent: Element = (
        "intent-filter",
        [],
        [
            ("action", [("name", "android.intent.action.MAIN")], []),
            ("category", [("name", f"android.intent.category.{kind}")], []),
        ],
    )
    activity: Element = ("activity", [("name", f"{package}.MainActivity"), ("exported", True)], [intent])
    root: Element = (
        "manifest",
        [("versionCode", version_code), ("versionName", version), ("package", package)],
        [
            ("uses-sdk", [("minSdkVersion", 21), ("targetSdkVersion", 34)], []),
            ("application", [("label", package)], [activity]),
        ],
    )
    return _binary_xml(root)


def _binary_xml(root: Element) -> bytes:
    pool = list(_KNOWN)
    for text in ("android", _ANDROID, *_texts(root)):
        if text not in pool:
            pool.append(text)
    prefix, uri = pool.index("android"), pool.index(_ANDROID)
    resource_map = _chunk(0x0180, b"", struct.pack(f"<{len(_KNOWN)}I", *_KNOWN.values()))
    node = struct.pack("<II", 1, _NONE)  # line number, comment
    opened = _chunk(0x0100, node, struct.pack("<II", prefix, uri))
    closed = _chunk(0x0101, node, struct.pack("<II", prefix, uri))
    body = _string_pool(pool) + resource_map + opened + _element(root, pool, node) + closed
    return _chunk(0x0003, b"", body)


def _texts(element: Element) -> list[str]:
    name, attributes, children = element
    found = [name]
    for key, value in attributes:
        found += [key, value] if isinstance(value, str) else [key]
    return found + [text for child in children for text in _texts(child)]


def _element(element: Element, pool: list[str], node: bytes) -> bytes:
    name, attributes, children = element
    number = pool.index(name)
    # Android looks attributes up by number: they must stand in the order of their numbers, unnumbered ones last.
    ordered = sorted(attributes, key=lambda attribute: _KNOWN.get(attribute[0], _NONE))
    packed = b"".join(_attribute(key, value, pool) for key, value in ordered)
    start = struct.pack("<IIHHHHHH", _NONE, number, 20, 20, len(ordered), 0, 0, 0) + packed
    inside = b"".join(_element(child, pool, node) for child in children)
    return _chunk(0x0102, node, start) + inside + _chunk(0x0103, node, struct.pack("<II", _NONE, number))


def _attribute(key: str, value: str | int | bool, pool: list[str]) -> bytes:
    space = pool.index(_ANDROID) if key in _KNOWN else _NONE
    if isinstance(value, str):
        number = pool.index(value)
        return struct.pack("<IIIHBBI", space, pool.index(key), number, 8, 0, 0x03, number)
    kind, data = (0x12, _NONE if value else 0) if isinstance(value, bool) else (0x10, value)
    return struct.pack("<IIIHBBI", space, pool.index(key), _NONE, 8, 0, kind, data)


def _string_pool(pool: list[str]) -> bytes:
    offsets, data = [], b""
    for text in pool:
        offsets.append(len(data))
        units = text.encode("utf-16-le")
        data += struct.pack("<H", len(units) // 2) + units + b"\0\0"
    data += b"\0" * (-len(data) % 4)
    header = struct.pack("<IIIII", len(pool), 0, 0, 28 + 4 * len(pool), 0)
    return _chunk(0x0001, header, struct.pack(f"<{len(pool)}I", *offsets) + data)


def _chunk(kind: int, header: bytes, body: bytes) -> bytes:
    return struct.pack("<HHI", kind, 8 + len(header), 8 + len(header) + len(body)) + header + body
