from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplychain.access.urls import MAX_URL, InvalidURLError, Origin, shown


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Registry.Example/v2/", Origin("https", "registry.example", 443)),
        ("http://registry.example:5000", Origin("http", "registry.example", 5000)),
        ("https://[::1]:8443/x?y#z", Origin("https", "[::1]", 8443)),
        ("https://under_score.example", Origin("https", "under_score.example", 443)),
    ],
)
def test_a_url_has_an_origin(url: str, origin: Origin) -> None:
    assert Origin.of(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "ftp://registry.example/",
        "//registry.example/",
        "https:///path",
        "https://user@registry.example/",
        "https://user:secret@registry.example/",
        "https://registry.example\\@other.example/",
        "https://registry.example:0/",
        "https://registry.example:65536/",
        "https://registry.example:port/",
        "https://registry.example /",
        "https://registry.example/\r\nHost: other.example",
        "https://[::1/",
        "https://régistry.example/",
        f"https://registry.example/{'a' * MAX_URL}",
    ],
)
def test_what_two_parsers_could_read_differently_is_refused(url: str) -> None:
    with pytest.raises(InvalidURLError):
        Origin.of(url)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=1, max_codepoint=300), max_size=80))
def test_any_location_is_an_origin_or_refused(text: str) -> None:
    for url in (text, f"https://{text}"):
        try:
            origin = Origin.of(url)
        except InvalidURLError:
            continue
        assert Origin.of(str(origin)) == origin


def test_the_schemes_own_port_is_left_out() -> None:
    assert str(Origin.of("https://registry.example:443/x")) == "https://registry.example"
    assert str(Origin.of("http://registry.example:443/x")) == "http://registry.example:443"


def test_a_signature_in_a_query_is_not_shown() -> None:
    assert shown("https://blobs.example/x?signature=secret\n") == "https://blobs.example/x"
