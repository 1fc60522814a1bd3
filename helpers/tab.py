"""The course in a browser tab, where Python and llama.cpp run as WebAssembly.

A tab has no processes and no ports. In place of a server program, `LlamaServer` starts an engine
there that answers the notebook's requests: `engine.js`, which the site keeps beside JupyterLab
(site/lab/README.md). On any other computer nothing here is used.
"""

import asyncio
import json
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from urllib3.exceptions import ProtocolError, ReadTimeoutError

from helpers.errors import ModelNotFound, PortTaken, ServerError, ServerFailed
from helpers.models import MODELS, belong_together, model

HERE = sys.platform == "emscripten"

# The flags of llama-server that mean something in a tab, and what the engine calls them.
SETTINGS = {
    "--ctx-size": ("n_ctx", int),
    "--parallel": ("n_parallel", int),
    "--api-key": ("api_key", str),
    "--pooling": ("pooling_type", str),
    "--chat-template": ("chat_template", str),
    "--chat-template-file": ("chat_template", lambda name: Path(name).read_text(encoding="utf-8")),
    "--reasoning": ("reasoning", {"on": True, "off": False}.get),  # `auto`: undefined
    "--reasoning-budget": ("reasoning_budget_tokens", int),
    "--reasoning-budget-message": ("reasoning_budget_message", str),
}
SWITCHES = {"--kv-unified": "kv_unified", "--metrics": "metrics", "--embeddings": "embeddings"}
WITHOUT_EFFECT = {"--threads", "--n-gpu-layers"}
LACKS = {  # how an error says that a tab lacks something
    "can't start new thread": "threads",
    "does not support processes": "processes",
    "[Errno 138]": "ports",
    "No module named": "package of that name",
}


def prepare() -> None:
    """Fetch the course's own model from the site, and stand in for what a tab may not have.

    Raises:
        ModelNotFound: the site does not have it, or has another one.
    """
    if not HERE:
        return
    MODELS.mkdir(exist_ok=True)
    fetch_cria(MODELS / "cria.gguf", MODELS / "cria.gguf.sha256")
    if not Path("/drive").is_dir():  # JupyterLab's files, by way of its service worker
        ends = "when its kernel stops, or when this page is closed."
        print(f"What this notebook writes into files is lost {ends}")
    if not find_spec("matplotlib"):
        _do_without_plots()
    from IPython import get_ipython

    if shell := get_ipython():
        shell.set_custom_exc((ImportError, OSError, RuntimeError, ServerError), explain)
        shell.excepthook = _without_javascript(shell.excepthook)
        asyncio.get_event_loop().set_exception_handler(_report_task)
    # Without this, requests takes a time-out for a broken connection, and lets a stream that breaks
    # off pass with an error that is not one of its own.
    urllib3 = import_module("urllib3.contrib.emscripten")
    urllib3.connection.TimeoutError = partial(ReadTimeoutError, None, "")
    urllib3.response.HTTPException = ProtocolError
    # The client of openai asks for what a browser does by itself.
    warnings.filterwarnings("ignore", ".*not supported on Emscripten")


def fetch_cria(file: Path, digest: Path) -> None:
    """Fetch the course's own model and its digest, again from the site if they differ.

    The browser may have kept one of the two from an older version of the course.

    Raises:
        ModelNotFound: the site does not have them, or they do not belong together.
    """
    for cache in ["default", "reload"]:
        if file.exists() and digest.exists() and belong_together(file, digest):
            return
        for part in file, digest:
            part.write_bytes(_fetched(f"models/{part.name}", cache))
    if not belong_together(file, digest):
        raise ModelNotFound(
            f"{file.name} is not the file that the course ships: its SHA-256 differs from the one "
            f"in {digest.name}.\nReload this page, and restart the kernel. If that does not help, "
            "tell whoever publishes the site."
        )


def explain(shell: Any, kind: type, error: Exception, trace: Any, **options: Any) -> None:
    """Print a sentence in place of an error that arises from the tab alone; the lesson goes on."""
    lacking = next((what for sign, what in LACKS.items() if sign in str(error)), "")
    if isinstance(error, ServerError) and "browser tab" in str(error):
        print(error)
    elif lacking:
        print(
            f"{error}: a browser tab has no {lacking}.\nRun this cell on a computer on which the "
            "course is installed, or continue with the next cell."
        )
    else:
        shell.showtraceback((kind, error, trace), **options)


def _without_javascript(hook: Callable) -> Callable:
    """Return a hook for errors that nobody caught, without JavaScript's.

    Where a request fails, Python raises its own error. Pyodide reports the one beneath it again.
    """

    def told(kind: type, error: BaseException, trace: Any) -> None:
        if kind.__name__ != "JsException":
            hook(kind, error, trace)

    return told


