"""`check` and `version`: what the settings say, and every problem with its place."""

from __future__ import annotations

import os
from pathlib import Path

import click

from mediawatch import __version__
from mediawatch.commands.options import Stopped, as_json, paths
from mediawatch.commands.printing import echo, json_line, narrate


@click.command()
@paths
@as_json
def check(accounts: Path | None, settings: Path | None, json_: bool) -> None:
    """Check all settings and list every problem with file:line:column. Exit 2 where there is one."""
    from mediawatch.settings import SettingsError, load

    try:
        found = load(accounts, settings, os.environ)
    except SettingsError as error:
        if json_:
            for problem in error.problems:
                echo(json_line(dict(zip(("file", "line", "column", "message"), _parts(problem), strict=True))))
        raise Stopped("" if json_ else str(error)) from None
    for warning in found.warnings:
        narrate(f"{warning} (warning)")
    watched = [account for account in found.accounts if not account.canary]
    targets = sum(len(account.targets) for account in watched)
    summary = {
        "accounts": len(watched),
        "targets": targets,
        "canaries": len(found.accounts) - len(watched),
        "receivers": len(found.settings.receivers),
        "warnings": len(found.warnings),
    }
    echo(json_line(summary) if json_ else "ok: " + ", ".join(f"{count} {name}" for name, count in summary.items()))


def _parts(problem: object) -> tuple[object, ...]:
    return tuple(getattr(problem, name) for name in ("file", "line", "column", "message"))


@click.command()
def version() -> None:
    """Print the version."""
    echo(f"mediawatch {__version__}")
