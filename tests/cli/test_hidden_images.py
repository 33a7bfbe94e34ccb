"""Images that a project names by a detour are judged like any other, or are a gap."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.cli.entry import Entry, Workplace

EVIL = "evil.example/x:1"
SEEN = {
    "an included file": {
        "compose.yaml": "include: [infra.yaml]\n",
        "infra.yaml": f"services: {{x: {{image: '{EVIL}'}}}}\n",
    },
    "a file that a service extends": {
        "compose.yaml": "services: {x: {extends: {file: base/common.yml, service: y}}}\n",
        "base/common.yml": f"services: {{y: {{image: '{EVIL}'}}}}\n",
    },
    "a context of another build with the image's name": {
        "Dockerfile": f"FROM {EVIL}\n",
        "sub/compose.yaml": "services: {x: {build: {context: .., additional_contexts: "
        f"{{'{EVIL}': .}}}}}}}}\n",
    },
    "a context by default value": {
        "Dockerfile": "FROM base\n",
        "compose.yaml": "services: {x: {build: {context: ., additional_contexts: "
        f"{{base: '${{CTX:-docker-image://{EVIL}}}'}}}}}}}}\n",
    },
    "a front end by build argument": {
        "Dockerfile": "FROM scratch\n",
        "compose.yaml": f"services: {{x: {{build: {{args: {{BUILDKIT_SYNTAX: '{EVIL}'}}}}}}}}\n",
    },
    "an image that is pulled in place of a build": {
        "Dockerfile": "FROM scratch\n",
        "compose.yaml": f"services: {{x: {{build: ., image: '{EVIL}', pull_policy: always}}}}\n",
    },
    "a Dockerfile named like a text behind a long comment": {
        "Dockerfile.txt": "# a long story\n" * 500 + f"FROM {EVIL}\n",
    },
    "a Dockerfile named after a language": {"Dockerfile.go": f"FROM {EVIL}\n"},
    "a stack file": {"docker-stack.yml": f"services: {{x: {{image: '{EVIL}'}}}}\n"},
}
OPEN = {
    "a context from outside": {
        "Dockerfile": "FROM base\n",
        "compose.yaml": "services: {x: {build: {context: ., additional_contexts: "
        "{base: 'https://evil.example/x.git'}}}}\n",
    },
    "an argument that only adds to a name": {
        "Dockerfile": f"ARG REGISTRY\nFROM ${{REGISTRY}}node:22@sha256:{'5' * 64}\n",
    },
    "a folder to build that depends on a variable": {
        "compose.yaml": "services: {x: {build: {context: './${WHERE}'}}}\n",
        "Dockerfile": "FROM scratch\n",
    },
    "an argument of a build without a value": {
        "compose.yaml": "services: {x: {build: {context: ., args: {BASE: '${BASE}'}}}}\n",
        "Dockerfile": "FROM scratch\n",
    },
}


@pytest.mark.parametrize("files", SEEN.values(), ids=SEEN)
def test_an_image_named_by_a_detour_is_judged(
    workplace: Workplace, entry: Entry, files: dict[str, str]
) -> None:
    for name, content in files.items():
        workplace.write(name, content)
    result = entry.report("gate", "--offline")
    assert result.code == 1
    assert "IMG005" in result.found


@pytest.mark.parametrize("files", OPEN.values(), ids=OPEN)
def test_what_may_be_anything_is_a_gap(
    workplace: Workplace, entry: Entry, files: dict[str, str]
) -> None:
    for name, content in files.items():
        workplace.write(name, content)
    result = entry.report("gate", "--offline")
    assert result.code == 3
    assert {"unresolved-variable", "build-context-unread"} & set(result.gaps)


def test_an_image_that_the_same_file_builds_is_not_asked_for(
    workplace: Workplace, entry: Entry
) -> None:
    workplace.write("Dockerfile", "FROM scratch\n")
    workplace.write(
        "compose.yaml",
        "services: {web: {build: ., image: 'app:dev'}, worker: {image: 'app:dev'}}\n",
    )
    assert entry.run("gate", "--offline").code == 0


def test_an_excluded_folder_that_is_named_itself_is_judged(
    workplace: Workplace, entry: Entry
) -> None:
    workplace.write("supplychain.toml", 'version = 1\nexclude = [{path = "a", reason = "old"}]\n')
    workplace.write("a/Dockerfile", f"FROM {EVIL}\n")
    assert entry.run("gate", "--offline").code == 2
    assert entry.run("gate", "--offline", "a").code == 1


def test_more_builds_than_are_read_are_a_gap(workplace: Workplace, entry: Entry) -> None:
    builds = "".join(
        f"  s{number}: {{build: {{args: {{N: '{number}'}}}}}}\n" for number in range(100)
    )
    workplace.write("compose.yaml", f"services:\n{builds}")
    workplace.write("Dockerfile", "FROM scratch\n")
    result = entry.report("gate", "--offline")
    assert (result.code, result.gaps) == (3, ["too-many-builds"])


def test_an_image_used_on_two_platforms_is_named_once(workplace: Workplace, entry: Entry) -> None:
    workplace.write("supplychain.toml", 'version = 1\nplatforms = ["linux/amd64", "linux/arm64"]\n')
    workplace.write("Dockerfile", f"FROM {EVIL}\n")
    assert sorted(entry.report("gate", "--offline").found) == ["IMG001", "IMG005"]


def test_a_long_chain_of_included_files_is_followed_to_its_end(
    workplace: Workplace, entry: Entry
) -> None:
    names = ["compose.yaml", *(f"part{number}.yml" for number in range(1, 1200))]
    for name, following in pairwise(names):
        workplace.write(name, f"include: [{following}]\n")
    workplace.write(names[-1], f"services: {{x: {{image: '{EVIL}'}}}}\n")
    result = entry.report("gate", "--offline")
    assert result.code == 1
    assert "IMG005" in result.found
