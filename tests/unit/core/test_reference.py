"""References, compared with what github.com/distribution/reference v0.6.0 makes of them.

It also takes ``a_b.c/node``, as a name without a registry, and ports of six digits: neither can be
pulled, and we refuse both.
"""

from __future__ import annotations

import pytest

from supplychain.core.digest import Digest
from supplychain.core.reference import (
    MAX_REFERENCE,
    MAX_REPOSITORY,
    ImageReference,
    InvalidReferenceError,
)

HEX = "0123456789abcdef" * 4
SHA = f"sha256:{HEX}"
SHA512 = f"sha512:{HEX}{HEX}"

# text, registry, repository, tag, digest, as ``ParseNormalizedNamed`` has them
GOOD = [
    ("node", "docker.io", "library/node", None, None),
    ("node:22", "docker.io", "library/node", "22", None),
    (f"node@{SHA}", "docker.io", "library/node", None, SHA),
    (f"node:22@{SHA}", "docker.io", "library/node", "22", SHA),
    (f"node@{SHA512}", "docker.io", "library/node", None, SHA512),
    ("library/node", "docker.io", "library/node", None, None),
    ("docker.io/node", "docker.io", "library/node", None, None),
    ("docker.io/library/node", "docker.io", "library/node", None, None),
    ("index.docker.io/node", "docker.io", "library/node", None, None),
    ("index.docker.io/a/b", "docker.io", "a/b", None, None),
    ("registry-1.docker.io/a/b", "registry-1.docker.io", "a/b", None, None),
    ("a/b", "docker.io", "a/b", None, None),
    ("a/b/c", "docker.io", "a/b/c", None, None),
    ("localhost/a", "localhost", "a", None, None),
    ("localhost", "docker.io", "library/localhost", None, None),
    ("localhost:5000", "docker.io", "library/localhost", "5000", None),
    ("localhost:5000/a", "localhost:5000", "a", None, None),
    ("localhost:5000/a:1", "localhost:5000", "a", "1", None),
    ("LOCALHOST/a", "LOCALHOST", "a", None, None),
    ("Foo/bar", "Foo", "bar", None, None),
    ("ghcr.io/a/b:v1.2-rc_3", "ghcr.io", "a/b", "v1.2-rc_3", None),
    ("example.com", "docker.io", "library/example.com", None, None),
    ("1.2.3.4/a", "1.2.3.4", "a", None, None),
    ("[::1]/a", "[::1]", "a", None, None),
    ("[2001:db8::1]:5000/a", "[2001:db8::1]:5000", "a", None, None),
    ("xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com", "myimage", "xn--n3h.com", None),
    ("a--b/c__d.e-f", "docker.io", "a--b/c__d.e-f", None, None),
    ("a:_tag", "docker.io", "library/a", "_tag", None),
    (f"a:{'t' * 128}", "docker.io", "library/a", "t" * 128, None),
    ("0/1", "docker.io", "0/1", None, None),
    (f"{HEX}:1", "docker.io", f"library/{HEX}", "1", None),
    (f"{HEX}@{SHA}", "docker.io", f"library/{HEX}", None, SHA),
    (
        f"registry.example/{'a' * MAX_REPOSITORY}",
        "registry.example",
        "a" * MAX_REPOSITORY,
        None,
        None,
    ),
]

