"""Packages that Debian's build tools made, read by us: what apksigner says of a package is what we say."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediawatch.adapters import apk
from mediawatch.core.model import Package
from mediawatch.core.wire import Exchange
from tests.real_packages import MISSING, accepts, build, can_build, certificate, key, sign
from tests.sim_support import START

PACKAGE = "cn.gov.yunxi.app"
URL = "https://download.example/yunxi.apk"

pytestmark = pytest.mark.skipif(not can_build(), reason=MISSING)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("real-packages")


@pytest.fixture(scope="module")
def unsigned(folder: Path) -> Path:
    return build(folder, PACKAGE)


@pytest.fixture(scope="module")
def keystore(folder: Path) -> Path:
    return key(folder)


def read(body: bytes, **registered: str) -> Package:
    answer = Exchange(url=URL, at=START, status=200, headers=(("Content-Length", str(len(body))),), body=body)
    return apk.parse(apk.Address.model_validate({"url": URL, "package": PACKAGE, **registered}), (answer,))


@pytest.mark.parametrize("schemes", [(1,), (1, 2), (1, 2, 3)])
def test_every_scheme_of_the_real_signer_is_read(
    unsigned: Path, keystore: Path, folder: Path, schemes: tuple[int, ...]
) -> None:
    body = sign(unsigned, keystore, schemes)
    seen = read(body)
    assert (seen.problem, seen.signed, seen.schemes) == ("", True, tuple(f"v{scheme}" for scheme in schemes))
    assert (seen.package, seen.version, seen.version_code, seen.launchable) == (PACKAGE, "1.7", 7, f"{PACKAGE}.Main")
    assert seen.signer == certificate(body, folder)


def test_the_newest_scheme_alone_and_a_registered_signer(unsigned: Path, keystore: Path, tmp_path: Path) -> None:
    young = build(tmp_path, PACKAGE, sdk=28)
    body = sign(young, keystore, (3,))
    seen = read(body)
    assert (seen.problem, seen.schemes) == ("", ("v3",))
    assert read(body, signer=seen.signer).problem == ""
    stranger = sign(young, key(tmp_path), (3,))
    assert accepts(stranger, tmp_path)
    assert read(stranger, signer=seen.signer).problem == "wrong_signer"


def test_what_the_real_verifier_refuses_we_refuse(unsigned: Path, keystore: Path, folder: Path) -> None:
    assert read(unsigned.read_bytes()).problem == "unsigned"
    body = sign(unsigned, keystore, (1, 2, 3))
    place = body.index(b"AndroidManifest.xml") - 20  # inside the first header of the archive
    for start in (place, len(body) - 40):
        changed = body[:start] + bytes([body[start] ^ 1]) + body[start + 1 :]
        assert not accepts(changed, folder)
        assert read(changed).problem, start
    assert read(body[: len(body) // 2]).problem == "truncated"
    assert read(body, package="cn.gov.other").problem == "wrong_package"


def test_a_real_package_without_anything_to_open_is_told(keystore: Path, tmp_path: Path) -> None:
    assert read(sign(build(tmp_path, PACKAGE, launcher=False), keystore, (1, 2))).problem == "no_launcher"
