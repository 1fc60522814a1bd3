"""A small server that speaks as much of the Hugging Face hub's protocol as a download needs.

HEAD and GET of /OWNER/REPO/resolve/main/FILE: commit, size and digest in the headers, and the part
of the file that `Range` asks for. What goes wrong is set from outside.
"""

import _thread
import hashlib
import http.server
import time
from dataclasses import dataclass, field


@dataclass
class Behaviour:
    """What the hub holds, and what it does wrong."""

    content: bytes
    digest: str = ""  # what it states; the right one if empty
    status: int = 200  # of every answer from the one numbered `refuse_from`, beginning at 0
    refuse_from: int = 0
    headers: dict = field(default_factory=dict)
    break_off_after: int = 0  # bytes of the first GET; 0 for none
    interrupt_after: int = 0  # bytes of a GET; this program is then interrupted, as by Ctrl+C
    pause: float = 0  # seconds between two pieces of a body
    asked: list = field(default_factory=list)  # method and Range of every request
    tokens: set = field(default_factory=set)  # what was shown to get in

    def note(self, method: str, headers: dict) -> bool:
        """Note a request, and return whether it is refused."""
        self.asked.append((method, headers.get("Range")))
        self.tokens.add(headers.get("Authorization"))
        return self.status != 200 and len(self.asked) > self.refuse_from


class Hub(http.server.BaseHTTPRequestHandler):
    """The two methods of a download."""

    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> Behaviour:
        return self.server.behaviour

    def do_HEAD(self) -> None:
        refused = self.hub.note("HEAD", self.headers)
        self._head(self.hub.status if refused else 200, 0 if refused else len(self.hub.content))

    def do_GET(self) -> None:
        if self.hub.note("GET", self.headers):
            self._head(self.hub.status, 0)
            return
        wanted = self.headers.get("Range")
        begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        body = self.hub.content[begin:]
        part = {"Content-Range": f"bytes {begin}-{begin + len(body) - 1}/{len(self.hub.content)}"}
        self._head(206 if wanted else 200, len(body), **(part if wanted else {}))
        if self.hub.break_off_after and not wanted:
            self.wfile.write(body[: self.hub.break_off_after])
            self.wfile.flush()
            self.close_connection = True
            return
        for start in range(0, len(body), 1 << 18):
            if 0 < self.hub.interrupt_after < start:
                _thread.interrupt_main()
                return
            self.wfile.write(body[start : start + (1 << 18)])
            time.sleep(self.hub.pause)

    def _head(self, status: int, length: int, **more: str) -> None:
        digest = self.hub.digest or hashlib.sha256(self.hub.content).hexdigest()
        self.send_response(status)
        headers = {"X-Repo-Commit": "c" * 40, "X-Linked-Etag": f'"{digest}"', "ETag": '"lfs"',
                   "X-Linked-Size": str(len(self.hub.content)), "Accept-Ranges": "bytes",
                   "X-Xet-Hash": "a" * 64, "X-Xet-Refresh-Route": "/not-to-be-asked",
                   "Content-Length": str(length), **self.hub.headers, **more}  # fmt: skip
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def serve(content: bytes) -> http.server.ThreadingHTTPServer:
    """Return a hub on a free port, not yet serving; its `behaviour` can be changed at any time."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.behaviour = Behaviour(content)
    return server
