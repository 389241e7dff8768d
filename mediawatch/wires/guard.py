"""Which addresses may be connected to. Judged at connect, by the address itself, never by the text of a URL.

An adapter's address, a redirect or a name server may point anywhere: at this machine, at the office network, at a
cloud's metadata. It must not resolve names or open a connection.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Named one by one: what `is_global` says has changed between Python releases, and it lets some of these through.
_REFUSED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier NAT; 100.100.100.200 is a cloud's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's host agent, on a public address
        "169.254.0.0/16",  # link-local; 169.254.169.254 is most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # 192.0.0.192 is a cloud's metadata
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    )
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")  # the only IPv6 space given out for the public network
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Blocked(OSError):
    """The address is not allowed. Every one reads the same, so that aiohttp keeps the type when a name has several."""

    def __init__(self, address: str) -> None:
        super().__init__(errno.EACCES, "address not allowed")
        self.address = address


def networks(texts: Iterable[str | Network]) -> tuple[Network, ...]:
    """The networks that `wire.allow_private` names. Raises `ValueError` for a text that is none."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def permitted(address: str, allow_private: Iterable[Network] = ()) -> bool:
    """Whether that numeric address may be connected to: it is public, or the settings name its network."""
    try:
        ip: Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped  # the same host in other clothes
    if any(ip.version == net.version and ip in net for net in allow_private):
        return True
    return all(_public(meant) for meant in _meant(ip))


def socket_factory(allow_private: Iterable[Network] = ()) -> Callable[[Any], socket.socket]:
    """For aiohttp's `TCPConnector`, which calls it with the very address it is about to connect to.

    The socket function raises `Blocked` for an address that is not permitted.
    """
    allowed = tuple(allow_private)

    def make(info: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, where = info
        if not permitted(str(where[0]), allowed):
            raise Blocked(str(where[0]))
        return socket.socket(family, kind, protocol)

    return make


def _meant(ip: Address) -> tuple[Address, ...]:
    """The addresses a packet to this one ends at: IPv6 forms that carry an IPv4 address inside are opened."""
    if isinstance(ip, ipaddress.IPv4Address):
        return (ip,)
    if ip in _NAT64:
        return (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF),)
    if ip.sixtofour is not None:
        return (ip.sixtofour,)
    if ip.teredo is not None:
        return ip.teredo
    return (ip,)


def _public(ip: Address) -> bool:
    if any(ip.version == net.version and ip in net for net in _REFUSED):
        return False
    return ip.is_global and (ip.version == 4 or ip in _GLOBAL_V6)
