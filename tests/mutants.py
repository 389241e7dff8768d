"""Bugs that somebody might write one day, each planted in a copy of the package: the tests named beside it must fail.

`python -m tests.mutants [WORD…]` plants all of them (or those whose name holds a word), one at a time, and prints which
were found, and in how many seconds. It never touches the tree that it stands in.

Each run of pytest is a fork of a process that has the libraries in it, and nothing of ours; what it compiles of ours is
kept for the next one.
"""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("mediawatch", "tests", "docs", "pyproject.toml", "accounts.yaml", "mediawatch.example.yaml")
MINUTES = 5  # that the tests of one bug may take
LIBRARIES = ("hypothesis", "aiohttp", "apscheduler", "alembic.command", "sqlmodel", "msgspec", "xlsxwriter", "docx")


@dataclass(frozen=True)
class Bug:
    """`right`, which stands once in `file`, becomes `wrong`; `tests` are what pytest is given to find it."""

    name: str
    file: str
    right: str
    wrong: str
    tests: tuple[str, ...]

    def planted(self, text: str) -> str:
        """The file with the bug. Raises ValueError where the right code does not stand in it exactly once."""
        if text.count(self.right) != 1:
            raise ValueError(f"{self.name}: its code stands {text.count(self.right)} times in {self.file}")
        return text.replace(self.right, self.wrong)


STALE = ("core/rules/stale.py", ("tests/test_rule_stale.py",))
PROOF = ("core/rules/proof_of_silence.py", ("tests/test_rule_stale.py", "tests/test_doubts.py"))
VANISHED = ("core/rules/vanished.py", ("tests/test_rule_stale.py", "tests/test_rule_dates.py"))
COUNTS_FROM = ("core/rules/published.py", ("tests/test_rule_stale.py",))
SHELL = ("core/rules/empty_shell.py", ("tests/test_rule_empty_shell.py",))
GONE = ("core/rules/gone.py", ("tests/test_rule_gone.py",))
LADDER = ("core/rules/app_ladder.py", ("tests/test_rule_app_ladder.py",))
ALERTING = ("core/alerting.py", ("tests/test_alerting.py", "tests/test_rule_stale.py"))
ROUTING = ("core/routing.py", ("tests/test_routing.py", "tests/test_alerting.py"))
OUTBOX = ("store/outbox.py", ("tests/test_outbox.py", "tests/test_telling.py"))
KILLED = ("tests/test_stories_of_alerts.py", "-k", "killed_at_any_point")
INCIDENTS = ("core/incidents.py", ("tests/test_incidents.py",))
STRAYS = ("tests/test_retention.py", "-k", "stray")
GUARD = ("wires/guard.py", ("tests/test_guard.py",))
AT_DEADLINE_OF_DOUBT = ("core/schedule.py", ("tests/test_schedule.py", "-k", "need_no_person"))
AT_DEADLINE = ("core/schedule.py", ("tests/test_schedule.py", "-k", "deadline_itself"))
WHOLE = ("tests/test_papers_whole.py",)
HOME = ("core/rules/home_stale.py", ("tests/test_rule_website.py", "tests/test_stories_of_websites.py"))
DIGESTS = ("digests.py", ("tests/test_stories_of_alerts.py", "-k", "digest"))
PUBLISHED = ("core/published.py", ("tests/test_rollup.py",))


def _bug(name: str, where: tuple[str, tuple[str, ...]], right: str, wrong: str) -> Bug:
    return Bug(name, where[0], right, wrong, where[1])


