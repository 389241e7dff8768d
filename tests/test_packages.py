"""Android packages: what is wrong is named, and what could not be read is never called broken."""

from __future__ import annotations

import contextlib
import hashlib
import io
import struct
import zipfile
from datetime import UTC, datetime

import pytest

from mediawatch.adapters import apk
from mediawatch.core.model import Package, Reason
from mediawatch.core.wire import Exchange, Failed
from mediawatch.sim import signing
from mediawatch.sim.definition import PackageState
from mediawatch.sim.package import in_state
from tests.packages import archive, binary_xml, manifest, package, signed_block, signed_v1

ADDRESS = apk.Address(url="https://download.example/a.apk", package="cn.gov.yunxi.app")
FILES = {"AndroidManifest.xml": manifest(), "classes.dex": b"dex\n035\0"}


def read(body: bytes, length: int | None = -1, address: apk.Address = ADDRESS) -> Package:
    headers = () if length is None else (("Content-Length", str(len(body) if length < 0 else length)),)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return apk.parse(address, (Exchange(url=address.url, at=at, status=200, headers=headers, body=body),))


def unreadable(body: bytes, length: int | None = -1) -> str:
    with pytest.raises(Failed) as raised:
        read(body, length)
    assert raised.value.failure.reason is Reason.UNREADABLE
    return raised.value.failure.detail


def test_a_good_package_has_no_problem() -> None:
    seen = read(package())
    assert (seen.valid, seen.problem, seen.signed, seen.schemes) == (True, "", True, ("v1", "v2"))
    assert (seen.package, seen.version, seen.version_code) == ("cn.gov.yunxi.app", "1.7", 7)
    assert seen.launchable == "cn.gov.yunxi.app.Main"


@pytest.mark.parametrize(
    ("body", "problem", "valid"),
    [
        (package(v1=False, v2=False), "unsigned", True),
        (package(launcher=""), "no_launcher", True),
        (package(name="cn.gov.other.app"), "wrong_package", True),
        (archive({"classes.dex": b"x"}), "no_manifest", False),
        (archive({}), "no_manifest", False),
        (archive({"AndroidManifest.xml": b"<?xml version='1.0'?><manifest/>"}), "bad_manifest", False),
        (archive({"AndroidManifest.xml": manifest("nodots")}), "bad_name", False),
        (archive({"AndroidManifest.xml": manifest("../../tmp/x")}), "bad_name", False),
        (package()[:700], "truncated", False),
        (b"<html>gone</html>", "html_page", False),
        (b"\x00\x01", "not_zip", False),
    ],
)
def test_each_problem_has_its_name(body: bytes, problem: str, valid: bool) -> None:
    seen = read(body)
    assert (seen.problem, seen.valid) == (problem, valid)
    assert problem in apk.PROBLEMS


@pytest.mark.parametrize(("v1", "v2", "schemes"), [(True, False, ("v1",)), (False, True, ("v2",))])
def test_one_scheme_is_enough(v1: bool, v2: bool, schemes: tuple[str, ...]) -> None:
    assert read(package(v1=v1, v2=v2)).schemes == schemes


def test_all_blocks_are_named() -> None:
    assert read(signed_block(archive(FILES), (0x7109871A, 0xF05368C0, 0x1B93AD61))).schemes == ("v2", "v3", "v3.1")


def test_a_disabled_activity_cannot_be_opened() -> None:
    files = FILES | {"AndroidManifest.xml": manifest(enabled=False)}
    assert read(archive(signed_v1(files))).problem == "no_launcher"


def test_a_changed_file_breaks_the_old_scheme() -> None:
    files = signed_v1(FILES)
    assert read(archive(files | {"classes.dex": b"other"})).problem == "bad_signature"
    assert read(archive(files | {"assets/new": b"x"})).problem == "bad_signature"
    assert read(archive(files | {"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\r\n\r\n"})).problem == "bad_signature"


