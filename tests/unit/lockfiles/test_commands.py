from __future__ import annotations

from typing import Any

import pytest

from supplychain.lockfiles.commands import Verdict, classify

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HASHED = f"leaf==1.0 --hash=sha256:{'a' * 64}\n"

RUNS: list[tuple[str, str, str]] = [
    ("npm ci", "locked", "lock-strict"),
    ("npm clean-install", "locked", "lock-strict"),
    ("npm install-cl", "locked", "lock-strict"),
    ("npm --prefix web ci --ignore-scripts", "locked", "lock-strict"),
    ("npm install", "unlocked", "may-update-lock"),
    ("npm i", "unlocked", "may-update-lock"),
    ("npm isntall", "unlocked", "may-update-lock"),
    ("npm install --frozen-lockfile", "unlocked", "flag-ignored"),
    ("npm i left-pad", "unlocked", "version-floats"),
    ("npm i left-pad@1.3.0", "unlocked", "version-pin-only"),
    ("npm i left-pad@^1.3.0", "unlocked", "version-floats"),
    ("npm i https://example.com/a.tgz", "unlocked", "url-no-hash"),
    ("npm i github:a/b", "unlocked", "git-unpinned"),
    (f"npm i github:a/b#{COMMIT}", "unlocked", "deps-float"),
    ("npm i ./own", "unlocked", "deps-float"),
    ("npm i -g pnpm", "unlocked", "tool-bootstrap"),
    ("npm update", "unlocked", "may-update-lock"),
    ("npx create-next-app", "unlocked", "version-floats"),
    ("npx --no-install tsc", "not-an-install", "run"),
    ("npm run build", "not-an-install", "run-script"),
    ("npm rebuild", "not-an-install", "runs-scripts"),
    ("npm prune --omit=dev", "not-an-install", "prune"),
    ("npm cache clean --force", "not-an-install", "clean"),
    ("npm config set fund false", "not-an-install", "config"),
    ("npm ci --strict-ssl=false", "unlocked", "insecure-transport"),
    ("npm $VERB", "unread", "dynamic"),
    ("$TOOL install", "unread", "dynamic"),
    ("npm ci || npm install", "unlocked", "fallback-unlocked"),
    ("corepack enable", "not-an-install", "shim"),
    ("corepack prepare pnpm@latest --activate", "unlocked", "tool-bootstrap"),
    ("corepack npm ci", "locked", "lock-strict"),
    ("pip install leaf", "unlocked", "version-floats"),
    ("pip install leaf==1.0", "unlocked", "version-pin-only"),
    ("pip install leaf>=1.0", "unlocked", "redirect-spec"),
    ("pip install 'leaf>=1.0'", "unlocked", "version-floats"),
    ("pip install -r loose.txt", "unlocked", "no-hash"),
    ("pip install -r hashed.txt", "locked", "hash-checked"),
    ("pip install -c hashed.txt leaf", "locked", "hash-checked"),
    ("pip install --require-hashes -r loose.txt", "locked", "hash-checked"),
    ("PIP_REQUIRE_HASHES=1 pip install -r loose.txt", "locked", "hash-checked"),
    ("pip install --no-require-hashes -r hashed.txt", "unlocked", "hash-check-off"),
    ("pip install .", "unlocked", "deps-float"),
    ("pip install --no-deps .", "locked", "local-no-deps"),
    ("pip install -e .", "unlocked", "deps-float"),
    ("pip install --no-index --find-links wheels leaf", "locked", "offline"),
    (f"pip install --no-deps git+https://x.y/a@{COMMIT}", "locked", "commit-pinned"),
    ("pip install git+https://x.y/a@v1", "unlocked", "tag-not-commit"),
    ("pip install git+https://x.y/a", "unlocked", "git-unpinned"),
    ("pip install https://x.y/a.whl", "unlocked", "url-no-hash"),
    (f"pip install https://x.y/a.whl#sha256={'a' * 64}", "locked", "hash-pinned"),
    ("pip install -U pip", "unlocked", "tool-bootstrap"),
    ("pip install --trusted-host x -r hashed.txt", "unlocked", "insecure-transport"),
    ("python3.12 -m pip --no-cache-dir install leaf", "unlocked", "version-floats"),
    ("/opt/venv/bin/pip3.12 install leaf", "unlocked", "version-floats"),
    ("pip list", "not-an-install", "query"),
    ("pipx install poetry==1.8.0", "unlocked", "tool-bootstrap"),
    ("uv sync", "unlocked", "may-update-lock"),
    ("uv sync --locked --no-dev", "locked", "lock-strict"),
    ("uv sync --frozen", "lock-only", "lock-only"),
    ("UV_LOCKED=1 uv sync", "locked", "lock-strict"),
    ("export UV_FROZEN=1; uv sync", "lock-only", "lock-only"),
    ("uv run --locked app", "locked", "lock-strict"),
    ("uv add leaf", "unlocked", "may-update-lock"),
    ("uv pip install -r loose.txt", "unlocked", "no-hash"),
    ("uv pip install -r hashed.txt", "locked", "hash-checked"),
    ("uv pip install -r hashed.txt extra", "unlocked", "version-floats"),
    ("uv pip sync loose.txt", "unlocked", "no-hash"),
    ("uv pip sync pylock.toml", "locked", "lock-strict"),
    ("uv pip install --require-hashes -r loose.txt", "locked", "hash-checked"),
    ("uv pip install --no-verify-hashes -r hashed.txt", "unlocked", "hash-check-off"),
    ("uvx ruff", "unlocked", "version-floats"),
    ("uv tool install ruff==0.14.0", "unlocked", "version-pin-only"),
    ("uv lock --check", "not-an-install", "query"),
    ("uv venv", "not-an-install", "env"),
    ("yarn install --frozen-lockfile", "locked", "lock-strict"),
    ("yarn install --immutable", "unlocked", "flag-ignored"),
    ("yarn", "unlocked", "may-update-lock"),
    ("pnpm install --frozen-lockfile", "locked", "lock-strict"),
    ("pnpm install", "unlocked", "may-update-lock"),
    ("CI=1 pnpm install", "locked", "lock-strict"),
    ("pnpm fetch", "lock-only", "lock-only"),
    ("bun install --production", "locked", "lock-strict"),
    ("bunx cowsay", "unlocked", "version-floats"),
    ("poetry install", "locked", "lock-strict"),
    ("poetry install --no-update", "unlocked", "invalid-flag"),
    ("pdm sync", "lock-only", "lock-only"),
    ("pdm install --check", "locked", "lock-strict"),
    ("pipenv install --deploy", "locked", "lock-strict"),
    ("pipenv install --skip-lock", "unlocked", "flag-ignored"),
    ("go mod download", "locked", "lock-strict"),
    ("go install x.y/z@latest", "unlocked", "version-floats"),
    ("go install x.y/z@v1.2.3", "locked", "hash-checked"),
    ("GOSUMDB=off go build ./...", "unlocked", "signature-off"),
    ("cargo build --release --locked", "locked", "lock-strict"),
    ("cargo build --release", "unlocked", "may-update-lock"),
    ("cargo install ripgrep@14.0.0", "unlocked", "version-pin-only"),
    ("BUNDLE_FROZEN=1 bundle install", "locked", "lock-strict"),
    ("bundle install", "unlocked", "may-update-lock"),
    ("gem install rails -v 8.0.0", "unlocked", "version-pin-only"),
    ("composer install --no-dev", "lock-only", "lock-only"),
    ("mvn package", "unlocked", "no-lock"),
    ("dotnet restore --locked-mode", "locked", "lock-strict"),
    ("apt-get install -y curl", "unlocked", "os-unpinned"),
    ("apt-get install -y curl=7.88.1-10+deb12u8", "locked", "os-version-pin"),
    ("apt-get install -y 'curl=7.*'", "unlocked", "os-wildcard-pin"),
    ("apt-get install --allow-unauthenticated curl=1", "unlocked", "signature-off"),
    ("apt-get update", "not-an-install", "index-update"),
    ("apt-get clean", "not-an-install", "clean"),
    ("apk add --no-cache curl", "unlocked", "os-unpinned"),
    ("apk add 'curl~=8.1'", "unlocked", "os-wildcard-pin"),
    ("apk add --allow-untrusted own.apk", "unlocked", "signature-off"),
    ("dnf install -y curl", "unlocked", "os-unpinned"),
    ("curl -fsSL https://x.y/i.sh | sh", "unlocked", "pipe-to-shell"),
    ("curl -fsSL https://x.y/i.sh | sudo -E bash -s -- -y", "unlocked", "pipe-to-shell"),
    ('sh -c "$(curl -fsSL https://x.y/i.sh)"', "unlocked", "pipe-to-shell"),
    ('eval "$(curl -fsSL https://x.y/i.sh)"', "unlocked", "pipe-to-shell"),
    ("bash <(curl -s https://x.y/i.sh)", "unlocked", "pipe-to-shell"),
    (f"curl https://raw.githubusercontent.com/a/b/{COMMIT}/i.sh | sh", "locked", "commit-pinned"),
    ("curl -O https://x.y/i.sh && sh i.sh", "unlocked", "download-exec"),
    ("wget https://x.y/tool && chmod +x tool", "unlocked", "download-exec"),
    ("curl -L https://x.y/a.tgz | tar xz", "unlocked", "no-check"),
    ("curl -ko a.tgz https://x.y/a.tgz && tar xf a.tgz", "unlocked", "insecure-transport"),
    ("curl -o a.tgz https://x.y/a && echo 'ab  a.tgz' | sha256sum -c && tar xf a.tgz",
     "locked", "hash-checked"),
    ("curl -f http://localhost:8080/health", "not-an-install", "fetch-only"),
    ("git clone https://x.y/a", "unlocked", "git-unpinned"),
    ("git clone -b v1 https://x.y/a", "unlocked", "tag-not-commit"),
    (f"git clone https://x.y/a && git -C a checkout {COMMIT}", "locked", "commit-pinned"),
    ("ollama pull gemma3:270m", "unlocked", "model-unpinned"),
    ("hf download a/b", "unlocked", "model-unpinned"),
    (f"hf download a/b --revision {COMMIT}", "locked", "commit-pinned"),
    ("echo npm install", "not-an-install", "text-only"),
    ("sudo -u app env A=1 nice -n 5 npm install", "unlocked", "may-update-lock"),
    ("time npm ci", "locked", "lock-strict"),
    ("exec npm ci", "locked", "lock-strict"),
    ("bash -euxc 'npm install'", "unlocked", "may-update-lock"),
    ("su node -c 'npm install'", "unlocked", "may-update-lock"),
    ("V=install; npm $V", "unlocked", "may-update-lock"),
    ("if [ -f package-lock.json ]; then npm ci; else npm i; fi", "unlocked", "may-update-lock"),
    ("bash <<EOF\nnpm install\nEOF", "unlocked", "may-update-lock"),
]  # fmt: skip


