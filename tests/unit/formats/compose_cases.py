"""Compose files with what ``docker compose config`` of Docker Compose 5.6.1 makes of them.

Each was given to ``docker-compose --profile '*' config --format json --no-normalize
--no-path-resolution --no-consistency`` (without ``--no-normalize`` where the project's name counts)
in a folder called ``proj``; ``services`` is what it printed of each service, less empty values;
``None`` stands for a file that it refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Shown = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file, its surroundings and its services, in words that stand in the configuration."""

    name: str
    text: str
    services: dict[str, Shown] | None
    environment: Mapping[str, str] = field(default_factory=dict)
    dotenv: str | None = None


def image(name: str, text: str, shown: str, **environment: str) -> Case:
    """Return a case whose only service has an image."""
    services: dict[str, Shown] = {"a": {"image": shown} if shown else {}}
    written = f"services:\n  a:\n    image: {text}\n"
    return Case(name=name, text=written, services=services, environment=environment)


def from_dotenv(name: str, dotenv: str, shown: str, **environment: str) -> Case:
    """Return a case whose only service has the image ``$IMAGE``, given in ``.env``."""
    return Case(
        name=name,
        text="services: {a: {image: $IMAGE}}\n",
        services={"a": {"image": shown} if shown else {}},
        environment=environment,
        dotenv=dotenv,
    )


def arguments(name: str, text: str, shown: dict[str, str | None] | None) -> Case:
    """Return a case whose only service builds with these arguments."""
    services: dict[str, Shown] = {"a": {"build": {"context": ".", "args": shown}}}
    written = f"services:\n  a:\n    build:\n      args: {text}\n"
    return Case(name=name, text=written, services=None if shown is None else services)


def refused(name: str, text: str, **environment: str) -> Case:
    """Return a case that Compose refuses."""
    return Case(name=name, text=text, services=None, environment=environment)


IMAGES = [
    image("plain", "nginx:1.29", "nginx:1.29"),
    image("quoted", "'nginx:1.29' # comment", "nginx:1.29"),
    image("escape", r'"nginx\x3a1"', "nginx:1"),
    image("alias", "nginx:&x*y", "nginx:&x*y"),
    image("hash", "x#y", "x#y"),
    image("sexagesimal", "22:22", "22:22"),
    image("yes is a string", "yes", "yes"),
    image("string tag", "!!str 1.10", "1.10"),
    image("application tag", "!mine 5", "5"),
    image("override tag", "!override nginx", "nginx"),
    image("reset tag", "!reset nginx", ""),
    image("folded", ">-\n      nginx\n      x", "nginx x"),
    image("variable", "nginx:$TAG", "nginx:1.2", TAG="1.2"),
    image("variable in braces", "nginx:${TAG}-alpine", "nginx:1.2-alpine", TAG="1.2"),
    image("variable in lower case", "nginx:$tag", "nginx:1.2", tag="1.2"),
    image("value is not expanded again", "$A", "$B", A="$B", B="x"),
    image("unset", "nginx:$TAG", "nginx:"),
    image("unset alone", "${TAG}", ""),
    image("default for unset", "${A:-d}", "d"),
    image("default for empty", "${A:-d}", "d", A=""),
    image("default not needed", "${A:-d}", "x", A="x"),
    image("dash alone keeps empty", "x${A-d}", "x", A=""),
    image("dash alone for unset", "x${A-d}", "xd"),
    image("default is a variable", "${A:-$B}", "b", B="b"),
    image("nested defaults", "${A:-${B:-${C:-c}}}:1", "c:1"),
    image("nested, the middle one set", "${A:-${B:-${C:-c}}}:1", "b:1", B="b"),
    image("text around a nested default", "${A:-x/${B:-y}/z}:1", "x/y/z:1"),
    image("two on a line", "${A:-x}/${B:-y}", "x/y"),
    image("braces in a default", '"${A:-{}}"', "{}"),
    image("default with a colon", "${A:-reg.io:5000/x}:1", "reg.io:5000/x:1"),
    image("default with signs", "${A:-a?b-c+d}", "a?b-c+d"),
    image("default up to the first brace", "${A:-x}y}", "xy}"),
    image("plus for set", "x${A:+-y}", "x-y", A="1"),
    image("plus for unset", "x${A:+-y}", "x"),
    image("plus for empty", "x${A:+-y}", "x", A=""),
    image("plus without colon for empty", "x${A+-y}", "x-y", A=""),
    image("plus looks at its word when used", "x${A:+-$B}", "x-b", A="1", B="b"),
    image("required and set", "${A:?needed}", "x", A="x"),
    image("required may be empty", "x${A?needed}", "x", A=""),
    image("two dollars", "a$$b", "a$b"),
    image("two dollars and a brace", "a$${B}", "a${B}", B="x"),
    image("three dollars", "a$$$B", "a$x", B="x"),
    image("a dollar before a digit", "a$1b$", "a$1b$"),
    image("a dollar before a dash", '"a$-b"', "a$-b"),
    image("Kelvin sign", "${\u212a}", ""),
    image("project name", "${COMPOSE_PROJECT_NAME}-web", "proj-web"),
    image("project name given", "${COMPOSE_PROJECT_NAME}", "other", COMPOSE_PROJECT_NAME="other"),
]

