"""An OCI registry on a free port of this machine, whose images, logins and faults are given."""

from __future__ import annotations

import socket
import ssl
import struct
import sys
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from tests.simulators.faults import REALMS, Fault, spoiled, touches
from tests.simulators.gatekeeper import Door, Gatekeeper
from tests.simulators.images import SimulatedImage
from tests.simulators.protocol import Asked, Reply, Shelf

_MAX_FORM = 65536  # bytes


class RegistrySimulator:
    """Serves images while it is entered.

    ``fault`` spoils the first ``times`` requests that it touches, all of them when that is
    ``None``. ``log`` holds every request in the order in which they came. With ``tls`` it speaks
    https, and is named ``localhost`` for the certificate's sake.
    """

    def __init__(
        self,
        images: Iterable[SimulatedImage] = (),
        *,
        fault: Fault | None = None,
        times: int | None = None,
        door: Door | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        listed = list(images)
        self.log: list[Asked] = []
        self.connections = 0  # accepted so far
        self.elsewhere = RegistrySimulator(listed) if fault is Fault.BLOB_ELSEWHERE else None
        if fault is Fault.TRUNCATED_INDEX:
            listed = [
                image.with_top(image.top.body[: len(image.top.body) // 2]) for image in listed
            ]
        self.shelf = Shelf(listed)
        self.fault = fault
        self.stopping = threading.Event()
        self._times = times
        self._guard = threading.Lock()
        self._server = _Server(self)
        self._scheme, self._name = ("https", "localhost") if tls else ("http", "127.0.0.1")
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        realm = REALMS.get(fault) if fault else None
        self.gatekeeper = Gatekeeper(
            Door(scheme="bearer", realm=realm) if realm else door or Door(), f"{self.url}/token"
        )

    @property
    def host(self) -> str:
        """Host and port, as a reference names a registry."""
        return f"{self._name}:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """Where it listens, as a mirror is named."""
        return f"{self._scheme}://{self.host}"

    def asked(self, method: str, kind: str) -> list[Asked]:
        """Return the requests of one method for ``manifests``, ``blobs`` or ``tags``."""
        return [one for one in self.log if one.method == method and one.kind == kind]

    def __enter__(self) -> Self:
        if self.elsewhere is not None:
            self.elsewhere.__enter__()
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        if self.elsewhere is not None:
            self.elsewhere.__exit__(kind, error, traceback)

    def reply(self, asked: Asked) -> tuple[Fault | None, Reply]:
        """Return the answer to a request, and the fault that spoiled it."""
        self.log.append(asked)
        if asked.path == "/token":
            return None, self.gatekeeper.token(asked)
        fault = self.fault if self._strikes(asked) else None
        reply = self.gatekeeper.challenge(asked) or self.shelf.reply(asked)
        if fault is None or self.fault is None:
            return None, reply
        elsewhere = self.elsewhere.url if self.elsewhere else ""
        return fault, spoiled(fault, asked, reply, elsewhere)

    def _strikes(self, asked: Asked) -> bool:
        if not touches(self.fault, asked):
            return False
        with self._guard:
            if self._times is None:
                return True
            self._times -= 1
            return self._times >= 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, simulator: RegistrySimulator) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.simulator = simulator

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 -- as typed in socketserver
        """Count the connection and serve it in a thread."""
        self.simulator.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent when a client hangs up, as it should on some faults."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *arguments: object) -> None:
        """Print nothing: the simulator keeps a log of its own."""

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = min(int(headers.get("content-length", "0")), _MAX_FORM)
        form = dict(parse_qsl(self.rfile.read(length).decode()))
        asked = Asked(method=self.command, target=self.path, headers=headers, form=form)
        fault, reply = self.server.simulator.reply(asked)
        match fault:
            case Fault.CONNECTION_RESET:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                self.connection.close()
            case Fault.SILENT:
                self.server.simulator.stopping.wait()
                self.close_connection = True
            case Fault.NO_HTTP:
                self.wfile.write(b"220 mail.example ESMTP\r\n")
                self.close_connection = True
            case _:
                self._send(reply)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if isinstance(reply.body, bytes):
            self.send_header("Content-Length", str(len(reply.body)))
            pieces: Iterable[bytes] = (reply.body,)
        else:
            self.close_connection = True
            self.send_header("Connection", "close")
            pieces = reply.body
        self.end_headers()
        if self.command == "HEAD":
            return
        for piece in pieces:
            if self.server.simulator.stopping.is_set():
                return
            self.wfile.write(piece)
