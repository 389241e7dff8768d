"""What the text of a new post gives away: numbers, phrases and hosts; redacted, bounded, and quick on hostile text."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from stdnum import luhn
from stdnum.cn import ric

from mediawatch.adapters.answers import links_in, plain
from mediawatch.core.content.personal import may_hold, numbers, redact
from mediawatch.core.content.phrases import Phrase, Phrases, WordList, level
from mediawatch.core.content.screen import Screens, harmless, safe, screened
from mediawatch.core.model import Feed, Post
from mediawatch.wordlist_file import built_in, read_screens
from tests.tables import at, words

ID = "11010119900307456"  # an invented person; the last sign is the check digit
ID += ric.calc_check_digit(ID + "0")
CARD = "621700123456789012"
CARD += luhn.calc_check_digit(CARD)
MOBILE = "13812345678"
ALL, _ = read_screens((), (), ())


def kinds(text: str) -> list[str]:
    return [number.kind for number in numbers(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"张某，身份证号{ID}", ["id_number"]),
        (f"{ID[:6]} {ID[6:14]} {ID[14:]}", ["id_number"]),
        (f"身份证号{ID[:17]}{(int(ID[17]) + 1) % 10 if ID[17] != 'X' else 0}", []),  # a wrong check digit
        (f"99{ID[2:]}", []),  # no province
        (f"{ID[:6]}********{ID[14:]}", []),  # masked
        (f"联系电话：{MOBILE}", ["mobile"]),
        ("手机138-1234-5678", ["mobile"]),
        ("手机138 1234 5678", ["mobile"]),
        ("手机１３８１２３４５６７８", ["mobile"]),
        ("+8613812345678", ["mobile"]),
        ("138****5678", []),
        ("12812345678", []),  # no such prefix
        ("1381234567", []),
        ("138123456789", []),
        ("拨打12345热线、110、96333", []),
        ("办公电话0931-8881234、08931881234", []),
        (f"QQ：{MOBILE}", []),
        (f"QQ群{MOBILE}", []),
        (f"举报电话{MOBILE}", []),
        (f"微信群：{MOBILE}", []),
        (f"举报人王某，电话{MOBILE}", ["mobile"]),  # a person's own, whatever stands beside it
        (f"咨询者电话{MOBILE}", ["mobile"]),
        (f"困难群众张某{MOBILE}", ["mobile"]),
        (f"见https://example.cn/a/{MOBILE}", []),
        (f"银行卡号{CARD}", ["bank_card"]),
        (" ".join((CARD[:4], CARD[4:8], CARD[8:12], CARD[12:16], CARD[16:])), ["bank_card"]),
        (CARD[:-1] + str((int(CARD[-1]) + 1) % 10), []),
        (f"订单号{CARD}", []),
        ("0000000000000000", []),
        (f"{MOBILE} {ID}", ["mobile", "id_number"]),
        ("文号〔2019〕19号，2026年3月1日，金额1,234,567.89元", []),
        ("", []),
    ],
)
def test_a_number_is_personal_only_where_it_fits_its_own_rules(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize("number", [ID, CARD, MOBILE, "138-1234-5678"])
def test_a_number_that_was_redacted_is_gone_for_good(number: str) -> None:
    text = f"名单：{number}，谢谢"
    safe = redact(text)
    assert number not in safe
    assert len(safe) == len(text)
    assert safe == redact(safe)
    assert kinds(safe) == []
    assert safe.startswith(f"名单：{number[:3]}*")


def test_a_number_that_was_cut_off_is_redacted_too() -> None:
    assert redact(f"名单：{ID[:14]}…") == f"名单：{ID[:3]}***********…"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请转发截图至工作群", [("forced", "转发截图")]),
        ("全员转发，务必点赞！", [("forced", "全员转发"), ("forced", "务必点赞")]),
        ("请下载ＡＰＰ才能办理", [("forced", "下载app才能")]),
        ("严禁集赞、转发截图等形式主义", []),
        ("警惕骗局：点击购买", []),
        ("点击购买，立即抢购", [("advertising", "点击购买"), ("advertising", "立即抢购")]),
        ("今日天气晴", []),
        ("", []),
    ],
)
def test_phrases_are_found_unless_something_beside_them_speaks_against_them(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert [(one.category, one.word) for one in ALL.phrases.find(text)] == expected


def test_the_lists_of_the_program_are_sound() -> None:
    for one in built_in():
        found = [phrase.word for phrase in one.words]
        assert len(set(found)) == len(found)
        assert all(2 <= len(word) <= 20 for word in found)
        assert one.source.zh_CN
        assert not any(Phrases([one]).find(f"{one.unless[0]}{word}") for word in found)
        assert all(Phrases([one]).find(word) for word in found)


def test_a_list_of_ones_own_and_phrases_to_ignore(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("# names\n旧县名\t2024年已更名\n甲局\n", encoding="utf-8")
    (tmp_path / "not.txt").write_text("原旧县名中学\n", encoding="utf-8")
    (tmp_path / "hosts.txt").write_text("*.shop.example\nbad.example\n", encoding="utf-8")
    screens, problems = read_screens([tmp_path / "own.txt"], [tmp_path / "not.txt"], [tmp_path / "hosts.txt"])
    assert not problems
    assert [one.word for one in screens.phrases.find("旧县名与原旧县名中学")] == ["旧县名"]
    assert screens.phrases.find("原旧县名中学") == ()
    assert screens.blocked == {"shop.example", "bad.example"}


def test_what_is_wrong_with_a_list_has_its_place(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("甲乙\n丙\n", encoding="utf-8")
    (tmp_path / "gbk.txt").write_bytes("旧县".encode("gbk"))
    (tmp_path / "hosts.txt").write_text("http://a.example/x\n", encoding="utf-8")
    files = [tmp_path / "own.txt", tmp_path / "gbk.txt", tmp_path / "none.txt"]
    _, problems = read_screens(files, [], [tmp_path / "hosts.txt"])
    assert [str(one).replace(f"{tmp_path}/", "") for one in problems] == [
        "own.txt:2:1: a word has 2 to 100 letters",
        "gbk.txt:1:1: the list is not UTF-8",
        "none.txt:1:1: the list cannot be read",
        "hosts.txt:1:1: must be the name of a host, such as shop.example",
    ]


def test_a_hit_shows_no_number_and_a_kept_post_has_none() -> None:
    post = Post(
        key="1", at=None, title=f"请转发截图给{MOBILE}", text=f"请转发截图给{MOBILE}，{ID}", links=("https://a.cn",)
    )
    hits = screened(post, "t", at("2026-03-01"), ALL)
    assert [(hit.category, hit.term) for hit in hits] == [
        ("personal", "mobile"),
        ("personal", "id_number"),
        ("forced", "转发截图"),
    ]
    assert not any(number in hit.model_dump_json() for hit in hits for number in (MOBILE, ID))
    (kept,) = safe(Feed(posts=(post,)), ALL).posts
    assert MOBILE not in kept.title
    assert kept.digest == post.digest


def test_of_a_post_that_repeats_another_only_its_own_words_are_searched() -> None:
    """Its title names the item; whose that is says `source`."""
    post = Post(key="1", at=None, repost=True, title=f"转发微博 - 转发 @某人: 电话{MOBILE}", text="转发微博")
    assert screened(post, "t", at("2026-03-01"), ALL) == ()
    own = post.model_copy(update={"text": f"电话{MOBILE}"})
    assert [hit.term for hit in screened(own, "t", at("2026-03-01"), ALL)] == ["mobile"]
    assert MOBILE not in str(safe(Feed(posts=(post,)), ALL))


def test_one_glance_at_a_list_passes_over_nothing_that_a_search_of_each_post_finds() -> None:
    built = Screens(phrases=Phrases(built_in()), blocked=frozenset({"bad.example"}), blocked_by="b@1")
    plain = [Post(key=str(number), at=None, title=f"今日天气 {number}", text="晴，2026年11月") for number in range(5)]
    assert harmless(plain, built)
    assert harmless((), built)
    hits = (
        Post(key="n", at=None, title="联系人", text="电话 13812345678"),
        Post(key="t", at=None, title="电话138 1234 5678"),
        Post(key="l", at=None, title="见", text="https://www.bad.example/x"),
        Post(key="m", at=None, title="见", links=("https://bad.example/",)),
        *(
            Post(key=one.word, at=None, title="", text=f"文中{one.word}等")
            for lists in built_in()
            for one in lists.words
        ),
    )
    for post in hits:
        found = screened(post, "a/weibo/1", at("2026-03-01 09:00"), built)
        assert not (found and harmless([*plain, post, *plain], built)), post
    assert not harmless(plain, Screens(sources=frozenset({"新华社"})))


def test_a_link_is_blocked_with_all_that_lies_under_its_host() -> None:
    screens = Screens(blocked=frozenset({"shop.example"}), blocked_by="hosts@1")

    def hosts(**more: object) -> list[str]:
        return [hit.shown for hit in screened(Post(key="1", at=None, **more), "t", at("2026-03-01"), screens)]

    assert hosts(links=("https://www.shop.example/x",)) == ["www.shop.example"]
    assert hosts(text="见 http://SHOP.example:80/ ") == ["shop.example"]
    assert hosts(links=("https://notshop.example/", "https://example/", "https://shop.example.cn/")) == []


def test_a_source_is_told_where_a_list_says_whom_one_may_repeat() -> None:
    """C6: without a list nobody's source is asked; a number in a name is masked."""
    screens = Screens(sources=frozenset({"人民日报", "云溪"}), sources_by="sources@1")

    def told(of: Screens = screens, **more: object) -> list[str]:
        hits = screened(Post(key="1", at=None, **more), "t", at("2026-03-01"), of)
        return [hit.shown for hit in hits if hit.category == "source"]

    assert told(repost=True, source="某某娱乐") == ["某某娱乐"]
    assert told(repost=True, source="人民日报客户端") == []
    assert told(text="春耕正忙（来源：云溪融媒）") == []
    assert told(text="春耕正忙 来源: 某某营销号，编辑：张三") == ["某某营销号"]
    assert told(text="春耕正忙") == []
    assert told(of=Screens(), repost=True, source="某某娱乐") == []
    assert told(source="联系13812345678") == ["联系138******78"]


