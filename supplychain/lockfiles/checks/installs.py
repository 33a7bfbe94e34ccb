"""Checks on the commands of Dockerfiles that install something (LCK)."""

from __future__ import annotations

from collections.abc import Iterator

from supplychain.core.check import check
from supplychain.core.finding import Hit, Severity
from supplychain.lockfiles.commands.model import Verdict
from supplychain.lockfiles.evidence import InstallStep

_OS = frozenset({"os-unpinned", "os-wildcard-pin"})
_RUN = frozenset(
    {"pipe-to-shell", "download-exec", "no-check", "url-no-hash", "git-unpinned", "tag-not-commit"}
)
_OFF = frozenset({"insecure-transport", "signature-off", "hash-check-off"})
_BOOTSTRAP = "tool-bootstrap"

_WHY = {
    "may-update-lock": "may change the lock while it installs",
    "lock-absent": "runs where no lock was copied",
    "no-lock": "has no lock to hold to",
    "version-floats": "takes whatever version is newest",
    "version-pin-only": "fixes the version, but no hash and no dependency",
    "deps-float": "lets the dependencies float",
    "no-hash": "installs from a list without hashes",
    "hash-check-off": "switches hash checking off",
    "tag-not-commit": "takes a branch or tag that can be moved",
    "git-unpinned": "takes whatever the default branch holds",
    "url-no-hash": "fetches a file without a hash",
    "redirect-spec": "has an unquoted '>', so the shell writes a file and the version floats",
    "os-unpinned": "takes whatever version the archive has",
    "os-wildcard-pin": "fixes only a part of the version",
    "tool-bootstrap": "installs the installer itself without a lock",
    "model-unpinned": "takes whatever model the name means today",
    "pipe-to-shell": "runs what it fetches without looking at it",
    "download-exec": "runs a downloaded file without checking it",
    "no-check": "unpacks a downloaded file without checking it",
    "insecure-transport": "fetches without checking who answers",
    "signature-off": "switches the check of signatures off",
    "flag-ignored": "has a flag of another manager, which is ignored",
    "fallback-unlocked": "installs without the lock when the locked install fails",
    "invalid-flag": "has a flag that its manager does not know",
}
_HINTS = {
    "npm": "copy package-lock.json before it, and run `npm ci`",
    "yarn": "copy yarn.lock before it, and run `yarn install --frozen-lockfile`",
    "pnpm": "copy pnpm-lock.yaml before it, and run `pnpm install --frozen-lockfile`",
    "bun": "copy bun.lock before it, and run `bun install --frozen-lockfile`",
    "pip": "compile a requirements file with hashes, and run `pip install --require-hashes -r` it",
    "uv": "copy uv.lock before it, and run `uv sync --locked`",
    "poetry": "copy poetry.lock before it",
    "cargo": "add --locked",
    "url": "check a sha256 sum of what is fetched before it is used",
    "git": "check a whole commit out",
    "apt": "write the version behind the name, from snapshot.debian.org",
    "model": "name the commit or digest of the model",
}


def _hit(step: InstallStep, severity: Severity | None = None) -> Hit:
    command = step.command
    reason = command.reason or ""
    return Hit(
        message=f"'{command.text}' {_WHY.get(reason, reason)}",
        location=step.location,
        hint=_HINTS.get(command.ecosystem or "", "install from a lock with hashes"),
        key=f"{reason}\0{command.text}",
        severity=severity,
        properties={"reason": reason, "ecosystem": command.ecosystem, "verdict": command.verdict},
    )


@check("LCK101", "install-unlocked", on=InstallStep, severity=Severity.HIGH)
def install_unlocked(step: InstallStep) -> Iterator[Hit]:
    """A command installs packages without holding to a lock.

    ## What it does
    Reads RUN, CMD, ENTRYPOINT and HEALTHCHECK, in shell and exec form and in here-documents,
    through wrappers and nested shells, and judges each install together with the lock that the
    stage really has: COPY, mounts, WORKDIR and .dockerignore are followed.

    ## Why it matters
    The image is built from whatever the registry serves at that minute. Two builds of one commit
    differ, and a package that was bad for three hours is in one of them.

    ## Example
    ```dockerfile
    COPY package.json ./
    RUN npm install            # found; `npm ci` without the lock is found as well
    ```

    ## How to fix
    Copy the lock first, then use the manager's strict install: `npm ci`, `uv sync --locked`,
    `pip install --require-hashes -r requirements.txt`.
    """
    command = step.command
    others = _OS | _RUN | _OFF | {_BOOTSTRAP}
    if command.verdict is Verdict.UNLOCKED and command.reason not in others:
        yield _hit(step)


