"""Package registries of npm and PyPI on a free port of this machine, with packages made up here.

Tarballs and wheels are real and hashed, so that npm, uv and pip accept them.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote


@dataclass(frozen=True, kw_only=True)
class NpmPackage:
    """One version of an npm package; ``asks`` are the tables of its package.json."""

    name: str
    version: str
    asks: Mapping[str, Any] = field(default_factory=dict)

    @property
    def manifest(self) -> dict[str, Any]:
        return {"name": self.name, "version": self.version, **self.asks}

    def tarball(self) -> bytes:
        text = json.dumps(self.manifest).encode()
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            info = tarfile.TarInfo("package/package.json")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
        return gzip.compress(archive.getvalue(), mtime=0)


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """One version of a Python package; ``lines`` are further lines of its METADATA."""

    name: str
    version: str
    lines: tuple[str, ...] = ()

    @property
    def filename(self) -> str:
        return f"{self.name}-{self.version}-py3-none-any.whl"

    def data(self) -> bytes:
        head = ("Metadata-Version: 2.1", f"Name: {self.name}", f"Version: {self.version}")
        folder = f"{self.name}-{self.version}.dist-info"
        files = {
            f"{self.name}.py": "",
            f"{folder}/METADATA": "\n".join((*head, *self.lines, "", "")),
            f"{folder}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{name},,\n" for name in (*files, f"{folder}/RECORD"))
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as wheel:
            for name, text in {**files, f"{folder}/RECORD": record}.items():
                wheel.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
        return archive.getvalue()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data()).hexdigest()


class PackageRegistry:
    """Serves packages while it is entered: npm's below ``/``, PyPI's below ``/simple/``."""

    def __init__(self, npm: tuple[NpmPackage, ...] = (), wheels: tuple[Wheel, ...] = ()) -> None:
        self._npm = npm
        self._wheels = wheels
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                self.do_GET()

            def do_GET(self) -> None:
                found = registry.answer(unquote(self.path.partition("?")[0]))
                kind, body = found or ("text/plain", b"not found")
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """Return the type and body of what lies at a path."""
        if path.startswith("/simple/"):
            return self._simple(path.split("/")[2])
        if path.startswith("/files/"):
            name = path.rpartition("/")[2]
            found = [one.data() for one in self._wheels if one.filename == name]
            return ("application/octet-stream", found[0]) if found else None
        if "/-/" in path:
            name, _, filename = path[1:].partition("/-/")
            for one in self._npm:
                base = one.name.rpartition("/")[2]
                if one.name == name and filename == f"{base}-{one.version}.tgz":
                    return "application/octet-stream", one.tarball()
            return None
        return self._packument(path[1:])

    def _packument(self, name: str) -> tuple[str, bytes] | None:
        versions = {one.version: self._dist(one) for one in self._npm if one.name == name}
        if not versions:
            return None
        latest = list(versions)[-1]
        document = {"name": name, "dist-tags": {"latest": latest}, "versions": versions}
        return "application/json", json.dumps(document).encode()

    def _dist(self, one: NpmPackage) -> dict[str, Any]:
        digest = base64.b64encode(hashlib.sha512(one.tarball()).digest()).decode()
        base = one.name.rpartition("/")[2]
        url = f"{self.url}/{one.name}/-/{base}-{one.version}.tgz"
        return {**one.manifest, "dist": {"tarball": url, "integrity": f"sha512-{digest}"}}

    def _simple(self, name: str) -> tuple[str, bytes] | None:
        found = [one for one in self._wheels if one.name.replace("_", "-") == name]
        links = "".join(
            f'<a href="/files/{one.filename}#sha256={one.sha256}">{one.filename}</a>\n'
            for one in found
        )
        page = f"<!DOCTYPE html><html><body>\n{links}</body></html>".encode()
        return ("text/html", page) if found else None
