"""mediawatch.yaml and accounts.yaml: defaults, every bad input with its exact line, and secrets that stay secret."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from mediawatch.core.schedule import Cadence
from mediawatch.settings import DaemonSettings, Loaded, Platform, Settings, SettingsError, WireSettings, load

ROOT = Path(__file__).parent.parent
ACCOUNTS = """\
accounts:
  - id: news
    name: 某市发布
    kind: weibo
    targets: [{adapter: weibo, uid: "1000000001"}]
"""


def loaded(folder: Path, settings: str = "", accounts: str = ACCOUNTS, env: Mapping[str, str] | None = None) -> Loaded:
    (folder / "a.yaml").write_text(textwrap.dedent(accounts), encoding="utf-8")
    (folder / "m.yaml").touch(mode=0o600)
    (folder / "m.yaml").write_text(textwrap.dedent(settings), encoding="utf-8")
    return load(folder / "a.yaml", folder / "m.yaml", env)


def refused(folder: Path, settings: str = "", accounts: str = ACCOUNTS, env: Mapping[str, str] | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, settings, accounts, env)
    return str(caught.value).replace(f"{folder}/", "")


def test_without_a_settings_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "accounts.yaml").write_text(ACCOUNTS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    settings = load().settings
    assert settings.database == f"sqlite:///{tmp_path}/mediawatch.db"
    assert settings.data_dir == Path("data")
    assert (settings.rulebook, settings.language) == ("national-2019", "zh_CN")
    assert settings.cadence == Cadence()
    assert settings.wire.max_body == 8 * 1024 * 1024
    assert settings.wire.timeout == timedelta(seconds=20)
    assert settings.wire.allow_private == ()
    assert (settings.platforms, settings.receivers, settings.ladder, settings.reminders) == ({}, {}, (), ())
    assert settings.daemon.tick == timedelta(seconds=1)
    assert settings.daemon.first_sweep == timedelta()
    assert settings.canary_quiet == timedelta(days=2)
    assert [account.id for account in load().accounts] == ["news"]
    assert list(load().rulebooks) == ["national-2019"]


def test_files_that_are_asked_for_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"^accounts\.yaml:1:1: there is no such file$"):
        load()
    with pytest.raises(SettingsError, match=r"no\.yaml:1:1: there is no such file"):
        load(None, Path("no.yaml"))


def test_the_shipped_files_load_without_a_problem_or_a_warning() -> None:
    shipped = load(ROOT / "accounts.yaml", ROOT / "mediawatch.example.yaml")
    assert shipped.warnings == ()
    assert {account.kind for account in shipped.accounts} == {"weibo", "app", "feed"}
    assert sum(account.canary for account in shipped.accounts) == 2
    default = load(ROOT / "accounts.yaml", None).settings
    written = shipped.settings
    for name in ("rulebook", "language", "wire", "cadence", "daemon", "canary_quiet", "ladder"):
        assert getattr(written, name) == getattr(default, name), name


def test_everything_that_may_be_written_is_read(tmp_path: Path) -> None:
    (tmp_path / "cookie").write_text("SUB=abc\n", encoding="utf-8")
    everything = loaded(
        tmp_path,
        """
        database: sqlite:///x.db
        data_dir: kept
        language: en
        wire: {allow_private: ["127.0.0.0/8"], max_body: 500KB, timeout: 250ms}
        platforms:
          weibo: {base_url: "http://127.0.0.1:8080/", per_minute: 600, at_once: 4, canaries: ["1000000009"],
                  canary_quiet: 7d, cookie: "file:cookie", secrets: {app: "${KEY}"}}
          feed: {per_minute: 6, latest: 2d}
          feed:bridge.example: {at_once: 1}
        receivers:
          city-duty: {type: wecom, url: "${WECOM_URL}"}
          archive: {type: webhook, url: "http://127.0.0.1:9/hook?k=${KEY}", secret: "${KEY}"}
        ladder:
          - {after: 0s, to: [city-duty]}
          - {after: 2h, to: [city-duty, archive]}
        cadence: {soonest: 20ms, latest: 5min, lead: 2m, recheck: 1s, retry: 1s, canary: 1s}
        daemon: {tick: 5ms, shutdown: 1s, first_sweep: 1h}
        """,
        env={"WECOM_URL": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc", "KEY": "s3cr3ts3cr3t"},
    )
    settings = everything.settings
    assert settings.database == f"sqlite:///{tmp_path}/x.db"
    assert settings.data_dir == tmp_path / "kept"
    assert settings.wire.max_body == 500_000
    assert settings.wire.timeout == timedelta(milliseconds=250)
    weibo = settings.platform("weibo")
    assert (weibo.base_url, weibo.per_minute, weibo.at_once) == ("http://127.0.0.1:8080", 600, 4)
    assert weibo.cookie is not None
    assert weibo.cookie.get_secret_value() == "SUB=abc"
    assert {name: secret.get_secret_value() for name, secret in weibo.secrets.items()} == {"app": "s3cr3ts3cr3t"}
    feed = settings.platform("feed:bridge.example")
    assert (feed.per_minute, feed.at_once, feed.canary_quiet) == (6, 1, timedelta(days=2))
    assert settings.platform("feed:other.example").per_minute == 6
    assert settings.platform("feed:other.example").latest == timedelta(days=2)
    assert settings.receivers["archive"].settings.url.get_secret_value() == "http://127.0.0.1:9/hook?k=s3cr3ts3cr3t"
    assert [step.after for step in settings.ladder] == [timedelta(), timedelta(hours=2)]
    assert settings.reminders == ("city-duty",)
    assert settings.cadence.soonest == timedelta(milliseconds=20)
    assert settings.daemon.first_sweep == timedelta(hours=1)
    canary = everything.accounts[-1]
    assert (canary.id, canary.canary, canary.targets[0].platform) == ("canary/weibo/1000000009", True, "weibo")
    assert canary.targets[0].id.startswith("canary/weibo/1000000009/weibo/")
    for text in (repr(everything), str(settings), settings.model_dump_json()):
        assert "s3cr3t" not in text
        assert "SUB=abc" not in text
        assert "key=abc" not in text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("langauge: en", "m.yaml:1:1: unknown key `langauge`; did you mean `language`?"),
        ("language: fr", "m.yaml:1:11: language: must be one of 'zh_CN', 'en'"),
        ("- a", "m.yaml:1:1: must be a mapping (key: value)"),
        ("database: mysql://x", "m.yaml:1:11: database: must be sqlite:///file.db or postgresql://…"),
        ("rulebook: national-2018", "m.yaml:1:11: rulebook: unknown rulebook `national-2018`; did you mean "
         "`national-2019`?"),
        ("data_dir: 5", "m.yaml:1:11: data_dir: must be the name of a file or folder"),
        ("wire: 5", "m.yaml:1:7: wire: must be a mapping (key: value)"),
        ("wire: {timeout: 20}", "m.yaml:1:17: wire.timeout: must be a duration with its unit: "
         "250ms, 20s, 5min, 2h or 7d"),
        ("wire: {timeout: 0s}", "m.yaml:1:17: wire.timeout: must be longer than nothing"),
        ("wire: {max_body: 8 miles}", "m.yaml:1:18: wire.max_body: must be a size: a number of bytes, 500KB or 8MiB"),
        ("wire: {allow_private: [localhost]}", "m.yaml:1:23: wire.allow_private: must name networks like "
         "127.0.0.0/8 or fd00::/8"),
        ("wire: {time_out: 1s}", "m.yaml:1:8: wire: unknown key `time_out`; did you mean `timeout`?"),
        ("cadence: {soonest: 9d}", "m.yaml:1:10: cadence: soonest must not be longer than latest"),
        ("cadence: {lead: soon}", "m.yaml:1:17: cadence.lead: must be a duration with its unit: "
         "250ms, 20s, 5min, 2h or 7d"),
        ("daemon: {tick: 0s}", "m.yaml:1:16: daemon.tick: must be longer than nothing"),
        ("canary_quiet: 5", "m.yaml:1:15: canary_quiet: must be a duration with its unit: "
         "250ms, 20s, 5min, 2h or 7d"),
        ("database: 'sqlite:///:memory:'", "m.yaml:1:11: database: must name a file: sqlite:///mediawatch.db"),
        ("platforms: [weibo]", "m.yaml:1:12: platforms: must be a mapping (name: {…})"),
        ("platforms: {weibi: {}}", "m.yaml:1:13: platforms.weibi: unknown platform `weibi`; did you mean `weibo`?"),
        ("platforms: {weibo:m.weibo.cn: {}}", "m.yaml:1:13: platforms.weibo:m.weibo.cn: weibo is one platform, "
         "whatever the host; write weibo"),
        ("platforms: {weibo: {per_minute: '20'}}", "m.yaml:1:33: platforms.weibo.per_minute: must be a number"),
        ("platforms: {weibo: {base_url: ftp://x}}", "m.yaml:1:31: platforms.weibo.base_url: must be an http:// or "
         "https:// address without ? and #"),
        ("platforms: {weibo: {canaries: [\"12\"]}}", "m.yaml:1:32: platforms.weibo.canaries[0].uid: must have the "
         "form ^[0-9]{5,20}$"),
        ("platforms: {weibo: {canaries: [1000000001]}}", "m.yaml:1:32: platforms.weibo.canaries[0]: must be text; "
         "put it in quotes"),
        ("platforms: {weibo: {cookie: \"${NONE}\"}}", "m.yaml:1:29: platforms.weibo.cookie: the environment variable "
         "NONE is not set"),
        ("receivers: {duty: {url: x}}", "m.yaml:1:19: receivers.duty: `type` is missing"),
        ("receivers: {duty: {type: pager}}", "m.yaml:1:26: receivers.duty.type: unknown receiver type; "
         "known: apprise, dingtalk, email, feishu, webhook, wecom"),
        ("receivers: {duty: {type: wecom}}", "m.yaml:1:19: receivers.duty: `url` is missing"),
        ("receivers: {duty: {type: wecom, url: \"${EMPTY}\"}}", "m.yaml:1:38: receivers.duty.url: the environment "
         "variable EMPTY is empty"),
        ("receivers: {duty: {type: wecom, url: \"${NO\"}}", "m.yaml:1:38: receivers.duty.url: a variable is written "
         "${NAME}"),
        ("receivers: {duty: {type: wecom, url: file:none}}", "m.yaml:1:38: receivers.duty.url: the file cannot be "
         "read: No such file or directory"),
        ("receivers: {duty: {type: wecom, url: 'https://x.example/s', key: abc}}", "m.yaml:1:61: receivers.duty: "
         "unknown key `key`; known: allow_http, url"),
        ("ladder: {after: 0s}", "m.yaml:1:9: ladder: must be a list of rungs: {after: 0s, to: [receiver]}"),
        ("ladder: [{after: 0s, to: [duty]}]", "m.yaml:1:27: ladder[0].to[0]: unknown receiver `duty`; known: none"),
        ("ladder: [{after: 0s, to: []}]", "m.yaml:1:26: ladder[0].to: names nobody"),
        ("ladder: [{to: [duty]}]", "m.yaml:1:10: ladder[0]: `after` is missing"),
        ("reminders: [duty]", "m.yaml:1:13: reminders[0]: unknown receiver `duty`; known: none"),
        ("a: b: c", "m.yaml:1:5: is not valid YAML: mapping values are not allowed in this context"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_told_with_its_place(tmp_path: Path, settings: str, said: str) -> None:
    assert refused(tmp_path, settings, env={"EMPTY": ""}) == said


def test_all_problems_of_all_files_come_in_one_list(tmp_path: Path) -> None:
    said = refused(tmp_path, "langauge: en\nwire: {timeout: 1}\n", "accounts: [{id: a}]\nincluded: []\n")
    assert [line.partition(": ")[0] for line in said.splitlines()] == [
        "a.yaml:1:12", "a.yaml:1:12", "a.yaml:1:12", "a.yaml:2:1", "m.yaml:1:1", "m.yaml:2:17",
    ]  # fmt: skip


SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "settings",
    [
        f"receivers: {{duty: {{type: wecom, url: ['{SECRET}']}}}}",
        f"receivers: {{duty: {{type: wecom, url: 'ftp://{SECRET}'}}}}",
        f"receivers: {{duty: {{type: wecom, url: 'https://u:{SECRET}@x.example/'}}}}",
        f"receivers: {{duty: {{type: webhook, url: 'https://x.example/{SECRET}', secret: 'whsec_{SECRET}!'}}}}",
        f"receivers: {{duty: {{type: wecom, url: '${{URL}}', ulr: '{SECRET}'}}}}",
        f"receivers: {{duty: {{type: wecom, 'https://x.example/?key={SECRET}': 1}}}}",
        f"receivers: {{duty: '{SECRET}'}}",
        f"receivers: {{duty: {{type: {SECRET}, url: x}}}}",
        f"platforms: {{weibo: {{cookie: ['{SECRET}']}}}}",
        f"platforms: {{weibo: {{secrets: '{SECRET}'}}}}",
        f"platforms: {{weibo: {{secrets: {{app: ['{SECRET}']}}}}}}",
        f"platforms: {{weibo: {{base_url: 'https://u:{SECRET}@x.example'}}}}",
        f"database: 'mysql://u:{SECRET}@x.example/d'",
        f"receivers: {{duty: {{type: wecom, url: '{SECRET}\n  : [',}}}}",
    ],
)
def test_no_message_ever_shows_a_secret(tmp_path: Path, settings: str) -> None:
    assert SECRET not in refused(tmp_path, settings, env={"URL": f"https://x.example/{SECRET}"})


def test_literal_secrets_in_a_file_that_others_may_read_are_refused(tmp_path: Path) -> None:
    text = f"""\
