from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from supplychain.access.credentials import Credentials
from supplychain.access.failures import Unreachable
from supplychain.errors import ConfigError
from tests.unit.access.logins import login

Helper = Callable[[str, str], None]

ALICE = {"auth": "YWxpY2U6czNjcmV0"}  # alice:s3cret


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Helper:
    """Put a credential helper with a name and a shell script on PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")

    def install(name: str, script: str) -> None:
        program = programs / f"docker-credential-{name}"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    return install


def loaded(tmp_path: Path, document: object) -> Credentials:
    (tmp_path / "config.json").write_text(json.dumps(document))
    return Credentials.load({"DOCKER_CONFIG": str(tmp_path)})


def test_nothing_stored_is_nothing_found(tmp_path: Path) -> None:
    assert Credentials.load({"HOME": str(tmp_path)}).find("ghcr.io", "a/b") is None


def test_the_file_named_first_wins(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"auths": {"ghcr.io": ALICE}}))
    other = {"auths": {"ghcr.io": {"auth": "Ym9iOng="}, "quay.io": {"auth": "Ym9iOng="}}}
    (tmp_path / "auth.json").write_text(json.dumps(other))
    environment = {
        "DOCKER_CONFIG": str(tmp_path),
        "REGISTRY_AUTH_FILE": str(tmp_path / "auth.json"),
    }
    credentials = Credentials.load(environment)
    found = [credentials.find(host, "a/b") for host in ("ghcr.io", "quay.io")]
    assert [one and one.username for one in found] == ["alice", "bob"]


def test_a_files_content_may_stand_in_the_environment() -> None:
    content = json.dumps({"auths": {"https://index.docker.io/v1/": ALICE}})
    credentials = Credentials.load({"DOCKER_AUTH_CONFIG": content})
    assert credentials.find("docker.io", "library/node") == login("alice", "s3cret")


def test_a_broken_file_is_an_error_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ConfigError, match=r"config\.json:1: is not JSON"):
        Credentials.load({"DOCKER_CONFIG": str(tmp_path)})


def test_a_folder_in_the_place_of_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "config.json").mkdir()
    with pytest.raises(ConfigError, match=r"config\.json: cannot be read: is a directory"):
        Credentials.load({"DOCKER_CONFIG": str(tmp_path)})


def test_a_helper_is_asked_with_the_server_on_its_input(tmp_path: Path, helper: Helper) -> None:
    helper(
        "fake", """read -r server; printf '{"Username": "%s", "Secret": "%s"}' "$1" "$server" """
    )
    credentials = loaded(tmp_path, {"credHelpers": {"ghcr.io": "fake", "docker.io": "fake"}})
    assert credentials.find("ghcr.io", "a/b") == login("get", "ghcr.io")
    hub = credentials.find("docker.io", "library/node")
    assert hub == login("get", "https://index.docker.io/v1/")
    assert credentials.find("quay.io", "a/b") is None


def test_a_helper_is_asked_once_a_host(tmp_path: Path, helper: Helper) -> None:
    helper("fake", f"""echo x >> '{tmp_path}/asked'; echo '{{"Username": "a", "Secret": "b"}}'""")
    credentials = loaded(tmp_path, {"credsStore": "fake"})
    for repository in ("a/b", "c/d"):
        assert credentials.find("ghcr.io", repository) == login("a", "b")
    assert (tmp_path / "asked").read_text() == "x\n"


def test_a_helper_may_give_an_identity_token(tmp_path: Path, helper: Helper) -> None:
    helper("fake", """echo '{"Username": "<token>", "Secret": "t"}'""")
    found = loaded(tmp_path, {"credsStore": "fake"}).find("ghcr.io", "a/b")
    assert found == login("", identity="t")


@pytest.mark.parametrize(
    "script",
    [
        "echo 'credentials not found in native keychain'; exit 1",
        """echo '{"Username": "", "Secret": ""}'""",
    ],
)
def test_what_a_helper_does_not_have_the_file_may_have(
    script: str, tmp_path: Path, helper: Helper
) -> None:
    helper("fake", script)
    credentials = loaded(tmp_path, {"credsStore": "fake", "auths": {"ghcr.io": ALICE}})
    assert credentials.find("ghcr.io", "a/b") == login("alice", "s3cret")
    assert credentials.find("quay.io", "a/b") is None


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo secret-words; exit 2", "failed with exit code 2"),
        ("echo no json", "answered with no user name and secret"),
        ("echo '[]'", "answered with no user name and secret"),
        ("""echo '{"Username": "a"}'""", "answered with no user name and secret"),
        ("head -c 70000 /dev/zero", "wrote more than 65536 bytes"),
    ],
)
def test_a_helper_that_fails_is_a_gap(
    script: str, reason: str, tmp_path: Path, helper: Helper
) -> None:
    helper("fake", script)
    with pytest.raises(Unreachable, match=reason) as caught:
        loaded(tmp_path, {"credsStore": "fake"}).find("ghcr.io", "a/b")
    assert "secret-words" not in repr(caught.value)


def test_a_helper_that_is_missing_is_named(tmp_path: Path) -> None:
    credentials = loaded(tmp_path, {"credsStore": "not-installed"})
    with pytest.raises(Unreachable, match="'docker-credential-not-installed' cannot be started"):
        credentials.find("ghcr.io", "a/b")