DOTENV = [
    from_dotenv("bare value", "IMAGE=nginx:1.29\n", "nginx:1.29"),
    from_dotenv("no line end", "IMAGE=nginx", "nginx"),
    from_dotenv("windows lines", "A=1\r\nIMAGE=nginx:1\r\n", "nginx:1"),
    from_dotenv("byte order mark", "\ufeffIMAGE=nginx\n", "nginx"),
    from_dotenv("export", "export IMAGE=nginx\n", "nginx"),
    from_dotenv("colon", "IMAGE: nginx\n", "nginx"),
    from_dotenv("blanks around the sign", "IMAGE =  nginx  \n", "nginx"),
    from_dotenv("comment behind a blank", "IMAGE=nginx # the image\n", "nginx"),
    from_dotenv("no comment without a blank", "IMAGE=nginx#1\n", "nginx#1"),
    from_dotenv("comment lines", "# A=1\n\n  # B\nIMAGE=nginx\n", "nginx"),
    from_dotenv("double quotes", 'IMAGE="nginx # 1" # comment\n', "nginx # 1"),
    from_dotenv("single quotes are literal", "A=1\nIMAGE='nginx:$A'\n", "nginx:$A"),
    from_dotenv("variable in double quotes", 'A=1\nIMAGE="nginx:${A}"\n', "nginx:1"),
    from_dotenv("variable in a bare value", "A=1\nIMAGE=nginx:$A\n", "nginx:1"),
    from_dotenv("default", "IMAGE=nginx:${A:-1}\n", "nginx:1"),
    from_dotenv("a later variable is not seen", "IMAGE=nginx:$A\nA=1\n", "nginx:"),
    from_dotenv("last of equals", "IMAGE=a\nIMAGE=b\n", "b"),
    from_dotenv("escaped dollar", 'A=1\nIMAGE="nginx\\$A"\n', "nginx$A"),
    from_dotenv("escaped quote", 'IMAGE="a\\"b"\n', 'a"b'),
    from_dotenv("escaped backslash", 'IMAGE="a\\\\b"\n', "a\\b"),
    from_dotenv("octal", 'IMAGE="a\\0101"\n', "aA"),
    from_dotenv("other escapes stay", 'IMAGE="a\\cb"\n', "a\\cb"),
    from_dotenv("two entries on a line", "A='1' IMAGE=\"nginx:$A\"\n", "nginx:1"),
    from_dotenv("value over lines", 'A="x\ny"\nIMAGE=nginx\n', "nginx"),
    from_dotenv("the process wins", "IMAGE=nginx\n", "other", IMAGE="other"),
    from_dotenv("the process wins inside", "A=1\nIMAGE=nginx:$A\n", "nginx:2", A="2"),
    from_dotenv("name alone", "IMAGE\n", "other", IMAGE="other"),
    from_dotenv("name alone, unset", "IMAGE\n", ""),
]

