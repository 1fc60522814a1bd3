"""Look at what runs on this computer, and ask it: past any proxy, and with a time-out."""

import http.client
import json
import os
import re
import socket
from urllib.parse import urlsplit

from helpers.errors import ServerError

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


CORRECT = "Correct LLM_BASE_URL, or unset it to start a server of your own."


def checked(url: str, key: str, model: str | None = None, remedy: str = CORRECT) -> tuple[str, str]:
    """Return root and model of a server that runs already, after asking it for one token.

    Args:
        url: its address, with or without `/v1`.
        key: what it asks for.
        model: one of its models; without it, the first that it lists.
        remedy: what the message of an error ends with.

    Raises:
        ServerError: it cannot be used, and why.
    """
    root = re.sub(r"/v1/?$", "", url).rstrip("/")
    status, answer = ask(f"{root}/v1/models", key)
    if status == 200 and (model := model or _first_model(answer)):
        greeting = [{"role": "user", "content": "Hello!"}]
        body = {"model": model, "messages": greeting, "max_tokens": 1}
        status, answer = ask(f"{root}/v1/chat/completions", key, body, timeout=30)
        if status == 200 and answer.get("choices"):
            return root, model
    why = {0: "nothing answers there that speaks HTTP and JSON",
           200: "it has no model", 401: "it refuses the key in LLM_API_KEY"}  # fmt: skip
    error = answer.get("error")
    words = error.get("message") if isinstance(error, dict) else error
    raise ServerError(
        f"{root} cannot be used: {why.get(status, f'it answers {status}')}."
        + (f" It says: {words}" if words else "")
        + f"\n{remedy}"
    )


def _first_model(answer: dict) -> str | None:
    try:
        return answer["data"][0]["id"]
    except (KeyError, IndexError, TypeError):  # an empty list, or something else altogether
        return None


def pass_proxies_by() -> None:
    """Tell every client in this program that no proxy stands before this computer."""
    if not any(name.lower() in {"http_proxy", "all_proxy"} for name in os.environ):
        return
    for variable in ["NO_PROXY", "no_proxy"]:
        hosts = [host for host in os.environ.get(variable, "").split(",") if host]
        missing = [host for host in [HOST, "localhost"] if host not in hosts]
        os.environ[variable] = ",".join(hosts + missing)
