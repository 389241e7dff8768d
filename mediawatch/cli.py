"""The command line: names, options and exit codes are a contract. Commands are imported only when they are called.

Data goes to stdout, narration to stderr. Exit codes: 0 done (for `once`: all pass or at risk) · 1 at least one fail
· 2 settings or usage · 3 no fail, but something unknown · 4 another process holds the store · 130 interrupted.
"""

from __future__ import annotations

import gc
import importlib
import sys

import click

from mediawatch import __version__

COMMANDS = {
    "run": ("mediawatch.commands.run", "Run the daemon: watch all accounts until stopped."),
    "once": ("mediawatch.commands.once", "Look at every target once, judge, print one line for each account."),
    "demo": ("mediawatch.commands.demo", "Watch a simulated world in which things go wrong, fast."),
    "tui": ("mediawatch.commands.tui", "Open the console on the store, or on a daemon far away."),
    "token": ("mediawatch.commands.token", "A token for the listener, and its line for the settings."),
    "serve": ("mediawatch.commands.serve", "The console in a browser, behind a token."),
    "check": ("mediawatch.commands.check", "Check all settings and list every problem with its place."),
    "doctor": (
        "mediawatch.commands.doctor",
        "Look over the place: versions, clock, disk, modes, ways out; what to do.",
    ),
    "explain": ("mediawatch.commands.show", "Everything about one account: outcome, why, proof, what is missing."),
    "accounts": ("mediawatch.commands.accounts", "The register: list, check, add, import, export, history."),
    "rollup": ("mediawatch.commands.rollup", "Signed files from office to office: how accounts stand."),
    "snapshot": ("mediawatch.commands.rollup", "Write the public snapshot: all accounts and those that fail."),
    "pulse": ("mediawatch.commands.pulse", "How everything stands, and what changed lately."),
    "areas": ("mediawatch.commands.pulse", "Accounts counted by area, unit or anything they share."),
    "changes": ("mediawatch.commands.pulse", "What changed and who acted, newest first."),
    "log": ("mediawatch.commands.pulse", "The looks at all accounts, newest first."),
    "findings": ("mediawatch.commands.show", "The standing answer for each account and indicator."),
    "judge": ("mediawatch.commands.judge", "Judge the past from the record, by any rulebook."),
    "rejudge": ("mediawatch.commands.judge", "Rebuild the standing answers from the record."),
    "rulebook": ("mediawatch.commands.rulebook", "Rulebooks: list, show, compare, check, try on the record."),
    "review": ("mediawatch.commands.review", "Candidates that wait for a person: list, confirm, dismiss."),
    "inspect": ("mediawatch.commands.inspect", "Inspection campaigns: draw, look, judge, freeze, verify."),
    "case": ("mediawatch.commands.case", "Rectification cases: list, open, notify, report, close."),
    "report": ("mediawatch.commands.report", "Documents as drafts: circular, annexes, notice, yearly forms, evidence."),
    "attest": ("mediawatch.commands.attest", "A person's word that an app opened, or did not."),
    "letters": ("mediawatch.commands.letters", "The office's register of messages, as a table, into the record."),
    "receivers": ("mediawatch.commands.receivers", "Receivers: list, show what was last said, test, retry."),
    "alerts": ("mediawatch.commands.alerts", "Alerts: list, acknowledge, who is told, what units bear."),
    "acts": ("mediawatch.commands.acts", "What people did about alerts: who, when, why."),
    "silence": ("mediawatch.commands.silence", "Silences: add, list, end."),
    "maintenance": ("mediawatch.commands.silence", "Maintenance windows: add, list, end."),
    "store": ("mediawatch.commands.store", "The store: size, prune, backup, restore."),
    "purge": ("mediawatch.commands.purge", "Take raw answers about one account away now, with a proof of what went."),
    "plan": ("mediawatch.commands.plan", "Each platform's pace: what is wanted, what must give, when all is through."),
    "verify": ("mediawatch.commands.verify", "Check that nothing of the record was changed afterwards."),
    "platforms": ("mediawatch.commands.sources", "Platforms: what was seen, coverage, time lost, incidents."),
    "sessions": ("mediawatch.commands.sources", "Logins: whose, until when, whether they are taken."),
    "adapters": ("mediawatch.commands.sources", "Adapters: needs, coverage, blindness, pace, failure rate."),
    "workdays": ("mediawatch.commands.workdays", "Chinese working days: when a term ends, how many lie between."),
    "serve-sim": ("mediawatch.commands.demo", "Run the platform simulator alone."),
    "worker": ("mediawatch.commands.worker", "Work for a fleet at one site until stopped."),
    "fleet": ("mediawatch.commands.fleet", "The workers of a fleet: who works where, and what nobody does."),
    "version": ("mediawatch.commands.check", "Print the version."),
}


class _Lazy(click.Group):
    """A group whose commands live in modules that are imported when asked for: `--help` stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        gc.disable()  # nothing that is loaded is ever let go of: to look for it takes a tenth of a start
        try:
            command: click.Command = getattr(importlib.import_module(module), cmd_name.replace("-", "_"))
        finally:
            gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])


@click.version_option(__version__, prog_name="mediawatch", message="%(prog)s %(version)s")
@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def cli() -> None:
    """mediawatch proves which government new-media accounts are silent, empty or broken, and tells who answers."""


def main() -> None:
    """The entry point. Known failures are one clear message and an exit code, never a traceback."""
    try:
        ended = cli.main(standalone_mode=False)  # click gives an `Exit` of a command back as its number
        sys.exit(ended if isinstance(ended, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
