"""The network as this program sees it: addresses, ports, requests with a time-out, and proxies."""

import http.client
import ipaddress
import json
import os
import re
import socket
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from helpers.errors import ServerError

HOST = "127.0.0.1"
FOUND = getproxies()  # the proxies of the environment, or of the system, before `prepare`
SERVERS = ["LLM_BASE_URL", "OLLAMA_HOST", "HF_ENDPOINT"]  # each may name a server nearby
CERTIFICATES = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]

PASTED = "'\"`<>“”„‘’«»\ufeff\u200b"  # what comes along when people copy an address or a key
WORD = rf"([^\s{PASTED}]+)"
# An entry of NO_PROXY, of which the host is kept: a scheme or a port trips some clients.
EXCEPTION = r"^(?:\w+://)?\*?(?:\[([^]]*)\]|([^:]+?))(?::\d+)?/*$"
ENDPOINT = r"(?i)(/v1)*(/api)?(/(chat|completions|generate|tags|models|embeddings|responses))*/*$"


def address(text: str) -> tuple[str, str]:
    """Return the root and the password of a server's address, however people type or paste it.

    The scheme, `/v1` and an endpoint may be missing.

    Raises:
        ServerError: it is not an address. The message does not repeat it: it may hold a password.
    """
    text = str(text).replace("\\", "/")
    found = re.search(rf"(?i)(?:(https?):/*)+{WORD}", text) or re.search(f"(){WORD}", text)
    try:
        parts = urlsplit(f"{found[1] or 'http'}://{found[2].rstrip('.,;)')}")
        host = {"0.0.0.0": HOST, "::": "::1"}.get(parts.hostname, parts.hostname)
        if not host or len(host) > 253 or "://" in found[2] or "@" in parts.path:
            raise ValueError
        host = f"[{host}]" if ":" in host else host
        port = f":{parts.port}" if parts.port else ""
    except (TypeError, ValueError):
        raise ServerError(
            "LLM_BASE_URL is not the address of a server. An address looks like this:\n"
            "  http://192.168.1.5:8080/v1"
        ) from None
    path = re.sub(ENDPOINT, "", re.sub("//+", "/", parts.path))
    return f"{parts.scheme}://{host}{port}{path}", unquote(parts.password or "")


def free_port() -> int:
    """Return the number of a port on this computer on which nothing listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def is_open(port: int) -> bool:
    """Return whether a program on this computer listens on this port.

    Raises:
        ValueError: it is not a port.
    """
    if port not in range(1, 65_536):
        raise ValueError(f"{port!r} is not a port: a port is a whole number from 1 to 65535")
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def ask(
    url: str, key: str = "no-key", body: dict | None = None, timeout: float = 5
) -> tuple[int, dict]:
    """Return status and JSON of a GET, or of a POST if there is a body; no proxy is used.

    The status is 0 if nothing answers within `timeout` seconds, or the answer is not a JSON object.
    """
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    method, data = ("POST", json.dumps(body)) if body is not None else ("GET", None)
    kind = http.client.HTTPSConnection if url.startswith("https") else http.client.HTTPConnection
    try:  # an error of requests would hold the caller, and so its server, until Python tidies up
        parts = urlsplit(url)
        with closing(kind(parts.netloc, timeout=timeout)) as connection:
            connection.request(method, parts.path, data, headers)
            answer = connection.getresponse()
            content = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return 0, {}
    return (answer.status, content) if isinstance(content, dict) else (0, {})


def prepare() -> None:
    """Set environment variables so that every client reaches the servers of the lessons.

    requests, openai and the hub's client all follow the environment. It is done when `helpers` is
    imported, and again when a server starts, as a cell may have changed a variable since.
    """
    files = [os.environ[name] for name in CERTIFICATES if os.environ.get(name)]
    for file in [file for file in files if Path(file).is_file()][:1]:
        for name in CERTIFICATES[:2]:  # openai follows the first, requests the second
            os.environ[name] = os.environ.get(name) or file
    bypass_proxies(*(os.environ.get(name, "") for name in SERVERS))


def bypass_proxies(*urls: str) -> None:
    """Bypass the proxy for this computer, and for the hosts of servers that are nearby."""
    proxies = {name: url for name, url in getproxies().items() if name in {"http", "https", "all"}}
    if not proxies:
        return
    nearby = list(map(_nearby, urls))  # asked before the environment hides the system's settings
    for name, proxy in proxies.items():
        # Once a variable is set, the proxy settings of Windows and macOS no longer count.
        # Desktops write socks://, which no client knows; openai knows no socks4://.
        proxy = re.sub("(?i)^socks(4a?)?://", "socks5h://", proxy.strip(f" \r\n{PASTED}"))
        os.environ[f"{name}_proxy"] = proxy
    held = f"{os.environ.get('NO_PROXY', '')},{os.environ.get('no_proxy', '')}"
    held = [re.sub(EXCEPTION, r"\1\2", host.strip(PASTED)) for host in re.split(r"[,;\s]+", held)]
    hosts = dict.fromkeys(filter(None, [*held, HOST, "localhost", "::1", *nearby]))
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*" if "*" in held else ",".join(hosts)


def goes_through_proxy(url: str) -> bool:
    """Return whether requests to an address go to a proxy."""
    parts = urlsplit(url)
    return bool({parts.scheme, "all"} & getproxies().keys()) and not proxy_bypass(parts.hostname)


def _nearby(url: str) -> str | None:
    """Return the host of an address if it is private, has a bare name or is excepted already."""
    try:
        host = urlsplit(address(url)[0]).hostname
        near = not ipaddress.ip_address(host).is_global
    except ServerError:
        return None
    except ValueError:
        near = "." not in host or host.endswith((".local", ".lan", ".internal", ".home.arpa"))
    return host if near or proxy_bypass(host) else None
