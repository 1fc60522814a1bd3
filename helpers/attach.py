"""Find out whether a server that is already running can be used, and under which name."""

import os
import re
import textwrap
import time
from urllib.parse import urljoin, urlsplit

from helpers import network
from helpers.errors import ServerError

CORRECT = (
    "Correct LLM_BASE_URL in the terminal from which you start JupyterLab (or unset it to start a "
    "server of your own), then start JupyterLab again."
)
NO_CHAT = "embed|rerank|bge-|gte-|e5-|minilm|whisper|tts|speech|diffusion|flux|dall-e|clip|guard"
REASONS = {  # what stopped a request on its way; the first that fits
    r"certificate verify failed: (.*?)(?: \(_ssl|$)": "this computer does not trust its "
    "certificate: {}. If it is your school's, name its file (.pem) in SSL_CERT_FILE and "
    "in REQUESTS_CA_BUNDLE",
    "invalid path": "the file in REQUESTS_CA_BUNDLE or SSL_CERT_FILE is not there: correct or "
    "unset that",
    "SSLError": "what answers there does not speak https: its address has to begin with http://",
    "ProxyError": "the proxy on the way does not let the request through",
    "ReadTimeout": "it did not answer in time",
    "Failed to resolve": "that host name cannot be resolved",
    "Connection aborted": "what answers there does not speak HTTP: its address may have to begin "
    "with https://",
    "Encoding|Decoding": "its answer is damaged, or ends too early",
    "": "nothing answers there",
}


def attached(timeout: float) -> tuple[str, str, str]:
    """Return root, model and key of the server that LLM_BASE_URL names (see `checked`)."""
    url, key, model = (os.environ.get(f"LLM_{x}", "") for x in ("BASE_URL", "API_KEY", "MODEL"))
    key = clean(key) or clean(network.address(url)[1]) or "no-key"
    return *checked(url, key, model.strip(), timeout=timeout), key


