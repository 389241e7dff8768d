"""`attest`: a person's word that an app opened, or did not, where no device can be driven."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Busy, Moment, Stopped, loaded, paths
from mediawatch.commands.printing import narrate
from mediawatch.settings import Loaded

if TYPE_CHECKING:
    from mediawatch.adapters.attestation import Attestation


@click.command()
@click.argument("account")
@paths
@click.option(
    "--opened", type=click.Choice(["yes", "no"]), required=True, help="Whether it opened; `no` blames the app."
)
@click.option("--device", required=True, help="On which device.")
@click.option("--os", "system", required=True, help="Its system, such as `Android 14`.")
@click.option("--by", required=True, help="Who tried it: name and office.")
@click.option("--when", type=Moment(), required=True, help="When, with its zone.")
@click.option(
    "--picture", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A photograph; it is kept."
)
@click.option("--complaints", type=click.Choice(["yes", "no"]), help="Whether it offers a way to complain and suggest.")
@click.option("--note", default="", help="What else there is to say.")
def attest(
    account: str,
    accounts: Path | None,
    settings: Path | None,
    opened: str,
    device: str,
    system: str,
    by: str,
    when: datetime,
    picture: Path | None,
    complaints: str | None,
    note: str,
) -> None:
    """Put a person's signed word about an app into the record. Goes through the daemon where one runs."""
    from mediawatch.adapters.attestation import Attestation
    from mediawatch.store.blobs import Blobs

    found = loaded(accounts, settings)
    said = {"who": by, "device": device, "os": system, "at": when, "opened": opened == "yes", "note": note}
    said["complaints"] = None if complaints is None else complaints == "yes"
    try:
        digest = Blobs(found.settings.data_dir / "answers").keep(picture.read_bytes()) if picture else ""
        word = Attestation.model_validate({**said, "package": _package(found, account), "picture": digest})
    except ValueError as error:
        raise Stopped(f"not taken: {error}") from None
    asyncio.run(_tell(found, account, word))
    narrate("ok")


def _package(found: Loaded, account: str) -> str:
    """The app that the register names for the account."""
    for one in found.accounts:
        if one.id == account:
            for target in one.targets:
                if target.adapter == "launch":
                    return str(target.address["package"])
            raise ValueError(f"{account} has no channel `launch`")
    raise ValueError(f"no account {account!r} in the register")


async def _tell(found: Loaded, account: str, word: Attestation) -> None:
    """Through the daemon, or with the store's lock taken here where no daemon runs. Raises Stopped."""
    from mediawatch.adapters.attestation import sign
    from mediawatch.attest import attest as attested_here
    from mediawatch.house import policy_of, socket_path, writing_store
    from mediawatch.store.errors import StoreBusy, StoreError
    from mediawatch.wires import control

    key = found.settings.attestation_key
    if key is None:
        raise Stopped("the settings hold no attestation_key: nobody's word can be checked")
    signature = sign(word, key.get_secret_value().encode())
    try:
        await control.attest(socket_path(found.settings), account, word.model_dump_json(), signature)
    except control.ControlRefused as error:
        raise Stopped(str(error)) from None
    except control.NoDaemon:
        try:
            with writing_store(found, wall_clock(), beside=True) as store:
                attested_here(store, policy_of(found), account, word, signature, wall_clock())
        except StoreBusy as error:
            raise Busy(str(error)) from None
        except StoreError as error:
            raise Stopped(str(error)) from None
        except (KeyError, ValueError) as error:
            raise Stopped(f"not taken: {error}") from None
