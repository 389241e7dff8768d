"""Whether a host can be reached at all: its name resolved, a connection opened and closed again. It asks nothing."""

from __future__ import annotations

import asyncio
import socket

from mediawatch.core.rulebook import Words
from mediawatch.wires.guard import Network, permitted


async def reach(host: str, port: int, allow_private: tuple[Network, ...], patience: float) -> Words | None:
    """What is wrong with the way there; `None` where a connection could be opened within `patience` seconds.

    An address that is not allowed is not connected to.
    """
    try:
        async with asyncio.timeout(patience):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        return Words(zh_CN="名字解析超时", en="its name was not resolved in time")
    except (OSError, UnicodeError):
        return Words(zh_CN="名字无法解析", en="its name cannot be resolved")
    addresses = [str(one[4][0]) for one in found]
    allowed = [one for one in addresses if permitted(one, allow_private)]
    if not allowed:
        where = f"{addresses[0]} (wire.allow_private)"
        return Words(zh_CN=f"地址不被允许：{where}", en=f"its address is not allowed: {where}")
    try:
        async with asyncio.timeout(patience):
            _, writer = await asyncio.open_connection(allowed[0], port)
    except (TimeoutError, OSError):
        return Words(zh_CN=f"{allowed[0]} 连接不上", en=f"{allowed[0]} cannot be connected to")
    writer.transport.abort()
    return None
