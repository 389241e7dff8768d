"""The evidence of one finding as a ZIP that anybody can check with sha256sum and Python alone (docs/evidence-pack.md).

In front is a page for people; behind it, byte for byte, what the finding rests on. Names of files are made of digests
and of our own words only. It must hold no secret part of an address, nothing
that was sent along with a question, and no contact of a unit.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

from mediawatch.core.model import Value
from mediawatch.core.report_views import Pack
from mediawatch.core.value import canonical
from mediawatch.reports import evidence_page, html, warc
from mediawatch.reports.paper import Paper

PNG = b"\x89PNG\r\n\x1a\n"


def render(pack: Pack) -> bytes:
    """The ZIP. The same pack makes the same files, but for the ids of the WARC's own head."""
    files = _files(pack)
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(files.items()))
    files["SHA256SUMS"] = sums.encode()
    day = pack.issue.day
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, body)
    return out.getvalue()


def heads(pack: Pack) -> dict[str, str]:
    """By target, the hash of its last look up to the instant: all looks before hang on it."""
    return {look.target: look.hash for look in pack.chain}


def page(pack: Pack) -> Paper:
    """The page in front, which is a document of its own too."""
    return evidence_page.paper(pack, heads(pack), shots(pack))


def _files(pack: Pack) -> dict[str, bytes]:
    account = pack.evidence.account
    told = {
        "account": {
            "id": account.id, "name": account.name, "kind": account.kind, "sponsor": account.sponsor,
            "supervisor": account.supervisor, "region": account.region, "level": account.level, "places": pack.places,
        },
        "finding": pack.finding.model_dump(mode="json"),
        "says": pack.says,
        "rulebook": pack.rulebook.id,
        "edition": pack.rulebook.edition,
        "decided": pack.decided,
        "heads": heads(pack),
        "setups": pack.setups,
        "missing_answers": pack.missing,
    }  # fmt: skip
    files = {
        "index.html": html.render(page(pack)),
        "finding.json": _json(told),
        "rule.json": _json(pack.indicator.model_dump(mode="json", by_alias=True)),
        "rulebook.json": pack.rulebook.text.encode(),  # its digest is the edition
        "looks.json": _json(_listed(pack.evidence.looks)),
        "posts.json": _json(_listed(pack.evidence.posts)),
        "visits.json": _json(_listed(pack.evidence.visits)),
        "profiles.json": _json(_listed(pack.evidence.profiles)),
        "chain.jsonl": "".join(map(_link, pack.chain)).encode(),
        "answers.warc.gz": warc.render(pack),
    }
    files |= {f"answers/{digest}": body for digest, body in pack.answers.items()}
    files |= {f"screenshots/{digest}.png": body for digest, body in shots(pack).items()}
    return files


def shots(pack: Pack) -> dict[str, bytes]:
    """The kept answers that are pictures of a screen."""
    return {digest: body for digest, body in pack.answers.items() if body.startswith(PNG)}


def _link(look: Value) -> str:
    """One look as its hash covers it, and the hash: canonical JSON, one line."""
    record = look.model_dump(mode="json")
    hashed = record.pop("hash")
    if not record["asked"]:
        del record["asked"]
    return canonical({"hash": hashed, "look": record}) + "\n"


def _listed(values: Iterable[Value]) -> list[Any]:
    return [one.model_dump(mode="json") for one in values]


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
