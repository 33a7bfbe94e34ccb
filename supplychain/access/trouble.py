"""What ``requests`` and urllib3 raise, as failures of our own.

Their texts are not repeated: they hold whole URLs, whose queries may be signatures.
"""

from __future__ import annotations

import errno
import ssl
from typing import TypeVar

import requests
from urllib3.exceptions import ReadTimeoutError

from supplychain.access.failures import AccessError, Unreachable

REFUSED_WAIT = 0.2  # seconds between tries when nothing listens: waiting seldom helps
_MAX_CAUSES = 10  # links of a chain; requests, urllib3 and the socket make five

Cause = TypeVar("Cause", bound=BaseException)


class TransientError(Exception):
    """A try has failed in a way that the next one may not.

    ``failure`` is what to raise when there is no next try; ``wait`` the seconds before it, where
    they differ from the budget's own.
    """

    def __init__(self, failure: Unreachable, wait: float | None = None) -> None:
        super().__init__(failure, wait)
        self.failure = failure
        self.wait = wait


def explained(error: Exception, host: str) -> AccessError | TransientError:
    """Return what to raise for an exception of the transport while ``host`` was asked."""
    refused = _cause(error, ConnectionRefusedError)
    certificate = _cause(error, ssl.SSLCertVerificationError)
    wait, retryable = None, True
    match error:
        case requests.exceptions.SSLError():
            retryable = False
            reason = f"{host} speaks no TLS that we know"
            hint = "list it as an insecure registry if it is meant to speak plain http"
            if certificate is not None:
                why = certificate.verify_message.rstrip(".")
                reason = f"the certificate of {host} is refused: {why}"
                hint = "set REQUESTS_CA_BUNDLE to the file of your own certificate authority"
        case requests.exceptions.ProxyError():
            reason = f"the proxy that the environment names gave no connection to {host}"
            hint = "check HTTPS_PROXY and NO_PROXY"
        case requests.exceptions.ConnectTimeout():
            reason, hint = f"{host} accepted no connection in time", "check that it is up"
        case requests.exceptions.ReadTimeout() | ReadTimeoutError():
            reason, hint = f"{host} sent nothing for too long", "run again when it answers"
        case requests.exceptions.InvalidURL() | requests.exceptions.InvalidHeader():
            return Unreachable(f"{host} cannot be asked: its address or a header is not valid")
        case _ if refused is not None and refused.errno == errno.ECONNREFUSED:
            reason, hint = f"{host} refuses connections", "check that it is up, and its port"
            wait = REFUSED_WAIT
        case _:
            reason = f"the connection to {host} failed, or what came was no HTTP"
            hint = "check that it is up"
    failure = Unreachable(reason, hint, retryable=retryable)
    return TransientError(failure, wait) if retryable else failure


def _cause(error: BaseException | None, kind: type[Cause]) -> Cause | None:
    """Return the first exception of a kind in the chain that led to ``error``."""
    for _ in range(_MAX_CAUSES):
        if error is None or isinstance(error, kind):
            return error
        inner = getattr(error, "reason", None) or (error.args[0] if error.args else None)
        error = inner if isinstance(inner, BaseException) else error.__cause__ or error.__context__
    return None