ARGUMENTS = [
    arguments(
        "numbers lose their spelling",
        "{A: 3.10, B: 1.0, C: 010, D: 0x1F}",
        {"A": "3.1", "B": "1", "C": "8", "D": "31"},
    ),
    arguments(
        "large numbers",
        "{A: 123456, B: 1e6, C: 1234567.5, D: 1_000, E: 0.00001}",
        {"A": "123456", "B": "1e+06", "C": "1.2345675e+06", "D": "1000", "E": "1e-05"},
    ),
    arguments(
        "over 64 bits",
        "{A: 18446744073709551615, B: 18446744073709551616}",
        {"A": "18446744073709551615", "B": "1.8446744073709552e+19"},
    ),
    arguments("quoted numbers keep it", "{A: '3.10', B: \"010\"}", {"A": "3.10", "B": "010"}),
    arguments(
        "truth values", "{A: true, B: FALSE, C: yes}", {"A": "true", "B": "false", "C": "yes"}
    ),
    arguments(
        "dates",
        "{A: 2024-1-5, B: 2024-02-30, C: 2024-01-02T03:04:05.50Z}",
        {
            "A": "2024-01-05 00:00:00 +0000 UTC",
            "B": "2024-02-30",
            "C": "2024-01-02 03:04:05.5 +0000 UTC",
        },
    ),
    arguments("nothing", "{A: , B: ~, C: ''}", {"A": None, "B": None, "C": ""}),
    arguments("list", "[A=1, B, C=, 'D=x=y']", {"A": "1", "B": None, "C": "", "D": "x=y"}),
    arguments("list, the last of equals", "[A=1, A=2]", {"A": "2"}),
    arguments("list, split after expansion", "['${X:-A=1}', 'B=${X:-2}']", {"A": "1", "B": "2"}),
    arguments("keys are not expanded", "{'${X}': 1}", {"${X}": "1"}),
    arguments("a number in a list", "[1]", None),
    arguments("a list in a mapping", "{A: [1]}", None),
    arguments("a string", "A=1", None),
    arguments("null", "", None),
    arguments("an infinite number", "{A: .inf}", None),
    arguments("a blank before the sign", "['A =1']", None),
]

