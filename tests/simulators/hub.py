"""A Hugging Face hub and its blob host on free ports of this machine, with faults to order."""

from __future__ import annotations

import socket
import struct
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from tests.simulators.hub_faults import HubFault, spoiled, touches
from tests.simulators.hub_protocol import Asked, Hub, SimulatedModel, pieces, refusal
from tests.simulators.protocol import Reply

_PIECE = 1024 * 1024  # bytes sent at once
_SLOW_PIECE = 64 * 1024  # bytes sent at once where there is a rate


class HubSimulator:
    """Serves models while it is entered.

    ``fault`` spoils the first ``times`` answers that it touches, all of them when that is
    ``None``, only those about the file ``only`` where that is set. ``reset_after`` is how many
    bytes come before a reset; ``rate`` slows every body to bytes a second; with ``token`` the hub
    lets nobody in without it. ``log`` holds every request; ``sent`` the bytes of body that each
    server sent.
    """

    def __init__(
        self,
        models: Sequence[SimulatedModel] = (),
        *,
        fault: HubFault | None = None,
        times: int | None = None,
        only: str | None = None,
        reset_after: int = 0,
        rate: int | None = None,
        token: str | None = None,
        page: int = 1000,
    ) -> None:
        self.log: list[Asked] = []
        self.sent: dict[str, int] = {"hub": 0, "cdn": 0}
        self.fault = fault
        self.reset_after = reset_after
        self.rate = rate
        self.stopping = threading.Event()
        self._times = times
        self._only = only
        self._token = token
        self._guard = threading.Lock()
        self._servers = {name: _Server(self, name) for name in ("hub", "cdn")}
        self.hub = Hub(models, self._address("cdn"), page)

    @property
    def url(self) -> str:
        """Where the hub listens."""
        return self._address("hub")

    @property
    def host(self) -> str:
        """Host and port of the hub."""
        return self.url.removeprefix("http://")

    def asked(self, kind: str, server: str | None = None) -> list[Asked]:
        """Return the requests for a ``revision``, a ``tree`` or a ``file``."""
        with self._guard:
            log = list(self.log)
        return [one for one in log if one.kind == kind and server in (None, one.server)]

    def count(self, server: str, sent: int) -> None:
        """Add to the bytes that a server has sent."""
        with self._guard:
            self.sent[server] += sent

    def __enter__(self) -> Self:
        for server in self._servers.values():
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stopping.set()
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def reply(self, asked: Asked) -> tuple[HubFault | None, Reply]:
        """Return the answer to a request, and the fault that spoiled it."""
        with self._guard:
            self.log.append(asked)
        if self._token and asked.server == "hub" and asked.authorization != f"Bearer {self._token}":
            return None, refusal(401, "RepoNotFound", "Invalid username or password.")
        fault = self.fault if self._strikes(asked) else None
        if fault is HubFault.FILE_NO_RANGES:
            headers = {key: one for key, one in asked.headers.items() if key != "range"}
            asked = replace(asked, headers=headers)
        reply = self.hub.blob(asked) if asked.server == "cdn" else self.hub.reply(asked)
        if fault in (None, HubFault.FILE_RESET, HubFault.FILE_SILENT, HubFault.FILE_NO_RANGES):
            return fault, reply
        if fault is HubFault.REVISION_NO_COMMIT or fault is HubFault.REVISION_OTHER_MODEL:
            return fault, self._misdescribed(fault)
        return fault, spoiled(fault, asked, reply)

    def _misdescribed(self, fault: HubFault) -> Reply:
        key, value = (
            ("sha", "main") if fault is HubFault.REVISION_NO_COMMIT else ("id", "else/where")
        )
        models = [replace(one, document={key: value}) for one in self.hub.models.values()]
        path = f"/api/models/{models[0].name}/revision/main"
        asked = Asked(server="hub", method="GET", target=path, headers={})
        return Hub(models, "", 1000).reply(asked)

    def _strikes(self, asked: Asked) -> bool:
        if self.fault is None or not touches(self.fault, asked):
            return False
        if self._only is not None and asked.kind == "file" and asked.name != self._only:
            return False
        with self._guard:
            if self._times is None:
                return True
            self._times -= 1
            return self._times >= 0

    def _address(self, server: str) -> str:
        return f"http://127.0.0.1:{self._servers[server].server_address[1]}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, simulator: HubSimulator, name: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.simulator = simulator
        self.name = name

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

    def log_message(self, *arguments: object) -> None:
        """Print nothing: the simulator keeps a log of its own."""

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(
            server=self.server.name, method=self.command, target=self.path, headers=headers
        )
        fault, reply = self.server.simulator.reply(asked)
        if fault is HubFault.FILE_SILENT:
            self.server.simulator.stopping.wait()
            self.close_connection = True
        else:
            self._send(reply, fault)

    def _send(self, reply: Reply, fault: HubFault | None) -> None:
        simulator = self.server.simulator
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        body = reply.body
        if isinstance(body, bytes):
            self.send_header("Content-Length", str(len(body)))
            size = _SLOW_PIECE if simulator.rate or fault is HubFault.FILE_RESET else _PIECE
            parts: Iterable[bytes | memoryview] = pieces(body, size)
        else:
            self.close_connection = True
            self.send_header("Connection", "close")
            parts = body
        self.end_headers()
        if self.command == "HEAD":
            return
        sent = 0
        for piece in parts:
            if simulator.stopping.is_set():
                return
            if fault is HubFault.FILE_RESET and sent >= simulator.reset_after:
                self._reset()
                return
            self.wfile.write(piece)
            sent += len(piece)
            simulator.count(self.server.name, len(piece))
            if simulator.rate:
                time.sleep(len(piece) / simulator.rate)

    def _reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()
