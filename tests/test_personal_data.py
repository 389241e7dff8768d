"""A thousand personal numbers are planted in what platforms show: none comes out of the house, and a purge takes them.

Raw answers are the proof and stay as they came, for their owner's eyes, until they are old or purged.
"""

from __future__ import annotations

import io
import json
import logging
import random
import re
import zipfile
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import CliRunner
from stdnum import luhn
from stdnum.cn import ric

from mediawatch.adapters import wechat_official
from mediawatch.cli import cli
from mediawatch.core.content.screen import Screens, safe
from mediawatch.core.model import Article, Articles, Letter, Letters, Listing, Page, Profile
from mediawatch.store.blobs import Blobs
from mediawatch.wires.pace import PlatformPace
from tests.stories import START, Story, weibo
from tests.test_stories_of_content import everything_in
from tests.wire_server import Shelf, door, serving

ACCOUNTS, POSTS, EACH = 5, 20, 10
CITIZENS = ("王某某", "李某某", "张某某")


def planted() -> list[str]:
    """A thousand: ID numbers, mobile numbers and bank cards in turn, all of them well formed."""
    chance = random.Random(9)  # noqa: S311
    found: list[str] = []
    while len(found) < ACCOUNTS * POSTS * EACH:
        born = f"{chance.randrange(1950, 2005)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
        person = f"110101{born}{chance.randrange(1000):03}"
        card = f"622848{chance.randrange(10**9):09}"
        found += [person + ric.calc_check_digit(f"{person}0"), f"13{chance.randrange(10**9):09}",
                  card + luhn.calc_check_digit(card)]  # fmt: skip
    return found[: ACCOUNTS * POSTS * EACH]


NUMBERS = planted()


def leaked(raw: bytes) -> list[str]:
    """The numbers that stand whole in these bytes, in whatever run of digits."""
    runs = b" ".join(set(re.findall(rb"[0-9]{11,}X?", raw))).decode()
    return [number for number in NUMBERS if number in runs]


def accounts() -> list[dict[str, object]]:
    """Five accounts that publish lists of people, and say a number of somebody in what they tell of themselves."""
    left = iter(NUMBERS)
    found: list[dict[str, object]] = []
    for number in range(ACCOUNTS):
        posts = []
        for post in range(POSTS):
            people = [f"{CITIZENS[place % 3]}{next(left)}" for place in range(EACH)]
            posts.append({"at": f"day {post // 10} {9 + post % 10}:00", "title": " ".join(people)})
        found.append(
            weibo(f"a{number}", *posts, number=number + 1) | {"description": f"站长 {NUMBERS[number * POSTS * EACH]}"}
        )
    return found


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_none_of_a_thousand_personal_numbers_leaves_the_house_and_a_purge_takes_the_rest(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with Story(tmp_path, {"accounts": accounts()}, cadence={"latest": "1d"}) as story:
        await story.until("day 3 12:00")
        told = {alert.subject for alert in story.alerts() if alert.indicator == "C4"}
        assert len(told) == ACCOUNTS, "each was found out"
        now = story.now.isoformat()
    blobs = Blobs(tmp_path / "answers")
    raw = [blobs.recall(digest) or b"" for digest, _ in blobs.sizes()]
    assert set(leaked(b"".join(raw))) == set(NUMBERS), "each was shown to us, and is kept as it came"
    assert leaked(everything_in(tmp_path)) == []
    assert leaked(json.dumps(story.bodies, ensure_ascii=False).encode() + caplog.text.encode()) == []

    files = ("--accounts", str(tmp_path / "accounts.yaml"), "--settings", str(tmp_path / "mediawatch.yaml"))

    def said(words: str) -> str:
        done = CliRunner().invoke(cli, [*words.split(), *files])
        assert done.exit_code in (0, 1), (words, done.output)
        return done.output

    shown = ("explain a0 --json", "log --json", "changes", "alerts list --json", f"judge --as-of {now} --json")
    assert leaked("".join(map(said, shown)).encode()) == []
    (out := tmp_path / "out").mkdir()
    said(f"report evidence a0 --indicator C4 --at {now} --out {out}")
    said(f"report supervision-year {START.year} --out {out}")
    papers = files_in(out)
    assert {path.suffix for path in papers} == {".zip", ".xlsx"}
    for path in papers:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as pack:
            for name in pack.namelist():
                if not name.startswith("answers"):  # the proof itself
                    assert leaked(pack.read(name)) == [], (path, name)

    mine = set(NUMBERS[: POSTS * EACH])
    gone = json.loads(said("purge a0 --reason a-person-asked --all --yes --json").splitlines()[-1])
    left = [blobs.recall(digest) or b"" for digest, _ in blobs.sizes()]
    assert mine.isdisjoint(leaked(b"".join(left)))
    assert gone
    assert json.loads(said("verify --json").splitlines()[-1])["flaws"] == 0, "and it is proven what went"


@pytest.mark.parametrize(
    "seen",
    [
        Page(opened=True, title=f"办事公告 {NUMBERS[0]}", notice=f"迁移公告：联系 {NUMBERS[1]}"),
        Listing(name=f"某县 {NUMBERS[1]}", seller=NUMBERS[0], description=f"联系 {NUMBERS[2]}", present=True),
        Articles(articles=(Article(url="https://mp.weixin.qq.com/s/x", state="alive"),),
                 profile=Profile(name="某县", description=f"电话 {NUMBERS[1]}", verified_reason=NUMBERS[0])),
        Letters(letters=(Letter(key=f"信件 {NUMBERS[1]}", at=START),), rows=1),
    ],
    ids=lambda seen: str(seen.kind),
)  # fmt: skip
def test_whatever_people_write_freely_is_masked_before_it_is_written_down(seen: Page) -> None:
    assert leaked(seen.model_dump_json().encode())
    kept = safe(seen, Screens())
    assert leaked(kept.model_dump_json().encode()) == []
    assert type(kept) is type(seen)


async def test_of_comments_it_is_kept_how_many_there_are_and_not_who_said_what() -> None:
    said = [{"openid": f"oPerson{number}", "content": f"我是王某某，{NUMBERS[number]}"} for number in range(3)]

    async def handler(request: web.Request) -> web.Response:
        answers = {
            wechat_official.TOKEN: {"access_token": "a-token-of-theirs", "expires_in": 7200},
            wechat_official.COMMENTS: {"errcode": 0, "total": 0, "comment": said},
            wechat_official.MENU: {"errcode": 46003},
        }
        return web.json_response(answers.get(request.path, {"total_count": 0, "item_count": 0, "item": []}))

    shelf = Shelf()
    address = wechat_official.Address(appid="wx0123456789abcdef", message="2247483653")
    async with serving(handler) as port:
        secrets = ((address.appid, "app-secret-1"),)
        pace = {"wechat.official": PlatformPace(f"http://wx.example:{port}", 60_000, 2, secrets=secrets)}
        async with door(keeper=shelf, pace=pace) as http, http.open("wechat.official", START) as wire:
            seen = wechat_official.parse(address, await wechat_official.fetch(address, wire))
    assert seen.profile is not None
    assert seen.profile.comments_open, "somebody has commented"
    kept = b"".join(shelf.bodies.values())
    assert b"comment" in kept
    assert b"oPerson" not in kept
    assert "王某某".encode() not in kept
    assert leaked(kept) == []