def first(instruction: str, **context: Any) -> tuple[str, str | None]:  # noqa: ANN401 -- as given
    files = {"hashed.txt": HASHED, "loose.txt": "leaf==1.0\n"}
    found = classify(instruction, context={"files": files, **context})
    return (found[0].verdict.value, found[0].reason) if found else ("", None)


@pytest.mark.parametrize(("command", "verdict", "reason"), RUNS, ids=[one[0] for one in RUNS])
def test_the_worst_command_of_a_run_decides(command: str, verdict: str, reason: str) -> None:
    assert first(f"RUN {command}") == (verdict, reason)


@pytest.mark.parametrize(
    ("instruction", "verdict", "reason"),
    [
        ('RUN ["npm", "install"]', "unlocked", "may-update-lock"),
        ('RUN ["sh", "-c", "npm ci"]', "locked", "lock-strict"),
        ("RUN <<EOF\nnpm ci\nnpm i\nEOF", "unlocked", "may-update-lock"),
        ("RUN <<EOF bash\nnpm i\nEOF", "unlocked", "may-update-lock"),
        ("RUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF", "", None),
        ("RUN --mount=type=cache,target=/root/.npm \\\n  npm \\\n  ci", "locked", "lock-strict"),
        ("CMD npm install && npm start", "unlocked", "may-update-lock"),
        ('ENTRYPOINT ["npm", "start"]', "not-an-install", "run-script"),
        ("HEALTHCHECK --interval=3s CMD curl -f http://localhost", "not-an-install", "fetch-only"),
        ("ONBUILD RUN npm install", "unlocked", "may-update-lock"),
        ("ADD https://x.y/a.tgz /opt/", "unlocked", "url-no-hash"),
        (f"ADD --checksum=sha256:{'a' * 64} https://x.y/a /opt/", "locked", "hash-pinned"),
        ("ADD https://github.com/a/b.git#main /opt/", "unlocked", "tag-not-commit"),
        (f"ADD https://github.com/a/b.git#{COMMIT} /opt/", "locked", "commit-pinned"),
        ("ADD a.tgz /opt/", "", None),
        ("COPY --from=x /app/node_modules ./", "not-an-install", "copies-installed"),
        ("COPY . .", "", None),
        ("RUN ls", "", None),
        ("NONSENSE", "unread", "dynamic"),
    ],
)
def test_every_kind_of_instruction_is_read(
    instruction: str, verdict: str, reason: str | None
) -> None:
    assert first(instruction) == (verdict, reason)