def _report_task(loop: Any, context: dict) -> None:
    """Report what went wrong in a task, without JavaScript's errors, for the same reason."""
    if type(context.get("exception")).__name__ != "JsException":
        loop.default_exception_handler(context)


def settings(options: Sequence[str]) -> dict[str, Any]:
    """Return what the engine makes of flags of llama-server.

    Raises:
        ServerError: the engine has nothing like one of them.
    """
    words, found = iter(options), {"kv_unified": "--parallel" not in options}
    for flag in words:
        if flag in SWITCHES:
            found[SWITCHES[flag]] = True
        elif flag in SETTINGS:
            name, kind = SETTINGS[flag]
            found[name] = kind(next(words, ""))
        elif flag in WITHOUT_EFFECT:
            print(f"{flag} has no effect in a browser tab: llama.cpp has one thread there.")
            next(words, "")
        elif flag == "--alias":
            next(words, "")
        else:
            raise ServerError(
                f"llama.cpp in a browser tab has no option {flag}.\nRun this cell on a computer on "
                "which the course is installed, or continue with the next cell."
            )
    return found


def start(file: Path, name: str, options: Sequence[str], port: int | None) -> Any:
    """Return an engine that has loaded a model: it has `url`, `running`, `log()` and `stop()`.

    Raises:
        PortTaken: another engine of this notebook has that port.
        ServerError: the engine has nothing like one of the options.
        ServerFailed: it cannot load the model.
    """
    import js
    from pyodide.code import run_js
    from pyodide.ffi import JsException, run_sync, to_js

    wanted = to_js(settings(options), dict_converter=js.Object.fromEntries)
    blob = js.Blob.new(to_js([file.read_bytes()]))
    try:
        engine = run_sync(run_js(f"import({json.dumps(_site() + '/engine.js')})"))
        return run_sync(engine.start(blob, name, wanted, port))
    except JsException as error:
        if "is taken" in error.message:
            raise PortTaken(f"{error.message}: leave `port` out to get a free one.") from None
        reason = f"llama.cpp could not load the model in this tab: {error.message}."
        raise ServerFailed(f"{reason}\n{advice(error.message)}") from None


def advice(message: str) -> str:
    """Return what helps if llama.cpp did not start: a file is missing, or there is no memory."""
    again = "restart the kernel, and run the cells again from the top."
    if "dynamically imported" in message or "answers nothing" in message:
        return f"Are you online? Then {again}"  # the browser may keep a module that failed
    if "cannot be fetched" in message:
        return "Tell whoever publishes the site that this file is missing."
    return f"Close other tabs, {again}"


def check_setup() -> bool:
    """Say what of the course this tab has; return whether everything is there."""
    from helpers.server import LlamaServer

    file = model()
    print(f"OK    Python            {sys.version.split()[0]}, as WebAssembly in this tab")
    print(f"OK    model             {file.name}, {file.stat().st_size / 1e6:.1f} MB")
    with LlamaServer() as server:
        print(f"OK    server            {server.engine} answers at {server.url}, in this tab alone")
    if without_plots():
        print("WARN  plots             are not drawn in this tab: they are described in words")
    return True


def without_plots() -> bool:
    """Return whether cells that plot run without matplotlib."""
    return isinstance(sys.modules.get("matplotlib"), SimpleNamespace)


def _site() -> str:
    """Return the address of the folder with JupyterLab, which holds all that belongs to the tab."""
    import js

    return js.location.href.partition("/extensions/")[0]


def _fetched(path: str, cache: str) -> bytes:
    from pyodide.ffi import run_sync
    from pyodide.http import pyfetch

    address = f"{_site()}/{path}"
    try:
        answer = run_sync(pyfetch(address, cache=cache))
        if answer.status == 200:
            return run_sync(answer.bytes())
        status = answer.status
    except OSError:  # AbortError among them: the connection broke off
        status = "nothing"
    raise ModelNotFound(
        f"{address} cannot be fetched: the site answers {status}.\nReload this page. If that "
        "does not help, tell whoever publishes the site that this file is missing."
    )


def _do_without_plots() -> None:
    """Let the cells that plot run without matplotlib; `helpers.plots` prints its words instead."""
    from unittest.mock import MagicMock  # slow to import, and seldom needed

    def subplots(rows: int = 1, columns: int = 1, **_: Any) -> tuple[MagicMock, Any]:
        places = [MagicMock() for _ in range(rows * columns)]
        return MagicMock(), places if len(places) > 1 else places[0]

    pyplot = MagicMock(subplots=subplots)
    sys.modules["matplotlib"] = SimpleNamespace(pyplot=pyplot, __spec__=None)
    sys.modules["matplotlib.pyplot"] = pyplot
