"""The documents say what the code does: tables are compared with it, examples run, names and links exist.

An example is a fenced block under a line `<!-- example: name -->`, a fixture one under `<!-- fixture: situation -->`.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mediawatch.adapters import ADAPTERS
from mediawatch.cli import cli
from mediawatch.core.model import Blame, Outcome, Reason
from mediawatch.core.reading import QUESTIONS, Source
from mediawatch.core.rules import RULES, applies, judge
from mediawatch.core.views import Message, Notice
from mediawatch.core.wire import Failed
from mediawatch.core.wording import COVERAGE
from mediawatch.core.workdays import Calendar
from mediawatch.quantities import duration
from mediawatch.receivers import RECEIVERS
from mediawatch.receivers.receiver import Answer
from mediawatch.register.accounts_file import Entry
from mediawatch.rulebook_file import KINDS, load_rulebook
from mediawatch.settings import load
from mediawatch.settings_rollup import RollupSettings
from mediawatch.settings_sites import SiteSettings
from mediawatch.settings_values import (
    AlertSettings,
    CadenceBlock,
    CaseSettings,
    ConsoleSettings,
    DaemonSettings,
    DigestSettings,
    GroupSettings,
    HoursSettings,
    Platform,
    RetentionSettings,
    ReviewSettings,
    SessionSettings,
    Settings,
    WireSettings,
)
from mediawatch.settings_web import TokenSettings, WebSettings
from mediawatch.web.acts import act_routes
from mediawatch.wires.replay import Replay
from tests.tables import account, at, evidence, indicator, look, post
from tests.test_adapters import SITUATIONS, described

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
ENV = {name: f"https://hooks.example/{name}" for name in ("WECOM_URL", "WEIBO_COOKIE", "WEBHOOK_SECRET")}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """What stands under a heading, down to the next one of its rank or above."""
    rank = heading.partition(" ")[0]
    found = re.search(rf"^{re.escape(heading)}$\n(.*?)(?=^#{{1,{len(rank)}}} |\Z)", text(name), re.M | re.S)
    assert found is not None, f"{name}: no {heading!r}"
    return found[1]


def blocks(name: str, mark: str) -> dict[str, str]:
    """The marked fenced blocks of a document, by what the mark names."""
    found = re.findall(rf"<!-- {mark}: (\S+) -->\n```\w+\n(.*?)```", text(name), re.S)
    return dict(found)


def rows(markdown: str) -> list[list[str]]:
    """The body rows of all tables, as cells without their backticks at the ends."""
    lines = [line.replace("\\|", "¦") for line in markdown.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    heads = {index - 1 for index, row in enumerate(cells) if all(re.fullmatch(r"-+", cell) for cell in row)}
    return [row for index, row in enumerate(cells) if index not in heads and index - 1 not in heads]


def ticked(cell: str) -> list[str]:
    return re.findall(r"`([^`]*)`", cell)


# --- examples ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "docs/settings.md"])
def test_the_settings_in_the_documents_load(name: str, tmp_path: Path) -> None:
    shown = {"accounts.yaml": blocks("README.md", "example")["accounts.yaml"]} | blocks(name, "example")
    for file, content in shown.items():
        (tmp_path / file).write_text(content, encoding="utf-8")
        (tmp_path / file).chmod(0o600)
    loaded = load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml", ENV)
    assert len([account for account in loaded.accounts if not account.canary]) == 3
    assert loaded.settings.ladder
    assert not loaded.warnings


async def test_the_adapter_of_the_recipe_reads_its_five_fixtures(tmp_path: Path, example: Callable[[str], Any]) -> None:
    adapter = example("adapter").ADAPTER
    fixtures = blocks("CONTRIBUTING.md", "fixture")
    assert fixtures.keys() >= {*SITUATIONS, "gone"}
    for situation, content in fixtures.items():
        path = tmp_path / f"{situation}.yaml"
        path.write_text(content, encoding="utf-8")
        fixture = yaml.safe_load(content)
        address = adapter.address.model_validate(fixture["address"])
        wire = Replay.load(path, adapter.base_url).open(adapter.kind, fixture["at"])
        expect = fixture["expect"]
        if "failure" in expect:
            with pytest.raises(Failed) as raised:
                adapter.parse(address, await adapter.fetch(address, wire))
            assert raised.value.failure.reason is Reason(expect["failure"]), situation
            assert raised.value.failure.retry_after == expect.get("retry_after")
        else:
            seen = adapter.parse(address, await adapter.fetch(address, wire))
            expect["seen"]["newest"] = expect["seen"]["newest"] and datetime.fromisoformat(expect["seen"]["newest"])
            assert described(seen, expect["seen"]) == expect["seen"], situation
    assert adapter.kind not in ADAPTERS
    assert adapter.needs.endswith(".")
    assert adapter.blind.endswith(".")


def test_the_rulebook_of_the_recipe_judges(tmp_path: Path) -> None:
    (tmp_path / "county.yaml").write_text(blocks("CONTRIBUTING.md", "example")["rulebook"], encoding="utf-8")
    book = load_rulebook("./county.yaml", tmp_path)
    seen = [look("2026-03-02"), look("2026-03-09")], [post("2026-03-01 09:00")]
    outcomes = [judge(book, evidence(now, *seen))[0].outcome for now in ("2026-03-03", "2026-03-09")]
    assert outcomes == [Outcome.PASS, Outcome.FAIL]
    assert not applies(book.indicators[0], account("app"))


def test_the_rule_of_the_recipe_tells_reposts_from_own_posts(example: Callable[[str], Any]) -> None:
    rule = example("rule").RULE
    line = indicator(rule.name, ["weibo"])
    looks = [look("2026-03-02"), look("2026-03-08")]
    table = {(False, False): Outcome.FAIL, (False, True): Outcome.PASS, (None, False): Outcome.UNKNOWN}
    for originals, outcome in table.items():
        made = [post("2026-03-01", key=str(number)) for number in range(len(originals))]
        posts = [one.model_copy(update={"original": own}) for one, own in zip(made, originals, strict=True)]
        found = rule.judge(evidence("2026-03-08", looks, posts), line, rule.params())
        assert found.outcome is outcome
        assert bool(found.proof) == (outcome is Outcome.FAIL)
    assert rule.judge(evidence("2026-03-08"), line, rule.params()).outcome is Outcome.UNKNOWN
    assert rule.name not in RULES


def test_the_receiver_of_the_recipe_is_believed_only_where_it_says_yes(example: Callable[[str], Any]) -> None:
    receiver = example("receiver").RECEIVER
    settings = receiver.settings(url="https://duty.example/key")
    now = at("2026-03-01 09:00")
    notice = Notice(
        id="n1", alert="a", cause="first", level="breach", name="某市发布", opened_at=now, says="已15天未更新"
    )
    message = Message(id="n1", receiver="duty", at=now, cause="first", notices=(notice,), total=1)
    request = receiver.render(message, settings, now, "zh_CN")
    assert "某市发布: 已15天未更新".encode() in request.body
    assert "duty.example" not in repr(settings) + repr(request)
    answers = [receiver.accepted(200, b'{"taken":true}'), receiver.accepted(200, b"{}"), receiver.accepted(404, b"")]
    assert answers == [Answer.ACCEPTED, Answer.TRY_AGAIN, Answer.REFUSED]
    with pytest.raises(ValueError):
        receiver.settings(url="http://duty.example/key")


def test_the_examples_keep_the_house_rules(tmp_path: Path) -> None:
    for name, content in blocks("CONTRIBUTING.md", "example").items():
        if "import" in content:
            (tmp_path / f"{name}.py").write_text(content, encoding="utf-8")
    for check in (["check"], ["format", "--check"]):
        ruff = [
            sys.executable,
            "-m",
            "ruff",
            *check,
            "--no-cache",
            "--config",
            str(ROOT / "pyproject.toml"),
            str(tmp_path),
        ]
        ran = subprocess.run(ruff, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stdout


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Gives the module that an example of CONTRIBUTING.md is, imported from a file of its own."""

    def load_example(name: str) -> Any:
        path = tmp_path / f"example_{name}.py"
        path.write_text(blocks("CONTRIBUTING.md", "example")[name], encoding="utf-8")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, path.stem, module)
        spec.loader.exec_module(module)
        return module

    return load_example


