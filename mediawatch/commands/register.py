"""`accounts add`, `set`, `remove`, `import`: acts on the register.

They write the folder beside accounts.yaml, no file of people's; the daemon takes the change up when it reloads.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Busy, Stopped, as_json, files, locale_language
from mediawatch.commands.printing import echo, json_line, narrate, table
from mediawatch.core.text import clean

if TYPE_CHECKING:
    from mediawatch.register.edit import Editing, Plan
    from mediawatch.register.sheet import Row
    from mediawatch.strict_yaml import Problem

F = TypeVar("F", bound=Callable[..., Any])

MOST_SHOWN = 60  # changes as text; --json shows them all
MOST_PROBLEMS = 200


def acts(command: F) -> F:
    """The options of everything that changes the register."""
    command = click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")(command)
    command = click.option("--note", default="", help="Why; kept in the history.")(command)
    return click.option("--by", default=getpass.getuser, help="Who changes it (default: the login name).")(command)


def editing(accounts: Path | None, settings: Path | None) -> Editing:
    """The register as it is, or exit 2 with the problems that it has already."""
    from mediawatch.register.edit import Editing
    from mediawatch.settings import ACCOUNTS_FILE, SETTINGS_FILE

    if settings is None and Path(SETTINGS_FILE).exists():
        settings = Path(SETTINGS_FILE)
    found = Editing(accounts or Path(ACCOUNTS_FILE), settings, os.environ)
    if found.problems:
        raise Stopped("\n".join(map(str, sorted(set(found.problems)))))
    return found


def finish(
    edit: Editing, plan: Plan, by: str, note: str, dry_run: bool, lang: str | None, json_: bool, *, file: bool = False
) -> None:
    """Shows the plan, and writes it unless it is a dry run. Exit 2 where it has a problem: nothing is changed then."""
    refuse(plan.problems, file)
    for warning in sorted(set(plan.warnings))[:MOST_PROBLEMS]:
        narrate(f"{warning if file else warning.message} (warning)")
    spoken = lang or locale_language()
    head = ("账号", "字段", "原值", "新值") if spoken == "zh_CN" else ("account", "field", "before", "after")
    if json_:
        for change in plan.changes:
            echo(json_line(change))
    elif plan.changes:
        rows = [
            (
                one.account,
                one.field or ("账号" if spoken == "zh_CN" else "account"),
                one.before or "-",
                one.after or "-",
            )
            for one in plan.changes[:MOST_SHOWN]
        ]
        echo(table(head, rows, most=(40, 0, 40, 60)))
        if len(plan.changes) > MOST_SHOWN:
            narrate(f"… and {len(plan.changes) - MOST_SHOWN} more changes; --json shows all")
    counts = ", ".join(f"{number} {name}" for name, number in plan.counts().items())
    if dry_run or not (plan.changes or plan.units_changed):
        narrate(f"{'dry run: ' if dry_run else 'nothing to change: '}{counts}")
        return
    keep(edit, plan, by, note)
    narrate(f"{counts}; a running daemon takes it up when it reloads (SIGHUP)")


def keep(edit: Editing, plan: Plan, by: str, note: str) -> None:
    """Writes a plan, under the lock of the register. Raises Busy, Stopped."""
    from mediawatch.store.errors import StoreBusy
    from mediawatch.store.lock import OneWriter

    try:
        with OneWriter(edit.folder.path / ".lock"):
            edit.apply(plan, clean(by, 100), clean(note, 500), wall_clock())
    except StoreBusy:
        raise Busy(f"another command is changing this register: {edit.folder.path}") from None
    except OSError as error:
        raise Stopped(f"{edit.folder.path}: cannot be written: {error.strerror}") from None


def refuse(problems: list[Problem], file: bool) -> None:
    """Exit 2 with every problem, if there is one. file: they have a place in a file, and not on a command line."""
    if not problems:
        return
    told = [str(problem if file else problem.message) for problem in sorted(set(problems))]
    more = [f"… and {len(told) - MOST_PROBLEMS} more"] if len(told) > MOST_PROBLEMS else []
    raise Stopped("\n".join((*told[:MOST_PROBLEMS], *more, "nothing was changed")))


@click.command("add")
@click.argument("url")
@files
@click.option("--name", default="", help="The account's name, as people know it.")
@click.option("--id", "account_id", default="", help="Its id; default: kind and number, such as weibo-5000609535.")
@click.option("--kind", default="", help="Its kind, where the address does not tell.")
@click.option("--sponsor", default="", help="主办单位.")
@click.option("--unit", default="", help="The id of the unit that answers for it.")
@click.option("--region", default="", help="GB/T 2260 code.")
@click.option("--level", default="", help="national, province, city, county or town.")
@click.option("--feed", default="", help="The feed of a bridge that shows this account, as one more channel.")
@click.option("--covers", default="", help="What that feed can see, such as posts, or mass_sent,published.")
@click.option("--to", "onto", default="", help="Add the channel to this registered account instead.")
@acts
@as_json
def accounts_add(
    url: str, accounts: Path | None, settings: Path | None, lang: str | None, json_: bool, **given: Any
) -> None:
    """Register an account by an address pasted from a browser: its platform and number are read from it."""
    edit = editing(accounts, settings)
    plan, advice = added(edit, url, given, lang or locale_language())
    if advice:
        narrate(advice)
    finish(edit, plan, given["by"], given["note"], given["dry_run"], lang, json_)


def added(edit: Editing, url: str, given: Mapping[str, Any], spoken: Any) -> tuple[Plan, str]:
    """The plan of an account, or of a channel more, by an address; and what more to give it. Raises Stopped.

    given: the options of `accounts add` that were said.
    """
    from mediawatch.adapters.pasted import NotRecognised, recognise
    from mediawatch.register.handed_in import Identities, new_row

    try:
        said = recognise(url)
    except NotRecognised as error:
        raise Stopped(f"{url}: {error.says.in_(spoken)}") from None
    targets: list[dict[str, Any]] = [{"adapter": said.adapter, **said.address}] if said.adapter else []
    advice = ""
    if given.get("feed"):
        covers = {"covers": given["covers"].replace(",", " ").split()} if given.get("covers") else {}
        targets.append({"adapter": "feed", "url": given["feed"], **covers})
    elif said.advice is not None:
        advice = said.advice.in_(spoken)
    onto = given.get("onto")
    if onto:
        known = edit.kept(onto)
        if known is None:
            raise Stopped(f"{onto}: is no account that commands keep; `mediawatch accounts list` names all of them")
        data: dict[str, Any] = {"id": onto, "targets": [*known.get("targets", []), *targets]}
    else:
        fields = {name: given[name] for name in ("name", "sponsor", "unit", "region", "level") if given.get(name)}
        kind = given.get("kind") or said.kind
        name = given.get("account_id") or _id_of(kind, said.platform_id, said.link)
        known_as = Identities(edit.accounts()).at(said.adapter, said.address) if said.adapter else None
        if known_as or name in edit.accounts():
            raise Stopped(
                f"{known_as or name}: is registered already; --to adds a channel to it, `accounts set` changes it"
            )
        filing = {"link": said.link, **({"platform_id": said.platform_id} if said.platform_id else {})}
        data = {"id": name, "kind": kind, **fields, "filing": filing, "targets": targets}
    return edit.plan([new_row(data, url)]), advice


def _id_of(kind: str, number: str, link: str) -> str:
    import hashlib
    import re
    from urllib.parse import urlsplit

    plain = re.sub(r"[^\w.-]", "", number)[:60]
    if plain:
        return f"{kind}-{plain}"
    host = urlsplit(link).hostname or ""
    return f"{kind}-{host}" if kind == "website" else f"{kind}-{hashlib.sha256(link.encode()).hexdigest()[:10]}"


@click.command("set")
@click.argument("account")
@click.argument("field", nargs=-1, required=True)
@files
@acts
@as_json
def accounts_set(
    account: str,
    field: tuple[str, ...],
    accounts: Path | None,
    settings: Path | None,
    lang: str | None,
    json_: bool,
    by: str,
    note: str,
    dry_run: bool,
) -> None:
    """Change fields of an account that commands keep: state=closing, filed_on=2026-03-01; `scope=` empties one."""
    from mediawatch.complaints import unknown_name
    from mediawatch.register.handed_in import changed_row
    from mediawatch.register.shapes import ACCOUNTS

    edit = editing(accounts, settings)
    told: dict[str, str] = {}
    known = ACCOUNTS.own | ACCOUNTS.within.keys()
    for one in field:
        name, equals, value = one.partition("=")
        if not equals:
            raise Stopped(f"{one}: write FIELD=VALUE")
        if name not in known - {"id"}:
            raise Stopped(unknown_name("field", name, known - {"id"}))
        told[name] = value.strip()
    if account not in edit.accounts():
        raise Stopped(f"no account {account!r} in the register; `mediawatch accounts list` names them")
    try:
        row = changed_row(account, told)
    except ValueError as error:
        raise Stopped(str(error)) from None
    finish(edit, edit.plan([row]), by, note, dry_run, lang, json_)


@click.command("remove")
@click.argument("account", nargs=-1)
@files
@click.option("--unit", "units", multiple=True, help="This unit, which no account or unit names any more; repeatable.")
@acts
@as_json
def accounts_remove(
    account: tuple[str, ...],
    accounts: Path | None,
    settings: Path | None,
    units: tuple[str, ...],
    lang: str | None,
    json_: bool,
    by: str,
    note: str,
    dry_run: bool,
) -> None:
    """Take accounts, or units, out of what commands keep. An account's record stays."""
    if bool(account) == bool(units):
        raise Stopped("name accounts, or units with --unit; units go after the accounts that name them")
    edit = editing(accounts, settings)
    finish(edit, edit.plan([], removed=account, removed_units=units), by, note, dry_run, lang, json_)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@files
