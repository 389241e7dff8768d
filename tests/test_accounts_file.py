"""accounts.yaml and its CSV files: what they become, and every bad input with its exact place."""

from __future__ import annotations

import textwrap
import time
from pathlib import Path

import pytest

from mediawatch.core.model import Account
from mediawatch.register.accounts_file import read_accounts
from mediawatch.rulebook_file import Rulebooks, load_rulebook
from mediawatch.settings import Loaded, SettingsError, load

POST = "{adapter: weibo, uid: '1000000001'}"
OK = f"id: a, name: n, kind: weibo, targets: [{POST}]"


def load_yaml(folder: Path, text: str, **files: str | bytes) -> Loaded:
    (folder / "a.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    (folder / "m.yaml").write_text("", encoding="utf-8")
    for name, content in files.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / f"{name}.csv").write_bytes(raw)
    return load(folder / "a.yaml", folder / "m.yaml")


def refused(folder: Path, text: str, **files: str | bytes) -> str:
    with pytest.raises(SettingsError) as caught:
        load_yaml(folder, text, **files)
    return str(caught.value).replace(f"{folder}/", "")


def one(folder: Path, text: str) -> Account:
    return load_yaml(folder, f"accounts: [{{{text}}}]").accounts[0]


def test_an_account_becomes_a_value_with_stable_target_ids(tmp_path: Path) -> None:
    account = one(
        tmp_path,
        'id: city-app, name: " 某市\u202e人民政府 ", kind: app, sponsor: 某办, region: "330100", level: city, '
        "tags: [x], targets: [{adapter: appstore, track_id: '1000000000', country: cn}, "
        "{adapter: apk, url: 'https://download.example/app.apk', package: cn.gov.city}]",
    )
    assert (account.name, account.region, account.level, account.tags) == ("某市 人民政府", "330100", "city", ("x",))
    store, package = account.targets
    assert (store.adapter, store.platform, store.covers) == ("appstore", "appstore", frozenset({"listing"}))
    assert package.platform == "apk:download.example"
    assert store.id.startswith("city-app/appstore/")
    assert len(store.id.rpartition("/")[2]) == 8
    short = one(tmp_path, "id: city-app, name: n, kind: app, targets: [{adapter: appstore, track_id: '1000000000'}]")
    assert short.targets[0].id == store.id  # a default spelled out is the same target


def test_a_feed_covers_what_it_declares_and_for_wechat_nothing_else(tmp_path: Path) -> None:
    feed = "adapter: feed, url: 'https://bridge.example/1.xml'"
    declared = one(tmp_path, f"id: a, name: n, kind: wechat, targets: [{{{feed}, covers: [mass_sent, published]}}]")
    assert declared.targets[0].covers == {"mass_sent", "published"}
    assert one(tmp_path, f"id: a, name: n, kind: wechat, targets: [{{{feed}}}]").targets[0].covers == frozenset()
    assert one(tmp_path, f"id: a, name: n, kind: weibo, targets: [{{{feed}}}]").targets[0].covers == {"posts"}


def test_an_account_that_no_indicator_applies_to_is_warned_of(tmp_path: Path) -> None:
    own = load_rulebook("national-2019").model_copy(update={"id": "own"})
    only = [line.model_copy(update={"applies_to": ("weibo",)}) for line in own.indicators if line.rule == "stale"][:1]
    books = Rulebooks()
    books.loaded["own"] = own.model_copy(update={"indicators": tuple(only)})
    (tmp_path / "a.yaml").write_text(
        "accounts: [{id: b, name: n, kind: miniprogram, targets: [{adapter: feed, url: 'https://b.example/1.xml'}]}]",
        encoding="utf-8",
    )
    (warning,) = read_accounts(tmp_path / "a.yaml", "own", books).warnings
    assert warning.message == ("accounts[0].kind: no indicator of own applies to kind miniprogram; it is never judged")