FILES = [
    Case(
        name="short build",
        text="services: {a: {build: ./dir}}\n",
        services={"a": {"build": {"context": "./dir"}}},
    ),
    Case(
        name="build without a context",
        text="services: {a: {build: {target: t}}}\n",
        services={"a": {"build": {"context": ".", "target": "t"}}},
    ),
    Case(
        name="everything of a build",
        text="""\
services:
  web:
    image: shop/web:${TAG:-dev}
    platform: linux/${ARCH:-amd64}
    profiles: [all, "${PROFILE:-web}", all]
    build:
      context: ${DIR:-./web}
      dockerfile: Dockerfile.$TAG
      target: "${TARGET-}"
      args:
        - NODE=${NODE:-24}
        - HTTP_PROXY
      additional_contexts:
        - base=docker-image://node:${NODE:-24}
      platforms: [linux/amd64, "linux/${ARCH:-arm64}"]
""",
        environment={"TAG": "prod"},
        services={
            "web": {
                "image": "shop/web:prod",
                "platform": "linux/amd64",
                "profiles": ["all", "web"],
                "build": {
                    "context": "./web",
                    "dockerfile": "Dockerfile.prod",
                    "args": {"NODE": "24", "HTTP_PROXY": None},
                    "additional_contexts": {"base": "docker-image://node:24"},
                    "platforms": ["linux/amd64", "linux/arm64"],
                },
            }
        },
    ),
    Case(
        name="inline Dockerfile",
        text="""\
services:
  a:
    build:
      dockerfile_inline: |
        FROM node:${NODE:-24}
        RUN echo $$HOME
""",
        services={
            "a": {
                "build": {
                    "context": ".",
                    "dockerfile_inline": "FROM node:24\nRUN echo $HOME\n",
                }
            }
        },
    ),
    Case(
        name="contexts by name",
        text="""\
services:
  a:
    build:
      additional_contexts: {one: ./one, two: "docker-image://x", three: 1.10}
""",
        services={
            "a": {
                "build": {
                    "context": ".",
                    "additional_contexts": {
                        "one": "./one",
                        "two": "docker-image://x",
                        "three": "1.1",
                    },
                }
            }
        },
    ),
    Case(
        name="a scalar's alias",
        text="""\
services:
  a: {image: &image "nginx:${TAG:-1}"}
  b: {image: *image}
""",
        services={"a": {"image": "nginx:1"}, "b": {"image": "nginx:1"}},
    ),
    Case(
        name="a service's alias",
        text="services: {a: &a {image: nginx, build: .}, b: *a}\n",
        services={
            "a": {"image": "nginx", "build": {"context": "."}},
            "b": {"image": "nginx", "build": {"context": "."}},
        },
    ),
    Case(
        name="an anchor given twice",
        text="""\
x-a: &x one
x-b: &x two
services: {a: {image: *x}}
""",
        services={"a": {"image": "two"}},
    ),
    Case(
        name="merge",
        text="""\
x-base: &base
  image: base
  platform: linux/arm64
services:
  a:
    <<: *base
    image: own
""",
        services={"a": {"image": "own", "platform": "linux/arm64"}},
    ),
    Case(
        name="merge behind its key",
        text="""\
x-base: &base {image: base}
services: {a: {image: own, <<: *base}}
""",
        services={"a": {"image": "own"}},
    ),
    Case(
        name="merge of several, the first wins",
        text="""\
x-one: &one {image: one}
x-two: &two {image: two, platform: p}
services: {a: {<<: [*one, *two]}, b: {<<: [*two, *one]}}
""",
        services={
            "a": {"image": "one", "platform": "p"},
            "b": {"image": "two", "platform": "p"},
        },
    ),
    Case(
        name="merge of a list by its alias",
        text="""\
x-all: &all [{image: one}, {image: two, platform: p}]
services: {a: {<<: *all}}
""",
        services={"a": {"image": "one", "platform": "p"}},
    ),
    Case(
        name="merge of a merge",
        text="""\
x-one: &one {image: one, platform: p}
x-two: &two {<<: *one, image: two}
x-three: &three {<<: *two, build: .}
services: {a: {<<: *three}}
""",
        services={"a": {"image": "two", "platform": "p", "build": {"context": "."}}},
    ),
    Case(
        name="merge is shallow",
        text="""\
x-base: &base {build: {context: base, target: t}}
services: {a: {<<: *base, build: {context: own}}}
""",
        services={"a": {"build": {"context": "own"}}},
    ),
    Case(
        name="merge into a build and its arguments",
        text="""\
x-args: &args {A: 1, B: 2}
x-build: &build {context: ., args: {<<: *args, B: 3}}
services: {a: {build: {<<: *build, target: t}}}
""",
        services={"a": {"build": {"context": ".", "target": "t", "args": {"A": "1", "B": "3"}}}},
    ),
    Case(
        name="reset uncovers what is merged",
        text="""\
x-base: &base {image: base}
services: {a: {<<: *base, image: !reset null}}
""",
        services={"a": {"image": "base"}},
    ),
    Case(
        name="reset of a service, an item and an argument",
        text="""\
services:
  a:
    image: nginx
    build: {args: [A=1, !reset B=2]}
  b: !reset {image: x}
  c: !override {image: y}
""",
        services={
            "a": {"image": "nginx", "build": {"context": ".", "args": {"A": "1"}}},
            "c": {"image": "y"},
        },
    ),
    Case(
        name="an alias as a key",
        text="x-name: &name web\nservices: {*name : {image: nginx}}\n",
        services={"web": {"image": "nginx"}},
    ),
    Case(
        name="JSON",
        text='{"services": {"a": {"image": "nginx:1"}}}',
        services={"a": {"image": "nginx:1"}},
    ),
    Case(
        name="names that look like numbers",
        text='services: {"1": {image: a}, 1.5a: {image: b}, x-c: {image: c}}\n',
        services={"1": {"image": "a"}, "1.5a": {"image": "b"}, "x-c": {"image": "c"}},
    ),
    Case(
        name="the file's name in a value",
        text='name: My Shop\nservices: {a: {image: "${COMPOSE_PROJECT_NAME}/a"}}\n',
        services={"a": {"image": "myshop/a"}},
    ),
    Case(
        name="a name made of variables",
        text='name: ${X:-_Y}\nservices: {a: {image: "${COMPOSE_PROJECT_NAME}/a"}}\n',
        services={"a": {"image": "y/a"}},
    ),
    Case(
        name="other images",
        text="""\
services:
  a:
    image: a
    pre_start: [{image: "init:${TAG:-1}", command: migrate}]
    volumes: ["./a:/a", {type: image, source: "data:${TAG:-1}", target: /data}]
""",
        services={"a": {"image": "a", "other_images": ["data:1", "init:1"]}},
    ),
    Case(
        name="jobs",
        text='jobs: {a: {image: "job:${TAG:-1}", triggers: {manual: true}}}\n',
        services={"a": {"image": "job:1"}},
    ),
    Case(
        name="no image and no build", text="services: {a: {restart: always}}\n", services={"a": {}}
    ),
    Case(name="no service", text="services: {}\nvolumes: {}\n", services={}),
]

