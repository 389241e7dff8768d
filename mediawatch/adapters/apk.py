"""An Android package at its download address: can a phone read it, is it the registered one, is there anything to open?

It must never inflate what it has not measured, and never call a package broken that it merely failed to read: that is
`unreadable`. The package is never run.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
import zlib
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import is_page, plain, reason_in, refuse
from mediawatch.adapters.apk_manifest import too_much
from mediawatch.adapters.apk_signature import signer_of, verified_schemes
from mediawatch.core.model import Package, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

MAX_BODY = 300 * 1024 * 1024
PATIENCE = 300.0  # seconds for a whole package
MOST_ENTRIES = 65_535
MOST_DIRECTORY = 16 * 1024 * 1024  # bytes of the central directory
MOST_MANIFEST = 1024 * 1024
MOST_RESOURCES = 64 * 1024 * 1024
MANIFEST = "AndroidManifest.xml"
PROBLEMS = (
    "html_page",  # a web page under the address of the package
    "not_zip",  # neither a page nor a ZIP
    "truncated",  # begins like a ZIP, is served whole, and has no directory at its end
    "no_manifest",
    "bad_manifest",  # a manifest in plain text: no phone reads it
    "bad_name",  # the manifest gives no package name that a phone accepts
    "wrong_package",  # readable, but another app than the registered one
    "unsigned",
    "bad_signature",  # signature files or blocks are there and do not fit the content
    "wrong_signer",  # signed with another certificate than the registered one
    "no_launcher",  # installs, and there is nothing to open
)
"""Every value of `Package.problem`; where several hold, the first of this order is given."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+")
_COMPONENT = re.compile(r"[A-Za-z0-9_.$]{1,300}")
_ANDROID = "{http://schemas.android.com/apk/res/android}"


def _digest(text: str) -> str:
    plain_text = text.replace(":", "").strip().lower()
    if plain_text and not re.fullmatch(r"[0-9a-f]{64}", plain_text):
        raise ValueError("must be a SHA-256 digest of 64 hexadecimal digits")
    return plain_text


class Address(Value):
    """url: where the package is downloaded from. package: the registered name, e.g. `cn.gov.city`; "" for any.

    signer: the SHA-256 of the registered signing certificate, as `apksigner verify --print-certs` prints it.
    """

    url: str = Field(pattern=r"^https?://\S+$", max_length=2000)
    package: str = Field(default="", pattern=r"^([A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+)?$", max_length=200)
    signer: Annotated[str, AfterValidator(_digest)] = ""


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """One download, up to `MAX_BODY` bytes."""
    return (await wire.ask(Request(url=address.url, max_body=MAX_BODY, patience=PATIENCE)),)


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Package:
    """What the bytes are. Raises `Failed` where the server refused, bytes are missing, or a bound was passed."""
    if not exchanges:
        raise Failed(Reason.UNREADABLE, "no answer")
    exchange = exchanges[0]
    if exchange.status in (404, 410):
        return Package(present=False, status=exchange.status)
    refuse(exchange)
    body = exchange.body
    known = Package(present=True, status=exchange.status, size=len(body), sha256=hashlib.sha256(body).hexdigest())
    announced = _announced(exchange)
    if announced is not None and announced != len(body):
        raise Failed(Reason.UNREADABLE, f"{len(body)} of {announced} bytes")
    if not body:
        raise Failed(Reason.UNREADABLE, "empty answer")
    if not body.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return known.model_copy(update={"problem": _no_package(body)})
    try:
        return _read(address, known, body, whole=announced is not None)
    except Failed:
        raise
    except Exception as problem:  # the libraries raise nine kinds of errors on odd packages
        raise Failed(Reason.UNREADABLE, f"package not readable: {clean(repr(problem), 120)}") from None


def _announced(exchange: Exchange) -> int | None:
    """The length that the server announced for these very bytes, `None` where it did not or they were compressed."""
    length = exchange.header("Content-Length").strip()
    if exchange.header("Content-Encoding").lower() not in ("", "identity") or not re.fullmatch(r"[0-9]{1,15}", length):
        return None
    return None if exchange.unchanged else int(length)


def _no_package(body: bytes) -> str:
    """What it is instead. Raises `Failed` where a page says that it is we who are kept out."""
    if not is_page(body):
        return "not_zip"
    words = plain(body[:20_000].decode("utf-8", "replace"))
    if reason := reason_in(words):
        raise Failed(reason, clean(words, 80))
    return "html_page"


