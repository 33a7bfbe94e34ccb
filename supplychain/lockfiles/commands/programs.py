"""Which program belongs to which ecosystem, and who judges it."""

from __future__ import annotations

import re

from supplychain.lockfiles.commands import fetching, languages, node, npm, pip, python, system, uv
from supplychain.lockfiles.commands.call import Judge

_PIP = re.compile(r"pip(?:[0-9](?:\.[0-9]+)?)?")

_EASY_INSTALL = re.compile(r"easy_install(?:-[0-9.]+)?")

_PROGRAMS: dict[str, tuple[str, Judge]] = {
    "npm": ("npm", npm.npm),
    "npx": ("npm", npm.npx),
    "corepack": ("npm", npm.corepack),
    "yarn": ("yarn", node.yarn),
    "yarnpkg": ("yarn", node.yarn),
    "pnpm": ("pnpm", node.pnpm),
    "pnpx": ("pnpm", node.bunx),
    "bun": ("bun", node.bun),
    "bunx": ("bun", node.bunx),
    "pipx": ("pip", pip.pipx),
    "uv": ("uv", uv.uv),
    "uvx": ("uv", uv.uvx),
    "poetry": ("poetry", python.poetry),
    "pdm": ("pdm", python.pdm),
    "pipenv": ("pipenv", python.pipenv),
    "conda": ("conda", python.conda),
    "mamba": ("conda", python.conda),
    "micromamba": ("conda", python.conda),
    "pixi": ("pixi", python.pixi),
    "go": ("go", languages.go),
    "cargo": ("cargo", languages.cargo),
    "bundle": ("bundler", languages.bundle),
    "bundler": ("bundler", languages.bundle),
    "gem": ("gem", languages.gem),
    "composer": ("composer", languages.composer),
    "mvn": ("maven", languages.jvm),
    "mvnw": ("maven", languages.jvm),
    "gradle": ("gradle", languages.jvm),
    "gradlew": ("gradle", languages.jvm),
    "dotnet": ("nuget", languages.dotnet),
    "nuget": ("nuget", languages.dotnet),
    "apt": ("apt", system.apt),
    "apt-get": ("apt", system.apt),
    "aptitude": ("apt", system.apt),
    "apk": ("apk", system.apk),
    "dpkg": ("apt", system.dpkg),
    "rpm": ("dnf", system.dpkg),
    "ollama": ("model", system.ollama),
    "hf": ("model", system.hugging_face),
    "huggingface-cli": ("model", system.hugging_face),
    "wget": ("url", fetching.fetch),
    "curl": ("url", fetching.fetch),
    "git": ("git", fetching.git),
    **dict.fromkeys(
        ("dnf", "yum", "microdnf", "tdnf", "zypper", "pacman", "brew"), ("dnf", system.dnf)
    ),
}
_NAMED = re.compile(
    r"(?<![\w.-])(?:" + "|".join(re.escape(one) for one in sorted(_PROGRAMS)) + r"|pip3?)(?![\w-])"
)


def judge_of(program: str) -> tuple[str, Judge] | None:
    """Return the ecosystem of a program and who judges its calls, ``None`` for other programs."""
    if _PIP.fullmatch(program):
        return "pip", pip.pip
    if _EASY_INSTALL.fullmatch(program):
        return "pip", pip.easy_install
    return _PROGRAMS.get(program)


def mentions_program(text: str) -> bool:
    """Say whether a text names a program that may install something."""
    return _NAMED.search(text) is not None
