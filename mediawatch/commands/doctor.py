"""`doctor`: the place that mediawatch runs in, looked over, with what to do. It changes nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import as_json, files, language, loaded
from mediawatch.commands.printing import echo, json_line

SIGNS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


@click.command()
@files
@click.option("--offline", is_flag=True, help="Do not try the ways to the platforms.")
@as_json
def doctor(accounts: Path | None, settings: Path | None, lang: str | None, offline: bool, json_: bool) -> None:
    """Look over the place: versions, clock, disk, modes of files, holidays, the ways to the platforms; say what to do.

    Exit code 0 where nothing fails (warnings may be), else 1.
    """
    from mediawatch.adapters import ADAPTERS
    from mediawatch.house import paces_of
    from mediawatch.place import Place, looked_over
    from mediawatch.settings import SETTINGS_FILE

    found = loaded(accounts, settings, warn=True)
    spoken = language(lang, found)
    paces = paces_of(found.settings)
    hosts: dict[str, str] = {}
    for account in () if offline else found.accounts:
        for target in account.targets:
            own = str(target.address.get(ADAPTERS[target.adapter].host_field or "", ""))
            pace = paces.get(target.platform) or paces[target.platform.partition(":")[0]]
            hosts.setdefault(target.platform, pace.base_url or own)
    place = Place(found, wall_clock(), hosts, settings or Path(SETTINGS_FILE))
    worst = 0
    for check in looked_over(place):
        worst = max(worst, int(check.state == "fail"))
        if json_:
            echo(json_line(check))
            continue
        echo(f"{SIGNS[check.state]}  {check.name}: {check.says.in_(spoken)}")
        if check.do is not None:
            echo(f"      → {check.do.in_(spoken)}")
    sys.exit(worst)