receivers:
  a: {{type: wecom, url: "https://qyapi.example/send?key={SECRET}"}}
  b: {{type: wecom, url: "${{URL}}"}}
  c: {{type: webhook, url: "http://127.0.0.1:9/hook", secret: {SECRET}}}
platforms: {{weibo: {{cookie: "{SECRET}", secrets: {{app: "{SECRET}", other: "${{URL}}"}}}}}}
"""
    env = {"URL": f"https://x.example/{SECRET}"}
    loaded(tmp_path, text, env=env)
    (tmp_path / "m.yaml").chmod(0o640)
    with pytest.raises(SettingsError) as raised:
        load(tmp_path / "a.yaml", tmp_path / "m.yaml", env)
    assert [(problem.line, problem.message.partition(":")[0]) for problem in raised.value.problems] == [
        (2, "receivers.a.url"),
        (4, "receivers.c.secret"),
        (5, "platforms.weibo.cookie"),
        (5, "platforms.weibo.secrets"),
    ]
    assert SECRET not in str(raised.value)
    (tmp_path / "m.yaml").chmod(0o600)
    assert load(tmp_path / "a.yaml", tmp_path / "m.yaml", env).warnings == ()


@pytest.mark.parametrize(("mode", "warned"), [(0o600, 0), (0o400, 0), (0o444, 1), (0o640, 1)])
def test_a_secret_in_a_file_of_its_own_that_others_may_read_is_warned_of(
    tmp_path: Path, mode: int, warned: int
) -> None:
    (tmp_path / "key").write_text(f"https://qyapi.example/send?key={SECRET}")
    (tmp_path / "key").chmod(mode)
    everything = loaded(tmp_path, "receivers: {a: {type: wecom, url: 'file:key'}}")
    assert [problem.message for problem in everything.warnings] == [
        "receivers.a.url: others may read the file; chmod 600 key"
    ] * warned


def test_the_example_names_every_key_that_there_is() -> None:
    text = (ROOT / "mediawatch.example.yaml").read_text(encoding="utf-8")
    models = (Settings, WireSettings, Platform, DaemonSettings, Cadence)
    assert [name for model in models for name in model.model_fields if f"{name}:" not in text] == []


def test_a_database_password_from_the_environment_is_shown_nowhere(tmp_path: Path) -> None:
    everything = loaded(tmp_path, 'database: "postgresql://u:${PW}@db.example/x"', env={"PW": SECRET})
    assert everything.settings.database == f"postgresql://u:{SECRET}@db.example/x"
    assert SECRET not in repr(everything)


def test_who_stamps_the_seals_is_named_with_what_it_is_believed_by(tmp_path: Path) -> None:
    given = 'stamp: {url: "https://tsa.example/tsr?key=${KEY}", roots: tsa.pem}'
    stamp = loaded(tmp_path, given, env={"KEY": SECRET}).settings.stamp
    assert stamp is not None
    assert (stamp.roots, stamp.url.get_secret_value()) == (
        tmp_path / "tsa.pem",
        f"https://tsa.example/tsr?key={SECRET}",
    )
    assert "stamp: `roots` is missing" in refused(tmp_path, 'stamp: {url: "https://tsa.example/tsr"}')
    assert "http" in refused(tmp_path, "stamp: {url: tsa.example, roots: tsa.pem}")


WRONG = ["5", "''", "x", "true", "[]", "{}", "~", "[1]", "[{}]", "[[x]]", "{x: y}", "{weibo: 5}", "{a: {type: 5}}"]


@pytest.mark.parametrize("wrong", WRONG)
def test_no_wrong_shape_ever_gets_past_as_a_crash(tmp_path: Path, wrong: str) -> None:
    right = {"id": "a", "name": "n", "kind": "weibo", "targets": "[{adapter: weibo, uid: '1000000001'}]"}
    for key in (*Settings.model_fields, "platforms: {weibo", "wire: {timeout", "receivers: {a"):
        with contextlib.suppress(SettingsError):
            loaded(tmp_path, f"{key}: {wrong}{'}' if '{' in key else ''}\n")
    for key in ("accounts", "include"):
        with contextlib.suppress(SettingsError):
            loaded(tmp_path, "", f"{key}: {wrong}\n")
    for key in (*right, "region", "level", "rulebook", "tags", "sponsor"):
        entry = ", ".join(f"{name}: {value}" for name, value in {**right, key: wrong}.items())
        with contextlib.suppress(SettingsError):
            loaded(tmp_path, "", f"accounts: [{{{entry}}}]\n")
