"""Running the real registry of the distribution project, and filling it with images."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from tests.simulators.images import SimulatedImage

START_SECONDS = 20
_LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)")

# bcrypt of the password at cost 4; the registry's htpasswd access takes no other hash.
HTPASSWD = "alice:$2a$04$p9jRmdlaKJAhhv/7WcLISOBZx/BNISCRQwJFoClEaP9s.f0Q7Hpjy\n"
USER, PASSWORD = "alice", "s3cret"

_CONFIGURATION = """\
version: 0.1
log: {{accesslog: {{disabled: true}}, level: info}}
storage:
  filesystem: {{rootdirectory: {root}}}
  delete: {{enabled: true}}
http: {{addr: "127.0.0.1:0", secret: simulator}}
{access}
"""


class Distribution:
    """A registry process on a free port while it is entered; ``access`` is its ``auth`` in YAML."""

    def __init__(self, program: Path, folder: Path, access: str = "") -> None:
        self._program = program
        self._folder = folder
        self._access = access
        self._process: subprocess.Popen[bytes] | None = None
        self.host = ""

    def __enter__(self) -> Self:
        configuration = self._folder / "registry.yml"
        storage = self._folder / "storage"
        configuration.write_text(_CONFIGURATION.format(root=storage, access=self._access))
        log = self._folder / "registry.log"
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [self._program, "serve", configuration],
                stdout=file,
                stderr=file,
                env={"OTEL_TRACES_EXPORTER": "none", "HOME": str(self._folder)},
            )
        self.host = self._listening(log)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def push(self, image: SimulatedImage, headers: Mapping[str, str] | None = None) -> None:
        """Upload an image: blobs first, then manifests, its tag last."""
        with requests.Session() as session:
            session.trust_env = False
            session.headers.update(headers or {})
            base = f"http://{self.host}/v2/{image.name}"
            for digest, blob in image.blobs.items():
                started = session.post(f"{base}/blobs/uploads/", timeout=10)
                started.raise_for_status()
                separator = "&" if "?" in started.headers["Location"] else "?"
                location = f"{started.headers['Location']}{separator}digest={digest}"
                session.put(location, data=blob, timeout=10).raise_for_status()
            for key, content in [*image.manifests.items(), (image.tag, image.top)]:
                session.put(
                    f"{base}/manifests/{key}",
                    data=content.body,
                    headers={"Content-Type": content.media_type},
                    timeout=10,
                ).raise_for_status()

    def _listening(self, log: Path) -> str:
        """Wait for the line of the log that tells the port."""
        for _ in range(START_SECONDS * 20):
            text = log.read_text(errors="replace")
            match = _LISTENING.search(text)
            if match:
                return match[1]
            if self._process is None or self._process.poll() is not None:
                break
            time.sleep(0.05)
        message = f"the registry did not start:\n{log.read_text(errors='replace')[-2000:]}"
        raise RuntimeError(message)
