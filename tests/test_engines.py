"""One object, several engines: what they have in common, and where they differ.

The differences stand in a table in lesson 01; every cell of it is asked of the running engine here.
ollama has tests of its own, in test_ollama.py.
"""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from pathlib import Path

import nbformat
import psutil
import pytest
import requests
from filelock import FileLock
from processes import ENGINES, HERE, NAMES, WINE, family, gone

from helpers import BinaryNotFound, LlamaServer, PortTaken, ServerError, watcher
from helpers.engines import XLLAMACPP, chosen, environment, find_binary
from helpers.engines import engine as choose

USUAL = "llama-server" if HERE["llama-server"] else "xllamacpp"
ROOT = Path(__file__).resolve().parent.parent
KEY = {"llama_cpp.server": "--api_key"}  # this one writes its flags with underscores
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
FORM = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


@pytest.fixture(scope="module", params=ENGINES)
def server(request):
    options = [KEY.get(request.param, "--api-key"), "sesame"]
    with LlamaServer(engine=request.param, options=options) as running:
        yield running


def ask(server: LlamaServer, content: str = "Hello!", **fields) -> requests.Response:
    headers = {"Authorization": f"Bearer {server.api_key}"}
    body = {"messages": [{"role": "user", "content": content}], "temperature": 0, **fields}
    url, stream = f"{server.base_url}/chat/completions", fields.get("stream", False)
    return requests.post(url, json=body, headers=headers, stream=stream, timeout=60)


