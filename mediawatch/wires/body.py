"""Reads an answer's body, whole and within a limit, or says why it cannot be had. It must never look at what it means.

aiohttp hands over a gzip body that was cut off as if it were whole, and has no limit of its own: so it delivers the
bytes as they came, and they are unpacked here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import aiohttp
from isal import isal_zlib as zlib

from mediawatch.core.model import Reason
from mediawatch.core.text import clean
from mediawatch.core.wire import Answered, Failed

_Broken: type[Exception] = zlib.error  # type: ignore[assignment]  # its stub has an instance
_CHUNK = 64 * 1024  # bytes from the socket at a time
_STEP = 1024 * 1024  # bytes unpacked at a time, so that a bomb does not hold up the loop
_MEMBERS = 100  # gzip members in one body; each costs a copy of what follows it
_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


async def read_body(response: aiohttp.ClientResponse, limit: int) -> Answered:
    """The whole body, unpacked, and as it was packed where that can be kept.

    Raises `Failed(unreadable)` where it is larger than `limit` bytes, ends before its end, or is packed in a way that
    was not asked for. A body that neither names its length nor is chunked or packed can end early unseen.
    """
    packing = response.headers.get("Content-Encoding", "").strip().lower()
    if packing in ("", "identity"):
        if (response.content_length or 0) > limit and response.method != "HEAD":
            raise _too_large(limit)
        return Answered(await _plain(response.content, limit))
    if packing not in _WINDOWS:
        raise Failed(Reason.UNREADABLE, f"packed as {clean(packing, 40)}, which was not asked for")
    return await _unpacked(response.content, limit, _WINDOWS[packing])


async def _plain(content: aiohttp.StreamReader, limit: int) -> bytes:
    body = bytearray()
    async for chunk in content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


async def _unpacked(content: aiohttp.StreamReader, limit: int, window: int) -> Answered:
    body = bytearray()
    unpacker: _Unpacker | None = None
    received, chunks = 0, []
    async for chunk in content.iter_chunked(_CHUNK):
        received += len(chunk)
        chunks.append(chunk)
        if unpacker is None:
            unpacker = _Unpacker(_raw_if_raw(window, chunk))
        for piece in unpacker.feed(chunk):
            body += piece
            if len(body) > limit:
                raise _too_large(limit)
            if len(piece) == _STEP:
                await asyncio.sleep(0)
        if received > limit + _STEP:  # packing that unpacks to nothing
            raise _too_large(limit)
    if unpacker is not None and not unpacker.whole:
        raise Failed(Reason.UNREADABLE, "cut off")
    plain = unpacker is not None and unpacker.plain and received <= len(body)  # no member after it, no padding
    return Answered(bytes(body), b"".join(chunks) if plain else b"")


class _Unpacker:
    """Unpacks gzip (of several members, too) or deflate, a bounded piece at a time."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._member = zlib.decompressobj(window)
        self._members = 1

    @property
    def whole(self) -> bool:
        """Whether the packing itself said that this is the end."""
        return self._member.eof

    @property
    def plain(self) -> bool:
        """Whether all of it was one member of gzip."""
        return self._window > zlib.MAX_WBITS and self._members == 1 and not self._member.unused_data

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What these bytes unpack to. Raises `Failed(unreadable)` where they are no such packing."""
        while True:
            if self._member.eof:
                if self._window <= zlib.MAX_WBITS or not data.startswith(b"\x1f"):
                    return  # anything but another gzip member is padding
                self._begin_another()
            try:
                piece = self._member.decompress(data, _STEP)
            except _Broken as error:
                raise Failed(Reason.UNREADABLE, "broken gzip") from error
            if piece:
                yield piece
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if not data and len(piece) < _STEP:  # a full step may leave a rest inside
                return

    def _begin_another(self) -> None:
        self._members += 1
        if self._members > _MEMBERS:
            raise Failed(Reason.UNREADABLE, f"more than {_MEMBERS} gzip members")
        self._member = zlib.decompressobj(self._window)


def _raw_if_raw(window: int, first: bytes) -> int:
    """Many servers send `deflate` without the zlib wrapper; a wrapper's first byte says method 8."""
    return -zlib.MAX_WBITS if window == zlib.MAX_WBITS and first[0] & 0x0F != 8 else window


def _too_large(limit: int) -> Failed:
    return Failed(Reason.UNREADABLE, f"larger than {limit} bytes")
