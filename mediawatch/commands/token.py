"""`token`: makes a token for the listener, and the line of the settings that lets its holder in."""

from __future__ import annotations

import secrets

import click

from mediawatch.commands.printing import echo, narrate
from mediawatch.settings_web import digest

BYTES = 32


@click.command()
@click.argument("name")
@click.option("--scope", type=click.Choice(["read", "operator"]), default="read", show_default=True)
def token(name: str, scope: str) -> None:
    """Make a token. It is printed once and kept nowhere; the settings get its hash."""
    made = secrets.token_urlsafe(BYTES)
    narrate("for mediawatch.yaml, under web: tokens:")
    narrate(f'  {name}: {{scope: {scope}, hash: "sha256:{digest(made)}"}}')
    echo(made)