REFUSED = [
    refused("root a string", "services\n"),
    refused("root a list", "- services\n"),
    refused("empty mapping", "{}\n"),
    refused("services null", "services:\n"),
    refused("services a list", "services: [{image: nginx}]\n"),
    refused("service null", "services:\n  a:\n"),
    refused("service a string", "services: {a: nginx}\n"),
    refused("name a number", "services: {1: {image: nginx}}\n"),
    refused("name a truth value", "services: {true: {image: nginx}}\n"),
    refused("name with a blank", "services: {a b: {image: nginx}}\n"),
    refused("image null", "services: {a: {image: }}\n"),
    refused("image a number", "services: {a: {image: 1.10}}\n"),
    refused("image a date", "services: {a: {image: 2024-01-01}}\n"),
    refused("image a list", "services: {a: {image: [nginx]}}\n"),
    refused("image a mapping", "services: {a: {image: {name: nginx}}}\n"),
    refused("build null", "services: {a: {build: }}\n"),
    refused("build a list", "services: {a: {build: [.]}}\n"),
    refused("context null", "services: {a: {build: {context: }}}\n"),
    refused("platforms a string", "services: {a: {build: {platforms: linux/amd64}}}\n"),
    refused("profiles a string", "services: {a: {image: a, profiles: x}}\n"),
    refused("context without a place", "services: {a: {build: {additional_contexts: [a]}}}\n"),
    refused("extends a number", "services: {a: {extends: 5}}\n"),
    refused("extends without a service", "services: {a: {extends: {file: x.yaml}}}\n"),
    refused("include a string", "include: x.yaml\n"),
    refused("unknown key of the file", "services: {}\nservice: {}\n"),
    refused("unknown key of a service", "services: {a: {image: a, cap_drops: [ALL]}}\n"),
    refused("unknown key of a build", "services: {a: {build: {contxt: .}}}\n"),
    refused("quoted merge key", 'services: {a: {"<<": {image: nginx}}}\n'),
    refused("merge of nothing", "services: {a: {<<: , image: nginx}}\n"),
    refused("merge of text", "services: {a: {<<: nginx}}\n"),
    refused("merge twice", "services: {a: {<<: {image: a}, <<: {build: .}}}\n"),
    refused("key twice", "services: {a: {image: nginx, image: evil}}\n"),
    refused("key twice in two spellings", "services: {a: {image: nginx, 'image': evil}}\n"),
    refused("service twice", "services:\n  a: {image: nginx}\n  a: {image: evil}\n"),
    refused("undefined alias", "services: {a: {image: *nginx}}\n"),
    refused("alias of what it stands in", "services: {a: &a {build: *a}}\n"),
    refused("a list as a key", "services: {? [a] : {image: nginx}}\n"),
    refused("integer tag", 'services: {a: {image: !!int "5"}}\n'),
    refused("open variable", "services: {a: {image: 'nginx:${TAG'}}\n"),
    refused("empty variable", "services: {a: {image: 'nginx:${}'}}\n"),
    refused("digit as a variable", "services: {a: {image: 'nginx:${1}'}}\n"),
    refused("substitution over lines", 'services: {a: {image: "${A:-x\\ny}"}}\n'),
    refused("other modifier", "services: {a: {image: '${A#x}'}}\n", A="x"),
]

CASES = [*IMAGES, *DOTENV, *ARGUMENTS, *FILES, *REFUSED]
