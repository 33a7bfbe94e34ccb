"""Is the lock there? COPY, ADD, mounts, WORKDIR and .dockerignore decide, as in a build."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.access.tree import WorkingTree
from supplychain.formats import dockerfile
from supplychain.lockfiles.collect.dockerfile import commands_in

FILES = ("package.json", "package-lock.json", "uv.lock", "pyproject.toml", "web/package-lock.json")
PRESENT, ABSENT = "lock-strict", "lock-absent"


def reasons(
    folder: Path, text: str, ignored: str | None = None, where: str = "Dockerfile"
) -> list[str]:
    for name in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (folder / where).parent.mkdir(parents=True, exist_ok=True)
    (folder / where).write_text(text)
    if ignored is not None:
        (folder / ".dockerignore").write_text(ignored)
    found = commands_in(dockerfile.read(text), WorkingTree(folder), where, {})
    return [one.reason or "" for one in found]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("COPY package.json ./\nRUN npm ci", ABSENT),
        ("COPY package.json package-lock.json ./\nRUN npm ci", PRESENT),
        ("COPY package*.json ./\nRUN npm ci", PRESENT),
        ("COPY . .\nRUN npm ci", PRESENT),
        ("RUN npm ci\nCOPY . .", ABSENT),
        ("WORKDIR /app\nCOPY . .\nRUN npm ci", PRESENT),
        ("WORKDIR /app\nCOPY . /src\nRUN npm ci", ABSENT),
        ("WORKDIR /app\nCOPY . /src\nRUN cd /src && npm ci", PRESENT),
        ("WORKDIR /app\nCOPY . /src\nWORKDIR ../src\nRUN npm ci", PRESENT),
        ("ARG D=/app\nENV W=$D/x\nWORKDIR $W\nCOPY . .\nWORKDIR /app/x\nRUN npm ci", PRESENT),
        ("COPY web /web\nWORKDIR /web\nRUN npm ci", PRESENT),
        ("COPY web /web\nRUN npm ci", ABSENT),
        ("COPY web/ ./\nRUN npm ci", PRESENT),
        ("COPY package-lock.json /other.json\nRUN npm ci", ABSENT),
        ("COPY --parents web/package-lock.json /a/\nWORKDIR /a/web\nRUN npm ci", PRESENT),
        ("ADD package-lock.json .\nRUN npm ci", PRESENT),
        ("RUN --mount=type=bind,source=uv.lock,target=uv.lock uv sync --locked", PRESENT),
        ("RUN --mount=type=cache,target=/root/.cache uv sync --locked", ABSENT),
        ("RUN --mount=type=bind,target=. uv sync --locked", PRESENT),
        ("RUN git clone https://x.y/a && cd a && npm ci", "git-unpinned"),
        ("RUN uv sync --locked --project /srv", ABSENT),
        ("COPY . /srv\nRUN uv sync --locked --project /srv", PRESENT),
    ],
)
def test_copies_decide_whether_the_lock_is_there(lines: str, expected: str, tmp_path: Path) -> None:
    assert reasons(tmp_path, f"FROM node:22\n{lines}\n")[0] == expected


@pytest.mark.parametrize(
    ("ignored", "expected"),
    [
        ("node_modules", PRESENT),
        ("package-lock.json", ABSENT),
        ("*", ABSENT),
        ("*\n!package*.json", PRESENT),
        ("**/*.json\n!package.json", ABSENT),
    ],
)
def test_what_is_ignored_is_not_copied(ignored: str, expected: str, tmp_path: Path) -> None:
    text = "FROM node:22\nCOPY . .\nRUN npm ci\n"
    assert reasons(tmp_path, text, ignored) == [expected]


def test_a_stage_has_what_the_one_below_it_had(tmp_path: Path) -> None:
    text = "FROM node:22 AS deps\nCOPY . /app\nFROM deps\nWORKDIR /app\nRUN npm ci\n"
    assert reasons(tmp_path, text) == [PRESENT]


def test_a_stage_has_what_is_copied_from_another(tmp_path: Path) -> None:
    text = "FROM node:22 AS a\nWORKDIR /app\nCOPY . .\nFROM node:22\nCOPY --from=a /app /srv\n"
    assert reasons(tmp_path, f"{text}WORKDIR /srv\nRUN npm ci\n") == [PRESENT]
    assert reasons(tmp_path, f"{text}WORKDIR /app\nRUN npm ci\n") == [ABSENT]


def test_the_context_is_the_nearest_folder_that_has_what_is_copied(tmp_path: Path) -> None:
    text = "FROM node:22\nCOPY web/package-lock.json package.json ./\nRUN npm ci\n"
    assert reasons(tmp_path, text, where="docker/Dockerfile") == [PRESENT]


def test_a_requirements_file_is_read_where_the_stage_has_it(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(f"leaf==1.0 --hash=sha256:{'a' * 64}\n")
    copied = (
        "FROM python:3.12\nCOPY requirements.txt /tmp/\nRUN pip install -r /tmp/requirements.txt\n"
    )
    assert reasons(tmp_path, copied) == ["hash-checked"]
    (tmp_path / "requirements.txt").write_text("leaf==1.0\n")
    assert reasons(tmp_path, copied) == ["no-hash"]
