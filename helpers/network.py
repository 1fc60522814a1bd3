"""The network as this program sees it: ports, questions with a time-out, and proxies."""

import http.client
import json
import os
import socket
from urllib.parse import urlsplit

HOST = "127.0.0.1"


def free_port() -> int:
    """Return the number of a port on this computer on which nothing listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def is_open(port: int) -> bool:
    """Return whether a program on this computer listens on this port.

    Raises:
        ValueError: it is no port.
    """
    if port not in range(65_536):
        raise ValueError(f"{port!r} is no port: a port is a whole number, 1 to 65535")
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def ask(
    url: str, key: str = "no-key", body: dict | None = None, timeout: float = 5
) -> tuple[int, dict]:
    """Return status and JSON of a GET, or of a POST if there is a body.

    The status is 0 if nothing answers within `timeout` seconds, or something that is no JSON.
    """
    if not isinstance(url, str):
        raise TypeError(f"an address is a text, not {url!r}")
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection = None
    try:
        parts = urlsplit(url)
        https = parts.scheme == "https"
        make = http.client.HTTPSConnection if https else http.client.HTTPConnection
        connection = make(parts.netloc, timeout=timeout)
        method, data = ("POST", json.dumps(body)) if body else ("GET", None)
        connection.request(method, parts.path, data, headers)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        return (answer.status, content) if isinstance(content, dict) else (0, {})
    except (OSError, http.client.HTTPException, ValueError):
        return 0, {}
    finally:
        if connection:
            connection.close()


def pass_proxies_by() -> None:
    """Tell every client in this program that no proxy stands before this computer."""
    if not any(name.lower() in {"http_proxy", "all_proxy"} for name in os.environ):
        return
    for variable in ["NO_PROXY", "no_proxy"]:
        hosts = [host for host in os.environ.get(variable, "").split(",") if host]
        missing = [host for host in [HOST, "localhost"] if host not in hosts]
        os.environ[variable] = ",".join(hosts + missing)