def get(server: LlamaServer, path: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {server.api_key}"}
    return requests.get(server.url + path, headers=headers, timeout=60)


def slots(server: LlamaServer) -> list[dict]:
    """What each slot does; llama_cpp.server has no list of them."""
    answer = get(server, "/slots")
    return answer.json() if answer.ok else []


def events(server: LlamaServer, **fields) -> list:
    lines = [line for line in ask(server, stream=True, **fields).iter_lines() if line]
    data = [line.decode().removeprefix("data: ") for line in lines]
    return [text if text == "[DONE]" else json.loads(text) for text in data]


# --- what they have in common --------------------------------------------------------------------


def test_chat_and_usage(server):
    answer = ask(server).json()
    assert answer["choices"][0]["message"]["content"].startswith("H")
    assert answer["choices"][0]["finish_reason"] == "stop"
    usage = answer["usage"]
    assert usage["prompt_tokens"] + usage["completion_tokens"] == usage["total_tokens"]


def test_order_of_a_stream(server):
    role, *deltas, finish, done = events(server)
    assert role["choices"][0]["delta"]["role"] == "assistant"
    text = "".join(chunk["choices"][0]["delta"]["content"] for chunk in deltas)
    assert text == ask(server).json()["choices"][0]["message"]["content"]
    assert finish["choices"][0]["delta"] == {}
    assert finish["choices"][0]["finish_reason"] == "stop"
    assert done == "[DONE]"


def test_usage_comes_after_the_finish_chunk_or_not_at_all(server):
    *_, finish, last, done = events(server, stream_options={"include_usage": True})
    assert done == "[DONE]"
    if last.get("usage"):
        assert finish["choices"][0]["finish_reason"] == "stop"
        assert last["choices"] == []
        assert last["usage"]["total_tokens"] == ask(server).json()["usage"]["total_tokens"]
    else:
        assert last["choices"][0]["finish_reason"] == "stop"


def test_stop(server):
    choice = ask(server, "What is a token?", stop=["."]).json()["choices"][0]
    assert choice["finish_reason"] == "stop"
    assert choice["message"]["content"] and "." not in choice["message"]["content"]


def test_max_tokens(server):
    choice = ask(server, "Tell me a story.", max_tokens=5).json()["choices"][0]
    assert choice["finish_reason"] == "length"


def test_any_json(server):
    form = {"response_format": {"type": "json_object", "schema": FORM}}
    assert "a" in json.loads(ask(server, **form).json()["choices"][0]["message"]["content"])


def test_a_wrong_key_is_refused(server):
    for key in ["", "Bearer wrong"]:
        for path in ["/models", "/chat/completions"]:
            method = "GET" if path == "/models" else "POST"
            answer = requests.request(
                method, server.base_url + path, json={}, headers={"Authorization": key}, timeout=5
            )
            assert answer.status_code == 401
            assert set(answer.json()) <= {"error", "detail"}, "JSON says what is wrong"


def test_what_cannot_be_understood_is_an_error_in_json(server):
    headers = {"Authorization": f"Bearer {server.api_key}", "Content-Type": "application/json"}
    own_fault = 500 if server.engine == "llama_cpp.server" else 400
    for path, body, status in [
        ("/chat/completions", "{}", own_fault),
        ("/nowhere", "{}", 404),
        ("/chat/completions", "{", None),  # the table knows which
    ]:
        answer = requests.post(server.base_url + path, data=body, headers=headers, timeout=9)
        assert answer.status_code == status or (not status and answer.status_code >= 400)
        if (server.engine, body) == ("llama_cpp.server", "{"):
            assert answer.text == "Internal Server Error", "plain text"
        else:
            assert set(answer.json()) <= {"error", "detail"}
    assert ask(server).ok, "and it goes on"


def test_leaving_in_the_middle_frees_the_server(server):
    leave = ask(server, "Tell me a story.", stream=True, max_tokens=100_000, ignore_eos=True)
    next(leave.iter_lines())
    leave.close()
    begin = time.monotonic()
    assert ask(server, max_tokens=2).ok
    assert time.monotonic() - begin < 30
    while any(slot["is_processing"] for slot in slots(server)):
        assert time.monotonic() - begin < 30
        time.sleep(0.02)


def test_it_listens_on_this_computer_alone(server):
    if WINE:
        pytest.skip("Wine does not tell which program listens where")
    watcher = psutil.Process(server._watcher.pid)
    connections = [c for p in watcher.children(True) for c in p.net_connections(kind="inet")]
    assert {c.laddr.ip for c in connections if c.status == "LISTEN"} == {"127.0.0.1"}


@pytest.mark.parametrize("name", ENGINES)
def test_nothing_is_left_after_stop(name):
    server = LlamaServer(engine=name).start()
    assert server.engine == name
    processes = family(server._watcher.pid)
    server.stop()
    assert gone(processes)


PARENT = """
import sys, time
from helpers import LlamaServer
servers = [LlamaServer(engine=name).start() for name in sys.argv[1:]]
print(*[server._watcher.pid for server in servers], flush=True)
time.sleep(120)
"""


def test_nothing_is_left_after_the_program_was_killed():
    here = [name for name in NAMES if HERE[name]]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *here],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    watchers = [psutil.Process(int(word)) for word in parent.stdout.readline().split()]
    processes = watchers + [child for watcher in watchers for child in watcher.children()]
    assert len(processes) == 2 * len(here), "a watcher and a server each"
    parent.kill()
    parent.communicate()
    assert gone(processes)


@pytest.mark.parametrize("name", ENGINES)
def test_another_server_with_the_same_model_is_not_taken_for_ours(name, monkeypatch):
    with LlamaServer() as other:
        monkeypatch.setattr("helpers.server.is_open", lambda port: False)  # it came a moment later
        late = LlamaServer(engine=name, port=int(other.url.rpartition(":")[2]))
        with pytest.raises(PortTaken, match="Another server answers"):
            late.start()
        assert not late.running
        assert ask(other, max_tokens=2).ok


@pytest.mark.parametrize("name", ENGINES[:2])
def test_several_keys(name, monkeypatch):
    with LlamaServer(engine=name, options=["--api-key", "one,two"]) as server:
        assert server.api_key == "one"
        assert ask(server, max_tokens=2).ok
    monkeypatch.setenv("LLAMA_API_KEY", "three")
    with LlamaServer(engine=name) as server:
        assert server.api_key == "three"
        assert ask(server, max_tokens=2).ok


