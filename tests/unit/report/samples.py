"""Runs of every outcome, as the gate would hand them to a report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from supplychain.core.check import Check, check
from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence, Gap, Producer
from supplychain.core.finding import Confidence, Finding, Hit, Location, Severity, findings_of
from supplychain.core.policy import Policy
from supplychain.core.run import LeftOut, Run
from supplychain.core.subject import Subject, SubjectKind
from supplychain.core.verdict import Verdict, decide
from supplychain.core.waiver import Waiver

STARTED = datetime(2026, 11, 25, 10, 0, 0, 250_000, tzinfo=UTC)
FINISHED = datetime(2026, 11, 25, 10, 0, 3, tzinfo=UTC)
TOOL = Producer(name="supplychain", version="0.1.0")
POLICY = Policy(name="default", digest=Digest.of(b"policy"), files=("policies/default.toml",))

WEB = Subject(
    kind=SubjectKind.DOCKERFILE,
    ref="web/Dockerfile",
    path="web/Dockerfile",
    digest=Digest.of(b"web"),
)
API = Subject(
    kind=SubjectKind.DOCKERFILE,
    ref="services/api/docker/Dockerfile",
    path="./services/api/docker/Dockerfile",
    digest=Digest.of(b"api"),
)
COMPOSE = Subject(
    kind=SubjectKind.COMPOSE, ref="compose.yaml", path="compose.yaml", digest=Digest.of(b"compose")
)
IMAGE = Subject(kind=SubjectKind.IMAGE, ref="ghcr.io/acme/api:2.4.1", digest=Digest.of(b"image"))

PIN = "run `supplychain lock`, then `supplychain fix --write`"
RETRY = "try again when the registry answers, or lock the reference while it does"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUse(Evidence):
    """A reference to an image."""


@check("IMG001", "image-not-pinned", on=ImageUse, severity=Severity.HIGH)
def not_pinned(use: ImageUse) -> Iterator[Hit]:
    """An image reference has no digest.

    ## What it does
    Reports references without `@sha256:…`.

    ## Why it matters
    A tag can move to other bytes at any time; a digest cannot.

    ## Example
    ```dockerfile
    FROM node:latest
    ```

    ## How to fix
    Run `supplychain lock`, then `supplychain fix --write`.
    """
    yield Hit(
        message="is not pinned",
        location=Location(path=use.link),
        hint=PIN,
        key=use.link or "",
    )


@check("IMG004", "image-tag-floating", on=ImageUse, severity=Severity.MEDIUM)
def floating(use: ImageUse) -> Iterator[Hit]:
    """A tag names no version.

    ## What it does
    Reports `latest` and references without a tag.
    """
    yield Hit(message="floats", location=Location(path=use.link), hint="name a version", key="tag")


CHECKS: tuple[Check, ...] = (floating, not_pinned)


def unpinned(subject: Subject, *places: tuple[int, int, str]) -> list[Finding]:
    """Return findings of images without a digest: line, column, reference."""
    return findings_of(
        "IMG001",
        "image-not-pinned",
        Severity.HIGH,
        subject,
        [
            Hit(
                message=f'image "{image}" has no digest',
                location=Location(
                    path=subject.path,
                    line=line,
                    column=column,
                    end_line=line,
                    end_column=column + len(image),
                ),
                hint=PIN,
                key=image,
                properties={"image": image, "reason": "no-digest"},
            )
            for line, column, image in places
        ],
    )


def pinnable(subject: Subject, line: int) -> list[Finding]:
    """Return the finding of an image whose digest the lock knows, with a hint of its own."""
    image = f"acme/app-{line}:1"
    hit = Hit(
        message=f"'{image}' is named by tag, without a digest",
        location=Location(path=subject.path, line=line, column=12),
        hint=f"write {image}@{Digest.of(image.encode())}",
        key=image,
        severity=Severity.MEDIUM,
    )
    return findings_of("IMG001", "image-not-pinned", Severity.HIGH, subject, [hit])


def floating_tag(
    subject: Subject, line: int, image: str, severity: Severity | None = None
) -> list[Finding]:
    """Return the finding of an image whose tag names no version."""
    hit = Hit(
        message=f'image "{image}" floats: its tag names no version',
        location=Location(path=subject.path, line=line),
        hint="name a version in the tag",
        key=image,
        severity=severity,
    )
    return findings_of("IMG004", "image-tag-floating", Severity.MEDIUM, subject, [hit])


def note(subject: Subject, line: int) -> list[Finding]:
    """Return a finding that only informs."""
    hit = Hit(
        message="the locked digest is 214 days old",
        location=Location(path=subject.path, line=line),
        hint="run `supplychain lock --upgrade` to look for a newer one",
        key="age",
        severity=Severity.INFO,
    )
    return findings_of("IMG010", "image-old", Severity.LOW, subject, [hit])


def hostile_finding(text: str) -> Finding:
    """Return a finding every text of which is ``text``."""
    return Finding(
        id="IMG001",
        name="image-not-pinned",
        severity=Severity.HIGH,
        confidence=Confidence.LOW,
        subject=hostile_subject(text),
        message=text,
        location=Location(path=text, line=1, column=1, at=text),
        hint=text,
        fingerprint="0" * 32,
        properties={"image": text},
    )


def hostile_subject(text: str) -> Subject:
    """Return a subject whose path and ref are ``text``."""
    return Subject(kind=SubjectKind.COMPOSE, ref=text, path=text)


def hostile_gap(text: str) -> Gap:
    """Return a gap every text of which is ``text``."""
    return Gap(id="image-digest", wanted=text, reason=text, hint=text, location=Location(at=text))


def hostile_run(text: str) -> Run:
    """Return a run that says ``text`` wherever a subject can make it say something."""
    waived = replace(WAIVING, waivers=(replace(WAIVER, subject="*", reason=text, owner=text),))
    subject = hostile_subject(text)
    return run(
        verdict(subject, [hostile_finding(text)], [hostile_gap(text)]),
        verdict(subject, [hostile_finding(text)], policy=waived),
        left_out=(LeftOut(reason=text, count=2),),
    )


def old_base(subject: Subject) -> list[Finding]:
    """Return a finding in something that has no lines."""
    hit = Hit(
        message="was built on a base that is 400 days old",
        location=Location(at="config.created"),
        hint="build it anew",
        key="created",
    )
    return findings_of("IMG012", "image-base-old", Severity.HIGH, subject, [hit])


def crowded_run(text: str, *, each: int) -> Run:
    """Return a run with ``each`` findings or gaps of every effect, none like another."""
    subject = hostile_subject(text)
    findings = [
        replace(
            hostile_finding(f"{number}{text}"),
            id=f"IMG{number:03}",
            name=text,
            severity=severity,
            fingerprint=f"{severity}{number}",
        )
        for severity in (Severity.HIGH, Severity.LOW, Severity.INFO)
        for number in range(each)
    ]
    gaps = [replace(hostile_gap(f"{number}{text}"), id=f"{number}{text}") for number in range(each)]
    waived = replace(WAIVING, waivers=(replace(WAIVER, subject="*", reason=text, owner=text),))
    accepted = [replace(hostile_finding(text), fingerprint=str(number)) for number in range(each)]
    return run(verdict(subject, findings, gaps), verdict(subject, accepted, policy=waived))


def unreachable(line: int, image: str, *, required: bool = True) -> Gap:
    """Return the gap that a registry out of reach leaves."""
    return Gap(
        id="image-digest",
        wanted=f'the digest of "{image}"',
        reason="registry answered 503 Service Unavailable",
        hint=RETRY,
        retryable=True,
        location=Location(path="compose.yaml", line=line, column=12),
        required=required,
    )


WAIVER = Waiver(
    check="IMG001",
    subject="web/*",
    reason="the base is rebuilt nightly in this repository",
    owner="platform@acme.example",
    expires=date(2027, 1, 31),
)
GAP_WAIVER = Waiver(
    check="image-digest",
    subject="*",
    reason="the registry moves this week",
    owner="platform@acme.example",
    expires=date(2026, 12, 1),
)


def verdict(
    subject: Subject,
    findings: list[Finding],
    gaps: list[Gap] | None = None,
    policy: Policy = POLICY,
) -> Verdict:
    """Decide about one subject, with the evidence that was read of it."""
    evidence = ImageUse(subject=subject, producer=TOOL, observed_at=STARTED, digest=subject.digest)
    return decide(findings, gaps or [], policy, STARTED, subject=subject, evidence=[evidence])


def run(*verdicts: Verdict, policy: Policy = POLICY, left_out: tuple[LeftOut, ...] = ()) -> Run:
    """Make a run of verdicts."""
    return Run(
        verdicts=verdicts,
        policy=policy,
        started_at=STARTED,
        finished_at=FINISHED,
        tool=TOOL,
        tools=(Producer(name="trivy", version="0.74.0", database_built_at=STARTED),),
        left_out=left_out,
    )


LEFT_OUT = (
    LeftOut(reason="third-party code", count=1_412),
    LeftOut(reason="broken on purpose: test data", count=1),
)
WAIVING = replace(POLICY, waivers=(WAIVER, GAP_WAIVER))

CLEAN = run(verdict(API, []), verdict(COMPOSE, []), verdict(IMAGE, []), left_out=LEFT_OUT)

FAILING = run(
    verdict(WEB, [*unpinned(WEB, (1, 6, "node:latest"), (14, 6, "node:20-slim")), *note(WEB, 1)]),
    verdict(API, unpinned(API, (3, 6, "python:3.12"))),
    verdict(
        COMPOSE,
        [*unpinned(COMPOSE, (8, 12, "redis:7")), *floating_tag(COMPOSE, 21, "caddy:latest")],
        [unreachable(30, "ghcr.io/acme/worker:1.9"), unreachable(44, "ollama/ollama:0.9.2")],
    ),
    verdict(IMAGE, []),
    left_out=LEFT_OUT,
)

INCONCLUSIVE = run(
    verdict(WEB, floating_tag(WEB, 1, "node:latest")),
    verdict(COMPOSE, [], [unreachable(30, "ghcr.io/acme/worker:1.9")]),
)

WAIVED = run(
    verdict(WEB, unpinned(WEB, (1, 6, "acme/base:nightly")), policy=WAIVING),
    verdict(
        COMPOSE,
        floating_tag(COMPOSE, 21, "caddy:latest"),
        [unreachable(30, "ghcr.io/acme/worker:1.9")],
        policy=WAIVING,
    ),
    policy=WAIVING,
)

LOCKED = run(
    verdict(COMPOSE, [found for line in (4, 9, 15) for found in pinnable(COMPOSE, line)]),
    left_out=LEFT_OUT[:1],
)

MANY = run(
    verdict(WEB, unpinned(WEB, *((line, 6, f"base-{line}:1") for line in range(1, 61)))),
    verdict(API, [found for line in range(1, 30) for found in floating_tag(API, line, "node")]),
    verdict(
        COMPOSE, note(COMPOSE, 7), [unreachable(line, f"app-{line}:2") for line in range(1, 10)]
    ),
)

HOSTILE_TEXT = (
    "::error::owned `code`|<b>bold</b>\x1b[31m\n::stop-commands::x\r##[add-mask]a %0A"
    "\u202e${{ 1 }} {0} [link](javascript:alert) https://evil.example @team \udc80"
)
HOSTILE = hostile_run(HOSTILE_TEXT)

SAMPLES = {
    "clean": CLEAN,
    "failing": FAILING,
    "inconclusive": INCONCLUSIVE,
    "waived": WAIVED,
    "locked": LOCKED,
    "many": MANY,
    "hostile": HOSTILE,
}