BUGS = (
    # what is promised and told
    _bug(
        "mark first: a message counts as told before it was sent",
        ("store/outbox.py", KILLED),
        "                    doubtful=doubtful,\n",
        "                    doubtful=doubtful,\n                    state=SENT,\n",
    ),
    _bug(
        "new id: every attempt has an id of its own",
        ("store/outbox.py", KILLED),
        "            claimed.append(Delivery(message, row.attempts, token))\n",
        '            message = message.model_copy(update={"id": f"{message.id}{row.attempts}"})\n'
        "            claimed.append(Delivery(message, row.attempts, token))\n",
    ),
    _bug(
        "two transactions: a look and what follows from it are not written together",
        ("poll.py", ("tests/test_stories_of_alerts.py", "-k", "written_together")),
        "        written = record(ledger, looked, policy.screens)\n",
        "        written = record(ledger, looked, policy.screens)\n    with store.writing() as ledger:\n",
    ),
    _bug(
        "commit late: the lease on a message is not there while it is sent",
        OUTBOX,
        "                    lease_token=token,\n                    next_try=now + lease,\n",
        "                    lease_token=token,\n                    next_try=now,\n",
    ),
    _bug(
        "whatever a receiver answers counts as taken",
        ("deliver.py", ("tests/test_stories.py", "-k", "ill_for_six_hours")),
        "        if attempt.answer is Answer.ACCEPTED:\n            ledger",
        "        if True:\n            ledger",
    ),
    _bug("a late refusal undoes what another attempt did", OUTBOX, "        if fenced:\n", "        if False:\n"),
    _bug("a late yes is not believed", OUTBOX, "fenced=False, state=SENT", "fenced=True, state=SENT"),
    _bug(
        "after a restart it is not known that a message may have arrived",
        OUTBOX,
        "values(next_try=now, lease_token=None, doubtful=True)",
        "values(next_try=now, lease_token=None)",
    ),
    _bug(
        "a reminder is told after the account has posted",
        OUTBOX,
        "        self._withdraw(draft.receiver, now)\n",
        "",
    ),
    _bug(
        "asking again owes the same again",
        ROUTING,
        "        if key in self.known:\n            return False\n",
        "",
    ),
    _bug(
        "a candidate is told before a person has confirmed it",
        ("core/routing.py", ("tests/test_stories_of_review.py", "-k", "waits_and_is_told_once")),
        "    elif situation.tell_candidates or alert.review not in (Review.WAITING, Review.DISMISSED):\n",
        "    else:\n",
    ),
    # alerts
    _bug(
        "resolve on error: what could not be seen ends an alert",
        ALERTING,
        "        if finding.outcome is Outcome.UNKNOWN:\n            continue\n",
        "",
    ),
    _bug(
        "one look confirms",
        ALERTING,
        "all(max(times) - min(times) >= needed for times in looks.values())",
        "True",
    ),
    _bug(
        "what a person has dismissed opens again",
        ("core/alerting.py", ("tests/test_stories_of_review.py", "-k", "dismiss")),
        " and (breach is not None or finding.indicator not in dismissed)",
        "",
    ),
    # the rules
    _bug(
        "shell from an empty page: a page without a post is an account without one",
        SHELL,
        " and (look.seen.complete or _counted(look) is not None)",
        "",
    ),
    _bug("posts that are counted and hidden are none", SHELL, "    if _hidden(evidence):\n", "    if False:\n"),
    _bug("the fourteenth day is too late", STALE, "    if evidence.now < deadline:\n", "    if False:\n"),
    _bug(
        "a look before the deadline proves what came after it",
        PROOF,
        "            if whole and reaches(whole[-1]) >= deadline:\n",
        "            if whole:\n",
    ),
    _bug("a look during an incident fails an account", PROOF, "look.trusted and shows_dates", "shows_dates"),
    _bug("a list without dates fails an account", PROOF, "look.trusted and shows_dates(look)", "look.trusted"),
    _bug("a post from the future counts from then", COUNTS_FROM, "min(post.at, post.first_seen_at)", "post.at"),
    _bug(
        "an old copy of a list is believed",
        PROOF,
        "            whole = [look for look in looks if not behind(evidence, look)]\n            late",
        "            whole = looks\n            late",
    ),
    _bug("what one moment shows of years is believed", PROOF, "if reaches(looks[-1]) >= covered(began)", "if True"),
    _bug("one platform is two witnesses", PROOF, "for looks in sound}) < 2", "for looks in sound}) < 1"),
    _bug(
        "a channel of yesterday is watched since the account is",
        PROOF,
        "_in_a_row(evidence, looks[0].target, covered) for looks",
        "evidence.watched_since or evidence.now for looks",
    ),
    _bug("an outage of a month is watched", PROOF, "return paused[-1] if paused else", "return"),
    _bug(
        "what is counted and hidden is forgotten after twenty looks",
        VANISHED,
        "told += [(one.at",
        "told = told or [(one.at",
    ),
    _bug(
        "whom a person must decide on is looked at again some time after none need",
        AT_DEADLINE_OF_DOUBT,
        "*[_due(at, at + cadence.lead) for at in finals], ",
        "",
    ),
    _bug("said once is gone", GONE, "if lacks > 0 or last.at < believed_at:", "if len(said) < 1:"),
    _bug("said seven times in an hour is gone", GONE, "if lacks > 0 or last.at < believed_at:", "if lacks > 0:"),
    _bug(
        "said of a whole crowd is said of each", GONE, "crowd = evidence.beside.canary_gone or ", "crowd = False and "
    ),
    _bug(
        "whoever was gone and back is believed as others", GONE, "params.again if evidence.beside.was_back else 1", "1"
    ),
    _bug(
        "a platform that takes its word back is believed",
        GONE,
        "if 0 < params.took_back",
        "if False and 0 < params.took_back",
    ),
    _bug("a store is believed at once", LADDER, "if short or lacks > 0 or", "if short or"),
    _bug("a refusal of the platform is gone", GONE, " and says_gone(look)", " and look.failure is not None"),
    _bug(
        "days begin at midnight of the machine",
        ("core/calendar.py", ("tests/test_rule_stale.py",)),
        'ZoneInfo("Asia/Shanghai")',
        'ZoneInfo("UTC")',
    ),
    # whose fault it is
    _bug("one blind account is a platform's trouble", INCIDENTS, "FEWEST = 3 ", "FEWEST = 1 "),
    _bug("a platform that is mostly blind is well", INCIDENTS, "BLIND = 0.5 ", "BLIND = 0.9 "),
    _bug("a trouble that some looks still show is over", INCIDENTS, "dim > WELL * looks", "dim > looks"),
    _bug("one quiet canary is a platform's trouble", INCIDENTS, "if quiet and len(quiet) == len(ages):", "if quiet:"),
    _bug(
        "accounts that are all taken back at once are gone",
        INCIDENTS,
        "blind = [look for look in youngest if not _sees(look) or look.target in taken_back]",
        "blind = [look for look in youngest if not _sees(look)]",
    ),
    _bug(
        "a platform that comes and goes is told each time",
        ("watching.py", ("tests/test_own_faults.py",)),
        "if alert.indicator not in incidents.COMES_AND_GOES:",
        "if True:",
    ),
    # when to look
    _bug("nobody looks at the deadline", AT_DEADLINE, "    looks = [safety, *ends]\n", "    looks = [safety]\n"),
    _bug(
        "what a platform asks for is not heeded",
        ("core/schedule.py", ("tests/test_schedule.py", "-k", "retry_after_is_honoured")),
        "    if retry_after is not None and retry_after > 0:\n",
        "    if False:\n",
    ),
    _bug(
        "a lease on a target holds nobody off",
        ("store/claim.py", ("tests/test_claims.py", "tests/test_store.py")),
        "statement, asked, token, now + lease)",
        "statement, asked, token, now)",
    ),
    # the record
    _bug(
        "what was seen is not in the chain",
        ("store/chain.py", ("tests/test_verify.py", "tests/test_store_evidence.py")),
        '"detail", "facts", "posts"',
        '"detail", "posts"',
    ),
    _bug(
        "a chain may lose its end",
        ("store/chain.py", ("tests/test_store.py", "tests/test_store_evidence.py")),
        "    if before != head:\n",
        "    if False:\n",
    ),
    _bug(
        "an answer is read and not kept",
        ("store/blobs.py", ("tests/test_blobs.py",)),
        "            (put_whole if together else write_whole)(path, packed, within=self._root)\n",
        "",
    ),
    _bug(
        "a power cut may take what somebody was told",
        ("store/engine.py", ("tests/test_migrations.py", "-k", "lose_nothing")),
        '"synchronous=FULL"',
        '"synchronous=NORMAL"',
    ),
    _bug(
        "what was sent in with a case is swept away",
        ("store/retention.py", STRAYS),
        "return left - papers(self._connection) if left else left",
        "return left",
    ),
    _bug(
        "an answer that came again is as old as when it first came",
        ("store/blobs.py", STRAYS),
        "        os.utime(path)\n",
        "",
    ),
    # what leaves the house
    _bug(
        "the annex has one day in the column of another",
        ("reports/annexes.py", WHOLE),
        "        _day(row.newest_at),\n",
        "        _day(row.first_found_at),\n",
    ),
    _bug(
        "the letter names another term",
        ("reports/notice.py", WHOLE),
        "due=say.day(line.due),\n",
        "due=say.day(case.receipt_due),\n",
    ),
    _bug(
        "the yearly form counts what is registered as checked",
        ("reports/supervision_year.py", WHOLE),
        '(say("抽查{what}数量", "{what} checked", what=what), lambda one: one.checked)',
        '(say("抽查{what}数量", "{what} checked", what=what), lambda one: one.registered)',
    ),
    _bug(
        "numbers of people stand in documents",
        ("reports/paper.py", WHOLE),
        "    return redact(clean(text, MOST))",
        "    return clean(text, MOST)",
    ),
    _bug("numbers of people are published", PUBLISHED, "name=redact(row.name)", "name=row.name"),
    _bug(
        "a candidate that waits is published as a fail",
        PUBLISHED,
        'if alert.state != "open" or alert.review not in decided:',
        'if alert.state != "open":',
    ),
    _bug("a hint that waits is published", PUBLISHED, "(row.account, row.indicator) in known.early", "False"),
    _bug(
        "a hint makes a fail of what is published",
        PUBLISHED,
        'elif alert.finding is None or alert.finding.severity != "notice":',
        "else:",
    ),
    _bug(
        "what speaks against a fail keeps nobody from being told further",
        ALERTING,
        "elif not AGAINST.isdisjoint(",
        "elif AGAINST.issubset(",
    ),
    _bug(
        "a channel that missed what another one showed proves a silence",
        PROOF,
        " if not missed(evidence, kind, newest, looks[-1])",
        "",
    ),
    _bug(
        "what was seen long ago fails an account for ever",
        STALE,
        "if evidence.now >= (lost := covered(proof.until)):",
        "if (lost := covered(proof.until)) is None:",
    ),
    _bug(
        "a store that has no app at all is believed",
        INCIDENTS,
        "or _unlists(look, listed or {}, before, nobody)",
        "or False",
    ),
    _bug("a digest tells of a candidate", DIGESTS, "[as_it_stands(row, known) for", "[row for"),
    _bug("what a home page showed is forgotten in a day", HOME, "    shown += _by_day(evidence)\n", ""),
    _bug("a home page that went back is accused", HOME, "    if not whole:\n", "    if False:\n"),
    # the wire
    _bug("an IPv4 address inside of 6to4 is not looked at", GUARD, "if ip.sixtofour is not None:", "if False:"),
    _bug("an IPv4 address inside of NAT64 is not looked at", GUARD, "if ip in _NAT64:", "if False:"),
    _bug(
        "the host agent of a cloud is the public network",
        GUARD,
        '        "168.63.129.16/32",',
        '        # "168.63.129.16/32",',
    ),
    # apps, closings, inspections and cases
    _bug(
        "what a copy before Apple's store says is the store's word",
        ("adapters/appstore.py", ("tests/test_adapters.py", "-k", "recorded_answer")),
        "for query in (asked, asked | fresh, {",
        "for query in (asked, asked, {",
    ),
    _bug(
        "a list of before the closing shows that nothing was published since",
        ("core/rules/after_closing.py", ("tests/test_lifecycle.py",)),
        "(since is None or reaches(one) >= since)",
        "True",
    ),
    _bug(
        "an account fails in an inspection by looks of before it",
        ("results.py", ("tests/test_stories_of_inspections.py", "-k", "before_the_look_window")),
        " and in_window(finding, plan)\n",
        "\n",
    ),
    _bug(
        "a silence is frozen that later posts refute",
        ("results.py", ("tests/test_stories_of_inspections.py", "-k", "no_silence")),
        "    return silence and ledger",
        "    return False and ledger",
    ),
    _bug(
        "time alone cures a case",
        ("core/rectification.py", ("tests/test_stories_of_content.py", "-k", "told_of_no_longer")),
        " or rule in TOLD_FOR_A_TIME:\n",
        ":\n",
    ),
    _bug(
        "a case goes on about what was taken back",
        ("store/rectifications.py", ("tests/test_stories_of_review.py", "-k", "taken_back")),
        "MAY_BE_DISMISSED - waiting",
        "waiting",
    ),
)