def test_a_changed_byte_breaks_the_new_schemes() -> None:
    good = package(v1=False)
    at = good.index(b"classes.dex") + 12
    assert read(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]).problem == "bad_signature"


def test_a_new_block_that_was_cut_out_is_noticed() -> None:
    assert read(archive(signed_v1(FILES, promises="2, 3"))).problem == "bad_signature"


def test_a_digest_we_do_not_know_leaves_the_signature_open() -> None:
    seen = read(signed_block(archive(FILES), algorithm=0x0421))
    assert (seen.signed, seen.problem) == (None, "")


def test_fewer_bytes_than_announced_are_no_package() -> None:
    assert "of 5000" in unreadable(package(), 5000)


def test_a_cut_that_the_server_did_not_announce_is_not_held_against_the_app() -> None:
    unreadable(package()[:700], None)


@pytest.mark.parametrize("end", range(0, 1400, 7))
def test_a_cut_anywhere_is_never_a_good_package(end: int) -> None:
    with contextlib.suppress(Failed):
        assert not read(package()[:end]).valid


def test_a_manifest_that_unpacks_to_megabytes_is_not_unpacked() -> None:
    assert "manifest of" in unreadable(archive({"AndroidManifest.xml": b"\0" * (2 * 1024 * 1024)}))


def test_a_manifest_larger_than_it_says_is_not_read() -> None:
    body = archive({"AndroidManifest.xml": b"\0" * (2 * 1024 * 1024)})
    small = struct.pack("<I", 100)
    entry = body.index(b"PK\x01\x02") + 24
    unreadable(body[:22] + small + body[26:entry] + small + body[entry + 4 :])


def test_two_manifests_are_not_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("AndroidManifest.xml", manifest())
        with pytest.warns(UserWarning, match="Duplicate"):
            target.writestr("AndroidManifest.xml", manifest("cn.gov.other.app"))
    assert unreadable(out.getvalue()) == "two manifests"


def test_too_many_entries_are_not_listed() -> None:
    body = archive({})
    crowd = b"PK\x01\x02" * 70_000
    end = body[:10] + struct.pack("<HII", 9, len(crowd), 4) + body[20:]
    assert "entries" in unreadable(b"PK\x03\x04" + crowd + end)


def test_a_directory_elsewhere_is_not_read() -> None:
    body = package()
    end = body.rindex(b"PK\x05\x06")
    unreadable(body[: end + 12] + b"\xff" * 8 + body[end + 20 :])


@pytest.mark.parametrize("data", [b"", b"\x03\x00\x08\x00", b"\xff" * 64, manifest()[:200]])
def test_a_manifest_of_no_known_shape_is_unreadable(data: bytes) -> None:
    unreadable(archive({"AndroidManifest.xml": data}))


def test_another_root_is_unreadable() -> None:
    unreadable(archive({"AndroidManifest.xml": binary_xml(("html", {}, ()))}))


REGISTERED = ADDRESS.model_copy(update={"signer": hashlib.sha256(signing.certificate()).hexdigest()})


def test_the_signer_is_read_whichever_scheme_names_it_and_compared_with_the_registered_one() -> None:
    body = in_state(PackageState.GOOD, "cn.gov.yunxi.app", "1.0.0", 100)
    assert read(body).signer == REGISTERED.signer
    assert read(body, address=REGISTERED).problem == ""
    assert read(body, address=REGISTERED.model_copy(update={"signer": "0" * 64})).problem == "wrong_signer"


def test_a_signer_that_cannot_be_read_is_not_held_against_the_app() -> None:
    assert read(package(), address=REGISTERED).problem == ""


def test_a_signer_is_written_as_the_tools_print_it() -> None:
    printed = ":".join(["AB"] * 32)
    assert apk.Address(url="https://download.example/a.apk", signer=printed).signer == "ab" * 32
    with pytest.raises(ValueError, match="SHA-256"):
        apk.Address(url="https://download.example/a.apk", signer="abc")
