"""The course in a browser tab: the engine beside llama-server, and lessons in JupyterLab.

`make site` builds it. A browser and Playwright are needed; where one of them is missing, the tests
are skipped and say so.
"""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import requests
from small_course import load
from stand_ins import files

from helpers import LlamaServer, ModelNotFound, ServerError, model, tab
from helpers.plots import show

ROOT = Path(__file__).resolve().parent.parent
LAB = ROOT / "site" / "_build" / "html" / "lab"
LESSONS = ["03", "04", "05", "06", "07", "08"]  # they run in a tab from end to end, as does 00
BARE = """<!doctype html><script type="module">
import { start } from "./engine.js";
globalThis.another = async () => start(await (await fetch("models/cria.gguf")).blob(), "cria");
globalThis.server = await another();
globalThis.ask = async (method, path, body) => {
  const answer = await fetch(server.url + path, { method, body: body && JSON.stringify(body) });
  return [answer.status, answer.headers.get("content-type"), await answer.text()];
};
globalThis.busy = async () =>
  JSON.parse((await ask("GET", "/slots"))[2]).filter((slot) => slot.is_processing).length;
</script>"""
LOST = "What this notebook writes into files is lost"
IN_FRONT = "path => globalThis.jupyterapp?.shell.currentWidget?.context?.path === path"

pytestmark = [pytest.mark.timeout(1800)]


def chat(text: str = "Hello! Who are you?", **fields: object) -> dict:
    message = {"role": "user", "content": text}
    return {"messages": [message], "temperature": 0, "max_tokens": 20, **fields}


def thought(**fields: object) -> dict:
    return chat("What is 27 + 15?", chat_template_kwargs={"enable_thinking": True}, **fields)


