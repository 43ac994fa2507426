"""Counts of requests in this process's memory, for `limits`, whose own start a thread at each pause to forget them."""

import threading
import time

from limits.storage import Storage

PRUNED_FROM = 1000  # keys


class Memory(Storage):
    """Each key's count and when it ends, by a clock that never jumps; what has ended goes when keys have doubled."""

    STORAGE_SCHEME = ["recado"]  # noqa: RUF012 - the name that `limits` knows it by
    base_exceptions = ()

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}
        self._most = PRUNED_FROM

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        with self._lock:
            now = time.monotonic()
            count, end = self._counts.get(key, (0, 0.0))
            count, end = (count, end) if end > now else (0, now + expiry)
            self._counts[key] = count + amount, end
            if len(self._counts) > self._most:
                self._counts = {key: entry for key, entry in self._counts.items() if entry[1] > now}
                self._most = max(PRUNED_FROM, 2 * len(self._counts))
            return count + amount

    def get(self, key: str) -> int:
        count, end = self._counts.get(key, (0, 0.0))
        return count if end > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """When the count begins anew, by the clock that `limits` goes by."""
        now = time.monotonic()
        return time.time() + max(0.0, self._counts.get(key, (0, now))[1] - now)

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        self._counts.clear()
        return None

    def clear(self, key: str) -> None:
        self._counts.pop(key, None)
