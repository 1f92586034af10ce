"""Destinations, and which of them a node's filter opens."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tunnel.address import Address
from tunnel.errors import InvalidAddress
from tunnel.exit_filter import ExitFilter

PACKED = {
    Address("192.0.2.7", 443): "01 c0000207 01bb",
    Address("2001:db8::1", 1): "04 20010db8000000000000000000000001 0001",
    Address("example.org", 65535): "03 0b 6578616d706c652e6f7267 ffff",
}


@pytest.mark.parametrize("address", PACKED)
def test_packed_as_socks_packs(address: Address) -> None:
    packed = bytes.fromhex(PACKED[address])
    assert address.pack() == packed and Address.unpack(packed) == address


@pytest.mark.parametrize(
    "packed",
    [
        "",
        "01",
        "01bb",
        "01 c0000207",
        "01 c0000207 0000",  # port 0
        "01 c000020700 01bb",
        "02 c0000207 01bb",
        "00 c0000207 01bb",
        "04 c0000207 01bb",
        "04 20010db80000000000000000000000 01bb",
        "03 00 01bb",
        "03 01bb",
        "03 0c 6578616d706c652e6f7267 01bb",
        "03 0a 6578616d706c652e6f7267 01bb",
        "03 03 612e00 01bb",  # a NUL in the name
        "03 03 612f62 01bb",
        "03 03 612062 01bb",
        "03 02 c3a9 01bb",  # not ASCII
        "03 03 2e2e61 01bb",
        "03 04 613a3a31 01bb",  # a:: looks like IPv6
        "03 03 610a0a 01bb",
        "03 02 610a 01bb",
    ],
)
def test_malformed_destinations_are_refused(packed: str) -> None:
    with pytest.raises(InvalidAddress):
        Address.unpack(bytes.fromhex(packed))


@pytest.mark.parametrize(
    "address",
    [
        *(Address(host, 1) for host in ("", "a" * 256, "a b", "é.org", "fe80::1%eth0")),
        *(Address("a", port) for port in (0, -1, 1 << 16)),
        Address("192.0.2.7", 0),
    ],
)
def test_destinations_that_cannot_be_packed_are_refused(address: Address) -> None:
    with pytest.raises(InvalidAddress):
        address.pack()


@given(st.binary(max_size=300))
def test_what_is_unpacked_packs_to_the_same_destination(data: bytes) -> None:
    try:
        address = Address.unpack(data)
    except InvalidAddress:
        return
    assert Address.unpack(address.pack()) == address


@given(st.ip_addresses(), st.integers(1, 65535))
def test_every_ip_address_survives(ip: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> None:
    assert Address.unpack(Address(str(ip), port).pack()) == Address(str(ip), port)


PUBLIC = ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")
INSIDE = (
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # where clouds keep their secrets
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::1",  # 6to4 of 127.0.0.1
    "64:ff9b::7f00:1",  # NAT64 of it
    "64:ff9b::a00:1",
    "64:ff9b:1::808:808",  # a NAT64 of the network's own
    "::808:808",
    "2001::1",
    "fec0::1",
    "4000::1",
    "localhost",
    "",
)


@pytest.mark.parametrize("host", PUBLIC + INSIDE)
def test_a_filter_is_closed_until_a_port_is_opened(host: str) -> None:
    assert not ExitFilter().permits(host, 443)
    opened = ExitFilter(frozenset({443}))
    assert not opened.permits(host, 80)
    assert opened.permits(host, 443) is (host in PUBLIC)


def test_a_network_is_opened_by_name_alone() -> None:
    opened = ExitFilter(frozenset({443}), (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fc00::/7")))
    for host in ("10.1.2.3", "::ffff:10.1.2.3", "fc00::1", "8.8.8.8"):
        assert opened.permits(host, 443) and not opened.permits(host, 22)
    for host in ("127.0.0.1", "192.168.1.1", "::1", "fe80::1"):
        assert not opened.permits(host, 443)
