"""An office's own register of messages, brought as a table: taken whole or not at all; reply clocks judge by it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from mediawatch.adapters.letter_register import MOST_ROWS, NoRegister, letters_of
from mediawatch.clock import wall_clock
from mediawatch.core.calendar import SHANGHAI
from mediawatch.sheets import xlsx_bytes
from tests.shell import call, files, heard, lines, started, write
from tests.tables import at

HEAD = ["编号", "来信人", "留言时间", "答复时间"]
NOW = at("2026-03-20")


def read(*rows: list[str], head: list[str] = HEAD) -> list[tuple[str, date, date | None]]:
    found = letters_of(head, enumerate(rows, 2), NOW)
    return [(one.key, one.at.date(), one.replied_at.date() if one.replied_at else None) for one in found]


def test_numbers_and_days_are_read_and_nothing_else() -> None:
    told = read(["1", "张三", "2026-03-02", "2026-03-05"], ["2", "李四", "2026年3月3日", ""])
    assert told == [("1", date(2026, 3, 2), date(2026, 3, 5)), ("2", date(2026, 3, 3), None)]


def test_without_numbers_a_message_is_named_by_its_day() -> None:
    """So that a row that is added above does not give another's reply to a message."""
    head = ["留言时间", "答复时间"]
    one, two = ["2026-03-02", ""], ["2026-03-02", "2026-03-03"]
    assert [key for key, *_ in read(one, two, head=head)] == ["2026-03-02 #1", "2026-03-02 #2"]
    assert [key for key, *_ in read(["2026-03-01", ""], one, two, head=head)][1:] == ["2026-03-02 #1", "2026-03-02 #2"]


@pytest.mark.parametrize(
    ("rows", "line", "says"),
    [
        ([["1", "", "2026-03-02", ""], ["2", "", "不详", ""]], 3, "a day"),
        ([["1", "", "2026-03-02", "已答复"]], 2, "a day"),
        ([["1", "", "2026-03-02", "2026-03-01"]], 2, "a day"),
        ([["1", "", "2026-03-02", ""], ["1", "", "2026-03-03", ""]], 3, "a number"),
        ([["", "", "2026-03-02", ""]], 2, "a number"),
        ([[str(n), "", "2026-03-02", ""] for n in range(MOST_ROWS + 1)], MOST_ROWS + 2, "more than"),
    ],
)
def test_one_row_that_is_not_understood_refuses_the_register(rows: list[list[str]], line: int, says: str) -> None:
    with pytest.raises(NoRegister, match=says) as refused:
        read(*rows)
    assert refused.value.line == line


TODAY = wall_clock().astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
YEARS = {"calendar": {"years": [TODAY.year - 1, TODAY.year, TODAY.year + 1]}}
REGISTER = {
    "accounts": [
        {
            "id": "wx",
            "name": "某市发布",
            "kind": "wechat",
            "targets": [{"adapter": "letter_register"}, {"adapter": "letter_register", "called": "热线"}],
        },
        {
            "id": "site",
            "name": "某市网",
            "kind": "website",
            "targets": [{"adapter": "website", "url": "https://a.example/"}],
        },
    ]
}


def day(ago: int) -> str:
    return (TODAY - timedelta(days=ago)).date().isoformat()


def table(path: Path, *rows: list[str]) -> str:
    if path.suffix == ".xlsx":
        path.write_bytes(xlsx_bytes([("说明", ["本表由办公室填写"], []), ("台账", HEAD, rows)]))
    else:
        path.write_bytes("\n".join(",".join(row) for row in (HEAD, *rows)).encode("gb18030"))
    return str(path)


def when(ago: int) -> list[str]:
    return ["--when", (TODAY - timedelta(days=ago)).isoformat(), "--by", "王五"]


