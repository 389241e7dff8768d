"""Ninety-nine names as somebody would choose them who wants to act through them: by class, and what none may leave."""

from __future__ import annotations

import unicodedata

CLASSES: dict[str, tuple[str, ...]] = {
    "markup": (
        "[/]", "[/nope]", "[/", "[", "x[/red]", "[#000 on #000]secret[/]", "[@click=app.quit]x[/]",
        "[@click=app.bell()]x", "[link=https://evil.example]x[/link]", "[a=b", "[bold", "\\[red]", "[$primary]",
        "{n} {0.__class__} %s %(x)s", ":warning:",
    ),
    "escapes": (
        "\x1b]0;PWNED\x1b\\name", "\x1b]0;PWNED\x07", "\x1b[2J\x1b[HFAKE SCREEN", "\x1b[1;1HALL-OK",
        "\x1b]8;;http://evil.example\x1b\\x\x1b]8;;\x1b\\", "\x1b]52;c;cm0gLXJmIC8=\x07", "\x1bP$q\"p\x1b\\", "\x1b",
        "\x9b2J\x9d0;x\x9cname", "\x90x\x9c", "\x1b[?1049h", "\x1bc",
    ),
    "controls": (
        "\x00", "a\x00b", "a\x07b\x08c", "a\rb", "one\ntwo\r\nthree", "tab\there", "\x7fdel\x85next", "a\x0b\x0cb",
        "one\u2028two\u2029three",
    ),
    "directions": (
        "\u202eemos", "evil\u202egnp.exe", "\u2066a\u2067b\u2068c\u2069", "\u061cx\u200ey\u200fz",
        "\u202a\u202b\u202c\u202d",
        "\u0645\u0631\u062d\u0628\u0627", "\u05e9\u05dc\u05d5\u05dd abc \u05e2\u05d5\u05dc\u05dd",
    ),
    "invisible": (
        "a\u200b\u2060\ufeffb", "\U000e0041\U000e0042\U000e007f", "\u3164", "\u115f\u1160\uffa0", "\u00ad\u00ad",
        "\u200d\u200d", "\u200c", " ", "\u3000\u00a0\u2003", "",
    ),
    "broken": ("a\ud800b", "\udfff", "\ufffe\uffff\ufdd0", "\ufffd\ufff9x\ufffa"),
    "marks": ("Z" + "\u0301" * 400, "\u0e49" * 60, "e\u0301\u0323\u0302", "\u0301lone"),
    "pictures": (
        "👨\u200d👩\u200d👧\u200d👦 中文", "👍🏽🤦🏼\u200d♂️", "🇨🇳🇨🇳🇨", "#️⃣1️⃣", "❤️☺︎",
        "ｆｕｌｌ　ｗｉｄｅ", "ﷺ", "가각힣ᄀᆞ",
    ),
    "formulas": (
        "=1+1", "=cmd|' /C calc'!A0", "+SUM(1)", "-1+1", "@SUM(1)", "{=SUM(1)}", "\t=1+1", " =1+1", "＝1+1",
        '=HYPERLINK("http://evil.example","x")',
    ),
    "pages": (
        "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "]]></w:t></w:p>",
        "{{ ''.__class__ }}", "&lt;@all&gt;", "[x](http://evil.example)", "| a | b |\n|---|---|",
    ),
    "pings": ("<@all>", '<at user_id="all"></at>', "@所有人", "www.evil.example"),
    "paths": ("../../../etc/passwd", "/etc/passwd", "C:\\con\\nul", "file:///etc/passwd", "x\r\nBcc: all@evil.example"),
    "long": ("很长的名字" * 2000, "x" * 10_000, "́".join("a" * 3000)),
}  # fmt: skip
NAMES: tuple[str, ...] = tuple(name for names in CLASSES.values() for name in names)
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2060\ufeff")


def acts(text: str, keep: str = "") -> list[str]:
    """The letters of a text that could move a cursor, end a line, turn it round or hide; none of `keep`."""
    return [
        letter
        for letter in text
        if letter not in keep and (unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") or letter in BIDI)
    ]
