"""A person's signed word in the place of a device: taken, judged by, shown; tampered or unsigned ones are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from mediawatch.adapters.attestation import Attestation, sign
from mediawatch.attest import attest
from mediawatch.core.model import Account, Target
from mediawatch.policy import Policy
from mediawatch.rulebook_file import load_rulebook
from mediawatch.store.store import Store
from tests.shell import call, write
from tests.store_world import HOUR, START, account, enrolled, evidence

KEY = b"a key of sixteen bytes or more"
APP = "cn.gov.yunxi.app"
BOOK = load_rulebook("national-2019", Path())
POLICY = Policy(books={BOOK.id: BOOK}, attestation_key=SecretStr(KEY.decode()))
WORD = Attestation(package=APP, who="张三 网信办", device="Phone 1", os="Android 14", at=START, opened=False)


def app() -> Account:
    target = Target(
        id="app/launch/1",
        account="app",
        adapter="launch",
        platform="device",
        address={"package": APP},
        covers=frozenset({"launch"}),
    )
    return account("app", adapters=()).model_copy(update={"kind": "app", "rulebook": BOOK.id, "targets": (target,)})


def test_a_signed_word_is_a_look_of_the_launch_channel(store: Store) -> None:
    enrolled(store, app(), now=START)
    seen = attest(store, POLICY, "app", WORD, sign(WORD, KEY), START + HOUR)
    assert (seen.opened, seen.attested_by) == (False, "张三 网信办")
    (look,) = evidence(store, "app", START + HOUR).looks
    assert (look.at, look.seen) == (START, seen)
    assert store.claim_targets({"device": 1}, START + HOUR, HOUR) == []  # its lease is over, and it is not due


@pytest.mark.parametrize(
    ("word", "signature", "says"),
    [
        (WORD, "", "does not fit"),
        (WORD.model_copy(update={"opened": True}), sign(WORD, KEY), "does not fit"),
        (WORD, sign(WORD, b"the key of another installation"), "does not fit"),
    ],
)
def test_a_tampered_or_unsigned_word_is_refused(store: Store, word: Attestation, signature: str, says: str) -> None:
    enrolled(store, app(), now=START)
    with pytest.raises(ValueError, match=says):
        attest(store, POLICY, "app", word, signature, START + HOUR)
    assert evidence(store, "app", START + HOUR).looks == ()


def test_a_word_about_nothing_of_ours_is_refused(store: Store) -> None:
    enrolled(store, app(), account("a"), now=START)
    signature = sign(WORD, KEY)
    with pytest.raises(KeyError):
        attest(store, POLICY, "nobody", WORD, signature, START + HOUR)
    with pytest.raises(ValueError, match="no channel"):
        attest(store, POLICY, "a", WORD, signature, START + HOUR)
    with pytest.raises(ValueError, match="future"):
        attest(store, POLICY, "app", WORD, signature, START - HOUR)
    with pytest.raises(ValueError, match="no attestation_key"):
        attest(store, Policy(books={}), "app", WORD, signature, START + HOUR)
    store.claim_targets({"device": 1}, START + HOUR, HOUR)
    with pytest.raises(ValueError, match="just now"):
        attest(store, POLICY, "app", WORD, signature, START + HOUR)


ACCOUNTS = {
    "accounts": [{"id": "app", "name": "云溪办", "kind": "app", "targets": [{"adapter": "launch", "package": APP}]}]
}
SAID = (
    "--opened",
    "no",
    "--device",
    "Phone 1",
    "--os",
    "Android 14",
    "--by",
    "张三",
    "--when",
    "2026-03-01T09:00:00+08:00",
)


def test_the_command_puts_it_into_the_record_and_explain_shows_who_said_so(tmp_path: Path) -> None:
    (tmp_path / "shot.png").write_bytes(b"a picture")
    write(tmp_path, ACCOUNTS, {"attestation_key": KEY.decode(), "data_dir": "d"})
    done = call(tmp_path, "attest", "app", *SAID, "--picture", str(tmp_path / "shot.png"))
    assert (done.exit_code, done.stdout) == (0, "")
    shown = call(tmp_path, "explain", "app", "--lang", "en").stdout
    assert "attested by 张三" in shown
    assert KEY.decode() not in shown + done.output
    assert call(tmp_path, "attest", "nobody", *SAID).exit_code == 2
    write(tmp_path, ACCOUNTS, {"data_dir": "d"})
    assert "no attestation_key" in call(tmp_path, "attest", "app", *SAID).stderr
