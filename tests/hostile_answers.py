"""A hundred and sixty-eight answers that a hostile or broken server may give, by name: bytes on the wire, or a way to
behave. None of them says anything true about an account."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Awaitable, Callable

Talk = Callable[[asyncio.StreamWriter], Awaitable[None]]
Answer = bytes | Talk

JSON_DOCUMENTS: tuple[bytes, ...] = (
    b"", b"{", b"[", b"}", b"nul", b"null", b"true", b"0", b"1e999", b"-", b'"', b'"x"', b"[]", b"{}", b"[[]]",
    b"[" * 200_000, b'{"a":' * 100_000, b"9" * 100_000, b"-" + b"9" * 5000, b"NaN", b"[Infinity,-Infinity]",
    b'{"ok":1,"ok":0,"data":{}}', b'{"data":{"cards":null}}', b'{"data":[]}', b'{"data":{"list":{}}}',
    b'{"ok":1,"data":{"list":[null,1,"x",{}]}}', b'{"ok":"1","data":"x"}', b'{"a":"\\ud800"}', b'{"a":"\\u0000"}',
    b'{"a":"\xff\xfe"}', b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b'{"a":1}{"b":2}', b"{'a': 1}", b"/*x*/{}",
    b'{"__proto__":{"x":1}}', b'{"ok":-100,"errno":"-100","msg":"x"}', b'{"errcode":0,"errmsg":"ok"}',
    json.dumps({"ok": 1, "data": {"list": [{"id": str(n)} for n in range(5000)]}}).encode(),
)  # fmt: skip
XML_DOCUMENTS: tuple[bytes, ...] = (
    b"<rss/>", b"<rss><channel/></rss>", b"<feed xmlns='http://www.w3.org/2005/Atom'/>", b"<html><body>x</body></html>",
    b"<?xml version='1.0'?><rss><channel><item><title>cut",
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
    b"<rss><channel><title>&d;</title></channel></rss>",
    b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><rss><channel><title>&f;</title></channel></rss>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.2:9/x.dtd"><rss><channel/></rss>',
    b"<rss><channel><item><author>" + b"a" * 65_536 + b"</author></item></channel></rss>",
    b"<rss><channel><item><author>a" + b"@a." * 20_000 + b"!</author></item></channel></rss>",
    b"<rss><channel><item " + b" ".join(b"a%d='1'" % n for n in range(26_000)) + b"/></channel></rss>",
    b"<rss>" + b"<a>" * 20_000 + b"</a>" * 20_000 + b"</rss>", b"<" * 65_536, b"&" * 65_536,
    b"<rss><channel>" + b"<item/>" * 30_000 + b"</channel></rss>",
    b"<rss><channel><item><pubDate>" + b"9" * 50_000 + b"</pubDate></item></channel></rss>",
    b"/etc/passwd", b"http://127.0.0.2:9/feed",
)  # fmt: skip
PAGES: tuple[bytes, ...] = (
    b"<html><head><title>x</title></head></html>", b"<!DOCTYPE html><html>" + b"<div>" * 50_000, b"<script>" * 10_000,
    "<html>请先登录</html>".encode(), "<html>环境异常，完成验证后即可继续访问</html>".encode(),
    "<html>系统繁忙</html>".encode("gb18030"),
    b"<a href='" + b"x" * 100_000, b"<!--" * 20_000, b"<html>" + b"&#1114112;" * 5000, b"\x00" * 100_000,
    b"<meta http-equiv=refresh content='0;url=http://127.0.0.2:9/'>",
    b"<base href='file:///'><a href='etc/passwd'>x</a>",
)  # fmt: skip
INSIDE = (
    "http://127.0.0.2:{sentinel}/", "http://127.1:{sentinel}/", "http://0x7f000002:{sentinel}/",
    "http://2130706434:{sentinel}/", "http://017700000002:{sentinel}/", "http://[::ffff:127.0.0.2]:{sentinel}/",
    "http://[::1]:{sentinel}/", "http://0:{sentinel}/", "http://0.0.0.0:{sentinel}/", "http://localhost:{sentinel}/",
    "http://１２７.0.0.2:{sentinel}/", "http://①②⑦.0.0.2:{sentinel}/", "//127.0.0.2:{sentinel}/",
    "http://h.example@127.0.0.2:{sentinel}/", "http://127.0.0.2:{sentinel}\\@h.example/",
    "http://169.254.169.254/latest",
    "http://192.0.0.192/", "http://168.63.129.16/", "http://100.100.100.200/", "http://[64:ff9b::7f00:2]:{sentinel}/",
    "http://[2002:7f00:2::]:{sentinel}/", "http://10.0.0.1/", "file:///etc/passwd", "ftp://127.0.0.2/",
    "javascript:alert(1)",
    "data:text/html,x", "unix:///run/docker.sock", "gopher://127.0.0.2:{sentinel}/", "http://",
    "https://127.0.0.2:{sentinel}/",
)  # fmt: skip
STATUSES = (400, 401, 402, 403, 404, 405, 408, 410, 414, 418, 421, 429, 432, 451, 500, 502, 503, 504, 520, 999)
RETRY_AFTER = (
    "999999999999",
    "-1",
    "soon",
    "Mon, 99 Foo 2099 25:61:61 GMT",
    "0",
    "1e9",
    "١٢٣",
    "Thu, 01 Jan 1970 00:00:00 GMT",
)


def _head(status: str, *headers: str) -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status}", *headers, "", "")).encode("utf-8", "surrogateescape")


def _whole(body: bytes, kind: str = "application/json", *headers: str, status: str = "200 OK") -> bytes:
    return _head(status, f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", *headers) + body


def _packed(body: bytes, how: str) -> bytes:
    return _whole(body, "application/json", f"Content-Encoding: {how}")


async def _hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(_head("200 OK", "Content-Length: 100000"))
    while not writer.is_closing():
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _drip_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while not writer.is_closing():
        writer.write(b"X-A: b\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _endless(writer: asyncio.StreamWriter) -> None:
    writer.write(_head("200 OK"))
    while not writer.is_closing():
        writer.write(b"x" * 65_536)
        await writer.drain()


async def _chunks(writer: asyncio.StreamWriter) -> None:
    writer.write(_head("200 OK", "Transfer-Encoding: chunked"))
    while not writer.is_closing():
        writer.write(b"1\r\nx\r\n" * 2000)
        await writer.drain()


async def _continue(writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        await writer.drain()
        await asyncio.sleep(0.01)


async def _reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _half(writer: asyncio.StreamWriter) -> None:
    writer.write(_head("200 OK", "Content-Length: 9999") + b"{")
    await writer.drain()
    writer.transport.abort()


_ZIPPED = gzip.compress(b"x" * 2000)
_WIRE: dict[str, Answer] = {
    "gzip bomb": _packed(gzip.compress(bytes(200_000_000), 9), "gzip"),
    "deflate bomb": _packed(zlib.compress(bytes(200_000_000), 9), "deflate"),
    "gzip members": _packed(gzip.compress(b"") * 50_000, "gzip"),
    "gzip cut": _packed(_ZIPPED[:-10], "gzip"),
    "gzip of gzip": _packed(gzip.compress(_ZIPPED), "gzip, gzip"),
    "not gzip": _packed(b"{}", "gzip"),
    "br": _packed(b"\x0b\x02\x80{}\x03", "br"),
    "zstd": _packed(b"\x28\xb5\x2f\xfd", "zstd"),
    "unknown packing": _packed(b"{}", "x-rot13"),
    "header of 100 KB": _whole(b"{}", "application/json", "X-A: " + "a" * 100_000),
    "200,000 headers": _whole(b"{}", "application/json", *["A: b"] * 20_000),
    "two lengths": _head("200 OK", "Content-Length: 2", "Content-Length: 3") + b"{}x",
    "length below nothing": _head("200 OK", "Content-Length: -1") + b"{}",
    "length of words": _head("200 OK", "Content-Length: two") + b"{}",
    "length of 9 EB": _head("200 OK", "Content-Length: 9223372036854775807") + b"{}",
    "length and chunks": _head("200 OK", "Content-Length: 2", "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n",
    "chunk of words": _head("200 OK", "Transfer-Encoding: chunked") + b"xyz\r\n{}\r\n0\r\n\r\n",
    "chunk too long": _head("200 OK", "Transfer-Encoding: chunked") + b"ffffffffffffffff\r\n{}",
    "chunk with words": _head("200 OK", "Transfer-Encoding: chunked") + b"2;" + b"x" * 50_000 + b"\r\n{}\r\n0\r\n\r\n",
    "no status": b"{}",
    "status of words": b"HTTP/1.1 OK OK\r\n\r\n{}",
    "HTTP/0.9": b"<html>x</html>",
    "HTTP/9.9": b"HTTP/9.9 200 OK\r\n\r\n{}",
    "bytes in a header": b"HTTP/1.1 200 OK\r\nX-\xff: \xfe\r\nContent-Length: 2\r\n\r\n{}",
    "folded header": b"HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 2\r\n\r\n{}",
    "nothing": b"",
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a 204": _head("204 No Content"),
    "a 304 unasked": _head("304 Not Modified"),
    "a 101": _head("101 Switching Protocols", "Upgrade: x", "Connection: upgrade"),
    "hang": _hang,
    "drip": _drip,
    "drip of headers": _drip_head,
    "endless": _endless,
    "endless chunks": _chunks,
    "endless 100": _continue,
    "reset": _reset,
    "half": _half,
    "to itself": _head("302 Found", "Location: /again", "Content-Length: 0"),
    "nowhere": _head("302 Found", "Content-Length: 0"),
    "to a header": _head("302 Found", "Location: /x\u2028\u2029%0d%0aX: 1", "Content-Length: 0"),
}


def answers(sentinel: int) -> dict[str, Answer]:
    """All of them. sentinel: the port of a server inside, to which nobody may be led."""
    found: dict[str, Answer] = {}
    found |= {f"json {n}": _whole(body) for n, body in enumerate(JSON_DOCUMENTS)}
    found |= {f"xml {n}": _whole(body, "application/xml") for n, body in enumerate(XML_DOCUMENTS)}
    found |= {f"page {n}": _whole(body, "text/html") for n, body in enumerate(PAGES)}
    for where in INSIDE:
        to = where.format(sentinel=sentinel)
        found[f"to {where}"] = _head("302 Found", f"Location: {to}", "Content-Length: 0")
    found |= {f"status {status}": _whole(b"{}", status=f"{status} X") for status in STATUSES}
    for wait in RETRY_AFTER:
        found[f"wait {wait}"] = _whole(b"", "text/plain", f"Retry-After: {wait}", status="429 Slow")
    return found | _WIRE
