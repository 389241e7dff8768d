"""Small Android packages that Debian's build tools make and sign, to hold our reading against theirs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

FRAMEWORK = Path("/usr/share/android-framework-res/framework-res.apk")
TOOLS = ("aapt", "apksigner", "keytool", "zipalign")
MISSING = "Debian's aapt, apksigner, zipalign, android-framework-res or a JRE is missing: NO REAL PACKAGE WAS BUILT"
SECRET = ("-storepass", "android", "-alias", "a", "-keyalg", "RSA", "-dname", "CN=test")
LAUNCHER = '<category android:name="android.intent.category.LAUNCHER"/>'
MANIFEST = """<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="{package}"
    android:versionCode="7" android:versionName="1.7">
  <uses-sdk android:minSdkVersion="{sdk}" android:targetSdkVersion="28"/>
  <application android:label="x" android:hasCode="false"><activity android:name=".Main"><intent-filter>
    <action android:name="android.intent.action.MAIN"/>{category}
  </intent-filter></activity></application></manifest>"""


def can_build() -> bool:
    return FRAMEWORK.exists() and all(shutil.which(tool) is not None for tool in TOOLS)


def build(folder: Path, package: str, *, launcher: bool = True, sdk: int = 21) -> Path:
    """An aligned package without a signature."""
    manifest = MANIFEST.format(package=package, sdk=sdk, category=LAUNCHER if launcher else "")
    (folder / "AndroidManifest.xml").write_text(manifest, encoding="utf-8")
    _run(folder, "aapt", "package", "-f", "-M", "AndroidManifest.xml", "-I", str(FRAMEWORK), "-F", "raw.apk")
    _run(folder, "zipalign", "-f", "4", "raw.apk", "app.apk")
    return folder / "app.apk"


def key(folder: Path) -> Path:
    """A new key in a store of its own."""
    _run(folder, "keytool", "-genkeypair", "-keystore", "key", *SECRET)
    return folder / "key"


def sign(unsigned: Path, keystore: Path, schemes: Sequence[int]) -> bytes:
    """The package signed by exactly these schemes (1, 2, 3)."""
    signed = unsigned.with_name(f"{keystore.parent.name}{''.join(map(str, schemes))}.apk")
    chosen = [f"--v{scheme}-signing-enabled={str(scheme in schemes).lower()}" for scheme in (1, 2, 3)]
    given = ("--ks", str(keystore), "--ks-pass", "pass:android", *chosen, "--out", str(signed), str(unsigned))
    _run(unsigned.parent, "apksigner", "sign", *given)
    return signed.read_bytes()


def certificate(package: bytes, folder: Path) -> str:
    """The SHA-256 of the signer's certificate, as apksigner itself reads it."""
    (folder / "asked.apk").write_bytes(package)
    said = _run(folder, "apksigner", "verify", "--print-certs", "asked.apk")
    return next(line.split()[-1] for line in said.splitlines() if "certificate SHA-256 digest" in line)


def accepts(package: bytes, folder: Path) -> bool:
    """Whether apksigner itself verifies it."""
    (folder / "asked.apk").write_bytes(package)
    done = subprocess.run(["apksigner", "verify", "asked.apk"], cwd=folder, capture_output=True, timeout=60)
    return done.returncode == 0


def _run(folder: Path, *words: str) -> str:
    done = subprocess.run(words, cwd=folder, check=True, capture_output=True, timeout=60, text=True)
    return done.stdout