@pytest.mark.parametrize("name", ["台账.csv", "台账.xlsx"])
def test_a_register_decides_the_reply_clock_of_a_wechat_account(tmp_path: Path, name: str) -> None:
    write(tmp_path, REGISTER, {"data_dir": "d", **YEARS})
    late = table(tmp_path / name, ["1", "张三", day(40), ""], ["2", "李四", day(41), day(40)])
    tried = call(tmp_path, "letters", "wx", late, *when(0), "--dry-run", "--json")
    assert lines(tried) == [{"letters": 2, "waiting": 1, "answers": {"I3": "fail"}}]
    assert "would be" in tried.stderr
    assert call(tmp_path, "findings", "--json").stdout == ""
    (done,) = lines(call(tmp_path, "letters", "wx", late, *when(0), "--json"))
    assert done["answers"] == {"I3": "fail"}
    shown = call(tmp_path, "explain", "wx", "--lang", "en").stdout
    assert "王五" in shown
    kept = b"".join(one.read_bytes() for one in (tmp_path / "d").rglob("*") if one.is_file())
    assert "张三".encode() not in kept
    # answered meanwhile: the register says so, and that was late; withdrawn: it counts no more
    assert (
        "I3 fail"
        in call(tmp_path, "letters", "wx", table(tmp_path / name, ["1", "", day(40), day(1)]), *when(0)).stderr
    )
    assert (
        "I3 pass"
        in call(tmp_path, "letters", "wx", table(tmp_path / name, ["2", "", day(41), day(40)]), *when(0)).stderr
    )


def test_what_was_answered_after_the_day_of_the_register_accuses_nobody(tmp_path: Path) -> None:
    write(tmp_path, REGISTER, {"data_dir": "d", **YEARS})
    waits = table(tmp_path / "a.csv", ["1", "", day(30), ""])
    assert "I3 unknown" in call(tmp_path, "letters", "wx", waits, *when(29)).stderr
    soon = table(tmp_path / "b.csv", ["1", "", day(1), ""])
    told = call(tmp_path, "letters", "wx", soon, *when(0)).stderr
    assert "I3 at_risk" in told or "I3 pass" in told


def test_a_year_whose_holidays_nobody_has_named_is_refused_and_said(tmp_path: Path) -> None:
    years = {"calendar": {"years": [TODAY.year + 1]}}
    write(tmp_path, REGISTER, {"data_dir": "d", **years})
    far = call(tmp_path, "workdays", "2199-01-02", "--add", "5")
    assert far.exit_code == 2
    assert "2199" in far.stderr


@pytest.mark.parametrize(
    ("rows", "more", "says"),
    [
        ([["1", "", day(0), ""]], ["--when", (TODAY + timedelta(days=900)).isoformat()], "future"),
        ([["1", "", day(1), ""]], ["--when", (TODAY - timedelta(days=5)).isoformat()], "after that of the register"),
        ([["1", "", "?", ""]], ["--when", TODAY.isoformat()], "line 2"),
        ([["1", "", day(1), ""]], ["--when", TODAY.isoformat(), "--register", "别的"], "no channel"),
    ],
)
def test_what_cannot_be_true_is_refused(tmp_path: Path, rows: Any, more: list[str], says: str) -> None:
    write(tmp_path, REGISTER, {"data_dir": "d"})
    refused = call(tmp_path, "letters", "wx", table(tmp_path / "a.csv", *rows), *more)
    assert refused.exit_code == 2
    assert says in refused.stderr
    assert "no channel" in call(tmp_path, "letters", "site", table(tmp_path / "b.csv"), *when(0)).stderr
    assert call(tmp_path, "letters", "nobody", str(tmp_path / "b.csv"), *when(0)).exit_code == 2
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    assert "no table" in call(tmp_path, "letters", "wx", str(tmp_path / "c.csv"), *when(0)).stderr
    assert "no such file" in call(tmp_path, "letters", "wx", str(tmp_path / "d.csv"), *when(0)).stderr


def test_it_is_never_due_and_a_running_daemon_takes_it(tmp_path: Path) -> None:
    write(tmp_path, REGISTER, {"data_dir": str(tmp_path / "d"), "database": f"sqlite:///{tmp_path}/m.db", **YEARS})
    with started("run", *files(tmp_path)) as daemon:
        heard(daemon, "watching")
        register = table(tmp_path / "a.csv", ["1", "", day(40), ""])
        (done,) = lines(call(tmp_path, "letters", "wx", register, *when(0), "--register", "热线", "--json"))
        assert done["answers"] == {"I3": "fail"}
    looks = lines(call(tmp_path, "log", "--json"))
    assert [one["adapter"] for one in looks] == ["letter_register"]