# --- commands ---------------------------------------------------------------------------------------------------------


def commands(group: click.Group, path: str = "mediawatch") -> dict[str, click.Command]:
    context = click.Context(group)
    found: dict[str, click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found |= (
            commands(command, f"{path} {name}") if isinstance(command, click.Group) else {f"{path} {name}": command}
        )
    return found


def test_every_command_and_every_option_is_documented_and_no_other() -> None:
    named = {}
    for path, command in commands(cli).items():
        arguments = [one.name.upper() for one in command.params if isinstance(one, click.Argument) and one.name]
        heading = " ".join((path, *arguments))
        options = {long for one in command.params if isinstance(one, click.Option) for long in one.opts}
        shown = {
            name.split()[0] for row in rows(section("docs/commands.md", f"## {heading}")) for name in ticked(row[0])
        }
        assert shown == options, heading
        named[heading] = command
    headings = re.findall(r"^## (mediawatch .*)$", text("docs/commands.md"), re.M)
    assert sorted(headings) == sorted(named)


def test_the_defaults_of_options_are_those_of_the_code() -> None:
    for path, command in commands(cli).items():
        arguments = [one.name.upper() for one in command.params if isinstance(one, click.Argument) and one.name]
        table = section("docs/commands.md", "## " + " ".join((path, *arguments)))
        for option in command.params:
            default = option.default
            if isinstance(option, click.Option) and isinstance(default, int | float) and not option.is_flag:
                row = next(row for row in rows(table) if row[0].startswith(f"`{option.opts[0]} "))
                assert f"{default:g}" in row[1], f"{path} {option.opts[0]}"


def test_the_readmes_give_the_same_exit_codes_and_steps_in_both_languages() -> None:
    english, chinese = text("README.md"), text("README.zh-CN.md")
    assert re.findall(r"^\| (\d+) \|", english, re.M) == re.findall(r"^\| (\d+) \|", chinese, re.M) != []
    assert _steps(english) == _steps(chinese)
    assert len(re.findall(r"^#+ ", english, re.M)) == len(re.findall(r"^#+ ", chinese, re.M))
    assert len(rows(english)) == len(rows(chinese))
    codes = set(re.findall(r"^\| (\d+) \|", english, re.M))
    assert codes <= set(
        re.findall(r"\b\d+\b", re.search(r"^Exit codes: .*?\n\n", text("docs/commands.md"), re.M | re.S)[0])
    )  # type: ignore[index]


def _steps(readme: str) -> list[str]:
    """The blocks without their comments."""
    return [re.sub(r" *#.*", "", body) for body in re.findall(r"```\w+\n(.*?)```", readme, re.S)]


# --- settings ---------------------------------------------------------------------------------------------------------

GATHER = "### How notices gather, and when they are told"
_BLOCKS: dict[str, type[BaseModel]] = {
    "wire": WireSettings,
    "cadence": CadenceBlock,
    "daemon": DaemonSettings,
    "review": ReviewSettings,
    "console": ConsoleSettings,
    "alerts": AlertSettings,
    "rollup": RollupSettings,
    "calendar": Calendar,
    "cases": CaseSettings,
    "retention": RetentionSettings,
}


def test_every_key_of_the_settings_is_documented_with_its_default() -> None:
    table = {
        ticked(row[0])[0]: ticked(row[1])[0]
        for row in rows(section("docs/settings.md", "## mediawatch.yaml"))
        if len(row) == 3
    }
    platform = {ticked(row[0])[0]: ticked(row[1])[0] for row in rows(section("docs/settings.md", "### platforms"))}
    session = {ticked(row[0])[0] for row in rows(section("docs/settings.md", "### sessions"))}
    site = rows(section("docs/settings.md", "### sites"))
    assert {ticked(row[0])[0] for row in site} == SiteSettings.model_fields.keys()
    assert all(
        yaml.safe_load(ticked(row[1])[0]) in ("required", SiteSettings.model_fields[ticked(row[0])[0]].default)
        for row in site
    )
    session |= SiteSettings.model_fields.keys() - Settings.model_fields.keys()
    gathering = {ticked(row[0])[0] for row in rows(section("docs/settings.md", GATHER))}
    gathering |= {ticked(row[0])[0] for row in rows(section("docs/settings.md", "### digests"))}
    keys = {key for key in table if key not in {*platform, *session, *gathering} or key == "canary_quiet"}
    wanted = {f"{block}.{key}" for block, model in _BLOCKS.items() for key in model.model_fields}
    assert keys == wanted | (Settings.model_fields.keys() - _BLOCKS.keys())
    for block, model in _BLOCKS.items():
        for key, field in model.model_fields.items():
            given = model.model_validate({key: yaml.safe_load(table[f"{block}.{key}"])})
            assert getattr(given, key) == _default(field), f"{block}.{key}"
    top = section("docs/settings.md", "## mediawatch.yaml").partition("### platforms")[0]
    for row in rows(top):
        key = ticked(row[0])[0]
        if key in Settings.model_fields:
            given = Settings.model_validate({key: yaml.safe_load(ticked(row[1])[0])})
            assert getattr(given, key) == _default(Settings.model_fields[key]), key


def test_every_key_of_the_listener_is_documented_with_its_default() -> None:
    for row in rows(section("docs/settings.md", "## web")):
        key, default = ticked(row[0])[0], yaml.safe_load(ticked(row[1])[0])
        model = WebSettings if key in WebSettings.model_fields else TokenSettings
        known = _default(model.model_fields[key])
        if isinstance(known, timedelta):
            default = duration(default)
        assert known == (tuple(default) if isinstance(default, list) else default), key
    told = {ticked(row[0])[0] for row in rows(section("docs/settings.md", "## web"))}
    assert told == WebSettings.model_fields.keys() | TokenSettings.model_fields.keys()


def test_the_document_of_the_api_names_every_path_parameter_and_series() -> None:
    told = {
        ticked(row[0])[0].removeprefix("GET /api/v1/"): ticked(row[1])
        for row in rows(section("docs/api.md", "## Reading"))
    }
    assert list(told) == list(QUESTIONS)
    for name, names in told.items():
        assert names == [one for one in inspect.signature(getattr(Source, name)).parameters if one != "self"], name
    acts = [ticked(row[0])[0] for row in rows(section("docs/api.md", "## Acting"))]
    routes = act_routes(None, lambda request, by: by)  # type: ignore[arg-type]
    assert acts == [f"{route.method} /api/v1{route.path}".replace(":[0-9A-Za-z_-]{1,64}", "") for route in routes]


def test_every_key_of_groups_and_hours_is_documented_with_its_default() -> None:
    table = {ticked(row[0])[0]: ticked(row[1])[0] for row in rows(section("docs/settings.md", GATHER))}
    assert table.keys() - {"alerts.group", "alerts.hours.<receiver>"} == (
        GroupSettings.model_fields.keys() | HoursSettings.model_fields.keys()
    )
    for model in (GroupSettings, HoursSettings):
        for key, field in model.model_fields.items():
            assert getattr(model.model_validate({key: yaml.safe_load(table[key])}), key) == _default(field), key


def test_every_key_of_a_digest_is_documented_with_its_default() -> None:
    table = {ticked(row[0])[0]: ticked(row[1])[0] for row in rows(section("docs/settings.md", "### digests"))}
    assert table.keys() == DigestSettings.model_fields.keys()
    for key, field in DigestSettings.model_fields.items():
        given = DigestSettings.model_validate(
            {"every": "daily", "to": ["a"], **({key: yaml.safe_load(table[key])} if not field.is_required() else {})}
        )
        assert table[key] == "required" if field.is_required() else getattr(given, key) == _default(field), key


def test_every_key_of_a_platform_is_documented() -> None:
    table = {ticked(row[0])[0]: ticked(row[1])[0] for row in rows(section("docs/settings.md", "### platforms"))}
    assert table.keys() == Platform.model_fields.keys()
    for key, said in table.items():
        stated = {"[]": (), "{}": {}}.get(said)
        assert stated == _default(Platform.model_fields[key]), key


def test_every_key_of_a_session_is_documented_with_its_default() -> None:
    table = {ticked(row[0])[0]: ticked(row[1])[0] for row in rows(section("docs/settings.md", "### sessions"))}
    assert table.keys() == SessionSettings.model_fields.keys()
    for key, field in SessionSettings.model_fields.items():
        if not field.is_required():
            whole = {"platform": "weibo", "expires_at": "2026-12-01T09:00:00+08:00", "cookie": "x"}
            given = SessionSettings.model_validate(
                {**whole, key: yaml.safe_load(table[key]), **({"secrets": {"a": "b" * 9}} if key == "cookie" else {})}
            )
            assert getattr(given, key) == _default(field), key
        else:
            assert table[key] == "required"


def test_every_key_of_a_receiver_is_documented_with_its_default() -> None:
    table = {
        (ticked(row[0])[0], ticked(row[1])[0]): ticked(row[2])[0]
        for row in rows(section("docs/settings.md", "### receivers"))
    }
    fields = {(kind, key): field for kind, one in RECEIVERS.items() for key, field in one.settings.model_fields.items()}
    assert table.keys() == fields.keys()
    _compare(table, fields)


def test_every_key_of_the_register_is_documented_with_its_default() -> None:
    register = section("docs/settings.md", "## accounts.yaml")
    accounts = {ticked(row[0])[0]: ticked(row[1])[0] for row in rows(register) if len(row) == 3}
    assert accounts.keys() == Entry.model_fields.keys()
    _compare(accounts, dict(Entry.model_fields))
    targets = {(row[0].strip("`"), ticked(row[1])[0]): ticked(row[2])[0] for row in rows(register) if len(row) == 4}
    fields = {(kind, key): field for kind, one in ADAPTERS.items() for key, field in one.address.model_fields.items()}
    assert targets.keys() == fields.keys() | {("any", "adapter"), ("any", "covers")}
    _compare({key: said for key, said in targets.items() if key in fields}, fields)
    assert set(KINDS) <= set(ticked(register))
    assert set(COVERAGE) <= set(ticked(register))
    assert set(ADAPTERS) <= set(ticked(register))


def _default(field: FieldInfo) -> Any:
    return field.get_default(call_default_factory=True)


def _compare(said: dict[Any, str], fields: dict[Any, FieldInfo]) -> None:
    for key, field in fields.items():
        if field.is_required() or said[key] == "required":
            assert field.is_required() == (said[key] == "required"), key
        elif (default := _default(field)) is not None:
            stated = yaml.safe_load(said[key])
            assert (tuple(stated) if isinstance(stated, list) else stated) == default, key


# --- sources ----------------------------------------------------------------------------------------------------------


def test_the_table_of_sources_is_that_of_the_adapters() -> None:
    table = rows(text("docs/sources.md").partition("## Whom")[0])
    assert [ticked(row[0])[0] for row in table] == list(ADAPTERS)
    for row, adapter in zip(table, ADAPTERS.values(), strict=True):
        each = ", each host" if adapter.host_field else ""
        assert set(ticked(row[1])) == adapter.kinds
        assert adapter.kinds or row[1] == "any"
        assert set(ticked(row[2])) == adapter.covers
        assert row[3] == f"{adapter.pace.per_minute:g}{each}"
        assert row[4] == f"{adapter.pace.at_once}{each}"
        assert row[5] == ("yes" if adapter.isolate else "no")


def test_every_source_says_what_it_sees_and_cannot_see_and_how_it_fails() -> None:
    for kind in ADAPTERS:
        found = re.search(rf"^## `{kind}`.*?(?=^## |\Z)", text("docs/sources.md"), re.M | re.S)
        assert found is not None, kind
        for word in ("**Asks**", "**Sees**", "**Cannot see**", "**Needs**"):
            assert word in found[0], (kind, word)
        reasons = {name for row in rows(found[0]) for name in ticked(row[2])}
        assert reasons <= {reason.value for reason in Reason}
        for readme in ("README.md", "README.zh-CN.md"):
            assert f"`{kind}`" in text(readme)


def test_every_reason_is_told_with_whom_it_blames() -> None:
    table = rows(section("docs/sources.md", "## Whom a failure blames"))
    words = {Blame.ACCOUNT: "the account", Blame.PLATFORM: "the platform", Blame.US: "us"}
    assert [(ticked(row[0])[0], row[1]) for row in table] == [(one.value, words[one.blame]) for one in Reason]


# --- names and links --------------------------------------------------------------------------------------------------


def test_every_invariant_and_every_measure_names_tests_that_exist() -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    held = [(row[0], row[2]) for row in rows(section("ARCHITECTURE.md", "## Invariants"))]
    held += [(row[0][0], row[3]) for row in rows(section("SECURITY.md", "## Who might attack, and what holds"))]
    assert [name for name, _ in held] == [*map(str, range(1, 12)), *"ABCDEFGH"]
    for name, by in held:
        assert ticked(by), name
        assert [one for one in ticked(by) if not re.search(rf"^(async )?def {one}\(", tests, re.M)] == []


def test_every_rule_receiver_and_outcome_is_named_where_it_is_explained() -> None:
    for name in (*RULES, *RECEIVERS):
        assert f"`{name}`" in text("ARCHITECTURE.md")
    for readme in ("README.md", "README.zh-CN.md"):
        assert {outcome.value for outcome in Outcome} <= set(ticked(text(readme)))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_and_every_file_of_ours_that_is_named_exists(path: Path) -> None:
    content = path.read_text(encoding="utf-8")
    prose = re.sub(r"```.*?```", "", content, flags=re.S)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose):
        assert (path.parent / target).exists(), target
    for name in re.findall(
        r"`((?:mediawatch|tests|docs|core|wires|store|adapters|receivers|sim)/[\w/.]+\.\w+)`", prose
    ):
        inside = ROOT / "mediawatch" / name
        assert (ROOT / name).exists() or inside.exists() or "noticeboard" in name, name


def test_the_documents_are_plain_text_of_lines_that_can_be_read() -> None:
    for path in DOCUMENTS:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert len(line) <= 125 or line.startswith(("|", "HEALTHCHECK")) or "](" in line, f"{path.name}:{number}"
            assert not line.endswith((" ", "\t")), f"{path.name}:{number}"
