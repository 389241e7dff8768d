"""Kept answers as a WARC file (ISO 28500): one resource record for each answer, one metadata record for each look.

An answer is named by its digest: questions and headers are not kept, for they may hold secrets, and so none can be in
here. Header values are one line each: a carriage return in a name forges no record. It must not decide what is kept.
"""

from __future__ import annotations

import io
import json
import uuid
from datetime import UTC, datetime

from warcio.warcwriter import WARCWriter

from mediawatch.core.model import Look
from mediawatch.core.report_views import Pack
from mediawatch.core.text import clean

_KINDS = ((b"\x89PNG", "image/png"), (b"PK", "application/zip"), (b"<", "text/html"), (b"{", "application/json"))
_NAMES = uuid.UUID("7d9a8d1e-5a3c-5f0b-9a64-6f1f1f6c8e10")


def render(pack: Pack) -> bytes:
    """The file, compressed record by record. Its digests prove only itself: the chain stands beside it."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    written: set[str] = set()
    info = {"software": "mediawatch", "format": "WARC File Format 1.1", "account": header(pack.finding.account)}
    writer.write_record(writer.create_warcinfo_record("answers.warc.gz", info))
    for look in pack.evidence.looks:
        kept = [digest for digest in look.digests if digest in pack.answers]
        for digest in kept:
            if digest not in written:
                written.add(digest)
                _resource(writer, digest, pack.answers[digest], look)
        body = json.dumps(look.model_dump(mode="json"), ensure_ascii=False, sort_keys=True).encode()
        headers = {"WARC-Date": _date(look.at), "WARC-Record-ID": _id(f"look {look.target} {look.at.isoformat()}")}
        headers |= {"WARC-Refers-To": _id(kept[0])} if kept else {}
        uri = f"urn:mediawatch:look:{header(look.target).replace(' ', '%20')}"
        record = writer.create_warc_record(
            uri, "metadata", payload=io.BytesIO(body), length=len(body), warc_content_type="application/json",
            warc_headers_dict=headers,
        )  # fmt: skip
        writer.write_record(record)
    return out.getvalue()


def header(value: str) -> str:
    """A value for a header: one line of printable ASCII, bounded."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in clean(value, 300))


def _resource(writer: WARCWriter, digest: str, body: bytes, look: Look) -> None:
    kind = next((name for start, name in _KINDS if body.lstrip()[:8].startswith(start)), "application/octet-stream")
    headers = {
        "WARC-Date": _date(look.at),
        "WARC-Record-ID": _id(digest),
        "WARC-Payload-Digest": f"sha256:{digest}",
    }
    record = writer.create_warc_record(
        f"urn:sha256:{digest}", "resource", payload=io.BytesIO(body), length=len(body), warc_content_type=kind,
        warc_headers_dict=headers,
    )  # fmt: skip
    writer.write_record(record)


def _id(name: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(_NAMES, name)}>"


def _date(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
