from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplychain.access.credential_files import (
    CredentialFile,
    canonical_host,
    credential_paths,
    read_credential_file,
)
from supplychain.core.limits import MAX_CONFIG_FILE
from supplychain.errors import ConfigError
from tests.unit.access.logins import login

SECRET = base64.b64encode(b"alice:s3:cret\0").decode()


def read(document: object) -> CredentialFile:
    return read_credential_file("config.json", json.dumps(document).encode())


@pytest.mark.parametrize(
    ("key", "host"),
    [
        ("ghcr.io", "ghcr.io"),
        ("GHCR.io", "ghcr.io"),
        ("localhost:5000", "localhost:5000"),
        ("https://registry.example/v1/", "registry.example"),
        ("https://registry.example/v2/", "registry.example"),
        ("http://registry.example:5000", "registry.example:5000"),
        ("registry.example/v1/", "registry.example"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("index.docker.io", "docker.io"),
        ("registry-1.docker.io", "docker.io"),
        ("docker.io", "docker.io"),
        ("[::1]:5000", "[::1]:5000"),
    ],
)
def test_every_form_of_a_key_finds_its_host(key: str, host: str) -> None:
    assert canonical_host(key) == host
    found = read({"auths": {key: {"auth": SECRET}}}).login(host, "library/node")
    assert found == login("alice", "s3:cret")


def test_user_name_and_password_may_stand_apart() -> None:
    file = read({"auths": {"ghcr.io": {"username": "alice", "password": "x"}}})
    assert file.login("ghcr.io", "a/b") == login("alice", "x")


def test_an_identity_token_is_kept_with_its_user() -> None:
    entry = {"auth": base64.b64encode(b"alice:").decode(), "identitytoken": "t"}
    found = read({"auths": {"ghcr.io": entry}}).login("ghcr.io", "a/b")
    assert found == login("alice", identity="t")


def test_the_longest_path_wins() -> None:
    keys = {"quay.io": b"host:1", "quay.io/org": b"org:2", "quay.io/org/team": b"team:3"}
    file = read({"auths": {k: {"auth": base64.b64encode(v).decode()} for k, v in keys.items()}})
    names = ["org/team/app", "org/teamster/app", "org", "other/app"]
    found = [file.login("quay.io", name) for name in names]
    assert [one and one.username for one in found] == ["team", "org", "org", "host"]


def test_a_login_for_a_path_is_for_nothing_beside_it() -> None:
    file = read({"auths": {"quay.io/org": {"auth": SECRET}}})
    assert file.login("quay.io", "organisation/app") is None


@pytest.mark.parametrize("data", [b"", b" \n", b"{}", b'{"auths": {"ghcr.io": {}}}'])
def test_an_empty_file_holds_nothing(data: bytes) -> None:
    file = read_credential_file("config.json", data)
    assert (dict(file.logins), dict(file.helpers), file.store) == ({}, {}, None)


def test_helpers_are_kept_by_host() -> None:
    file = read({"credHelpers": {"https://index.docker.io/v1/": "pass"}, "credsStore": "desktop"})
    assert (file.helpers, file.store) == ({"docker.io": "pass"}, "desktop")


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "the file is no object"),
        ({"auths": []}, "auths is no object"),
        ({"auths": {"ghcr.io": "x"}}, "auths of 'ghcr.io' is no object"),
        ({"auths": {"ghcr.io": {"auth": "%"}}}, "the auth of 'ghcr.io' is not base64"),
        ({"auths": {"ghcr.io": {"auth": "eA=="}}}, "holds no user name and password"),
        ({"auths": {"ghcr.io": {"auth": "Ong="}}}, "holds no user name and password"),
        ({"credsStore": "../x"}, "'../x' is not the name of a credential helper"),
        ({"credsStore": ["x"]}, "is not the name of a credential helper"),
        ({"credHelpers": {"ghcr.io": "a b"}}, "'a b' is not the name of a credential helper"),
    ],
)
def test_a_broken_file_is_named_with_what_is_broken(document: object, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(document)
    assert caught.value.message.startswith("config.json: ")
    assert reason in caught.value.message
    assert caught.value.hint == "mend the file, or log in again with `docker login`"


def test_a_syntax_error_is_named_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"^config\.json:2: is not JSON"):
        read_credential_file("config.json", b'{\n"auths": }')


def test_a_huge_file_is_refused() -> None:
    with pytest.raises(ConfigError, match="has more than"):
        read_credential_file("config.json", b" " * MAX_CONFIG_FILE + b"{}")


def test_a_secret_is_in_no_repr() -> None:
    file = read({"auths": {"ghcr.io": {"auth": SECRET, "identitytoken": "t0ken"}}})
    assert "s3" not in repr(file)
    assert "t0ken" not in repr(file)


def test_the_value_of_a_basic_authorization_is_that_of_the_standard() -> None:
    found = login("Aladdin", "open sesame")
    assert found.basic == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="  # RFC 7617 §2


@pytest.mark.parametrize(
    ("environment", "paths"),
    [
        ({}, []),
        ({"HOME": "/h"}, ["/h/.docker/config.json", "/h/.config/containers/auth.json"]),
        ({"DOCKER_CONFIG": "/d"}, ["/d/config.json"]),
        (
            {
                "HOME": "/h",
                "DOCKER_CONFIG": "/d",
                "REGISTRY_AUTH_FILE": "/r/auth.json",
                "XDG_RUNTIME_DIR": "/run/u",
                "XDG_CONFIG_HOME": "/c",
            },
            [
                "/d/config.json",
                "/r/auth.json",
                "/run/u/containers/auth.json",
                "/c/containers/auth.json",
            ],
        ),
    ],
)
def test_the_places_to_look_in(environment: dict[str, str], paths: list[str]) -> None:
    assert list(credential_paths(environment)) == [Path(path) for path in paths]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_ENTRIES = st.dictionaries(
    st.sampled_from(["auth", "username", "password", "identitytoken"]), _JSON
)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["auths", "credHelpers", "credsStore"]),
        _JSON | st.dictionaries(st.text(max_size=8), _ENTRIES),
    )
)
def test_any_document_is_read_or_broken(document: object) -> None:
    try:
        file = read(document)
    except ConfigError:
        return
    assert all(one.basic.isascii() for one in file.logins.values())
