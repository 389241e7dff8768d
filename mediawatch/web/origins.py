"""By which names a face may be asked, and by pages of which origins: its own. Any other is somebody's trick.

A name that was made to point at this machine (DNS rebinding) is no name of ours, and a page that an operator happens
to open must not reach a face of his.
"""

from __future__ import annotations

import errno
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from mediawatch.settings_web import WebSettings, is_loopback


def check(request: web.Request, settings: WebSettings, port: int, *, followed: bool = False) -> None:
    """Raises 421 for another host name than our own, 403 for a page of another origin.

    port: the one listened on. followed: a link in a mail or a chat may be followed to here.
    """
    if not ours(request.headers.get(hdrs.HOST, ""), settings, port):
        raise web.HTTPMisdirectedRequest(text="this name is not served here; see web.url")
    origin = request.headers.get(hdrs.ORIGIN)
    foreign = origin is not None and not ours(urlsplit(origin).netloc, settings, port)
    led = not followed and request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
    if foreign or led:
        raise web.HTTPForbidden(text="pages of other origins may not ask here")


def ours(host: str, settings: WebSettings, port: int) -> bool:
    """Whether `name:port` is one of ours."""
    if settings.url is not None and host == urlsplit(settings.url).netloc:
        return True
    name, _, given = host.rpartition(":")
    if given != str(port):
        return False
    name = name.strip("[]")
    if name == settings.host:
        return True
    return is_loopback(name) and (settings.loopback or settings.host in ("0.0.0.0", "::"))


def why_not(error: OSError) -> str:
    """Why an address cannot be listened on."""
    why = {errno.EADDRINUSE: "somebody else listens there", errno.EACCES: "no permission"}
    return why.get(error.errno or 0, "this machine has no such address, or it cannot be used")
