"""Kept exchanges as a WARC file (ISO 28500): a request and a response record for each, a metadata record for each look.

What the record holds of a question is its method and address without secrets; of an answer its status, a few headers
and its body, decompressed. Nothing else is made up: what was sent along is not kept, for it may hold secrets. An answer
of a look from before that was kept, or that is no HTTP, is a resource record, named by its digest. Header values are
one line each: a carriage return in a name forges no record. It must not decide what is kept.
"""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from mediawatch.core.model import Asked, Look
from mediawatch.core.report_views import Pack
from mediawatch.core.text import clean

_KINDS = ((b"\x89PNG", "image/png"), (b"PK", "application/zip"), (b"<", "text/html"), (b"{", "application/json"))
_NAMES = uuid.UUID("7d9a8d1e-5a3c-5f0b-9a64-6f1f1f6c8e10")
_SAFE = "!#$%&'()*+,/:;=?@[]~"  # of an address, besides letters and digits


def render(pack: Pack) -> bytes:
    """The file, compressed record by record. Its digests prove only itself: the chain stands beside it."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    first: dict[str, tuple[str, datetime]] = {}  # by digest, where and when its body stands whole
    info = {
        "software": "mediawatch",
        "format": "WARC File Format 1.1",
        "account": header(pack.finding.account),
        "description": "bodies decompressed; of answers a few headers; of questions method and address alone",
    }
    writer.write_record(writer.create_warcinfo_record("answers.warc.gz", info))
    told = {(one.target, datetime.fromisoformat(one.at)): one.asked for one in pack.chain if one.asked}
    for look in pack.evidence.looks:
        asked = tuple(Asked.model_validate(one) for one in json.loads(told.get((look.target, look.at), "[]")))
        ids = list(_exchanges(writer, pack, look, asked, first))
        for digest in look.digests:
            if digest in pack.answers and digest not in first:
                first[digest] = (f"urn:sha256:{digest}", look.at)
                ids.append(_resource(writer, digest, pack.answers[digest], look))
        _look(writer, look, ids)
    return out.getvalue()


def _exchanges(
    writer: WARCWriter, pack: Pack, look: Look, asked: Iterable[Asked], first: dict[str, tuple[str, datetime]]
) -> Iterable[str]:
    """The HTTP exchanges of a look whose answers are kept. A body that stands in the file already is referred to."""
    for number, one in enumerate(asked, 1):
        if one.digest not in pack.answers or urlsplit(one.url).scheme not in ("http", "https"):
            continue
        uri, body = quote(one.url, safe=_SAFE), pack.answers[one.digest]
        name = f"{look.target} {look.at.isoformat()} {number}"
        head = {"WARC-Date": _date(look.at), "WARC-Record-ID": _id(name)}
        status = HTTPStatus.NOT_MODIFIED if one.unchanged else one.status
        shown = [(key, header(value)) for key, value in one.headers]
        answer = StatusAndHeaders(f"{int(status)} {_phrase(status)}".strip(), shown, protocol="HTTP/1.1")
        if one.digest in first:
            at, when = first[one.digest]
            record = writer.create_revisit_record(
                uri, f"sha256:{one.digest}", at, _date(when), http_headers=answer, warc_headers_dict=head
            )
        else:
            first[one.digest] = (uri, look.at)
            answer = StatusAndHeaders(answer.statusline, [*shown, ("content-length", str(len(body)))], "HTTP/1.1")
            record = writer.create_warc_record(
                uri, "response", payload=io.BytesIO(body), length=len(body), http_headers=answer,
                warc_headers_dict={**head, "WARC-Payload-Digest": f"sha256:{one.digest}"},
            )  # fmt: skip
        parts = urlsplit(uri)
        line = f"{one.method} {parts.path or '/'}{f'?{parts.query}' if parts.query else ''} HTTP/1.1"
        question = writer.create_warc_record(
            uri, "request", payload=io.BytesIO(b""), length=0,
            http_headers=StatusAndHeaders(line, [("host", parts.netloc)], is_http_request=True),
            warc_headers_dict={
                "WARC-Date": _date(look.at), "WARC-Record-ID": _id(f"{name} asked"), "WARC-Concurrent-To": _id(name)
            },
        )  # fmt: skip
        writer.write_record(record)
        writer.write_record(question)
        yield _id(name)


def _look(writer: WARCWriter, look: Look, ids: list[str]) -> None:
    body = json.dumps(look.model_dump(mode="json"), ensure_ascii=False, sort_keys=True).encode()
    headers = {"WARC-Date": _date(look.at), "WARC-Record-ID": _id(f"look {look.target} {look.at.isoformat()}")}
    headers |= {"WARC-Refers-To": ids[0]} if ids else {}
    uri = f"urn:mediawatch:look:{header(look.target).replace(' ', '%20')}"
    record = writer.create_warc_record(
        uri, "metadata", payload=io.BytesIO(body), length=len(body), warc_content_type="application/json",
        warc_headers_dict=headers,
    )  # fmt: skip
    writer.write_record(record)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


def header(value: str) -> str:
    """A value for a header: one line of printable ASCII, bounded."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in clean(value, 300))


def _resource(writer: WARCWriter, digest: str, body: bytes, look: Look) -> str:
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
    return _id(digest)


def _id(name: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(_NAMES, name)}>"


def _date(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