BAD = [
    ("", "is empty"),
    (" node", "invalid name"),
    ("node ", "invalid name"),
    ("node\n", "invalid name"),
    ("Node", "upper-case letters"),
    ("a/Node", "upper-case letters"),
    ("docker.io/Node", "upper-case letters"),
    ("node:", "invalid tag"),
    ("node:-1", "invalid tag"),
    ("node:.1", "invalid tag"),
    (f"node:{'t' * 129}", "invalid tag"),
    ("node:1:2", "invalid tag"),
    ("node:é", "invalid tag"),
    ("node@", "invalid digest"),
    ("node@sha256", "invalid digest"),
    ("node@sha256:abc", "invalid digest"),
    (f"node@{SHA}@{SHA}", "invalid digest"),
    (f"node@SHA256:{HEX}", "invalid digest"),
    (f"node@md5:{HEX}", "invalid digest"),
    (f"@{SHA}", "invalid name"),
    (":22", "invalid name"),
    ("/node", "invalid name"),
    ("node/", "invalid name"),
    ("a//b", "invalid name"),
    ("-node", "invalid name"),
    ("node-", "invalid name"),
    ("_node", "invalid name"),
    ("no___de", "invalid name"),
    ("no..de", "invalid name"),
    ("no._de", "invalid name"),
    ("../node", "invalid registry"),
    ("./node", "invalid registry"),
    ("a/../b", "invalid name"),
    ("a_b.c/node", "invalid registry"),
    ("-a.com/node", "invalid registry"),
    ("a.com-/node", "invalid registry"),
    ("a..com/node", "invalid registry"),
    ("a.com:/node", "invalid registry"),
    ("a.com:x/node", "invalid registry"),
    ("a.com:123456/node", "invalid registry"),
    ("[::1/node", "invalid registry"),
    ("[fe80::1%eth0]/node", "invalid registry"),
    ("user@host/node", "invalid digest"),
    ("https://docker.io/node", "invalid registry"),
    ("nodé", "invalid name"),
    ("node\0", "invalid name"),
    ("${X}", "upper-case letters"),
    (HEX, "takes for an image id"),
    (f"registry.example/{'a' * (MAX_REPOSITORY + 1)}", "more than 255 characters"),
    ("a" * (MAX_REFERENCE + 1), "more than 1024 characters"),
]


@pytest.mark.parametrize(("text", "registry", "repository", "tag", "digest"), GOOD)
def test_is_read_as_docker_reads_it(
    text: str, registry: str, repository: str, tag: str | None, digest: str | None
) -> None:
    reference = ImageReference.parse(text)
    assert (reference.registry, reference.repository) == (registry, repository)
    assert (reference.tag, str(reference.digest) if reference.digest else None) == (tag, digest)


@pytest.mark.parametrize(("text", "reason"), BAD)
def test_is_refused_as_docker_refuses_it(text: str, reason: str) -> None:
    with pytest.raises(InvalidReferenceError, match=reason):
        ImageReference.parse(text)


@pytest.mark.parametrize(
    ("text", "familiar", "key"),
    [
        ("node", "node", "docker.io/library/node:latest"),
        ("docker.io/library/node:22", "node", "docker.io/library/node:22"),
        (f"node:22@{SHA}", "node", "docker.io/library/node:22"),
        (f"node@{SHA}", "node", f"docker.io/library/node@{SHA}"),
        ("a/b:1", "a/b", "docker.io/a/b:1"),
        ("ghcr.io/a/b", "ghcr.io/a/b", "ghcr.io/a/b:latest"),
    ],
)
def test_has_a_familiar_name_and_a_key_in_the_lock(text: str, familiar: str, key: str) -> None:
    reference = ImageReference.parse(text)
    assert reference.familiar_name == familiar
    assert reference.lock_key == key
    assert ImageReference.parse(key).lock_key == key


def test_can_be_pinned_and_freed_of_its_digest() -> None:
    digest = Digest.parse(SHA)
    assert ImageReference.parse("node:22").pinned(digest) == f"node:22@{SHA}"
    assert ImageReference.parse("ghcr.io/a/b").pinned(digest) == f"ghcr.io/a/b@{SHA}"
    freed = ImageReference.parse(f"node:22@{SHA}").without_digest()
    assert freed == ImageReference.parse("node:22")


@pytest.mark.parametrize(
    ("text", "prefix", "below"),
    [
        ("node", "docker.io", True),
        ("node", "docker.io/", True),
        ("node", "docker.io/library", True),
        ("node", "docker.io/library/node", True),
        ("node", "docker.io/library/nod", False),
        ("node", "docker.io/lib", False),
        ("node", "docker", False),
        ("nodes/a", "docker.io/node", False),
        ("ghcr.io/a/b", "docker.io", False),
        ("ghcr.io.evil.example/a", "ghcr.io", False),
        ("evil.example/ghcr.io/a", "ghcr.io", False),
        ("localhost:5000/a", "localhost", True),
        ("localhost:5000/a", "localhost:5000", True),
        ("localhost:5001/a", "localhost:5000", False),
        ("localhost/a", "localhost:5000", False),
        ("[::1]:5000/a", "[::1]", True),
        ("[::1]/a", "[::1]", True),
        ("ghcr.io:443/a/b", "ghcr.io/a", True),
        ("node", "", False),
        ("node", "/", False),
    ],
)
def test_lies_below_a_registry_or_a_name(text: str, prefix: str, *, below: bool) -> None:
    assert ImageReference.parse(text).is_below(prefix) is below