@click.option("--replace", is_flag=True, help="Accounts that commands keep and the file does not name are removed.")
@acts
@as_json
def accounts_import(
    file: Path,
    accounts: Path | None,
    settings: Path | None,
    lang: str | None,
    json_: bool,
    replace: bool,
    by: str,
    note: str,
    dry_run: bool,
) -> None:
    """Take in a table of accounts, and of units, from CSV or XLSX: all of it, or nothing where a row is wrong."""
    edit = editing(accounts, settings)
    finish(edit, taken_in(edit, file, replace, narrate), by, note, dry_run, lang, json_, file=True)


def taken_in(edit: Editing, file: Path, replace: bool, says: Callable[[str], None]) -> Plan:
    """The plan of a table that was handed in. says: is told how far it is."""
    from mediawatch.register.handed_in import Identities, read_handed_in

    found = read_handed_in(file, lambda count: says(f"{count:,} rows read"))
    if found.skipped:
        says(f"columns that are not read: {'、'.join(dict.fromkeys(found.skipped))}")
    identities = Identities(edit.accounts())
    rows: list[Row] = found.accounts
    for row in rows:
        identities.complete(row, found.problems)
    if len(rows) >= 10_000:
        says(f"{len(rows):,} accounts are checked")
    named = {str(row.data.get("id")) for row in rows}
    removed = [one for one in edit.kept_ids if one not in named] if replace else []
    plan = edit.plan(rows, found.units, removed)
    plan.problems += found.problems
    return plan