@pytest.mark.parametrize("step", ["a", " ", "[", "<", "1", "1 ", "138-", "http://", 'href="http://', "集", "&#"])
def test_no_text_takes_long_to_search(step: str) -> None:
    text = step * 50_000
    own = WordList(
        id="own",
        title=words("x"),
        category="own",
        source=words("x"),
        confidence="ours",
        words=tuple(Phrase(word=f"词{n}") for n in range(2000)),
    )
    screens = Screens(Phrases([*built_in(), own]), frozenset({"a.example"}))
    for asked in (
        lambda: numbers(text),
        lambda: redact(text[:500]),
        lambda: screens.phrases.find(text),
        lambda: links_in(text),
        lambda: plain(text, 4000),
    ):
        began = time.process_time()
        asked()
        assert time.process_time() - began < 0.5, step  # what looks back at every step takes minutes


def test_wide_signs_are_levelled_whoever_stands_beside_them() -> None:
    wide = "".join(map(chr, range(0xFF01, 0xFF5F)))
    plain_ = "".join(map(chr, range(0x21, 0x7F))).lower()
    assert level(wide) == plain_
    assert level(f"县，{wide}：Ａb\u3000") == f"县,{plain_}:ab "


@pytest.mark.parametrize("digits", ["1381234", "１３８１２３４", "138１２３4", "1-3 8-1 2-3 4"])
def test_seven_digits_of_either_width_may_be_a_number(digits: str) -> None:
    assert may_hold(f"电话{digits}。")
    assert not may_hold(f"电话{digits[:-1]}。")
    assert not may_hold("\n".join((digits[:4], digits[4:])))
