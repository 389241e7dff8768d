"""`make faults`: what goes wrong is made to go wrong, and the figures are printed, goal beside seen.

    python -m tests.bench.faults [--full] [SECTION[:PART]…]

A section is a module with `figures(full) -> Iterator[Figure]`, named in `SECTIONS`; where it takes a part as well, only
that is tried: `lies:stale,gone`, `fuzz:weibo`, `kills:operations`, `kills:moments`, `process:endings`, or one operation
in five: `disk:5`. Without `--full` all of them take minutes; with it, each does as often as the goal says. Ends with 1
where a goal is not met.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from unicodedata import east_asian_width

SECTIONS = {
    "lies": "tests.faults.lies",
    "kills": "tests.faults.kills",
    "power": "tests.faults.powercut",
    "disk": "tests.faults.full_disk",
    "process": "tests.faults.process",
    "receivers": "tests.faults.receivers",
    "upgrades": "tests.faults.upgrades",
    "model": "tests.faults.model",
    "fuzz": "tests.faults.fuzz",
    "tamperings": "tests.faults.tamperings",
    "names": "tests.faults.names",
    "answers": "tests.faults.answers",
    "packages": "tests.faults.packages",
}
WIDE = 70


def _padded(text: str, width: int) -> str:
    return text + " " * max(0, width - sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make faults", description="what goes wrong, made to go wrong")
    parser.add_argument("--full", action="store_true", help="as often as the goals say (an hour or more)")
    parser.add_argument("sections", nargs="*", metavar="SECTION[:PART]", help=f"of {', '.join(SECTIONS)}")
    given = parser.parse_args()
    missed = 0
    print(f"{'':9}{_padded('', WIDE)}  {'goal':<22}seen")
    for asked in given.sections or SECTIONS:
        began = time.perf_counter()
        print(f"\n{asked}", flush=True)
        name, *part = asked.split(":")
        if name not in SECTIONS:
            parser.error(f"there is no section {name}")
        for figure in importlib.import_module(SECTIONS[name]).figures(given.full, *part):
            missed += not figure.holds
            mark = "" if figure.holds else "  <-- NOT MET"
            print(f"  {_padded(figure.says, WIDE + 6)}  {figure.goal:<22}{figure.seen}{mark}", flush=True)
        print(f"  ({time.perf_counter() - began:.0f} s)", flush=True)
    print(f"\n{'every goal is met' if not missed else f'{missed} goals are NOT met'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