def _read(address: Address, known: Package, body: bytes, whole: bool) -> Package:
    if not _directory_is_bounded(body):
        if whole:
            return known.model_copy(update={"problem": "truncated"})
        raise Failed(Reason.UNREADABLE, "no directory at the end, and the server did not say how long it is")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        manifest = _manifest(archive)
        if manifest is None:
            return known.model_copy(update={"problem": "no_manifest"})
        if manifest.lstrip().startswith(b"<"):
            return known.model_copy(update={"problem": "bad_manifest"})
        root = _tree(manifest)
        name = str(root.get("package") or "")
        if len(name) > 200 or not _NAME.fullmatch(name):
            return known.model_copy(update={"problem": "bad_name"})
        schemes, broken = verified_schemes(body, archive)
        signer = signer_of(body, archive) if schemes else ""
    code = _attribute(root, "versionCode")
    version = _attribute(root, "versionName")
    signed = None if schemes is None else bool(schemes)
    launchable = _launchable(root, name)
    problem = ""
    if address.package and name != address.package:
        problem = "wrong_package"
    elif signed is False:
        problem = "bad_signature" if broken else "unsigned"
    elif address.signer and signer and signer != address.signer:
        problem = "wrong_signer"
    elif not launchable:
        problem = "no_launcher"
    return known.model_copy(
        update={
            "valid": True,
            "problem": problem,
            "package": name,
            "version": "" if version.startswith("@") else clean(version, 60),
            "version_code": int(code) if re.fullmatch(r"[0-9]{1,18}", code) else None,
            "signed": signed,
            "schemes": schemes or (),
            "signer": signer,
            "launchable": launchable,
        }
    )


def _directory_is_bounded(body: bytes) -> bool:
    """True where the ZIP's directory is there and small enough to be read; false where there is none at the end.

    Raises `Failed` where it is larger than any package needs.
    """
    end = body.rfind(b"PK\x05\x06", max(0, len(body) - 65_557))
    if end < 0 or end + 22 > len(body):
        return False
    entries, size, start = struct.unpack("<HII", body[end + 10 : end + 20])
    if start + size > end:  # also the ZIP64 form, which no package needs
        raise Failed(Reason.UNREADABLE, "the directory is not where the end record says")
    if size > MOST_DIRECTORY or body.count(b"PK\x01\x02", start, end) > MOST_ENTRIES or entries > MOST_ENTRIES:
        raise Failed(Reason.UNREADABLE, f"directory of {size} bytes, {entries} entries")
    return True


def _manifest(archive: zipfile.ZipFile) -> bytes | None:
    """The one manifest, never more than `MOST_MANIFEST` bytes of it."""
    infos = archive.infolist()
    found = [info for info in infos if info.filename == MANIFEST]
    if not found:
        return None
    if len(found) > 1:  # parsers disagree on which of them counts
        raise Failed(Reason.UNREADABLE, "two manifests")
    if any(info.filename == "resources.arsc" and info.file_size > MOST_RESOURCES for info in infos):
        raise Failed(Reason.UNREADABLE, "resource table too large")
    if found[0].file_size > MOST_MANIFEST:
        raise Failed(Reason.UNREADABLE, f"manifest of {found[0].file_size} bytes")
    try:
        with archive.open(found[0]) as stream:
            data = stream.read(MOST_MANIFEST + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError) as problem:
        raise Failed(Reason.UNREADABLE, f"manifest not readable: {clean(str(problem), 80)}") from None
    if len(data) > MOST_MANIFEST:
        raise Failed(Reason.UNREADABLE, "manifest larger than it says")
    return data


def _tree(manifest: bytes) -> Any:
    from pyaxmlparser.axmlprinter import AXMLPrinter

    if more := too_much(manifest):
        raise Failed(Reason.UNREADABLE, f"manifest: {more}")
    printer = AXMLPrinter(manifest)
    root = printer.get_xml_obj()
    if root is None or root.tag != "manifest" or not printer.is_valid():
        raise Failed(Reason.UNREADABLE, "manifest of no known shape")
    return root


def _attribute(element: Any, name: str) -> str:
    return str(element.get(f"{_ANDROID}{name}") or "")


def _launchable(root: Any, package: str) -> str:
    """The first enabled activity that a launcher shows, by its full name; "" where there is none."""
    for activity in root.iterfind("./application/*"):
        if activity.tag not in ("activity", "activity-alias") or _attribute(activity, "enabled") == "false":
            continue
        for intent in activity.iterfind("./intent-filter"):
            actions = {_attribute(action, "name") for action in intent.iterfind("./action")}
            categories = {_attribute(category, "name") for category in intent.iterfind("./category")}
            if "android.intent.action.MAIN" in actions and "android.intent.category.LAUNCHER" in categories:
                name = _attribute(activity, "name")
                full = package + name if name.startswith(".") else name if "." in name else f"{package}.{name}"
                return full if _COMPONENT.fullmatch(full) else ""
    return ""


ADAPTER = Adapter(
    kind="apk",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"app"}),
    covers=frozenset({"package"}),
    pace=Pace(per_minute=2, at_once=1),
    host_field="url",
    roams=True,
    isolate=True,
    max_body=MAX_BODY,
    needs="Network access to the download address.",
    blind="Whether the app starts and works; that the signer held the key: digests are checked, signatures are not.",
)
