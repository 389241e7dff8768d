"""Which addresses may be connected to, as a table, and the socket factory that asks it."""

from __future__ import annotations

import socket

import pytest

from mediawatch.wires.guard import Blocked, networks, permitted, socket_factory

PUBLIC = [
    "8.8.8.8",
    "114.114.114.114",
    "100.63.255.255",  # just below carrier NAT
    "100.128.0.0",  # just above it
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "168.63.129.17",
    "223.255.255.255",
    "2400:3200::1",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",  # IPv4-mapped
    "64:ff9b::808:808",  # NAT64 of 8.8.8.8
    "2002:808:808::1",  # 6to4 of 8.8.8.8
]

REFUSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",  # the old IPv4-compatible form
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",  # NAT64 of loopback
    "64:ff9b::a9fe:a9fe",  # NAT64 of metadata
    "64:ff9b:1::808:808",  # a local NAT64
    "100::1",
    "2001::1",
    "2001:0:808:808:0:0:8080:8080",  # Teredo: server 8.8.8.8, client 127.127.127.127
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",  # Teredo: client 10.0.0.1
    "2001:db8::1",
    "2002:7f00:1::1",  # 6to4 of loopback
    "2002:a00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "localhost",  # not an address at all
    "",
    "0x7f000001",
    "127.1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_connected_to(address: str) -> None:
    assert permitted(address)


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not permitted(address)


@pytest.mark.parametrize(
    ("address", "allowed", "answer"),
    [
        ("127.0.0.1", ["127.0.0.0/8"], True),
        ("::ffff:127.0.0.1", ["127.0.0.0/8"], True),
        ("::1", ["127.0.0.0/8"], False),
        ("::1", ["::1/128"], True),
        ("10.1.2.3", ["10.1.0.0/16"], True),
        ("10.2.2.3", ["10.1.0.0/16"], False),
        ("169.254.169.254", ["127.0.0.0/8", "10.0.0.0/8"], False),
        ("64:ff9b::7f00:1", ["127.0.0.0/8"], False),  # a translator's loopback is not ours
        ("8.8.8.8", ["127.0.0.0/8"], True),
    ],
)
def test_the_settings_may_name_private_networks(address: str, allowed: list[str], answer: bool) -> None:
    assert permitted(address, networks(allowed)) is answer


def test_a_network_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        networks(["loopback"])
    with pytest.raises(ValueError, match="host bits"):
        networks(["127.0.0.1/8"])


def test_the_socket_is_made_for_a_permitted_address_only() -> None:
    info = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))
    with pytest.raises(Blocked, match="address not allowed") as refused:
        socket_factory()(info)
    assert refused.value.address == "127.0.0.1"
    with socket_factory(networks(["127.0.0.0/8"]))(info) as made:
        assert made.family == socket.AF_INET
