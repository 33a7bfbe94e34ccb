from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.access.huggingface_login import HUB, hub_of
from supplychain.errors import ConfigError


def test_the_hub_is_hugging_faces_own_unless_told_otherwise() -> None:
    assert hub_of(None, {}).base == HUB
    assert hub_of(None, {"HF_ENDPOINT": "https://mirror.lan/hub/"}).base == "https://mirror.lan/hub"
    assert hub_of("http://127.0.0.1:1", {"HF_ENDPOINT": "x"}).base == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    "endpoint", ["hub", "file:///x", "https://u:p@h", "https://h?x", "ftp://h"]
)
def test_what_is_no_address_is_an_error(endpoint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        hub_of(endpoint, {})
    assert caught.value.hint


def test_the_token_is_looked_up_as_the_hubs_own_client_does(tmp_path: Path) -> None:
    def kept(name: str, token: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{token}\n")
        return path

    kept(".cache/huggingface/token", "home")
    kept("xdg/huggingface/token", "cache")
    kept("hf/token", "hf-home")
    environment = {"HOME": str(tmp_path)}
    found = [hub_of(None, environment).token]
    for variable, value in (
        ("XDG_CACHE_HOME", str(tmp_path / "xdg")),
        ("HF_HOME", str(tmp_path / "hf")),
        ("HF_TOKEN_PATH", str(kept("own", "path"))),
        ("HUGGING_FACE_HUB_TOKEN", "old"),
        ("HF_TOKEN", " new "),
        ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"),
    ):
        environment[variable] = value
        found.append(hub_of(None, environment).token)
    assert found == ["home", "cache", "hf-home", "path", "old", "new", None]


def test_the_token_does_not_travel_in_the_clear() -> None:
    environment = {"HF_TOKEN": "hf_x"}
    assert hub_of("http://hub.lan", environment).token is None
    assert hub_of("http://localhost:8000", environment).token == "hf_x"  # noqa: S105 -- a fixture
    assert "hf_x" not in repr(hub_of(None, environment))


@pytest.mark.parametrize("token", ["a b", "a\nb", "ü", "a\0"])
def test_what_cannot_be_a_token_is_an_error_that_does_not_show_it(token: str) -> None:
    with pytest.raises(ConfigError) as caught:
        hub_of(None, {"HF_TOKEN": token})
    assert token not in caught.value.message


def test_a_token_file_that_is_too_large_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("x" * 5000)
    with pytest.raises(ConfigError, match="more than"):
        hub_of(None, {"HF_HOME": str(tmp_path)})