def found(bug: Bug, tree: Path) -> bool:
    """Whether the tests of a bug fail in a copy of the project that holds it."""
    file = tree / "mediawatch" / bug.file
    right = file.read_text(encoding="utf-8")
    _write(file, bug.planted(right))
    try:
        return _fails(bug.tests, tree)
    finally:
        _write(file, right)


def _write(file: Path, text: str) -> None:
    """Python knows a changed file by its second and its length, which a bug may leave as they are."""
    file.write_text(text, encoding="utf-8")
    shutil.rmtree(file.parent / "__pycache__", ignore_errors=True)


def _fails(tests: tuple[str, ...], tree: Path) -> bool:
    """Raises RuntimeError where pytest could not even run them."""
    with tempfile.TemporaryFile() as said:
        if (child := os.fork()) == 0:
            _child(tests, tree, said.fileno())
        ended = _ended(child)
        if ended not in (0, 1, None):
            said.seek(0)
            raise RuntimeError(said.read().decode("utf-8", "replace")[-2000:])
    return ended != 0  # one that goes round for ever is overlooked by nobody


def _child(tests: tuple[str, ...], tree: Path, said: int) -> NoReturn:
    """Runs them in that tree and ends. With 9 where it was another tree's code that ran."""
    code = 9
    try:
        os.setsid()
        os.chdir(tree)
        for stream in (1, 2):
            os.dup2(said, stream)
        os.environ["PYTHONPATH"] = str(tree)
        sys.dont_write_bytecode = False
        sys.path.insert(0, str(tree))
        for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "mediawatch")]:
            del sys.modules[name]
        *files, named = tests if "-k" in tests else (*tests, "-k", "test")
        words = [*files, f"{named} and not postgresql"]  # whose server alone takes a quarter of a minute
        ended = int(pytest.main(["-q", "-x", "--no-header", "-p", "no:cacheprovider", *words]))
        ours = sys.modules.get("mediawatch")
        code = ended if ours is None or Path(str(ours.__file__)).is_relative_to(tree) else 9
    finally:
        sys.stdout.flush()
        os._exit(code)