def checked(
    url: str, key: str, model: str | None = None, remedy: str = CORRECT, timeout: float = 120
) -> tuple[str, str]:
    """Return root and model of a server that is already running, after asking it for one token.

    It is asked in the same way as by the lessons: through the same proxies, with the same
    certificates.
    Without `model`, the first of its models that can chat is taken; `remedy` ends the message of an
    error; `timeout` is how many seconds it may take to load the model.

    Raises:
        ServerError: it cannot be used; the message says why.
    """
    deadline, whys = time.monotonic() + timeout, []
    root, _ = network.address(url)
    network.bypass_proxies(root)
    body = {"messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 1}
    try:
        for name in _names(root, key, deadline, model):
            try:
                _ask(f"{root}/v1/chat/completions", key, deadline, {"model": name, **body})
                return root, name
            except ServerError as error:  # this one may not be for a chat: the next is asked
                whys.append(str(error))
    except ServerError as error:
        whys.append(str(error))
    if len(whys) > 1:
        remedy = f"If another of its models can chat, name it in LLM_MODEL.\n{remedy}"
    if re.search("in time|oading", whys[0]):
        remedy = f"Run this again in a minute. If that does not help:\n{remedy}"
    if network.goes_through_proxy(root):
        host = urlsplit(root).hostname
        remedy = f"Requests go through a proxy. To avoid it, add {host} to NO_PROXY.\n{remedy}"
    raise ServerError(f"{root} cannot be used: {whys[0].rstrip('.')}.\n{remedy}")


def clean(key: str) -> str:
    """Return a key without what people paste along with it.

    Raises:
        ServerError: no key looks like that. The message does not repeat it.
    """
    key = key.replace("\ufeff", "").replace("\u200b", "")
    for along in ["", r"(export|set|authorization:) ", r"bearer ", r"[\w$:-]*api[_-]key *[=:]"]:
        edge = rf"[\s{network.PASTED}]*"
        key = re.sub(rf"(?i)^{edge}({along})?{edge}|{edge}$", "", key)
    if not (key.isascii() and key.isprintable()):
        raise ServerError(
            "LLM_API_KEY holds a character that no key has, such as an accent, a long dash or the "
            "end of a line.\nCopy the key again."
        )
    return key


def _names(root: str, key: str, deadline: float, wanted: str | None) -> list[str]:
    """Return the names of the models to ask: the wanted one, or first the likeliest for a chat."""
    try:
        entries = _ask(f"{root}/v1/models", key, deadline).get("data")
    except ServerError as error:
        if not (wanted and "404" in str(error)):
            raise
        return [wanted]  # there is no list: the reply will show
    entries = [e for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
    names = {str(e["id"]): "unloaded" not in str(e.get("status")) for e in entries if e.get("id")}
    if not names:
        raise ServerError("it has no model")
    if not wanted:
        good = {name: (not re.search(NO_CHAT, name, re.I), ready) for name, ready in names.items()}
        return sorted(good, key=good.get, reverse=True)[:4]
    if {wanted, f"{wanted}:latest"} & names.keys():
        return [wanted]
    bare = _bare(wanted)
    if alike := [name for name in names if _bare(name) == bare]:
        return alike[:1]
    shown = sorted(names, key=lambda name: (bare not in name.lower(), name))
    has = textwrap.shorten(", ".join(shown), 300, placeholder=" …")
    raise ServerError(f"it has no model {bare!r}, which LLM_MODEL names. It has: {has}")


def _bare(name: str) -> str:
    """Return the name of a model in lower case, without folder and ending."""
    return re.sub(r".*[/\\]|\.gguf$|:latest$", "", name.lower())


def _ask(url: str, key: str, deadline: float, body: dict | None = None) -> dict:
    """Return a server's answer; one that is loading or busy is asked again until it is ready.

    Raises:
        ServerError: it does not answer, or not what was asked for. The message is half a sentence.
    """
    import requests  # slow to import, and not needed for our own server

    if requests.utils.get_netrc_auth(url):
        os.environ["NETRC"] = os.devnull  # requests would send the password in it, not the key
    sent = {"json": body, "headers": {"Authorization": f"Bearer {key}"}, "allow_redirects": False}
    method, soon = "POST" if body else "GET", time.monotonic() + 15
    while True:
        patience = max(1, deadline - time.monotonic()) if body else 40  # a class server waits 30
        try:
            answer = requests.request(method, url, timeout=(5, patience), **sent)
        except (OSError, ValueError) as error:  # the errors of requests are among these
            said = f"{type(error).__name__} {error}"
            found = ((re.search(sign, said), reason) for sign, reason in REASONS.items())
            why = next(reason.format(*sign.groups()) for sign, reason in found if sign)
            raise ServerError(why) from None
        status, pause = answer.status_code, answer.headers.get("Retry-After", "")
        again = time.monotonic() + (int(pause) if pause.isdecimal() else 1)
        until = deadline if "oading" in answer.text else min(deadline, soon)  # busy: not for long
        if status not in (429, 503) or answer.text[:1] != "{" or again > until:
            break
        time.sleep(again - time.monotonic())
    if answer.is_redirect:
        target = urljoin(url, answer.headers["Location"]).partition("?")[0]
        raise ServerError(f"it redirects every request to {target}")
    try:
        content, page = answer.json(), "no reply"
    except ValueError:
        content, page = {}, "a web page, as a login or a proxy does"
        page = page if "<" in answer.text else "no JSON"
    content = content if isinstance(content, dict) else {"data": content}  # some send a bare list
    error = content.get("error") or content.get("detail")
    if status == 200 and not error and (content.get("choices") if body else page == "no reply"):
        return content
    why = f"it answers {status}" + ("" if error else f" with {page}")
    if status == 407:
        why = "the proxy asks for a name and a password:  HTTP_PROXY=http://name:password@host:port"
    elif status in (401, 403) and key == "no-key":
        why = "it asks for a key, and LLM_API_KEY holds none"
    elif status == 401:
        why = "it refuses the key in LLM_API_KEY"
    words = str(error.get("message") if isinstance(error, dict) else error or "")
    words = textwrap.shorten(words.replace(key, "…"), 300)
    raise ServerError(why + (f". It says: {words}" if words else ""))
