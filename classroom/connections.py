"""Connections that bring no request are closed: there are only so many for the whole room."""

import asyncio
import contextlib
import logging

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD = 10  # seconds that the head of a request may take to arrive
REST = 30  # ... and the rest of one that is answered already, as it has no key
OPEN = 10_000  # connections and files that the class server may have open, if the system allows it
BACKLOG = 128  # connections that the system accepts before the class server looks at them


class Connection(H11Protocol):
    """One connection, which uvicorn alone would keep for ever if no request came."""

    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin, and wait for the head of a request."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Take what has come; as long as it is no whole head, the time goes on."""
        super().data_received(data)
        if self._at_work:
            self._forget_head()
        else:
            self._expect_head()

    def connection_lost(self, error: Exception | None) -> None:
        """End."""
        self._forget_head()
        super().connection_lost(error)

    @property
    def _at_work(self) -> bool:
        return bool(self.cycle) and not self.cycle.response_complete

    def _expect_head(self) -> None:
        seconds = REST if self.conn.their_state is h11.SEND_BODY else HEAD
        self._head = self._head or self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _forget_head(self) -> None:
        if self._head:
            self._head.cancel()
        self._head = None


def prepare() -> None:
    """Allow this program many connections; if they run out all the same, say nothing of each.

    Python writes a stack trace for every connection that it cannot accept: gigabytes in a lesson.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has no such limit
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = OPEN if hard == resource.RLIM_INFINITY else min(OPEN, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    logging.getLogger("asyncio").addFilter(_is_worth_a_line)


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    return "out of system resource" not in record.getMessage()
