"""One lock a key, so that threads that want the same thing wait for the first of them."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class KeyedLocks(Generic[Key]):
    """Hands out one lock for each key, always the same one."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[Key, threading.Lock] = {}

    def of(self, key: Key) -> threading.Lock:
        """Return the lock of ``key``."""
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())
