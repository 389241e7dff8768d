"""An authority for time stamps on loopback, made in the test: OpenSSL's own `ts -reply` behind an HTTP server."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]
_CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
{certs}signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
ordering = yes
"""


class TimeStamps:
    """url: where it is asked. roots: what its certificate leads up to. asked: the questions so far. says: an answer to
    be given whatever is asked, status and body; `None` for a true one."""

    def __init__(self, folder: Path, chain: bool) -> None:
        self.url, self.asked, self.says = "", list[bytes](), None
        self.roots = folder / "root.pem"
        self._folder = folder
        folder.mkdir()
        root = _certificate("Root", None)
        tsa = _certificate("Time", root)
        for name, (certificate, key) in (("root", root), ("tsa", tsa)):
            (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
            form, no = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            (folder / f"{name}.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, no))
        (folder / "serial").write_text("01")
        (folder / "openssl.cnf").write_text(_CONFIG.format(folder=folder, certs=f"certs = {folder}/root.pem\n" * chain))

    says: tuple[int, bytes] | None

    def stamped(self, question: bytes) -> bytes:
        """A true answer."""
        asked, answer = self._folder / "asked.tsq", self._folder / "answer.tsr"
        asked.write_bytes(question)
        command = ["openssl", "ts", "-reply", "-config", str(self._folder / "openssl.cnf"), "-section", "own"]
        subprocess.run([*command, "-queryfile", str(asked), "-out", str(answer)], check=True, capture_output=True)
        return answer.read_bytes()

    async def answer(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/timestamp-query"
        question = await request.read()
        self.asked.append(question)
        status, body = self.says or (200, await asyncio.to_thread(self.stamped, question))
        return web.Response(status=status, body=body, content_type="application/timestamp-reply")


@asynccontextmanager
async def time_stamps(folder: Path, chain: bool = False) -> AsyncIterator[TimeStamps]:
    """A running one. chain: it sends all its certificates where it is asked for them."""
    own, app = TimeStamps(folder, chain), web.Application()
    app.router.add_post("/tsr", own.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    own.url = f"http://127.0.0.1:{runner.addresses[0][1]}/tsr"
    try:
        yield own
    finally:
        await runner.cleanup()


def _certificate(name: str, issuer: Pair | None) -> Pair:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer is not None:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return made.sign(issuer[1] if issuer else key, hashes.SHA256()), key