@pytest.mark.parametrize("command", ["npm ci", "npm install", "uv sync --locked", "poetry install"])
def test_an_install_without_its_lock_is_unlocked(command: str) -> None:
    assert first(f"RUN {command}", lock_present=False) == ("unlocked", "lock-absent")


def test_the_stage_decides_what_a_variable_means() -> None:
    assert first("RUN uv sync", env={"UV_LOCKED": "1"}) == ("locked", "lock-strict")
    assert first("RUN npm $VERB", env={"VERB": "ci"}) == ("locked", "lock-strict")


def test_berry_knows_immutable() -> None:
    assert first("RUN yarn --immutable", yarn="berry") == ("locked", "lock-strict")


def test_a_shell_that_we_do_not_read_is_unread() -> None:
    found = classify("RUN npm ci", context={"shell": ["powershell", "-Command"]})
    assert [(one.verdict, one.reason) for one in found] == [(Verdict.UNREAD, "dynamic")]


def test_commands_come_worst_first_and_keep_their_text() -> None:
    found = classify("RUN npm run build && npm ci && apt-get install -y curl")
    assert [one.verdict for one in found] == [
        Verdict.UNLOCKED,
        Verdict.LOCKED,
        Verdict.NOT_AN_INSTALL,
    ]
    assert found[0].text == "apt-get install -y curl"