RIGHT = {
    "a thought": thought(max_tokens=60),
    "a thought that is cut": thought(),
    "a thought cut by a budget": thought(reasoning_budget_tokens=4),
    "a thought left in the text": thought(reasoning_format="none", max_tokens=60),
    "whole": chat(),
    "any name of a model": chat(model="gpt-9"),
    "JSON": chat(response_format={"type": "json_object"}),
    "a grammar": chat(grammar='root ::= "yes" | "no"'),
    "a grammar with odd literals": chat(grammar='root ::= "{2,1}" [{2,1}]? # a{2,1}'),
    "a pattern with braces": chat(json_schema={"type": "string", "pattern": "^a{1,2}\\{2,1\\}$"}),
    "one token": chat(max_tokens=1),
    "three choices": chat(n=3),
}
WRONG = {
    "no messages": {},
    "messages are a text": {"messages": "Hello!"},
    "a message without content": {"messages": [{"role": "user"}]},
    "a message without a role": {"messages": [{"content": "Hello"}]},
    "a message is a text": {"messages": ["Hello"]},
    "content is a number": {"messages": [{"role": "user", "content": 5}]},
    "a temperature in words": chat(temperature="hot"),
    "stream in words": chat(stream="yes"),
    "an unknown format": chat(response_format={"type": "nonsense"}),
    "a wrong schema": chat(
        response_format={"type": "json_schema", "json_schema": {"schema": {"type": "nonsense"}}}
    ),
    **{
        f"a schema the wrong way round, {least}": chat(
            json_schema={"properties": {"x": {"type": kind, least: 3, most: 1}}}
        )
        for kind, least, most in [
            ("string", "minLength", "maxLength"),
            ("array", "minItems", "maxItems"),
            ("integer", "minimum", "maximum"),
        ]
    },
    "a grammar the wrong way round": chat(grammar='root ::= "{" [ab]{2,1}'),
    "a pattern the wrong way round": chat(json_schema={"type": "string", "pattern": "^a{2,1}$"}),
    "a tool the wrong way round": chat(
        tools=[
            {
                "type": "function",
                "function": {
                    "name": "f",
                    "parameters": {
                        "properties": {"x": {"type": "array", "minItems": 2, "maxItems": 1}}
                    },
                },
            }
        ]
    ),
    "tools are a text": chat(tools="none"),
    "a tool without a function": chat(tools=[{"type": "function"}]),
    "an unknown tool_choice": chat(tool_choice="nonsense"),
    "candidates without logprobs": chat(top_logprobs=3),
    "more choices than slots": chat(n=9),
    "more than the context holds": chat("word " * 9000),
}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as any plain file server does, below another one."""
    with files(folder.parent) as server:
        yield f"{server.root}/{folder.name}/"


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    if not (LAB / "files.json").exists():
        pytest.skip("there is no course in a tab yet: `make site` makes it")
    with served(LAB) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    """A browser that knows this computer alone, also as `room.test`."""
    from browser import browser  # noqa: PLC0415 (the tests of the helpers need none)

    rules = "--host-resolver-rules=MAP room.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with browser(args=[rules]) as found:
        yield found


@pytest.fixture
def page(chromium) -> Iterator:
    context = chromium.new_context()
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def engine(chromium, site) -> Iterator:
    """A page with the engine and nothing else."""
    page = chromium.new_page()
    page.set_default_timeout(600_000)
    page.route("**/bare.html", lambda route: route.fulfill(body=BARE, content_type="text/html"))
    page.goto(f"{site}bare.html")
    page.wait_for_function("globalThis.ask !== undefined")
    yield page
    page.close()


@pytest.fixture(scope="module")
def real() -> Iterator[LlamaServer]:
    with LlamaServer("cria", own=True) as server:
        yield server


def ask(engine, method: str, path: str, body: dict | None = None) -> tuple[int, str, str]:
    return engine.evaluate(
        "([method, path, body]) => ask(method, path, body)", [method, path, body]
    )


# --- the helpers ---


def test_the_options_that_a_tab_knows(capsys):
    options = ["--ctx-size", "512", "--parallel", "2", "--metrics", "--threads", "1"]
    expected = {"n_ctx": 512, "n_parallel": 2, "metrics": True, "kv_unified": False}
    assert tab.settings(options) == expected
    assert "--threads has no effect" in capsys.readouterr().out


def test_an_option_that_a_tab_does_not_know():
    with pytest.raises(ServerError, match="a browser tab has no option --log-file") as caught:
        tab.settings(["--log-file", "here.log"])
    assert "continue with the next cell" in str(caught.value)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (RuntimeError("can't start new thread"), "no threads"),
        (OSError("emscripten does not support processes."), "no processes"),
        (ModuleNotFoundError("No module named 'numpy'"), "'numpy'"),
        (ServerError("llama.cpp in a browser tab has no option --x.\nGo on."), "no option"),
    ],
)
def test_what_a_tab_lacks_is_said_in_a_sentence(capsys, error, word):
    tab.explain(None, type(error), error, None, tb_offset=None)
    assert word in capsys.readouterr().out


def test_any_other_error_is_shown_as_ever():
    shown = []
    shell = SimpleNamespace(showtraceback=lambda error, **options: shown.append((error, options)))
    error = OSError("no such file")
    tab.explain(shell, OSError, error, None, tb_offset=1)
    assert shown == [((OSError, error, None), {"tb_offset": 1})]


def test_a_model_and_a_digest_from_two_versions_are_fetched_again(monkeypatch, tmp_path):
    """The browser may have kept one of them, and the site has a newer one."""
    file, digest = tmp_path / "cria.gguf", tmp_path / "cria.gguf.sha256"
    site = {file.name: b"new", digest.name: hashlib.sha256(b"new").hexdigest().encode()}
    kept, asked = {**site, file.name: b"old"}, []

    def fetched(path: str, cache: str) -> bytes:
        asked.append(cache)
        return {"default": kept, "reload": site}[cache][path.removeprefix("models/")]

    monkeypatch.setattr(tab, "_fetched", fetched)
    tab.fetch_cria(file, digest)
    assert file.read_bytes() == b"new" and asked == ["default"] * 2 + ["reload"] * 2
    tab.fetch_cria(file, digest)
    assert len(asked) == 4, "what is right is not fetched again"

    site[file.name] = b"another"
    file.unlink()
    with pytest.raises(ModelNotFound, match="Reload this page, and restart the kernel"):
        tab.fetch_cria(file, digest)


@pytest.mark.parametrize(
    ("message", "helps"),
    [
        ("http://x/wllama.wasm cannot be fetched: the site answers nothing", "Are you online"),
        ("http://x/wllama.wasm cannot be fetched: the site answers 404", "whoever publishes"),
        ("Failed to fetch dynamically imported module: http://x/engine.js", "restart the kernel"),
        ("error loading dynamically imported module: http://x/engine.js", "restart the kernel"),
        ("Out of memory", "Close other tabs"),
    ],
)
def test_an_engine_that_does_not_start_says_what_helps(message, helps):
    assert helps in tab.advice(message)


def test_cells_that_plot_run_without_matplotlib(monkeypatch, capsys):
    for name in ["matplotlib", "matplotlib.pyplot"]:
        monkeypatch.setitem(sys.modules, name, None)  # it comes back after the test
    tab._do_without_plots()
    import matplotlib.pyplot as plt

    figure, places = plt.subplots(1, 3, sharey=True)
    places[2].barh(["a"], [1])
    figure, place = plt.subplots()
    place.set_title("one")
    show("Ten bars.")
    assert capsys.readouterr().out == "There are no plots in this tab. In words: Ten bars.\n"


# --- the engine beside llama-server ---


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_it_says_what_llama_server_says(engine, real, body):
    theirs = requests.post(f"{real.base_url}/chat/completions", json=body, timeout=60).json()
    status, _, ours = ask(engine, "POST", "/v1/chat/completions", body)
    ours = json.loads(ours)
    assert status == 200
    for field in ["object", "model", "usage", "choices"]:
        assert ours[field] == theirs[field]
    assert ours.keys() == theirs.keys()


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_it_refuses_what_llama_server_refuses_in_the_same_words(engine, real, body):
    theirs = requests.post(f"{real.base_url}/chat/completions", json=body, timeout=60)
    status, kind, ours = ask(engine, "POST", "/v1/chat/completions", body)
    assert (status, kind) == (theirs.status_code, theirs.headers["Content-Type"])
    assert json.loads(ours) == theirs.json()


@pytest.mark.parametrize("prompt", ["A token", ["A token", "Once upon"], []], ids=str)
def test_prompts_without_a_template(engine, real, prompt):
    body = {"prompt": prompt, "temperature": 0, "max_tokens": 5}
    theirs = requests.post(f"{real.base_url}/completions", json=body, timeout=60)
    status, _, ours = ask(engine, "POST", "/v1/completions", body)
    ours, theirs, expected = json.loads(ours), theirs.json(), theirs.status_code
    assert status == expected
    for field in ["error"] if expected != 200 else ["object", "choices"]:
        assert ours[field] == theirs[field]


RESPONSES = {
    "a text": {"input": "Hello! Who are you?", "temperature": 0},
    "a rule": {"input": "Hello!", "instructions": "You are a pirate.", "temperature": 0},
    "messages": {"input": [{"role": "user", "content": "Hello!"}], "temperature": 0},
    "a limit": {"input": "Tell me a story.", "max_output_tokens": 5, "temperature": 0},
    "what was said before": {"input": "And you?", "previous_response_id": "resp_1"},
    "no input": {},
    "a number": {"input": 5},
    "a temperature in words": {"input": "Hello!", "temperature": "hot"},
}


@pytest.mark.parametrize("body", RESPONSES.values(), ids=RESPONSES)
def test_the_responses_api(engine, real, body):
    theirs = requests.post(f"{real.base_url}/responses", json=body, timeout=60)
    status, _, ours = ask(engine, "POST", "/v1/responses", body)
    ours, theirs, expected = json.loads(ours), theirs.json(), theirs.status_code
    assert status == expected
    if expected != 200:
        assert ours == theirs
        return
    assert ours.keys() == theirs.keys()
    assert [item["content"] for item in ours["output"]] == [
        item["content"] for item in theirs["output"]
    ]
    for count in ["input_tokens", "output_tokens", "total_tokens"]:
        assert ours["usage"][count] == theirs["usage"][count]


@pytest.mark.parametrize(
    "address", ["GET /health", "GET /nowhere", "GET /v1/chat/completions", "POST /health"]
)
def test_it_has_the_same_addresses(engine, real, address):
    method, path = address.split()
    theirs = requests.request(method, real.url + path, timeout=60)
    status, kind, ours = ask(engine, method, path)
    assert (status, kind) == (theirs.status_code, theirs.headers["Content-Type"])
    assert json.loads(ours) == theirs.json()


def test_the_events_of_a_stream(engine, real):
    body = chat(stream=True, stream_options={"include_usage": True})
    theirs = requests.post(f"{real.base_url}/chat/completions", json=body, timeout=60).text
    status, kind, ours = ask(engine, "POST", "/v1/chat/completions", body)
    assert (status, kind) == (200, "text/event-stream")

    def said(text: str) -> list:
        events = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
        assert events.pop() == "[DONE]"
        events = [json.loads(event) for event in events]
        assert len({event["id"] for event in events}) == 1
        return [event["choices"] for event in events]

    assert said(ours) == said(theirs)


def test_several_choices_in_one_stream(engine):
    body = chat("Name a colour.", n=2, stream=True, temperature=1, seed=1)
    _, _, text = ask(engine, "POST", "/v1/chat/completions", body)
    *events, end = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
    assert end == "[DONE]"
    pieces = [choice for event in events for choice in json.loads(event)["choices"]]
    for index in (0, 1):
        own = [piece for piece in pieces if piece["index"] == index]
        assert own[-1]["finish_reason"] and any(piece["delta"].get("content") for piece in own)


def test_the_template_and_the_settings(engine, real):
    body = chat("Hi")
    theirs = requests.post(f"{real.url}/apply-template", json=body, timeout=60).json()
    assert json.loads(ask(engine, "POST", "/apply-template", body)[2]) == theirs
    theirs = requests.get(f"{real.url}/props", timeout=60).json()
    ours = json.loads(ask(engine, "GET", "/props")[2])
    assert ours["total_slots"] == theirs["total_slots"]
    assert ours["chat_template"] == theirs["chat_template"]
    for props in ours, theirs:
        assert props["chat_template_caps"]["supports_tools"]
    settings = ours["default_generation_settings"]["params"]
    assert settings["top_k"] == theirs["default_generation_settings"]["params"]["top_k"]


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("/v1/completions", {"prompt": ["one", "two"], "stream": True}, "`prompt`"),
        ("/v1/completions", {"prompt": [5, 6, 7]}, "`prompt`"),
        ("/tokenize", {"content": "Hello"}, "/tokenize"),
        ("/v1/embeddings", {"input": "Hello"}, "--embeddings"),
        ("/v1/responses", {"input": "Hello", "stream": True}, "stream"),
        ("/v1/responses", {"input": "Hello", "tools": [{"type": "function"}]}, "tools"),
    ],
)
def test_what_it_cannot_do_is_refused_with_a_reason(engine, path, body, word):
    status, _, answer = ask(engine, "POST", path, body)
    error = json.loads(answer)["error"]
    assert (status, error["type"]) == (501, "not_supported_error")
    assert word in error["message"]


def test_one_wrong_request_among_many(engine):
    bodies = [chat(), chat(temperature="hot"), chat("What is a token?"), chat(), chat("Hi"), chat()]
    answers = engine.evaluate(
        'bodies => Promise.all(bodies.map((body) => ask("POST", "/v1/chat/completions", body)))',
        bodies,
    )
    assert [status for status, *_ in answers] == [200, 400, 200, 200, 200, 200]


def test_requests_of_one_moment_draw_differently(engine):
    answers = engine.evaluate(
        'body => Promise.all([1, 2, 3, 4].map(() => ask("POST", "/v1/chat/completions", body)))',
        chat("Tell me a story.", temperature=1.5),
    )
    texts = {json.loads(text)["choices"][0]["message"]["content"] for _, _, text in answers}
    assert len(texts) > 1


@pytest.mark.parametrize("leave", ["controller.abort()", "reader.cancel()"])
def test_a_client_that_goes_away_frees_its_slot(engine, leave):
    before, after = engine.evaluate(
        """async ([body, leave]) => {
          const controller = new AbortController();
          const address = server.url + "/v1/chat/completions";
          const options = { method: "POST", body, signal: controller.signal };
          const reader = (await fetch(address, options)).body.getReader();
          await reader.read();
          const before = await busy();
          await eval(leave);
          for (let tries = 0; tries < 100 && (await busy()); tries += 1)
            await new Promise((resolve) => setTimeout(resolve, 100));
          return [before, await busy()];
        }""",
        [json.dumps(chat(stream=True, max_tokens=1000, ignore_eos=True)), leave],
    )
    assert (before, after) == (1, 0)


def test_a_server_that_is_stopped_twice_leaves_the_next_one_alone(engine):
    """Python forgets a server late, and stops it again when it does."""
    answers = engine.evaluate(
        """async () => {
          const old = await another();
          old.stop();
          const next = await another();
          old.stop();
          const answers = [old.url === next.url, (await fetch(next.url + "/health")).status];
          next.stop();
          return answers;
        }"""
    )
    assert answers == [True, 200]


def test_a_llama_cpp_that_cannot_be_fetched_is_an_error(page, site):
    page.route("**/wllama.wasm", lambda route: route.abort())
    page.goto(f"{site}look.js")
    words = page.evaluate(
        "import('./engine.js').then(({ start }) => start(new Blob(), 'cria')).catch(String)"
    )
    assert "wllama.wasm cannot be fetched: the site answers nothing" in words


# --- the pages ---


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make on this computer")
def test_make_tab_says_that_its_port_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        command = ["make", "--old-file=site/_build/.ready", "tab", f"PORT={port}"]
        made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert made.returncode
    words = f"Port {port} is taken, or cannot be used. Name another one:  make tab PORT=8765"
    assert words in made.stdout
    assert "Open http" not in made.stdout


def test_a_folder_with_other_files_is_left_alone(tmp_path, monkeypatch):
    build, made, other = load("build", scripts="site/lab"), tmp_path / "site/_build", tmp_path / "x"
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "FETCHED", made / "lab")
    monkeypatch.setattr(build.shutil, "rmtree", Mock(side_effect=AssertionError))
    for folder in [made / "lab" / "wheels", other]:
        folder.mkdir(parents=True)
        (folder / "jupyter-lite.json").touch()  # which every project of JupyterLite has
    for folder in [other, tmp_path, made, made / "lab", made / "lab" / "wheels", build.HERE]:
        monkeypatch.setattr(sys, "argv", ["build.py", str(folder)])
        with pytest.raises(SystemExit, match="holds files, and they may be yours. Empty it"):
            build.main()


def test_a_browser_that_cannot_run_it_is_told_so_before_anything_is_loaded(page, site):
    page.add_init_script("delete WebAssembly.Suspending")
    asked = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(site)))
    for address in ["index.html", "lab/index.html?path=notebooks/00_start_here.ipynb"]:
        page.goto(site + address, wait_until="commit")
        page.get_by_text("cannot run in this browser: it lacks JSPI").wait_for()
    assert not [path for path in asked if path.endswith((".wasm", ".whl", ".mjs", ".gguf"))]


def test_a_missing_file_is_a_message(page, site):
    page.route("**/pyodide.asm.wasm", lambda route: route.fulfill(status=404))
    page.goto(f"{site}?path=notebooks/03_raw_http.ipynb")
    page.get_by_text("pyodide.asm.wasm cannot be loaded: the site answers 404").wait_for()
    page.get_by_role("button", name="Try again").wait_for()


def say(page, text: str) -> str:
    """Type a message on the front page, and return the reply once it is complete."""
    field = page.get_by_label("Your message")
    field.fill(text)
    page.locator(".send:enabled").wait_for()
    field.press("Enter")
    page.locator("#log[aria-busy=false]").wait_for()
    return page.locator("#log .assistant span").last.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("host", ["127.0.0.1", "room.test"])
def test_cria_talks_before_jupyterlab_is_loaded(page, site, host, scheme):
    """With the keyboard alone, in a narrow window, on a secure page and on one that is none."""
    from browser import Axe  # noqa: PLC0415

    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 740})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.replace("127.0.0.1", host))
    assert page.evaluate("isSecureContext") == (host == "127.0.0.1")
    page.locator(".send:enabled").wait_for()
    page.evaluate(
        """() => {
          globalThis.lengths = new Set();
          const note = () => lengths.add(log.textContent.length);
          new MutationObserver(note).observe(log, { childList: true, subtree: true });
        }"""
    )
    page.keyboard.type("What is a token?")  # the field has the focus
    page.keyboard.press("Enter")
    page.locator("#log[aria-busy=false]").wait_for()
    assert "A token is" in page.get_by_role("log").inner_text()
    assert page.evaluate("lengths.size") > 5, "the reply did not grow"
    for key in ["Tab", "Tab", "Tab", "Tab", "Enter"]:
        page.keyboard.press(key)
    page.get_by_role("log").get_by_text("27 + 15 = 42", exact=True).wait_for()
    assert page.locator("#log i").last.inner_text().startswith("27 + 15: 7 + 5 = 12")
    assert page.evaluate("document.activeElement.id") == "text"
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert not [url for url in asked if "/static/" in url or "/build/" in url]


FAULTS = {
    "no model": ("cria.gguf", {"status": 404}, "the site answers 404"),
    "half a model": ("cria.gguf", {"body": "GGUF"}, "has arrived with 4 bytes"),
    "another model": (
        "cria.gguf",
        {"body": bytes(model().stat().st_size)},
        "not the file whose digest the site has",
    ),
    "no llama.cpp": ("wllama.wasm", {"status": 500}, "the site answers 500"),
    "no engine": ("engine.js", {"status": 404}, "engine.js cannot be loaded"),
    "no list of files": ("files.json", {"status": 404}, "files.json cannot be loaded"),
    "another kind": (
        "engine.js",
        {"body": "", "content_type": "text/plain"},
        "engine.js cannot be run: the site sends it as text/plain",
    ),
}


@pytest.mark.parametrize(("file", "answer", "words"), FAULTS.values(), ids=FAULTS)
def test_what_goes_wrong_on_the_front_page_is_said(page, site, file, answer, words):
    page.route(f"**/{file}", lambda route: route.fulfill(**answer))
    page.goto(site)
    page.get_by_role("status").get_by_text(words).wait_for()
    page.unroute(f"**/{file}")
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("cria is ready.").wait_for()
    assert "cria" in say(page, "Who are you?")


def test_a_conversation_that_is_too_long_is_said(page, site):
    page.goto(site)
    page.get_by_label("Your message").evaluate("field => field.removeAttribute('maxlength')")
    say(page, "word " * 3000)
    page.get_by_text("exceeds the available context size").wait_for()
    assert "cria" in say(page, "Who are you?")


def test_a_reply_that_is_cut_off_says_so(page, site):
    page.goto(site)
    page.locator(".send:enabled").wait_for()
    page.evaluate(
        """() => {
          const ask = globalThis.fetch;
          const fewer = (body) => body.replace('"max_tokens":300', '"max_tokens":5');
          globalThis.fetch = (url, { body, ...rest }) => ask(url, { body: fewer(body), ...rest });
        }"""
    )
    say(page, "Tell me a story.")
    page.get_by_text("Cut off: a reply has at most 300 tokens").wait_for()


def test_the_front_page_opens_the_course_and_the_back_button_comes_back(page, site):
    page.goto(site)
    page.get_by_role("link", name="Open the course in JupyterLab").click()
    page.wait_for_url("**/lab/lab/index.html?*00_start_here.ipynb")
    page.go_back()
    assert "cria" in say(page, "Who are you?")


def test_python_finds_all_that_its_list_names(site):
    folder = LAB / "static" / "pyodide"
    lock = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        content = (folder / package["file_name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == package["sha256"]
        assert set(package["depends"]) <= lock["packages"].keys()


def test_a_page_that_is_loaded_again_in_the_middle_of_a_reply(page, site):
    page.goto(site)
    page.get_by_role("button", name="Tell me a story.").and_(page.locator(":enabled")).click()
    page.locator("#log .assistant span:not(:empty)").wait_for()
    page.reload()
    assert page.locator("#log p").count() == 0
    assert "cria" in say(page, "Who are you?")


def test_two_tabs_at_once(page, site):
    pages = [page, page.context.new_page()]
    for one in pages:
        one.goto(site)
    for one in pages:
        one.get_by_label("Your message").fill("Who are you?")
        one.locator(".send:enabled").click()
    for one in pages:
        one.get_by_role("log").get_by_text("I am cria").wait_for()


def test_cria_talks_on_without_a_network(page, site):
    page.goto(site)
    page.locator(".send:enabled").wait_for()
    page.context.set_offline(True)
    assert "cria" in say(page, "Who are you?")


def test_a_network_that_is_gone_is_said(page, site):
    page.route("**/models/cria.gguf", lambda route: route.abort("internetdisconnected"))
    page.goto(site)
    page.get_by_text("the site does not answer. Are you online?").wait_for()


@pytest.mark.parametrize("part", ["config-utils.js", "bundle.js"])
def test_a_part_of_jupyterlab_that_is_lost_is_named(page, site, part):
    page.route(f"**/{part}?*", lambda route: route.abort())
    page.goto(f"{site}lab/index.html?path=README.md", wait_until="commit")
    words = f"A part of JupyterLab cannot be loaded: {part}. Go online, and reload this page."
    page.get_by_role("alert").get_by_text(words).first.wait_for()


def test_a_browser_that_keeps_nothing_is_told_before_jupyterlab_is_opened(page, site):
    page.add_init_script(
        """Object.defineProperty(globalThis, "localStorage", {
          get() { throw new DOMException("Access is denied", "SecurityError"); }
        })"""
    )
    page.goto(f"{site}?path=notebooks/03_raw_http.ipynb")
    page.get_by_text("This browser keeps nothing for this site").wait_for()


def test_a_page_that_has_lost_its_first_script_says_so(page, site):
    page.route("**/look.js", lambda route: route.abort())
    page.goto(site)
    page.get_by_text("look.js cannot be loaded. Are you online? Reload this page.").wait_for()


def test_a_slow_connection_shows_how_far_it_is(page, site):
    protocol = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 50, "downloadThroughput": 1e6, "uploadThroughput": 1e6}
    protocol.send("Network.enable")
    protocol.send("Network.emulateNetworkConditions", slow)
    page.goto(site, wait_until="commit")
    page.wait_for_function("document.querySelector('#done')?.value > 0.05")
    assert page.get_by_role("progressbar", name="loaded").is_visible()
    assert page.locator(".send").is_disabled()
    counts = [page.locator("#count").inner_text()]
    page.wait_for_function(
        "before => document.querySelector('#count').textContent !== before", arg=counts[0]
    )
    assert "of 13.8 MB" in counts[0]


@pytest.mark.parametrize("lesson", ["03", "12"])
def test_the_button_of_a_lesson_opens_it_in_the_tab(page, site, lesson):
    [path] = LAB.parent.glob(f"notebooks/{lesson}_*.html")
    page.goto(f"{site}../notebooks/{path.name}")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Run this lesson here, in your browser").click()
    opened.value.wait_for_function(IN_FRONT, arg=f"notebooks/{path.stem}.ipynb")


def test_the_next_lesson_opens_alone(page, site):
    """Else it would wait until the lessons before it have kernels again."""
    for lesson in ["03_raw_http", "04_sampling"]:
        path = f"notebooks/{lesson}.ipynb"
        page.goto(f"{site}?path={path}")
        page.wait_for_function(IN_FRONT, arg=path)
        page.wait_for_timeout(3000)  # JupyterLab notes what is open
    opened = "[...jupyterapp.shell.widgets('main')].map(widget => widget.context?.path)"
    assert page.evaluate(opened) == [path]
    page.reload()
    page.wait_for_function(IN_FRONT, arg=path)
    assert page.evaluate(opened) == [path]


# --- the lessons ---


def run(page, site: str, path: str, beginning: str = "") -> list[dict]:
    """Open a notebook in JupyterLab, run it from the cell that begins so, and return what ran."""
    page.set_default_timeout(400_000)
    page.goto(f"{site}lab/index.html?path={path}")
    page.wait_for_function(
        """path => {
          const { content, context } = globalThis.jupyterapp?.shell.currentWidget ?? {};
          const { model, widgets } = content ?? {};
          return context?.path === path && widgets.length && widgets.length === model.cells.length;
        }""",
        arg=path,
    )
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.ready")
    first = page.evaluate(
        """(beginning) => {
          const notebook = jupyterapp.shell.currentWidget.content;
          const begins = (cell) => cell.model.sharedModel.getSource().startsWith(beginning);
          const first = notebook.widgets.findIndex(begins);
          notebook.activeCellIndex = first;
          for (const cell of notebook.model.cells) if (cell.type === "code") cell.clearExecution();
          jupyterapp.commands.execute("notebook:run-all-below");
          return first;
        }""",
        beginning,
    )
    page.wait_for_function(
        """(first) => {
          const cells = [...jupyterapp.shell.currentWidget.content.model.cells].slice(first);
          const code = cells.filter((cell) => cell.type === "code");
          const failed = (cell) => cell.toJSON().outputs.some((out) => out.output_type === "error");
          if (code.some(failed)) return true; // JupyterLab runs no cell after it
          return code.every((cell) => cell.executionState === "idle" && cell.executionCount);
        }""",
        arg=first,
        polling=500,  # at every frame, it would take the time that the lesson needs
    )
    assert not page.get_by_text("A part of JupyterLab cannot be loaded").count()
    notebook = page.evaluate("jupyterapp.shell.currentWidget.content.model.toJSON()")
    return [cell for cell in notebook["cells"][first:] if cell["cell_type"] == "code"]


EXECUTE = """async ([name, code]) => {
  const { sessions } = jupyterapp.serviceManager;
  const options = { path: `${name}.ipynb`, name, type: "notebook", kernel: { name: "python" } };
  globalThis.kernels ??= {};
  if (name) kernels[name] ??= (await sessions.startNew(options)).kernel;
  const inFront = jupyterapp.shell.currentWidget?.sessionContext?.session;
  const future = (name ? kernels[name] : inFront.kernel).requestExecute({ code });
  let printed = "";
  future.onIOPub = ({ content }) => {
    printed += content.text ?? content.traceback?.join("\\n") ?? "";
  };
  const { content: reply } = await future.done;
  return { printed, status: reply.status };
}"""


def assert_no_errors(cells: list[dict]) -> None:
    for cell in cells:
        errors = [out for out in cell["outputs"] if out["output_type"] == "error"]
        assert not errors, "".join(cell["source"])


@pytest.fixture(scope="module")
def lesson_00(chromium, site) -> Iterator:
    """The first lesson after *Run All*. Others use its kernel: one takes ten seconds to start."""
    page = chromium.new_page()
    cells = run(page, site, "notebooks/00_start_here.ipynb")
    assert_no_errors(cells)
    assert LOST not in json.dumps(cells), "this page is secure"
    yield page
    page.close()


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_and_its_solutions_are_accepted(lesson_00, lesson):
    assert lesson_00.evaluate(EXECUTE, [None, "%reset -f"])["status"] == "ok"
    checked = 0
    for folder in ["notebooks", "notebooks/solutions"]:
        [path] = (ROOT / folder).glob(f"{lesson}_*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            code = "".join(cell["source"])
            if cell["cell_type"] == "code":
                done = lesson_00.evaluate(EXECUTE, [None, code])
                assert done["status"] == "ok", f"{code}\n{done['printed']}"
                checked += "Well done!" in done["printed"]
    assert checked == 3


def test_the_chat(page, site):
    """The last part of lesson 12: its chat is there, and answers."""
    path = "notebooks/12_choosing.ipynb"
    assert_no_errors(run(page, site, path, "## Build a conversation"))
    field = page.get_by_label("You:")
    field.fill("What is a token?")
    field.press("Enter")
    page.get_by_role("log").get_by_text("A token is").wait_for()


def test_a_lesson_runs_from_a_page_that_is_no_secure_context(page, site):
    address = site.replace("127.0.0.1", "room.test")
    cells = run(page, address, "notebooks/00_start_here.ipynb")
    assert not page.evaluate("isSecureContext")
    assert_no_errors(cells)
    assert LOST in json.dumps(cells)


def test_two_notebooks_a_restart_and_no_network(page, tmp_path):
    """Each kernel has a server of its own, and a new one starts without a network."""
    copy = tmp_path / "lab"
    shutil.copytree(LAB, copy, copy_function=os.link)
    file = copy / "models" / "cria.gguf"
    file.unlink()
    shutil.copyfile(LAB / "models" / "cria.gguf", file)  # new: a browser does not keep it for long
    start = "from helpers import LlamaServer\nserver = LlamaServer().start()\nprint(server.url)"
    say = (
        "import requests\nbody = {'messages': [{'role': 'user', 'content': 'Who are you?'}]}\n"
        "url = server.base_url + '/chat/completions'\nbody |= {'temperature': 0}\n"
        "print(requests.post(url, json=body).json()['choices'][0]['message']['content'])"
    )
    page.set_default_timeout(400_000)
    with served(copy) as address:
        page.goto(f"{address}lab/index.html?path=README.md")
        page.wait_for_function(
            "globalThis.jupyterapp?.serviceManager.kernelspecs.specs?.kernelspecs.python"
        )

        def execute(notebook: str, code: str) -> str:
            return page.evaluate(EXECUTE, [notebook, code])["printed"]

        for notebook in ["one", "two"]:
            assert "http://127.0.0.1:8080" in execute(notebook, start)
        execute("one", "server.stop()")
        assert "I am cria" in execute("two", say), "one kernel has stopped the other's server"
        page.evaluate("kernels.two.restart()")
        assert "'server' is not defined" in execute("two", say)
        assert "http://127.0.0.1:8080" in execute("two", start), "the old server is still there"
        page.context.set_offline(True)
        assert "http://127.0.0.1:8080" in execute("one", start)
        assert "I am cria" in execute("one", "import gc\ngc.collect()\n" + say)
        page.context.set_offline(False)
        file.unlink()
        assert "cria.gguf cannot be fetched: the site answers 404" in execute("three", start)


def test_what_a_learner_wrote_survives_a_reload_and_a_newer_site(page, tmp_path):
    copy = tmp_path / "lab"
    shutil.copytree(LAB, copy, copy_function=os.link)
    changed, other = [
        copy / "files" / "notebooks" / name for name in ["03_raw_http.ipynb", "04_sampling.ipynb"]
    ]
    first = "jupyterapp.shell.currentWidget.content.widgets[0].model.sharedModel"

    for path in changed, other:  # so old that a browser keeps them for weeks
        text = path.read_text(encoding="utf-8")
        path.unlink()  # the other name of the file stays as it is
        path.write_text(text, encoding="utf-8")
        os.utime(path, (0, 0))

    def opened(name: str, page_of: str = "lab/index.html") -> str:
        page.goto(f"{address}{page_of}?path=notebooks/{name}")
        page.wait_for_function(
            """path => {
              const { context, content } = globalThis.jupyterapp?.shell.currentWidget ?? {};
              return context?.path === path && content.widgets.length > 5;
            }""",
            arg=f"notebooks/{name}",
        )
        return page.evaluate(f"{first}.getSource()")

    with served(copy) as address:
        opened(changed.name)
        page.evaluate(f"{first}.setSource('# My own words')")
        page.evaluate("jupyterapp.commands.execute('docmanager:save')")
        assert opened(changed.name) == "# My own words"
        assert opened(other.name, "").startswith("# 04")
        for path in changed, other:
            text = path.read_text(encoding="utf-8")
            path.write_text(re.sub(r'"# 0\d ', '"# Newer ', text), encoding="utf-8")
        assert opened(changed.name) == "# My own words"
        assert opened(other.name, "").startswith("# Newer"), "the first page asks the site"


def test_a_browser_that_has_no_room_left_says_so(page, site):
    page.add_init_script(
        """IDBObjectStore.prototype.put = () => {
          throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
        }"""
    )
    page.goto(f"{site}lab/index.html?path=notebooks/03_raw_http.ipynb")
    page.wait_for_function(
        "globalThis.jupyterapp?.shell.currentWidget?.content?.widgets?.length > 5"
    )
    page.evaluate("void jupyterapp.commands.execute('docmanager:save')")
    page.get_by_role("dialog").get_by_text("quota").wait_for()