def _ended(child: int) -> int | None:
    """With what it ended, negative for a signal; `None` where its time ran out. Its own children end with it."""
    ends = time.monotonic() + MINUTES * 60
    try:
        while time.monotonic() < ends:
            if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            time.sleep(0.05)
    except KeyboardInterrupt:
        os.killpg(child, signal.SIGKILL)
        raise
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def main(words: list[str]) -> int:
    """0 where every bug was found, 1 where one was not, 2 where the tests fail without any."""
    asked = [bug for bug in BUGS if not words or any(word in bug.name for word in words)]
    for name in LIBRARIES:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory(prefix="mediawatch-bugs-") as folder:
        tree = Path(folder)
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, tree / name)
        sound = dict[tuple[str, ...], bool]()
        missed = 0
        for bug in asked:
            began = time.monotonic()
            if not sound.setdefault(bug.tests, bug.tests in sound or not _fails(bug.tests, tree)):
                print(f"{' '.join(bug.tests)} fails without any bug", file=sys.stderr)
                return 2
            here = found(bug, tree)
            missed += not here
            print(f"{'found    ' if here else 'NOT FOUND'} {time.monotonic() - began:4.0f} s  {bug.name}", flush=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{len(asked) - missed} of {len(asked)} found, in {used.ru_utime + used.ru_stime:.0f} s of CPU")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