@pytest.mark.parametrize(
    ("instruction", "verdict", "reason"),
    [
        ("RUN bash -euxo pipefail -c 'pip install leaf'", "unlocked", "version-floats"),
        ("RUN bash -c -- 'pip install leaf'", "unlocked", "version-floats"),
        ("RUN bash --rcfile x -c 'pip install leaf'", "unlocked", "version-floats"),
        ("RUN bash -euo pipefail <<EOF\npip install leaf\nEOF", "unlocked", "version-floats"),
        (
            'RUN ["/bin/bash", "-o", "pipefail", "-c", "curl https://x.y/i | sh"]',
            "unlocked",
            "pipe-to-shell",
        ),
        ("RUN curl https://x.y/i | python3.12", "unlocked", "pipe-to-shell"),
        ("RUN curl https://x.y/i | busybox sh", "unlocked", "pipe-to-shell"),
        ("RUN curl https://x.y/i | lua", "unlocked", "pipe-to-shell"),
        ("RUN curl https://x.y/i | xargs sh -c", "unlocked", "pipe-to-shell"),
        ("RUN curl https://x.y/i | tee >(sh)", "unlocked", "pipe-to-shell"),
        ("RUN curl https://x.y/i -o a; sh < a", "unlocked", "download-exec"),
        ("RUN curl https://x.y/i -o a; cat a | sh", "unlocked", "download-exec"),
        ("RUN curl https://x.y/i -o a; mv a b; sh b", "unlocked", "download-exec"),
        ("RUN curl https://x.y/i -o a; sha256sum -c s || true; sh a", "unlocked", "download-exec"),
        ("RUN curl https://x.y/i -o a; sha256sum -c s; sh a", "unlocked", "download-exec"),
        ("RUN set -e; curl https://x.y/i -o a; sha256sum -c s; sh a", "locked", "hash-checked"),
        (
            "RUN curl https://x.y/i -o a && curl https://x.y/s -o s && sha256sum -c s && sh a",
            "unlocked",
            "download-exec",
        ),
        ("RUN cat list | xargs pip install", "unread", "dynamic"),
        (
            "RUN curl https://x.y/i -o a; sha256sum -c s || exit 1; sh a",
            "locked",
            "hash-checked",
        ),
        ("RUN curl https://x.y/i -o a && sha256sum -c s && sh a", "locked", "hash-checked"),
        ("RUN " + "curl https://x.y/i -o a; " * 70 + "sh a", "unread", "dynamic"),
        ("RUN echo pip install leaf | sh", "unread", "dynamic"),
        ("RUN python3 -Im pip install leaf", "unlocked", "version-floats"),
        ("RUN trap 'pip install leaf' EXIT", "unlocked", "version-floats"),
        ("RUN env -S 'pip install leaf'", "unlocked", "version-floats"),
        ("RUN su app --command 'pip install leaf'", "unlocked", "version-floats"),
        ("RUN easy_install leaf", "unlocked", "version-floats"),
        ("RUN poetry run pip install leaf", "unlocked", "version-floats"),
        (
            f"RUN git clone https://x.y/a && git clone https://x.y/b && git -C b checkout {COMMIT}",
            "unlocked",
            "git-unpinned",
        ),
        (
            "RUN pip install --no-index --find-links=https://x.y/l leaf",
            "unlocked",
            "version-floats",
        ),
        ("ADD --checksum=sha256:abc https://x.y/a /", "unlocked", "url-no-hash"),
        (f"ADD https://x.y/a?x=.git#{COMMIT} /", "unlocked", "url-no-hash"),
        (
            "RUN v0=aaaaaaaa; "
            + "".join(f"v{n + 1}=$v{n}$v{n}$v{n}$v{n}; " for n in range(30))
            + "pip list",
            "unread",
            "dynamic",
        ),
    ],
)
def test_no_detour_hides_what_is_installed(instruction: str, verdict: str, reason: str) -> None:
    assert first(instruction) == (verdict, reason)
