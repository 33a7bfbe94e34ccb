from __future__ import annotations

import ipaddress
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplychain.access.addresses import (
    MAX_ADDRESSES,
    Resolver,
    Zone,
    is_loopback,
    literal_address,
    zone_of,
)
from supplychain.access.failures import Unreachable


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("8.8.8.8", Zone.PUBLIC),
        ("2606:4700::1111", Zone.PUBLIC),
        ("127.0.0.1", Zone.LOOPBACK),
        ("127.255.0.9", Zone.LOOPBACK),
        ("::1", Zone.LOOPBACK),
        ("::ffff:127.0.0.1", Zone.LOOPBACK),
        ("64:ff9b::7f00:1", Zone.LOOPBACK),
        ("2002:7f00:1::", Zone.LOOPBACK),
        ("10.0.0.1", Zone.PRIVATE),
        ("172.31.255.255", Zone.PRIVATE),
        ("192.168.1.1", Zone.PRIVATE),
        ("100.64.0.1", Zone.PRIVATE),
        ("fd12::1", Zone.PRIVATE),
        ("::ffff:10.0.0.1", Zone.PRIVATE),
        ("169.254.169.254", Zone.SPECIAL),
        ("fe80::1", Zone.SPECIAL),
        ("fd00:ec2::254", Zone.SPECIAL),
        ("100.100.100.200", Zone.SPECIAL),
        ("168.63.129.16", Zone.SPECIAL),
        ("0.0.0.0", Zone.SPECIAL),  # noqa: S104 -- an address to judge, not to listen on
        ("::", Zone.SPECIAL),
        ("224.0.0.1", Zone.SPECIAL),
        ("255.255.255.255", Zone.SPECIAL),
        ("198.18.0.1", Zone.SPECIAL),
    ],
)
def test_an_address_lies_in_its_zone(text: str, zone: Zone) -> None:
    assert zone_of(ipaddress.ip_address(text)) is zone


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_spelling_of_an_ipv4_address_is_that_address(number: int) -> None:
    address = ipaddress.IPv4Address(number)
    first, second, *_ = address.packed
    spellings = (
        str(address),
        str(number),
        hex(number),
        f"{first}.{number & 0xFFFFFF}",
        f"{first:#x}.{second}.{number & 0xFFFF:#x}",
        f"::ffff:{address}",
    )
    found = [literal_address(spelling) for spelling in spellings[:-1]]
    assert found == [address] * 5
    assert zone_of(literal_address(spellings[-1]) or address) is zone_of(address)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_an_address_or_none(text: str) -> None:
    found = literal_address(text)
    assert found is None or found.version in (4, 6)


@pytest.mark.parametrize("text", ["999.1.1.1", "1.2.3.4.5", "0x1ffffffff", "08.1", "1e3"])
def test_numbers_that_are_no_address_are_none(text: str) -> None:
    assert literal_address(text) is None


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.1", "[::1]", "::1"])
def test_this_machine_is_known_by_its_spelling(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["registry.example", "10.0.0.1", "localhost.example", "1", ""])
def test_nothing_else_is_this_machine(host: str) -> None:
    assert not is_loopback(host)


def test_localhost_resolves_to_this_machine() -> None:
    resolver = Resolver()
    deadline = time.monotonic() + 5
    assert resolver.zones("localhost", deadline) == {Zone.LOOPBACK}
    assert 1 <= len(resolver.addresses("localhost", deadline)) <= MAX_ADDRESSES


def test_an_address_is_not_looked_up() -> None:
    assert Resolver().addresses("10.9.8.7", deadline=0.0) == (ipaddress.ip_address("10.9.8.7"),)


def test_a_name_that_cannot_be_one_is_a_gap_each_time() -> None:
    resolver = Resolver()
    name = f"{'a' * 64}.example"
    for _ in range(2):
        with pytest.raises(Unreachable, match="no address is known") as caught:
            resolver.addresses(name, time.monotonic() + 5)
        assert not caught.value.retryable


def test_a_look_up_past_the_deadline_is_a_gap_worth_retrying() -> None:
    with pytest.raises(Unreachable) as caught:
        Resolver().addresses("registry.invalid", deadline=0.0)
    assert "registry.invalid" in caught.value.reason
