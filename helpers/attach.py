"""A server that runs already: find out whether it can be used, and under which name."""

import os
import re
import textwrap
import time
from urllib.parse import urljoin, urlsplit

from helpers import network
from helpers.errors import ServerError

CORRECT = "Correct LLM_BASE_URL, or unset it to start a server of your own."
NO_CHAT = "embed|rerank|bge-|gte-|e5-|minilm|whisper|tts|speech|diffusion|flux|dall-e|clip|guard"


def attached(timeout: float) -> tuple[str, str, str]:
    """Return root, model and key of the server that LLM_BASE_URL names.

    Args:
        timeout: seconds that it may take to load the model.

    Raises:
        ServerError: it cannot be used, and why.
    """
    url, key, model = (os.environ.get(f"LLM_{x}", "") for x in ("BASE_URL", "API_KEY", "MODEL"))
    key = clean(key) or clean(network.address(url)[1]) or "no-key"
    return *checked(url, key, model.strip(), timeout=timeout), key


def checked(
    url: str, key: str, model: str | None = None, remedy: str = CORRECT, timeout: float = 120
) -> tuple[str, str]:
    """Return root and model of a server that runs already, after asking it for one token.

    It is asked in the way that the lessons will take: the same proxies, the same certificates.

    Args:
        url: its address, with or without `/v1`.
        key: what it asks for.
        model: one of its models; without it, the first that can chat.
        remedy: what the message of an error ends with.
        timeout: seconds that it may take to load the model.

    Raises:
        ServerError: it cannot be used, and why.
    """
    deadline = time.monotonic() + timeout
    root, _ = network.address(url)
    network.pass_proxies_by(root)
    why = ""
    try:
        for name in _choice(_ask(f"{root}/v1/models", key, deadline), model):
            greeting = [{"role": "user", "content": "Hello!"}]
            body = {"model": name, "messages": greeting, "max_tokens": 1}
            try:
                if _ask(f"{root}/v1/chat/completions", key, deadline, body).get("choices"):
                    return root, name
                why = why or f"its model {name} gives no reply"
            except ServerError as error:  # this one may not be for a chat: the next is asked
                why = why or str(error)
    except ServerError as error:
        why = str(error)
    if network.proxy_before(root):
        host = urlsplit(root).hostname
        remedy = f"A proxy stands on the way. If it need not, put {host} into NO_PROXY.\n{remedy}"
    raise ServerError(f"{root} cannot be used: {why}.\n{remedy}")


def clean(key: str) -> str:
    """Return a key without what people paste along.

    Raises:
        ServerError: no key can look like that. The message does not repeat it.
    """
    around = f" \t\r\n{network.PASTED}"
    key = re.sub("(?i)^(authorization: *)?bearer +", "", key.strip(around)).strip(around)
    if not (key.isascii() and key.isprintable()):
        raise ServerError(
            "LLM_API_KEY holds a character that no key has: an accent, a long dash, the end of a "
            "line.\nCopy the key again."
        )
    return key


def _choice(listed: dict, wanted: str | None) -> list[str]:
    """Return the names of the models to ask: the wanted one, or first the likeliest for a chat."""
    entries = listed.get("data")
    entries = [e for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
    names = {str(e["id"]): "unloaded" not in str(e.get("status")) for e in entries if e.get("id")}
    if not names:
        raise ServerError("it has no model")
    if not wanted:
        good = {name: (not re.search(NO_CHAT, name, re.I), ready) for name, ready in names.items()}
        return sorted(good, key=good.get, reverse=True)[:4]
    if {wanted, f"{wanted}:latest"} & names.keys():
        return [wanted]
    for same in (str.lower, _bare):
        if alike := [name for name in names if same(name) == same(wanted)]:
            return alike[:1]
    raise ServerError(
        f"it has no model {_bare(wanted)!r}, which LLM_MODEL names. It has: "
        + ", ".join(sorted(names)[:12])
    )


def _bare(name: str) -> str:
    """Return the name of a model in small letters, without folder and ending."""
    return re.sub(r".*[/\\]|\.gguf$|:latest$", "", name.lower())


def _ask(url: str, key: str, deadline: float, body: dict | None = None) -> dict:
    """Return what a server answers; one that is loading or busy is asked again until it is not.

    Raises:
        ServerError: it does not answer, or not what was asked for. The message is half a sentence.
    """
    import requests  # slow to import, and not needed for a server of one's own

    if requests.utils.get_netrc_auth(url):
        os.environ["NETRC"] = os.devnull  # requests would send what stands there, and not the key
    method, begin = "POST" if body else "GET", time.monotonic()
    sent = {"json": body, "headers": {"Authorization": f"Bearer {key}"}, "allow_redirects": False}
    while True:
        patience = max(1, deadline - time.monotonic()) if body else 10
        try:
            answer = requests.request(method, url, timeout=(5, patience), **sent)
        except (OSError, ValueError) as error:  # those of requests are among them
            raise ServerError(_reason(error)) from None
        try:
            content = answer.json()
        except ValueError:
            content = None
        status, pause = answer.status_code, answer.headers.get("Retry-After", "")
        again = time.monotonic() + (int(pause) if pause.isdecimal() else 1)
        until = deadline if "oading" in answer.text else min(deadline, begin + 15)  # busy: not long
        if status not in (429, 503) or content is None or again > until:
            break
        time.sleep(again - time.monotonic())
    if answer.is_redirect:
        target = urljoin(url, answer.headers["Location"]).partition("?")[0]
        raise ServerError(f"it sends every request on to {target}")
    if not isinstance(content, dict):
        page = "a web page, as a login or a proxy does" if "<" in answer.text else "no JSON"
        raise ServerError(f"it answers {status} with {page}")
    error = content.get("error") or content.get("detail")
    if status == 200 and not error:
        return content
    words = str(error.get("message") if isinstance(error, dict) else error or "")
    words = textwrap.shorten(words.replace(key, "…"), 300)
    why = f"it answers {status}"
    if status == 401:
        none = "it asks for a key, and LLM_API_KEY holds none"
        why = none if key == "no-key" else "it refuses the key in LLM_API_KEY"
    raise ServerError(why + (f". It says: {words}" if words else ""))


def _reason(error: Exception) -> str:
    """Return what stopped a request on its way, as half a sentence."""
    text = str(error)
    if doubt := re.search(r"certificate verify failed: (.*?)( \(_ssl|$)", text):
        return (
            f"this computer does not trust its certificate: {doubt[1]}. If it is your "
            "school's own, name its file (.pem) in SSL_CERT_FILE and in REQUESTS_CA_BUNDLE"
        )
    reasons = {  # the first that fits
        "invalid path": "the file in REQUESTS_CA_BUNDLE or SSL_CERT_FILE is not there",
        "SSLError": "what answers there does not speak https: does the address begin with http://?",
        "ProxyError": "the proxy on the way does not let the request through",
        "ReadTimeout": "it did not answer in time. If it is loading its model, try again later",
        "Failed to resolve": "no computer of that name is known here",
        "Connection aborted": "what answers there speaks no HTTP: does the address begin with https://?",
    }
    said = f"{type(error).__name__} {text}"
    return next((r for sign, r in reasons.items() if sign in said), "nothing answers there")
