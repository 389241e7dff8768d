"""The `accounts` group: what the register says, and the acts that change it. A bare call lists."""

from __future__ import annotations

import click

from mediawatch.commands.reconcile import accounts_reconcile
from mediawatch.commands.register import accounts_add, accounts_import, accounts_remove, accounts_set
from mediawatch.commands.register_show import accounts_export, accounts_history, accounts_show, accounts_units
from mediawatch.commands.show import accounts_check, accounts_list


@click.group(invoke_without_command=True)
@click.pass_context
def accounts(context: click.Context) -> None:
    """The register. Without a command it is listed, as by `list`."""
    if context.invoked_subcommand is None:
        context.invoke(accounts_list)


for command in (
    *(accounts_list, accounts_check),
    *(accounts_add, accounts_set, accounts_remove, accounts_import),
    *(accounts_show, accounts_history, accounts_units, accounts_export, accounts_reconcile),
):
    accounts.add_command(command)