@pytest.mark.parametrize("name", ENGINES)
def test_a_broken_model_and_a_wrong_flag_are_named(name, tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    for arguments, words in [
        ({"model": broken}, "or damaged"),
        ({"options": ["--no-such-flag"]}, "no flag"),
    ]:
        with pytest.raises(ServerError, match=words) as error:
            LlamaServer(engine=name, **arguments).start()
    assert "--no-such-flag" in str(error.value)
    assert f"no flag of {name}" in str(error.value)


def test_the_prebuilt_engine_says_which_flags_there_are():
    with pytest.raises(ServerError, match="there are --model, --host, .*--list-devices"):
        LlamaServer(engine="xllamacpp", options=["--in-prefix", "x"]).start()


def test_the_prebuilt_engine_has_the_options_of_the_lessons():
    options = ["--ctx-size", "512", "--parallel", "2", "--alias", "professor", "--metrics"]
    with LlamaServer(engine="xllamacpp", options=options) as server:
        assert [slot["n_ctx"] for slot in get(server, "/slots").json()] == [256, 256]
        assert server.model == "professor" == ask(server).json()["model"]
        assert get(server, "/metrics").ok
        here, elsewhere = "http://localhost:8888", "https://example.org"
        for origin, allowed in [(here, here), (elsewhere, None)]:
            answer = requests.get(f"{server.url}/health", headers={"Origin": origin}, timeout=5)
            assert answer.headers.get("Access-Control-Allow-Origin") == allowed


def test_the_prebuilt_engine_writes_its_log_where_it_is_told(tmp_path):
    file = tmp_path / "server.log"
    with LlamaServer(engine="xllamacpp", options=["--log-file", str(file)]) as server:
        assert ask(server, max_tokens=2).ok
    assert "loading model" in file.read_text(encoding="utf-8")


def test_the_prebuilt_engine_takes_short_names_variables_and_a_template(monkeypatch):
    monkeypatch.setenv("LLAMA_ARG_CTX_SIZE", "512")
    monkeypatch.setenv("LLAMA_ARG_API_KEY", "what llama-server does not read either")
    monkeypatch.setenv("LLAMA_ARG_N_PARALLEL", "2")
    options = ["-kvu", "-ngl", "99", "--chat-template", "SHOUT {{ messages[0].content }}"]
    with LlamaServer(engine="xllamacpp", options=options) as server:
        assert [slot["n_ctx"] for slot in get(server, "/slots").json()] == [512, 512]
        question = {"messages": [{"role": "user", "content": "Hello!"}]}
        url = f"{server.url}/apply-template"
        assert requests.post(url, json=question, timeout=9).json() == {"prompt": "SHOUT Hello!"}


def test_the_prebuilt_engine_reads_a_template_from_a_file_and_shows_special_tokens(tmp_path):
    file = tmp_path / "shout.jinja"
    file.write_text("<|im_start|>SHOUT {{ messages[0].content }}", encoding="utf-8")
    options = ["--chat-template-file", str(file), "--special"]
    with LlamaServer("cria", engine="xllamacpp", options=options) as server:
        question = {"messages": [{"role": "user", "content": "Hello!"}]}
        made = requests.post(f"{server.url}/apply-template", json=question, timeout=9).json()
        assert made == {"prompt": "<|im_start|>SHOUT Hello!"}
        body = {"prompt": "<|im_start|>", "n_predict": 1, "logit_bias": [[1, 1000]]}
        shown = requests.post(f"{server.url}/completion", json=body, timeout=9).json()
        assert shown["content"] == "<|im_start|>"


@pytest.mark.skipif(not HERE["llama-server"], reason="llama-server is not on this computer")
def test_the_prebuilt_engine_lists_the_same_devices():
    listed = [
        subprocess.run([*command, "--list-devices"], capture_output=True, text=True).stdout
        for command in [[find_binary()], [sys.executable, XLLAMACPP]]
    ]
    assert listed[0].split() == listed[1].split()


# --- models that think ---------------------------------------------------------------------------


CHOICES = {  # options, variable, and whether it thinks
    "nothing": ([], "", False),
    "an option": (["--reasoning", "auto"], "", True),
    "the same, short": (["-rea", "on"], "", True),
    "a variable": ([], "auto", True),
    "off after all": (["--reasoning", "off"], "auto", False),
}


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("name", ENGINES[:2])
def test_a_model_that_thinks_answers_at_once_unless_the_learner_says_otherwise(
    name, choice, monkeypatch
):
    options, variable, thinks = CHOICES[choice]
    if variable:
        monkeypatch.setenv("LLAMA_ARG_REASONING", variable)
    with LlamaServer("cria", engine=name, options=options) as server:
        message = ask(server, "What is 37 + 45?", max_tokens=10).json()["choices"][0]["message"]
    assert bool(message["content"]) is not thinks
    assert bool(message.get("reasoning_content")) is thinks


def test_one_request_may_ask_for_the_thought():
    with LlamaServer("cria") as server:
        wish = {"chat_template_kwargs": {"enable_thinking": True}}
        message = ask(server, "What is 37 + 45?", **wish).json()["choices"][0]["message"]
    assert message["reasoning_content"] and message["content"] == "37 + 45 = 82"


def test_the_cache_of_earlier_prompts_is_no_growth_without_end():
    """A busy server fills it without a pause, and is not to be ended for that."""
    assert int(environment()["LLAMA_ARG_CACHE_RAM"]) * 2**20 < watcher.MUCH


@pytest.mark.parametrize("name", ENGINES[:2])
def test_a_budget_cuts_a_thought_and_the_answer_follows(name):
    options = ["--reasoning", "auto", "--reasoning-budget", "4"]
    with LlamaServer("cria", engine=name, options=options) as server:
        message = ask(server, "What is 37 + 45?", max_tokens=40).json()["choices"][0]["message"]
    assert message["reasoning_content"] == "37 +" and message["content"].startswith("37 + 45 =")


# --- where they differ: the tables of lesson 01 --------------------------------------------------


def table() -> dict[str, dict[str, str]]:
    """The tables in lesson 01: row → engine → what stands there."""
    lesson = nbformat.read(ROOT / "notebooks" / "01_server.ipynb", as_version=4)
    lines = [line for cell in lesson.cells for line in cell.source.splitlines()]
    heads = [i for i, line in enumerate(lines) if line.startswith("| what differs |")]
    body = {}
    for i in heads:  # a head, a line, and rows
        head, _, *rows = takewhile(lambda line: line.startswith("|"), lines[i:])
        names, *rows = [[w.strip("` ") for w in r.strip("| ").split(" | ")] for r in [head, *rows]]
        body |= {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in rows}
    return body


def at_once(server: LlamaServer) -> str:
    """Whether short questions are answered while a long answer is still being written."""
    answered = 0
    with ThreadPoolExecutor() as pool:
        long = pool.submit(ask, server, "Tell me a story.", max_tokens=1900, ignore_eos=True)
        while not long.done():
            ask(server, max_tokens=1)
            answered += not long.done()
    return "several at once" if answered > 5 else "one at a time"  # a few may come before it


def names(server: LlamaServer) -> str:
    return ask(server, model="gpt-9", max_tokens=1).json()["model"]


def usage(server: LlamaServer) -> str:
    *_, last, _done = events(server, stream_options={"include_usage": True})
    return "a last chunk" if last.get("usage") else "never"


PROBES = {
    "/health": lambda s: str(get(s, "/health").status_code),
    "/props and /slots": lambda s: str(get(s, "/props").status_code),
    "content of the first chunk": lambda s: json.dumps(
        events(s)[0]["choices"][0]["delta"].get("content", "absent")
    ).strip('"'),
    "usage in a stream that asks for it": usage,
    "another model's name in the request": lambda s: (
        "ignored" if names(s) == "cria" else "ignored, and sent back"
    ),
    "an address that is wrong": lambda s: next(iter(get(s, "/nowhere").json())),
    "a body that is not JSON": lambda s: str(
        requests.post(
            f"{s.base_url}/chat/completions", data="{", timeout=9,
            headers={"Authorization": f"Bearer {s.api_key}"},
        ).status_code
    ),
    "json_schema": lambda s: (
        "obeyed"
        if ask(
            s, response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": FORM}}
        ).ok
        else "refused"
    ),
    "a tool call": lambda s: (
        "tool_calls"
        if ask(s, "What is the weather in Oslo?", tools=[WEATHER])
        .json()["choices"][0]["message"].get("tool_calls")
        else "text"
    ),
    "clients": at_once,
}  # fmt: skip


def test_the_tables_ask_all_that_is_asked_here():
    assert set(table()) == set(PROBES)
    assert all(list(row)[: len(NAMES)] == NAMES for row in table().values())


@pytest.mark.parametrize("row", PROBES)
def test_the_tables_in_lesson_01_are_true(server, row):
    assert PROBES[row](server) == table()[row][server.engine]


# --- which one is taken --------------------------------------------------------------------------


@pytest.fixture
def no_llama_server(monkeypatch, tmp_path):
    """A computer without llama-server."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))


def test_the_prebuilt_engine_steps_in_where_there_is_no_llama_server(no_llama_server):
    assert choose().name == "xllamacpp"


def test_and_answers_there(monkeypatch):
    monkeypatch.setattr("helpers.engines.found", lambda _: None)
    with LlamaServer() as server:
        assert server.engine == "xllamacpp"
        assert ask(server, max_tokens=2).ok


def test_a_server_that_gives_up_and_does_not_end_is_not_waited_for(fake_program):
    """So does xllamacpp on Windows, with a file that only begins like a model."""
    source = "import time\nprint('failed to load model\\ncleaning up before exit...', flush=True)\n"
    stuck = fake_program(source + "time.sleep(120)")
    with pytest.raises(ServerError, match="ended while it started.\nfailed to load model"):
        LlamaServer(binary=stuck).start()


def test_the_environment_may_choose_but_an_argument_goes_before_it(monkeypatch):
    monkeypatch.delenv("LLM_ENGINE", raising=False)
    assert choose().name == USUAL
    monkeypatch.setenv("LLM_ENGINE", "llama_cpp.server")
    assert chosen() == "llama_cpp.server"
    assert choose("xllamacpp").name == "xllamacpp"
    assert chosen(binary="my-own") == "llama-server"


def test_a_server_of_one_s_own_is_llama_cpp_whatever_the_environment_names(monkeypatch):
    monkeypatch.setenv("LLM_BASE_URL", "http://127.0.0.1:9/v1")
    for engine in ["ollama", "llama_cpp.server"]:
        monkeypatch.setenv("LLM_ENGINE", engine)
        with LlamaServer(own=True) as server:
            assert server.engine == USUAL
            assert get(server, "/props").ok


def test_an_engine_that_does_not_exist():
    words = "no engine 'vllm'.\nName one of these: .*xllamacpp, .*LLM_BASE_URL"
    with pytest.raises(BinaryNotFound, match=words):
        LlamaServer(engine="vllm").start()


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Ollama", "ollama"),
        (" llama-server \r", "llama-server"),
        ("LLAMA_SERVER", "llama-server"),
        ("llama-server.exe", "llama-server"),
        ("llama.cpp", "llama-server"),
        ("'xllamacpp'", "xllamacpp"),
        ("llama-cpp-python", "llama_cpp.server"),
        ("llama_cpp.server", "llama_cpp.server"),
    ],
)
def test_the_name_of_an_engine_as_people_write_it(monkeypatch, typed, name):
    assert chosen(typed) == name
    monkeypatch.setenv("LLM_ENGINE", typed)
    assert chosen() == name


@pytest.mark.parametrize("blank", ["", " ", '""'])
def test_a_blank_variable_names_no_program(monkeypatch, blank):
    monkeypatch.delenv("LLM_ENGINE", raising=False)
    monkeypatch.setenv("LLAMA_SERVER", blank)
    monkeypatch.setattr("helpers.engines.found", lambda _: None)
    assert chosen() == "xllamacpp"


# --- what would move the server elsewhere --------------------------------------------------------

ELSEWHERE = ["--port 8090", "--host=0.0.0.0", "-m x.gguf", "--model x", "--api-key-file keys",
             "--api-prefix /a", "--ssl-key-file key.pem", "--ssl-cert-file cert.pem"]  # fmt: skip


@pytest.mark.parametrize("option", ELSEWHERE)
def test_an_option_that_would_move_it_is_refused_at_once(option):
    flag = option.replace("=", " ").split()[0]
    for options in [option.split(), [option]] if option[1] == "-" else [option.split()]:
        with pytest.raises(ValueError, match=f"{flag} is not an option here.*port=8090"):
            LlamaServer(options=options)


MOVED = {
    "LLAMA_ARG_HOST": "0.0.0.0", "LLAMA_ARG_PORT": "9", "LLAMA_ARG_MODEL": "x", "HOST": "0.0.0.0",
    "PORT": "9", "MODEL": "x", "MODEL_ALIAS": "x", "API_KEY": "x", "CONFIG_FILE": "x",
    "LLAMA_ARG_ALIAS": "x", "LLAMA_ARG_API_PREFIX": "/x", "LLAMA_ARG_SSL_KEY_FILE": "x",
    "LLAMA_ARG_SSL_CERT_FILE": "x", "LLAMA_ARG_API_KEY_FILE": "x", "LLAMA_ARG_EMBEDDINGS": "1",
}  # fmt: skip


@pytest.mark.parametrize("name", ENGINES)
def test_no_variable_moves_it_or_locks_it(name, monkeypatch):
    for variable, value in MOVED.items():
        monkeypatch.setenv(variable, value)
    with LlamaServer(engine=name) as server:
        assert server.model == "cria"
        assert ask(server, max_tokens=2).ok
        test_it_listens_on_this_computer_alone(server)


def test_no_short_form_of_a_flag_opens_it_to_the_network():
    """The binding's server takes the beginning of a flag for the flag."""
    pytest.importorskip("llama_cpp", reason="the binding is not here")
    with LlamaServer(engine="llama_cpp.server", options=["--hos", "0.0.0.0"]) as server:
        test_it_listens_on_this_computer_alone(server)


@pytest.mark.parametrize("name", ENGINES[:2])
@pytest.mark.parametrize(
    "options", [["--alias=prof"], ["-a", "prof"], ["--alias", "prof,second"], ["--alias prof"]]
)
def test_its_name_and_its_key_however_they_are_given(name, options):
    with LlamaServer(engine=name, options=[*options, "--api-key=sesame"]) as server:
        assert (server.model, server.api_key) == ("prof", "sesame")
        assert ask(server, max_tokens=2).json()["model"] == "prof"


def test_a_key_that_is_not_the_one_in_the_variable(monkeypatch):
    monkeypatch.setenv("LLAMA_API_KEY", "sesame ")
    with pytest.raises(PortTaken, match="LLAMA_API_KEY is not its key"):
        LlamaServer().start()


def test_a_server_that_is_killed_while_it_starts(fake_program):
    source = "import os\nprint('loading model', flush=True)\nos.kill(os.getpid(), 9)"
    with pytest.raises(ServerError, match="loading model\n\n.*\nhas ended it.*memory ran out"):
        LlamaServer(binary=fake_program(source)).start()


@pytest.mark.parametrize("name", ["xllamacpp", "llama_cpp.server"])
def test_an_engine_that_is_not_installed(monkeypatch, name):
    monkeypatch.setattr("helpers.engines.find_spec", lambda _: None)
    with pytest.raises(BinaryNotFound, match="not in this environment"):
        LlamaServer(engine=name).start()


def test_the_message_says_how_far_the_compile_is_or_how_it_has_ended(
    no_llama_server, monkeypatch, tmp_path
):
    log = tmp_path / "compile.log"
    log.write_text("set-up: llama.cpp\n\r  compile  43% |###| 90/212 · about 01:40 left\r")
    monkeypatch.setattr("helpers.compile.LOG", log)
    with (
        FileLock(tmp_path / "compile.lock"),
        pytest.raises(BinaryNotFound, match="wait until it is done. .* 43% .* about 01:40 left$"),
    ):
        LlamaServer(engine="llama-server").start()
    with pytest.raises(
        BinaryNotFound, match="could not compile it, or was stopped. .* 43% .*\nSet "
    ):
        LlamaServer(engine="llama-server").start()
