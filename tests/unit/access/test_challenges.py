from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplychain.access.challenges import MAX_HEADER, Challenge, read_challenges
from supplychain.formats.text import MalformedError


def test_a_registrys_challenge_is_read() -> None:
    header = (
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
        'scope="repository:library/node:pull,push",error="insufficient_scope"'
    )
    (challenge,) = read_challenges(header)
    assert challenge == Challenge(
        scheme="bearer",
        parameters={
            "realm": "https://auth.docker.io/token",
            "service": "registry.docker.io",
            "scope": "repository:library/node:pull,push",
            "error": "insufficient_scope",
        },
    )


@pytest.mark.parametrize(
    ("header", "schemes"),
    [
        ("", []),
        (" , ,", []),
        ("Negotiate", ["negotiate"]),
        ('Basic realm="x"', ["basic"]),
        ('Negotiate abc==, Basic realm="x"', ["negotiate", "basic"]),
        ('Basic realm="a", Bearer realm="b"', ["basic", "bearer"]),
        ('Bearer realm="b" , charset=UTF-8,, Basic realm="a"', ["bearer", "basic"]),
        ("Bearer realm=https://auth.example/token?x=1,service=y", ["bearer"]),
    ],
)
def test_each_challenge_is_found(header: str, schemes: list[str]) -> None:
    assert [challenge.scheme for challenge in read_challenges(header)] == schemes


def test_a_quoted_value_may_hold_anything() -> None:
    (challenge,) = read_challenges(r'Basic realm = "a \"b\", c=d \\"')
    assert challenge.parameters == {"realm": r'a "b", c=d ' + "\\"}


def test_an_unquoted_realm_is_read_whole() -> None:
    (challenge,) = read_challenges("Bearer realm=https://auth.example/token?x=1,service=y")
    assert challenge.parameters == {
        "realm": "https://auth.example/token?x=1",
        "service": "y",
    }


@pytest.mark.parametrize(
    "header",
    [
        'realm="x"',
        '"Bearer"',
        'Bearer realm="x',
        'Bearer realm="x"y',
        'Bearer realm="a",realm="b"',
        'Bearer realm="a",Realm="b"',
        "Bearer " + ",".join(f"p{number}=1" for number in range(40)),
        "Bearer é=1",
        "x" * (MAX_HEADER + 1),
    ],
)
def test_a_header_with_two_readings_is_malformed(header: str) -> None:
    with pytest.raises(MalformedError):
        read_challenges(header)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from('Bearl=",\\ \tx;é\n'), max_size=60))
def test_any_header_is_read_or_malformed(header: str) -> None:
    try:
        challenges = read_challenges(header)
    except MalformedError:
        return
    assert all(challenge.scheme.isascii() for challenge in challenges)


_NAMES = st.text(alphabet="abcdefgh-", min_size=1, max_size=8)
_VALUES = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=20)


@settings(deadline=None)
@given(st.lists(st.tuples(_NAMES, st.dictionaries(_NAMES, _VALUES, min_size=1, max_size=4))))
def test_what_is_written_is_read_back(offers: list[tuple[str, dict[str, str]]]) -> None:
    header = ", ".join(
        f"{scheme} " + ", ".join(f"{name}={quoted(value)}" for name, value in fields.items())
        for scheme, fields in offers[:6]
    )
    found = [(one.scheme, dict(one.parameters)) for one in read_challenges(header)]
    assert found == offers[:6]


def quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