@check("LCK102", "fetch-unchecked", on=InstallStep, severity=Severity.HIGH)
def fetch_unchecked(step: InstallStep) -> Iterator[Hit]:
    """Something is fetched and used without a hash or commit that fixes it.

    ## What it does
    Finds `curl … | sh` and its kin, downloads that are run or unpacked, ADD of an address without
    `--checksum`, and git clones that no commit fixes.

    ## Why it matters
    Whoever controls the address, today or in a year, runs code in the build.

    ## Example
    ```dockerfile
    RUN curl -fsSL https://example.com/install.sh | sh
    ADD https://example.com/tool.tgz /opt/
    ```

    ## How to fix
    Download to a file and check it: `echo "<sha256>  tool.tgz" | sha256sum -c`, use
    `ADD --checksum=sha256:…`, or check a whole commit out.
    """
    if step.command.verdict is Verdict.UNLOCKED and step.command.reason in _RUN:
        yield _hit(step)


@check("LCK103", "install-check-off", on=InstallStep, severity=Severity.HIGH)
def install_check_off(step: InstallStep) -> Iterator[Hit]:
    """A command switches off what protects an install: certificates, signatures or hashes.

    ## What it does
    Finds plain http, `--trusted-host`, `strict-ssl=false`, `curl -k`, `--allow-unauthenticated`,
    `--allow-untrusted`, `--nogpgcheck`, `GOSUMDB=off`, `--no-require-hashes` and the like.

    ## Why it matters
    Anybody between the build and the server decides what is installed.

    ## Example
    ```dockerfile
    RUN pip install --trusted-host pypi.internal -r requirements.txt
    ```

    ## How to fix
    Remove the switch; install the certificate or key that it was meant to do without.
    """
    if step.command.verdict is Verdict.UNLOCKED and step.command.reason in _OFF:
        yield _hit(step)


@check("LCK104", "install-not-compared", on=InstallStep, severity=Severity.MEDIUM)
def install_not_compared(step: InstallStep) -> Iterator[Hit]:
    """An install holds to the lock, and does not notice when the manifest has moved on.

    ## What it does
    Finds `uv sync --frozen`, `pnpm fetch`, `pdm sync`, `pipenv sync`, `composer install` and the
    like.

    ## Why it matters
    Nothing unknown is installed. But the image may lack what the manifest asks for since.

    ## Example
    ```dockerfile
    RUN uv sync --frozen
    ```

    ## How to fix
    Use the strict form, `uv sync --locked`, or run `uv lock --check` in CI.
    """
    if step.command.verdict is Verdict.LOCK_ONLY:
        yield _hit(step)


@check("LCK105", "installer-unlocked", on=InstallStep, severity=Severity.HIGH)
def installer_unlocked(step: InstallStep) -> Iterator[Hit]:
    """The package manager itself is installed without a lock.

    ## What it does
    Finds `pip install -U pip`, `npm install -g pnpm`, `corepack prepare pnpm@latest`. With an
    exact version the finding is medium.

    ## Why it matters
    What installs everything else is itself whatever was newest.

    ## Example
    ```dockerfile
    RUN pip install poetry
    ```

    ## How to fix
    Copy the tool from an image with a digest, or install it from hashed requirements.
    """
    command = step.command
    if command.verdict is Verdict.UNLOCKED and command.reason == _BOOTSTRAP:
        yield _hit(step, Severity.MEDIUM if command.exact else None)


@check("LCK106", "os-package-unpinned", on=InstallStep, severity=Severity.LOW)
def os_package_unpinned(step: InstallStep) -> Iterator[Hit]:
    """Packages of the operating system are installed in whatever version the archive has.

    ## What it does
    Looks for `apt-get install`, `apk add`, `dnf install` and their kin with names that no exact
    version follows.

    ## Why it matters
    Rebuilds differ. The packages are signed, and exact versions vanish from the archives of
    Debian and Alpine, so this is told, not refused.

    ## Example
    ```dockerfile
    RUN apt-get install -y curl
    ```

    ## How to fix
    Build on a base with a digest that has the packages, or pin them against snapshot.debian.org.
    """
    if step.command.verdict is Verdict.UNLOCKED and step.command.reason in _OS:
        yield _hit(step)