def test_an_account_that_can_never_fail_is_warned_of(tmp_path: Path) -> None:
    feed = "adapter: feed, url: 'https://bridge.example/1.xml'"
    warnings = load_yaml(
        tmp_path,
        f"""\
        accounts:
          - {{id: a, name: n, kind: wechat, targets: [{{{feed}}}]}}
          - {{id: c, name: n, kind: wechat, targets: [{{{feed}, covers: [mass_sent, published]}}]}}
          - {{id: d, name: n, kind: app, targets: [{{adapter: appstore, track_id: "1"}}]}}
        """,
    ).warnings
    assert [f"{warning.line}:{warning.column}: {warning.message}" for warning in warnings] == [
        "2:46: accounts[0].targets[0]: no target covers mass_sent, published: U1 can never fail this account "
        "(declare covers if one does)",
    ]


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("id: a, kind: weibo, targets: [{adapter: weibo, uid: '1000000001'}]", "1:12: accounts[0]: `name` is missing"),
        (OK.replace("id: a", "id: 7"), "1:17: accounts[0].id: must be text; put it in quotes"),
        (OK.replace("id: a", "id: a/b"), "1:17: accounts[0].id: may hold letters, digits, '.', '-' and '_', "
         "at most 100 of them"),
        (OK.replace("name: n", "name: ''"), "1:26: accounts[0].name: must not be empty"),
        (OK.replace("name: n", "name: [n]"), "1:26: accounts[0].name: must be text"),
        (OK.replace("kind: weibo", "kind: wiebo"), "1:35: accounts[0].kind: unknown kind `wiebo`; "
         "did you mean `weibo`?"),
        (f"{OK}, region: 330100", "1:98: accounts[0].region: must be text; put it in quotes"),
        (f"{OK}, region: '33'", "1:98: accounts[0].region: must be a region code of 6, 9 or 12 digits, "
         'like "330100"'),
        (f"{OK}, level: village", "1:97: accounts[0].level: must be one of 'national', 'province', 'city', 'county', "
         "'town', ''"),
        (f"{OK}, levle: city", "1:90: accounts[0]: unknown key `levle`; did you mean `level`?"),
        (f"{OK}, rulebook: gansuu", "1:100: accounts[0].rulebook: unknown rulebook `gansuu`; did you mean `gansu`?"),
        (f"{OK}, tags: x", "1:96: accounts[0].tags: must be a list"),

        ("id: a, name: n, kind: weibo, targets: [weibo]", "1:52: accounts[0].targets[0]: must be a mapping "
         "(key: value)"),
        (OK.replace("adapter: weibo, ", ""), "1:52: accounts[0].targets[0]: `adapter` is missing"),
        (OK.replace("adapter: weibo", "adapter: wiebo"), "1:62: accounts[0].targets[0].adapter: unknown adapter "
         "`wiebo`; did you mean `weibo`?"),
        (OK.replace(", uid: '1000000001'", ""), "1:52: accounts[0].targets[0]: `uid` is missing"),
        (OK.replace("uid: '", "user: '1', uid: '"), "1:69: accounts[0].targets[0]: unknown key `user`; known: uid"),
        (OK.replace("uid:", "covers: [post], uid:"), "1:78: accounts[0].targets[0].covers[0]: unknown coverage `post`; "
         "did you mean `posts`?"),
        (OK.replace("uid:", "covers: posts, uid:"), "1:77: accounts[0].targets[0].covers: must be a list"),
        (OK.replace("}]", f"}}, {POST}]"), "1:89: accounts[0].targets[1]: this target stands here twice"),
        (f"{OK}}}, {{{OK}", "1:96: accounts[1].id: `a` is used already, at a.yaml:1"),
    ],
)  # fmt: skip
def test_a_wrong_account_is_told_with_its_place(tmp_path: Path, account: str, said: str) -> None:
    assert refused(tmp_path, f"accounts: [{{{account}}}]") == f"a.yaml:{said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a.yaml:1:1: must be a mapping with `accounts:`, a list"),
        ("accounts: {}", "a.yaml:1:11: accounts: must be a list"),
        ("accounts: []", "a.yaml:1:1: accounts: there are none"),
        ("acounts: []", "a.yaml:1:1: unknown key `acounts`; did you mean `accounts`?"),
        ("include: [x.txt]", "a.yaml:1:11: include[0]: must name a .csv or an .xlsx file"),
        ("include: [none.csv]", "none.csv:1:1: there is no such file"),
    ],
)
def test_a_wrong_register_file_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert refused(tmp_path, text) == said


