"""A proxy that opens every tunnel to one and the same server of this machine."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class TunnelProxy:
    """Answers CONNECT while it is entered; ``log`` holds the hosts that were asked for."""

    def __init__(self, port: int) -> None:
        self.log: list[str] = []
        self.port = port
        self._server = _Server(self)

    @property
    def url(self) -> str:
        """The value for HTTPS_PROXY."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, proxy: TunnelProxy) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy = proxy


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_CONNECT(self) -> None:
        self.server.proxy.log.append(self.path)
        with socket.create_connection(("127.0.0.1", self.server.proxy.port)) as upstream:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_pump, args=(upstream, self.connection), daemon=True)
            back.start()
            _pump(self.connection, upstream)
            back.join()

    def log_message(self, *arguments: object) -> None:
        """Print nothing: the proxy keeps a log of its own."""


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Copy what comes from one socket to another until it ends."""
    with contextlib.suppress(OSError), source.makefile("rb", buffering=0) as reader:
        with target.makefile("wb", buffering=0) as writer:
            shutil.copyfileobj(reader, writer)
        target.shutdown(socket.SHUT_WR)
