"""The packages that the simulator makes: real ones, and broken ones that are broken as they say."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib

import pytest
from pyaxmlparser import APK

from mediawatch.sim import package, signing
from mediawatch.sim.definition import PackageState


def made(state: PackageState) -> bytes:
    return package.in_state(state, "cn.gov.city", "2.1.0", 210)


def read(state: PackageState) -> APK:
    return APK(made(state), raw=True)


def test_a_good_package_is_read_by_the_library_as_android_reads_it() -> None:
    apk = read(PackageState.GOOD)
    assert apk.is_valid_APK()
    assert (apk.package, apk.version_name, apk.version_code) == ("cn.gov.city", "2.1.0", "210")
    assert apk.get_main_activity() == "cn.gov.city.MainActivity"
    assert (apk.get_min_sdk_version(), apk.get_target_sdk_version()) == ("21", "34")
    assert (apk.is_signed_v1(), apk.is_signed_v2()) == (True, True)
    assert [cert.subject.native["common_name"] for cert in apk.get_certificates()] == ["mediawatch simulator"]


def test_a_good_package_is_a_whole_zip_file() -> None:
    with zipfile.ZipFile(io.BytesIO(made(PackageState.GOOD))) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[:2] == ["AndroidManifest.xml", "classes.dex"]
        code = archive.read("classes.dex")
    assert code.startswith(b"dex\n035\0")
    assert struct.unpack_from("<I", code, 8)[0] == zlib.adler32(code[12:])
    assert code[12:32] == hashlib.sha1(code[32:], usedforsecurity=False).digest()
    assert struct.unpack_from("<I", code, 32)[0] == len(code)


def test_the_signature_is_one_that_the_public_key_opens() -> None:
    opened = pow(int.from_bytes(signing.sign(b"text"), "big"), signing.EXPONENT, signing.MODULUS).to_bytes(256, "big")
    assert opened.startswith(b"\0\1\xff\xff")
    assert opened.endswith(hashlib.sha256(b"text").digest())


def test_broken_packages_are_broken_as_they_say() -> None:
    assert made(PackageState.HTML_PAGE).startswith(b"<!DOCTYPE html>")
    assert made(PackageState.EMPTY) == b""
    with pytest.raises(zipfile.BadZipFile):
        read(PackageState.TRUNCATED)
    assert not read(PackageState.NO_MANIFEST).is_valid_APK()
    assert read(PackageState.WRONG_PACKAGE).package == "cn.gov.city.other"
    unsigned = read(PackageState.UNSIGNED)
    assert (unsigned.is_valid_APK(), unsigned.is_signed()) == (True, False)
    bare = read(PackageState.NO_LAUNCHER)
    assert (bare.is_valid_APK(), bare.get_main_activity()) == (True, None)


def test_a_bad_signature_is_a_changed_file_under_a_whole_signature() -> None:
    good, bad = made(PackageState.GOOD), made(PackageState.BAD_SIGNATURE)
    assert len(good) == len(bad)
    with zipfile.ZipFile(io.BytesIO(good)) as before, zipfile.ZipFile(io.BytesIO(bad)) as after:
        assert after.testzip() is None
        changed = [name for name in before.namelist() if before.read(name) != after.read(name)]
    assert changed == ["assets/readme.txt"]
    assert APK(bad, raw=True).is_signed_v2()


def test_every_state_has_bytes_and_always_the_same() -> None:
    for state in PackageState:
        first = made(state)
        package.in_state.cache_clear()
        assert made(state) == first
        assert bool(first) is (state not in (PackageState.EMPTY, PackageState.MISSING))