CSV = """\
id,name,kind,sponsor,region,tags,adapter,uid,url,covers,zone
a,某市发布,weibo,某办,330100,x|y,weibo,1000000001,,,
b,"某市,微信",wechat,,,,feed,,https://bridge.example/1.xml,mass_sent|published,Asia/Shanghai

b,,,,,,feed,,https://other.example/1.xml,mass_sent published,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_csv_register_is_read_in_each_encoding_spreadsheets_write(tmp_path: Path, encoding: str) -> None:
    raw = CSV.replace("\n", "\r\n").encode(encoding)
    accounts = load_yaml(tmp_path, "include: [more.csv]", more=raw).accounts
    assert [(account.id, account.name, account.kind) for account in accounts] == [
        ("a", "某市发布", "weibo"),
        ("b", "某市,微信", "wechat"),
    ]
    assert accounts[0].tags == ("x", "y")
    assert [target.platform for target in accounts[1].targets] == ["feed:bridge.example", "feed:other.example"]
    assert all(target.covers == {"mass_sent", "published"} for target in accounts[1].targets)
    written = one(tmp_path, "id: a, name: n, kind: weibo, targets: [{adapter: weibo, uid: '1000000001'}]")
    assert written.targets[0].id == accounts[0].targets[0].id  # moving an account to CSV keeps its targets


HEAD = "id,name,kind,adapter,uid,url\n"


@pytest.mark.parametrize(
    ("csv", "said"),
    [
        ("id,nmae,kind,adapter\n", "x.csv:1:1: column `name` is missing\n"
         "x.csv:1:2: unknown key `nmae`; did you mean `name`?"),
        ("id,id,name,kind,adapter\n", "x.csv:1:2: column `id` stands here twice"),
        (HEAD + "a,n,weibo,weibo,12,\n", "x.csv:2:5: targets[0].uid: must have the form ^[0-9]{5,20}$"),
        (HEAD + "a,n,wiebo,weibo,1000000001,\n", "x.csv:2:3: kind: unknown kind `wiebo`; did you mean `weibo`?"),
        (HEAD + ",n,weibo,weibo,1000000001,\n", "x.csv:2:1: `id` is missing"),
        (HEAD + "a,n,weibo,,1000000001,\n", "x.csv:2:1: targets[0]: `adapter` is missing"),
        (HEAD + "a,n,weibo,weibo,,\n", "x.csv:2:1: targets[0]: `uid` is missing"),
        (HEAD + "a,n,weibo,weibo,1000000001,https://x.example\n", "x.csv:2:6: targets[0]: unknown key `url`; "
         "known: uid"),
        (HEAD + "a,n,weibo,weibo,1000000001,,,7\n", "x.csv:2:7: this row has more cells than the first"),
        (HEAD + "a,n,weibo,weibo,1000000001,\na,m,,weibo,1000000002,\n", "x.csv:3:2: `name` is not as in row 2, which "
         "has the same id"),
        (HEAD + "a,n,weibo,weibo,1000000001,\na,,,weibo,1000000001,\n", "x.csv:3:1: targets[1]: this target stands "
         "here twice"),
        (HEAD + 'a,"n\nn",weibo,weibo,1000000001,\nb,n,weibo,weibo,1,\n', "x.csv:4:5: targets[0].uid: must have the "
         "form ^[0-9]{5,20}$"),
        (HEAD + 'a,"n,weibo', "x.csv:2:1: is not valid CSV: unexpected end of data"),
        (b"\xff\xff\xff", "x.csv:1:1: is neither UTF-8 nor GBK text"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_told_with_row_and_column(tmp_path: Path, csv: str | bytes, said: str) -> None:
    assert refused(tmp_path, "include: [x.csv]", x=csv) == said


def test_an_id_may_not_stand_in_two_files(tmp_path: Path) -> None:
    said = refused(tmp_path, f"accounts: [{{{OK}}}]\ninclude: [x.csv]", x=HEAD + "a,n,weibo,weibo,1000000001,\n")
    assert said == "x.csv:2:1: id: `a` is used already, at a.yaml:1"


def test_ten_thousand_rows_are_read_at_once(tmp_path: Path) -> None:
    rows = "".join(f"acc{n},某市第{n}号,weibo,weibo,{2000000000 + n},\n" for n in range(10_000))
    started = time.process_time()
    assert len(load_yaml(tmp_path, "include: [x.csv]", x=HEAD + rows).accounts) == 10_000
    assert time.process_time() - started < 10  # 250,000 rows must stay under a minute on a quiet machine
