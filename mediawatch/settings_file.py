"""Reads mediawatch.yaml: blocks → values, `${NAME}` and `file:` → secrets, canaries → accounts.

It must never quote a value of a receiver or a platform in a message.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from mediawatch.adapters.attestation import SHORTEST_KEY
from mediawatch.complaints import about, explain, unknown_key, unknown_name
from mediawatch.core.incidents import CANARY
from mediawatch.core.model import Account, Value
from mediawatch.core.schedule import Cadence
from mediawatch.core.workdays import Calendar
from mediawatch.literal_secrets import is_literal, is_secret, texts
from mediawatch.platform_names import adapter_of, wrong_platform, wrong_served, wrong_sessions
from mediawatch.receivers import RECEIVERS
from mediawatch.register.accounts_file import make_target
from mediawatch.rulebook_file import KINDS, Rulebooks, UnknownRulebook
from mediawatch.settings_rollup import RollupSettings
from mediawatch.settings_sites import SiteSettings, wrong_fleet
from mediawatch.settings_values import (
    AlertSettings,
    CadenceBlock,
    CaseSettings,
    ConsoleSettings,
    DaemonSettings,
    DeadManSettings,
    Platform,
    ReceiverSettings,
    RetentionSettings,
    ReviewSettings,
    SessionSettings,
    Settings,
    StampSettings,
    WireSettings,
)
from mediawatch.settings_web import WebSettings
from mediawatch.strict_yaml import Document, Path_, Problem, read
from mediawatch.who_is_told import WhoIsTold

ModelT = TypeVar("ModelT", bound=Value)

_LISTS = ("word_lists", "ignore_words", "blocked_hosts", "approved_sources")
_PLAIN = ("database", "data_dir", "rulebook", "language", "canary_quiet", "snapshot", "second_vantage", *_LISTS)
_BLOCKS: dict[str, type[Value]] = {
    "wire": WireSettings,
    "cadence": CadenceBlock,
    "daemon": DaemonSettings,
    "review": ReviewSettings,
    "console": ConsoleSettings,
    "calendar": Calendar,
    "alerts": AlertSettings,
    "cases": CaseSettings,
    "rollup": RollupSettings,
    "retention": RetentionSettings,
}
_VARIABLE = re.compile(r"\$\{([^}]*)\}?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORD = re.compile(r"[\w.-]{1,64}")
_DATABASE = re.compile(r"sqlite:///(?P<file>.*)|postgresql(\+psycopg)?://.+")
_MOST_SECRET = 64 * 1024


class SettingsFile(WhoIsTold):
    """One reading of mediawatch.yaml: what it says, or what is wrong with it."""

    def __init__(self, path: Path | None, env: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.canaries: list[Account] = []
        self.books = Rulebooks()
        self._env = env
        self._folder = path.parent if path else Path()
        self._document = read(path) if path else Document(str(path), {}, [])
        self._hidden: set[str] = set()
        self._literal: list[Path_] = []
        self.settings = self._read()
        if path:
            self._refuse_open_secrets(path)

    @property
    def rulebook(self) -> str:
        return self.settings.rulebook

    def _problem(self, path: Path_, message: str, *, at_key: bool = False) -> None:
        self.problems.append(about(self._document, path, message, at_key=at_key))

    def _read(self) -> Settings:
        self.problems += self._document.problems
        data = self._document.data
        if data is None:  # an empty file says nothing; a broken one has its problem already
            data = {}
        if not isinstance(data, dict):
            self._problem((), "must be a mapping (key: value)")
            data = {}
        for key in data.keys() - Settings.model_fields.keys():
            self.problems.append(unknown_key(self._document, (key,), Settings.model_fields))
        said: dict[str, Any] = {}
        for key, block in _BLOCKS.items():
            if data.get(key) is not None and (value := self._model(block, data[key], (key,))) is not None:
                said[key] = value
        if "rollup" in said and said["rollup"].key is not None:
            said["rollup"] = said["rollup"].model_copy(update={"key": self._folder / said["rollup"].key})
        if "cadence" in said:
            said["cadence"] = Cadence(**said["cadence"].model_dump())
        said["platforms"] = self._platforms(self._mapping(data, "platforms"))
        said["sessions"] = self._sessions(self._mapping(data, "sessions"), said["platforms"])
        said["sites"] = self._sites(self._mapping(data, "sites"))
        if data.get("web") is not None:
            said["web"] = self._web(data["web"])
        said["attestation_key"] = self._attestation_key(data.get("attestation_key"))
        receivers = self._mapping(data, "receivers")
        said["receivers"] = self._receivers(receivers)
        names = set(receivers)
        said["ladder"] = self._ladder(data.get("ladder"), names)
        said["reminders"] = self._reminders(data, names, said["ladder"])
        self._alerts(said.get("alerts"), names)
        said["digests"] = self._digests(self._mapping(data, "digests"), names)
        for key, outside in (("dead_man", DeadManSettings), ("stamp", StampSettings)):
            given = self._mapping(data, key)
            if given and (value := self._secretive(outside, given, (key,))) is not None:
                said[key] = value
        if "stamp" in said:
            said["stamp"] = said["stamp"].model_copy(update={"roots": self._folder / said["stamp"].roots})
        plain = {key: data[key] for key in _PLAIN if data.get(key) is not None}
        said |= self._plain(plain)
        settings = Settings(**said)
        for key, wrong in wrong_fleet(settings.sites, settings.database, bool(settings.second_vantage)):
            self._problem((key,), wrong, at_key=True)
        self._add_canaries(settings)
        return settings

    def _mapping(self, data: dict[str, Any], key: str) -> dict[str, Any]:
        block = data.get(key)
        if block is None or isinstance(block, dict):
            return block or {}
        self._problem((key,), "must be a mapping (name: {…})")
        return {}

    def _model(self, model: type[ModelT], given: Any, path: Path_) -> ModelT | None:
        try:
            return model.model_validate(given)
        except ValidationError as error:
            self.problems += explain(error, self._document, path, model, self._hidden)
            return None

    # --- the single keys ---

    def _plain(self, given: dict[str, Any]) -> dict[str, Any]:
        if isinstance(given.get("database"), str):
            given["database"] = self._filled(given["database"], ("database",)) or "sqlite:///unset.db"
            if urlsplit(given["database"]).password and given["database"] == self._document.data["database"]:
                self._literal.append(("database",))
        checked = self._model(Settings, given, ())
        said = {name: getattr(checked, name) for name in given} if checked else {}
        if "database" in said or "database" not in given:
            said["database"] = self._database(said.get("database", Settings().database))
        data_dir = Path(said.get("data_dir", Settings().data_dir))
        said["data_dir"] = self._folder / data_dir
        if said.get("snapshot"):
            said["snapshot"] = self._folder / said["snapshot"]
        said |= {key: tuple(self._folder / name for name in said[key]) for key in _LISTS if key in said}
        name = said.get("rulebook", Settings().rulebook)
        try:
            book = self.books.get(name, self._folder)
            said["rulebook"] = book.id if book else name
        except UnknownRulebook as error:
            self._problem(("rulebook",), str(error))
        return said

    def _database(self, text: str) -> str:
        parts = _DATABASE.fullmatch(text)
        if parts is None:
            self._problem(("database",), "must be sqlite:///file.db or postgresql://…")
            return text
        name = parts["file"]
        if name is None:
            return text
        if name in ("", ":memory:") or name.startswith("file:"):
            self._problem(("database",), "must name a file: sqlite:///mediawatch.db")
            return text
        return f"sqlite:///{(self._folder / name).resolve()}"

    # --- who is told ---

    def _receivers(self, given: dict[str, Any]) -> dict[str, ReceiverSettings]:
        found = {}
        for name, block in given.items():
            path: Path_ = ("receivers", name)
            if not _WORD.fullmatch(name):
                self._problem(path, "a receiver's name may hold letters, digits, '.', '-' and '_' only", at_key=True)
            if not isinstance(block, dict):
                self._problem(path, "must be a mapping with at least `type`")
                continue
            kind = block.get("type")
            if kind is None:
                self._problem(path, "`type` is missing")
                continue
            receiver = RECEIVERS.get(kind) if isinstance(kind, str) else None
            if receiver is None:
                self._problem((*path, "type"), unknown_name("receiver type", kind, RECEIVERS, show=False))
                continue
            own = {key: value for key, value in block.items() if key != "type"}
            settings = self._secretive(receiver.settings, own, path)
            if settings is not None:
                found[name] = ReceiverSettings(name=name, type=receiver.kind, settings=settings)
        return found

    # --- platforms and canaries ---

    def _platforms(self, given: dict[str, Any]) -> dict[str, Platform]:
        found = {}
        for key, block in given.items():
            path: Path_ = ("platforms", key)
            if (wrong := wrong_platform(key)) is not None:
                self._problem(path, wrong, at_key=True)
                continue
            if block is not None and not isinstance(block, dict):
                self._problem(path, "must be a mapping (key: value)")
                continue
            platform = self._secretive(Platform, block or {}, path)
            if platform is not None:
                found[key] = platform
        return found

    def _sessions(self, given: dict[str, Any], platforms: dict[str, Platform]) -> dict[str, SessionSettings]:
        found = {}
        for name, block in given.items():
            path: Path_ = ("sessions", name)
            if not _WORD.fullmatch(name):
                self._problem(path, "a session's name may hold letters, digits, '.', '-' and '_' only", at_key=True)
            elif not isinstance(block, dict):
                self._problem(path, "must be a mapping (key: value)")
            elif (session := self._secretive(SessionSettings, block, path)) is not None:
                found[name] = session
        for name, wrong in wrong_sessions(found, platforms):
            self._problem(("sessions", name, "platform"), wrong)
        return found

    def _sites(self, given: dict[str, Any]) -> dict[str, SiteSettings]:
        found = {}
        for name, block in given.items():
            path: Path_ = ("sites", name)
            if not _WORD.fullmatch(name):
                self._problem(path, "a site's name may hold letters, digits, '.', '-' and '_' only", at_key=True)
            elif (site := self._model(SiteSettings, block, path)) is not None:
                found[name] = site
                for index, served in enumerate(site.platforms):
                    if (wrong := wrong_served(served)) is not None:
                        self._problem((*path, "platforms", index), wrong)
        return found

    def _web(self, given: Any) -> WebSettings | None:
        if not isinstance(given, dict):
            self._problem(("web",), "must be a mapping (key: value)")
            return None
        tokens = given.get("tokens")
        for name, block in tokens.items() if isinstance(tokens, dict) else ():
            if isinstance(block, dict) and isinstance(block.get("token"), str) and is_literal(block["token"]):
                self._literal.append(("web", "tokens", name, "token"))
        return self._secretive(WebSettings, given, ("web",))

    def _attestation_key(self, given: Any) -> SecretStr | None:
        path: Path_ = ("attestation_key",)
        if given is not None and not isinstance(given, str):
            self._problem(path, "must be text; put it in quotes")
        if not isinstance(given, str):
            return None
        before = len(self.problems)
        key = self._filled(given, path)
        if len(key.encode()) < SHORTEST_KEY and len(self.problems) == before:
            self._problem(path, f"must have at least {SHORTEST_KEY} bytes")
        if is_literal(given):
            self._literal.append(path)
        return SecretStr(key)

    def _add_canaries(self, settings: Settings) -> None:
        for key, platform in settings.platforms.items():
            adapter = adapter_of(key)
            for index, name in enumerate(platform.canaries):
                path: Path_ = ("platforms", key, "canaries", index)
                account_id = f"{CANARY}{key}/{name}"
                if name in platform.canaries[:index]:
                    self._problem(path, "stands here twice")
                    continue
                field = "uid" if "uid" in adapter.address.model_fields else next(iter(adapter.address.model_fields))
                try:
                    target = make_target(adapter, account_id, {field: name}, adapter.covers)
                except ValidationError as error:
                    self.problems += explain(error, self._document, path, adapter.address)
                    continue
                if target.platform != key:
                    self._problem(path, f"belongs to another platform than {key}")
                    continue
                kind = adapter.kind if adapter.kind in KINDS else "other"
                self.canaries.append(
                    Account(
                        id=account_id, name=name, kind=kind, rulebook=settings.rulebook, canary=True, targets=(target,)
                    )
                )

    # --- secrets ---

    def _secretive(self, model: type[ModelT], given: dict[str, Any], path: Path_) -> ModelT | None:
        """A block that may hold secrets: filled in first, then checked, with all of its text kept out of messages."""
        before = len(self.problems)
        filled = {key: self._fill(value, (*path, key)) for key, value in given.items()}
        if len(self.problems) > before:
            return None
        self._hidden = set(texts(given)) | set(texts(filled))
        value = self._model(model, filled, path)
        self._hidden = set()
        if value is not None:
            self._literal += [
                (*path, key)
                for key, raw in given.items()
                if is_secret(getattr(value, key, None)) and any(is_literal(text) for text in texts(raw))
            ]
        return value

    def _fill(self, value: Any, path: Path_) -> Any:
        if isinstance(value, str):
            return self._filled(value, path)
        if isinstance(value, list):
            return [self._fill(item, (*path, index)) for index, item in enumerate(value)]
        if isinstance(value, dict):
            return {key: self._fill(item, (*path, key)) for key, item in value.items()}
        return value

    def _filled(self, text: str, path: Path_) -> str:
        if text.startswith("file:"):
            return self._from_file(text.removeprefix("file:"), path)

        def variable(found: re.Match[str]) -> str:
            name = found[1]
            if not found[0].endswith("}") or not _NAME.fullmatch(name):
                self._problem(path, "a variable is written ${NAME}")
            elif not self._env.get(name):
                how = "empty" if name in self._env else "not set"
                self._problem(path, f"the environment variable {name} is {how}")
            else:
                return self._env[name]
            return ""

        return _VARIABLE.sub(variable, text)

    def _from_file(self, name: str, path: Path_) -> str:
        try:
            with (self._folder / name).open("rb") as stream:
                raw = stream.read(_MOST_SECRET + 1)
            text = raw.decode().strip()
        except OSError as error:
            self._problem(path, f"the file cannot be read: {error.strerror or type(error).__name__}")
        except ValueError:
            self._problem(path, "the file is not UTF-8 text")
        else:
            if text and len(raw) <= _MOST_SECRET:
                if _open_to_others(self._folder / name):  # as containers hand them out: theirs is another fence
                    self.warnings.append(about(self._document, path, f"others may read the file; chmod 600 {name}"))
                return text
            self._problem(path, "the file is empty" if not text else "the file is too large for a secret")
        return ""

    def _refuse_open_secrets(self, path: Path) -> None:
        if self._literal and _open_to_others(path):
            message = f"a secret stands in a file that others may read; chmod 600 {path.name}, or use ${{NAME}}"
            self.problems += [about(self._document, place, message) for place in self._literal]


def _open_to_others(path: Path) -> bool:
    try:
        return os.name == "posix" and bool(stat.S_IMODE(path.stat().st_mode) & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False  # that it cannot be read is told already


def read_settings(path: Path | None, env: Mapping[str, str]) -> SettingsFile:
    """What that file says, or the defaults where there is no path."""
    return SettingsFile(path, env)
