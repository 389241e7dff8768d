"""The register's acts for a face that stays open: planned, shown and only then written, by the commands' own plans.

They are of this machine only: the register is a folder of files here. It must print nothing: the screen is another's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Stopped
from mediawatch.commands.reconcile import compared
from mediawatch.commands.register import added, editing, keep, refuse, taken_in
from mediawatch.commands.register_show import as_file
from mediawatch.core.calendar import day_of
from mediawatch.core.rulebook import Language

if TYPE_CHECKING:
    from mediawatch.core.reconcile import Difference
    from mediawatch.register.edit import Editing, Plan
    from mediawatch.settings import Loaded

WITHIN = 5
"""Working days within which an account is filed, where nothing else is said."""


@dataclass(frozen=True)
class RegisterActs:
    """accounts, settings: the files, read anew for each act. load: all of them, as a command reads them."""

    accounts: Path | None
    settings: Path | None
    language: Language
    load: Callable[[], Loaded]

    async def act(self, name: str, said: dict[str, Any], by: str, dry_run: bool) -> dict[str, Any]:
        """`accounts.add`, `accounts.import` or `accounts.export`: what it changes, or would. Raises Stopped."""
        acts = {"accounts.add": self._add, "accounts.import": self._import, "accounts.export": self._export}
        return await asyncio.to_thread(acts[name], said, by, dry_run)

    def differences(self, file: Path) -> tuple[Difference, ...]:
        """Where an export of the national filing of today differs from the register and the record. Raises Stopped."""
        return compared(file, self.load(), WITHIN, day_of(wall_clock()), lambda said: None)

    def _add(self, said: dict[str, Any], by: str, dry_run: bool) -> dict[str, Any]:
        edit = editing(self.accounts, self.settings)
        plan, advice = added(edit, said["url"], said, self.language)
        refuse(plan.problems, file=False)
        return self._finished(edit, plan, said, by, dry_run, [advice] if advice else [])

    def _import(self, said: dict[str, Any], by: str, dry_run: bool) -> dict[str, Any]:
        edit = editing(self.accounts, self.settings)
        notes: list[str] = []
        plan = taken_in(edit, Path(said["file"]), said.get("replace") == "yes", notes.append)
        refuse(plan.problems, file=True)
        return self._finished(edit, plan, said, by, dry_run, notes)

    def _finished(
        self, edit: Editing, plan: Plan, said: dict[str, Any], by: str, dry_run: bool, notes: list[str]
    ) -> dict[str, Any]:
        if not dry_run and (plan.changes or plan.units_changed):
            keep(edit, plan, by, said.get("note", ""))
        changes = [one.model_dump(mode="json") for one in plan.changes]
        notes += [str(one) for one in sorted(set(plan.warnings))]
        return {"register": plan.counts(), "changes": changes, "notes": notes}

    def _export(self, said: dict[str, Any], by: str, dry_run: bool) -> dict[str, Any]:
        file, found = Path(said["file"]), self.load()
        heads = "zh_CN" if said.get("heads") == "zh_CN" else "names"
        body = as_file(found, file, heads, said.get("people") == "no")
        try:
            if dry_run and file.exists():
                raise FileExistsError
            if not dry_run:
                with file.open("xb") as stream:
                    stream.write(body)
        except FileExistsError:
            raise Stopped(f"{file}: is there already; nothing is written over") from None
        except OSError as error:
            raise Stopped(f"{file}: cannot be written: {error.strerror}") from None
        own = sum(not account.canary for account in found.accounts)
        return {"register": {"accounts": own, "units": len(found.units), "bytes": len(body)}, "file": str(file)}
