"""`make audit`: known weaknesses of what is locked, asked of osv.dev by pip-audit, which is fetched when run.

    python -m tests.audit [--where-reachable]

Ends with 1 where something is known, and where osv.dev cannot be reached: what nobody looked up is not free of
weaknesses. With `--where-reachable` that is said, and skipped.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

OSV = "https://api.osv.dev/v1/query"
AUDIT = (
    *("tool", "run", "pip-audit>=2.9,<3", "--requirement", "requirements.lock", "--require-hashes"),
    *("--disable-pip", "--vulnerability-service", "osv"),
)
PATIENCE = 15  # seconds


def unreachable(url: str) -> str:
    """Why nothing answers there, by way of whatever proxy the environment names; empty where something does."""
    try:
        urllib.request.urlopen(urllib.request.Request(url, b"{}"), timeout=PATIENCE).close()  # noqa: S310
    except urllib.error.HTTPError:
        return ""
    except OSError as error:
        return str(getattr(error, "reason", error))
    return ""


def main(given: Sequence[str], osv: str = OSV) -> int:
    parser = argparse.ArgumentParser(prog="make audit", description="known weaknesses of what is locked")
    parser.add_argument("--where-reachable", action="store_true", help="skip it, and say so, where osv.dev is not")
    asked = parser.parse_args(given)
    if why := unreachable(osv):
        skipped = "skipped" if asked.where_reachable else "not done"
        print(f"audit: {skipped}, nothing was looked up: {osv} cannot be reached ({why})")
        return 0 if asked.where_reachable else 1
    return subprocess.run((Path(sys.executable).with_name("uv"), *AUDIT), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
