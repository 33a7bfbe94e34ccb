"""A bounded client of the Hugging Face hub's API: a revision's commit, its files, their bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import quote, urljoin, urlsplit

from supplychain.access.budget import RetryBudget
from supplychain.access.connections import Pace
from supplychain.access.failures import Hostile, Unreachable
from supplychain.access.http import Answer, HttpClient, Request, Stream, Timeouts
from supplychain.access.huggingface_answers import (
    MAX_DOCUMENT,
    HubFile,
    HubModel,
    bare_tag,
    check_promise,
    read_model,
    read_page,
    refusal,
)
from supplychain.access.huggingface_login import Hub
from supplychain.access.urls import InvalidURLError, Origin
from supplychain.formats import paths

MAX_PAGES = 100  # of one tree; the hub sends 1,000 entries a page
MAX_ENTRIES = 10_000  # files of one commit; the largest models have a few hundred
MAX_LINK = 8192  # characters of a Link header
PACE = Pace(bytes=64 * 1024, seconds=15.0)  # slower than about 4 kB/s counts as stalled
_NEXT = re.compile(r'<([^<>]{1,8000})>\s*;\s*rel="?next"?')


@dataclass(frozen=True, slots=True, kw_only=True)
class HubStream:
    """The bytes of a file from ``start`` on; ``tag`` is what If-Range takes later."""

    stream: Stream
    start: int
    tag: str | None

    def read(self, size: int) -> bytes:
        """Return the next bytes; see :meth:`supplychain.access.http.Stream.read`."""
        return self.stream.read(size)


class HubClient:
    """Asks one hub; may be used from any thread."""

    def __init__(self, hub: Hub, connections: int, timeouts: Timeouts | None = None) -> None:
        self._hub = hub
        self._timeouts = timeouts or Timeouts()
        self._http = HttpClient(RetryBudget(), self._timeouts, connections)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()

    @property
    def host(self) -> str:
        """The hub's host and port."""
        return self._hub.origin.authority

    def model(self, repository: str, revision: str) -> HubModel:
        """Return what a revision means: its commit, licence, gating and the hub's own scans.

        Raises:
            Unreachable: the hub could not be asked, or denies access.
            Hostile: it answered what only a broken or hostile one answers.
            NotFound: it says that there is no such model or revision.
        """
        revision_part = quote(revision, safe="")
        path = f"/api/models/{repository}/revision/{revision_part}?securityStatus=true"
        return read_model(self._asked(f"{self._hub.base}{path}"), repository)

    def files(self, repository: str, commit: str) -> tuple[HubFile, ...]:
        """Return all files of a commit, sorted by name.

        Raises:
            Unreachable: the hub could not be asked, or denies access.
            Hostile: names are not safe or clash, there are too many, or a page leads elsewhere.
            NotFound: it says that there is no such commit.
        """
        start = f"{self._hub.base}/api/models/{repository}/tree/{commit}"
        url: str | None = f"{start}?recursive=true&expand=false"
        found: list[HubFile] = []
        seen: set[str] = set()
        while url is not None:
            if url in seen or len(seen) >= MAX_PAGES:
                reason = f"{self.host} lists the files of '{repository}' without an end"
                raise Hostile(reason)
            seen.add(url)
            answer = self._asked(url)
            found += read_page(answer, repository)
            if len(found) > MAX_ENTRIES:
                reason = f"'{repository}' has more than {MAX_ENTRIES} files"
                raise Hostile(reason)
            url = _next_page(answer, url, start)
        found.sort(key=lambda file: file.name)
        clash = paths.clash_of([file.name for file in found])
        if clash is not None:
            reason = f"of the files of '{repository}', {clash}"
            raise Hostile(reason)
        return tuple(found)

    @contextmanager
    def opened(
        self,
        repository: str,
        commit: str,
        file: HubFile,
        *,
        span: range,
        tag: str | None,
        deadline: float,
        pace: Pace = PACE,
    ) -> Iterator[HubStream]:
        """Ask for bytes of a file and compare every header with the tree before they are read.

        ``span`` are the wanted bytes; the answer begins with 0 where the server takes no ranges or
        its content is no longer that of ``tag``. ``deadline`` is for the headers.

        Raises:
            Unreachable: the hub could not be asked, denies access, or is no hub.
            Hostile: commit, digest, size or range differ from what was promised.
            NotFound: it says that there is no such file.
        """
        path = f"/{repository}/resolve/{commit}/{quote(file.name)}"
        headers = {}
        if span != range(file.size):
            headers["Range"] = f"bytes={span.start}-{span.stop - 1}"
            if tag is not None and span.start:
                headers["If-Range"] = tag
        request = Request(
            url=f"{self._hub.base}{path}",
            deadline=deadline,
            limit=file.size + 1,
            headers=headers,
            authorization=self._authorization,
        )
        with self._http.stream(request, pace) as stream:
            what = f"'{file.name}' of '{repository}'"
            if stream.status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
                raise refusal(stream, what, repository, self._hub.base)
            hops = (*stream.hops, stream)
            if stream.content_type == "text/html" and "X-Repo-Commit" not in hops[0].headers:
                hint = "check for a proxy or a login page in front of the hub"
                reason = f"{self.host} answered with an HTML page for {what}"
                raise Unreachable(reason, hint)
            start = span.start if stream.status == HTTPStatus.PARTIAL_CONTENT else 0
            check_promise(hops, file, commit, start)
            yield HubStream(stream=stream, start=start, tag=_strong(stream.headers.get("ETag")))

    @property
    def _authorization(self) -> str | None:
        return f"Bearer {self._hub.token}" if self._hub.token else None

    def _asked(self, url: str) -> Answer:
        request = Request(
            url=url,
            deadline=self._timeouts.deadline(),
            limit=MAX_DOCUMENT,
            headers={"Accept": "application/json"},
            authorization=self._authorization,
        )
        return self._http.exchange(request)


def _next_page(answer: Answer, url: str, start: str) -> str | None:
    """Return the URL of the page after ``url``, which must be of the same tree.

    Raises:
        Hostile: it leads elsewhere.
    """
    link = answer.headers.get("Link", "")
    if len(link) > MAX_LINK:
        reason = f"{answer.origin.authority} sends a Link header of {len(link)} characters"
        raise Hostile(reason)
    found = _NEXT.search(link)
    if found is None:
        return None
    following: str = urljoin(url, found[1])
    try:
        is_same = Origin.of(following) == Origin.of(start)
    except InvalidURLError:
        is_same = False
    if not is_same or not urlsplit(following).path.startswith(urlsplit(start).path):
        reason = f"{answer.origin.authority} continues its list of files elsewhere"
        raise Hostile(reason)
    return following


def _strong(tag: str | None) -> str | None:
    """Return an entity tag that If-Range may carry (RFC 9110 13.1.5); a weak one may not."""
    return f'"{bare_tag(tag)}"' if tag and not tag.startswith("W/") and tag.isascii() else None
