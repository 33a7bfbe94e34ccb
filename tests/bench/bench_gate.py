"""A thousand Dockerfiles judged, beside hadolint reading them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.bench.measure import compared

FILES = 1_000
DOCKERFILE = """\
# syntax=docker/dockerfile:1
ARG NODE=22.{number}
ARG BASE=node:${{NODE}}-alpine
FROM ${{BASE}} AS deps
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
FROM deps AS build
COPY . .
RUN --mount=type=cache,target=/root/.npm \\
    npm run build
FROM python:3.12-slim AS tools
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
FROM ${{BASE}}
ENV NODE_ENV=production PORT=3000
COPY --from=build /app /app
COPY --from=tools /usr/local /usr/local
COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /bin/uv
USER 1000:1000
EXPOSE 3000
HEALTHCHECK CMD wget -q localhost:3000
CMD ["node", "server.js"]
"""


def test_a_thousand_dockerfiles_are_judged_faster_than_hadolint_reads_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hadolint = shutil.which("hadolint", path=f"{Path(sys.executable).parent}")
    assert hadolint, "hadolint is missing: `make bench` installs it"
    files = []
    for number in range(FILES):
        folder = tmp_path / f"service{number}"
        folder.mkdir()
        (folder / "Dockerfile").write_text(DOCKERFILE.format(number=number % 50))
        files.append(str(folder / "Dockerfile"))
    gate = [sys.executable, "-m", "supplychain", "gate", "--offline", str(tmp_path)]
    found = compared(gate, [hadolint, *files], runs=3)
    with capsys.disabled():
        print(f"\n{found.told(f'{FILES} Dockerfiles')} (at most 0.5)")
    assert found.ratio <= 0.5
