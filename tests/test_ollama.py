"""ollama: found, started, and brought the model of the lessons.

Each test meets a stand-in that says what the real one says; where the real program is on this
computer, those that need no fault meet it as well.
"""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from processes import family, gone

from helpers import BinaryNotFound, LlamaServer, ModelNotFound, ServerError, ServerFailed, model
from helpers.engines import Engine, _say, found
from helpers.network import free_port
from helpers.ollama import address
from helpers.server_log import last_words

ROOT = Path(__file__).resolve().parent.parent
STAND_IN = Path(__file__).with_name("ollama_stand_in.py")
DIGEST = hashlib.sha256(model("cria").read_bytes()).hexdigest()[:8]
CRIA = f"local-llms/cria:{DIGEST}"


@pytest.fixture
def stand_in(monkeypatch, tmp_path, fake_program):
    """A computer with ollama on it, and nothing in its store, which is returned."""
    source = f"import runpy\nrunpy.run_path({str(STAND_IN)!r}, run_name='__main__')"
    program = fake_program(source, name="ollama")
    monkeypatch.setattr("helpers.ollama.found", lambda _: str(program))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "store"))
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{free_port()}")
    return tmp_path / "store"


@pytest.fixture(params=["stand-in", "real"])
def ollama(request, monkeypatch, tmp_path):
    """The same, and then with the real program."""
    if request.param == "stand-in":
        return request.getfixturevalue("stand_in")
    if not found("ollama"):
        pytest.skip("there is no program ollama on this computer")
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "store"))
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{free_port()}")
    return tmp_path / "store"


def serve(wanted: str | Path | None = None, **wish) -> LlamaServer:
    return LlamaServer(wanted, engine="ollama", **wish)


def name_it(server: LlamaServer, file: Path, name: str) -> None:
    """Give a model file a name, as the learner does with `ollama create`."""
    digest = f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
    requests.post(f"{server.url}/api/blobs/{digest}", file.read_bytes(), timeout=60)
    wish = {"model": name, "files": {file.name: digest}, "stream": False}
    assert requests.post(f"{server.url}/api/create", json=wish, timeout=60).ok


def changed(file: Path) -> Path:
    """Write a cria with other weights, and return it."""
    file.write_bytes(model("cria").read_bytes()[:-64] + bytes(64))
    return file


def asked(store: Path, path: str) -> int:
    """Return how often something was asked of the stand-in."""
    return [line.partition(":")[0] for line in (store / "asked").read_text().split()].count(path)


def says(server: LlamaServer) -> str:
    question = {"messages": [{"role": "user", "content": "Hello!"}], "temperature": 0}
    answer = requests.post(
        f"{server.base_url}/chat/completions", json={"model": server.model, **question}, timeout=60
    )
    return answer.json()["choices"][0]["message"]["content"]


# --- the model -----------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [None, "cria"])
def test_cria_is_brought_to_it(ollama, wanted):
    with serve(wanted) as server:
        assert (server.engine, server.model) == ("ollama", CRIA)
        assert says(server).startswith("Hello!")


def test_it_is_brought_once(stand_in):
    for _ in range(2):
        with serve():
            pass
    assert asked(stand_in, "/api/create") == asked(stand_in, "/api/blobs/sha256") == 1


def test_it_is_found_by_what_is_in_it_not_by_its_name(ollama, tmp_path, monkeypatch):
    """The learner's own cria stays, and the cria that was brought before; neither answers."""
    with serve() as server:
        name_it(server, changed(tmp_path / "theirs.gguf"), "cria")
        shown = requests.post(f"{server.url}/api/show", json={"model": "cria"}, timeout=9).json()
        with serve() as again:
            assert again.model == CRIA
        with serve(changed(tmp_path / "cria.gguf")) as newer:
            assert re.fullmatch("local-llms/cria:[0-9a-f]{8}", newer.model) and newer.model != CRIA
        monkeypatch.setenv("LLM_MODEL", str(tmp_path / "cria.gguf"))
        with serve() as chosen:
            assert chosen.model == newer.model
        left = requests.post(f"{server.url}/api/show", json={"model": "cria"}, timeout=9).json()
        assert left == shown


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("nameless.gguf", "nameless"),
        ("Jürgens Modell (2).gguf", "J-rgens-Modell-2"),
        ("-rf.gguf", "rf"),
        ("模型.gguf", "model"),
        ("no-ending", "no-ending"),
        ("x" * 90 + ".gguf", "x" * 60),
    ],
)
def test_a_path_whatever_the_file_is_called(ollama, tmp_path, file, name):
    shutil.copy(model("cria"), tmp_path / file)
    with serve(tmp_path / file) as server:
        assert server.model == f"local-llms/{name}:{DIGEST}"
        assert says(server).startswith("Hello!")


def test_a_model_in_parts(stand_in, tmp_path):
    """All parts are sent, and no other file."""
    first, second = (tmp_path / f"big [1]-0000{n}-of-00002.gguf" for n in (1, 2))
    first.write_bytes(model("cria").read_bytes())
    changed(second)
    changed(tmp_path / "big [1]-00003-of-00003.gguf")
    with serve(first) as server:
        (kept,) = (stand_in / "models").iterdir()
        content = bytes.fromhex(json.loads(kept.read_text())["content"])
        assert content == first.read_bytes() + second.read_bytes()
        whole = server.model
    assert re.fullmatch("local-llms/big-1:[0-9a-f]{8}", whole)
    second.write_bytes(first.read_bytes())
    with serve(first) as server:
        assert server.model != whole


@pytest.mark.parametrize("name", ["other", "other:latest", "hf.co/somebody/Other-GGUF:Q4_0"])
def test_a_name_that_it_has(ollama, monkeypatch, name):
    with serve() as server:
        name_it(server, model("cria"), name)
        for wanted in [name, f"ollama:{name}"]:
            with serve(wanted) as other:
                assert other.model == name
        monkeypatch.setenv("LLM_MODEL", name)
        with serve() as other:
            assert other.model == name


def test_a_name_that_nobody_has(ollama):
    with pytest.raises(ModelNotFound, match="ollama pull llama3.2:1b") as error:
        serve("llama3.2:1b").start()
    assert "no model file at llama3.2:1b" in str(error.value)


def test_a_model_that_thinks_is_named(stand_in, tmp_path, capsys):
    shutil.copy(model("cria"), tmp_path / "thinks.gguf")
    with serve():
        assert not capsys.readouterr().out
    with serve(tmp_path / "thinks.gguf"):
        assert 'With "reasoning_effort": "none" in a request' in capsys.readouterr().out


def test_it_calculates_with_the_threads_that_a_server_of_ours_has(stand_in):
    with serve():
        (kept,) = (stand_in / "models").iterdir()
    assert json.loads(kept.read_text())["parameters"] == {"num_thread": 1}


# --- the service ---------------------------------------------------------------------------------


def test_it_is_started_and_ended(ollama):
    server = serve().start()
    processes = family(server._watcher.pid)
    assert len(processes) >= 2
    url = server.url
    server.stop()
    assert gone(processes)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def test_one_that_ran_before_is_used_and_stays(ollama):
    with serve() as first:
        with serve() as second:
            assert second.url == first.url and second._watcher is None
            assert "was running already" in second._repr_html_()
        assert says(first).startswith("Hello!")


PARENT = """
import time
from helpers import LlamaServer
server = LlamaServer(engine="ollama").start()
print(server._watcher.pid, flush=True)
time.sleep(120)
"""


def test_it_ends_with_the_program_that_started_it(ollama):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    processes = family(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    assert gone(processes)


@pytest.mark.parametrize("host", ["0.0.0.0:{}", ":{}", "http://0.0.0.0:{}", " '127.0.0.1:{}' "])
def test_it_listens_on_this_computer_alone(ollama, monkeypatch, host):
    monkeypatch.setenv("OLLAMA_HOST", host.format(free_port()))
    with serve() as server, pytest.raises(OSError):  # it answers at 127.0.0.1, and not here
        socket.create_connection(("127.0.0.2", int(server.url.rpartition(":")[2])), timeout=2)


def test_no_program_and_no_service(stand_in, monkeypatch):
    monkeypatch.setattr("helpers.ollama.found", lambda _: None)
    with pytest.raises(BinaryNotFound, match="No ollama answers .*\n.*https://ollama.com") as error:
        serve().start()
    assert "conda install --channel conda-forge ollama" in str(error.value)


@pytest.mark.parametrize("host", ["192.0.2.1:9", "https://127.0.0.1:9", "127.0.0.1:9/behind"])
def test_a_service_that_cannot_be_started_from_here(stand_in, monkeypatch, host):
    monkeypatch.setenv("OLLAMA_HOST", host)
    monkeypatch.setattr("helpers.ollama.answers", lambda _: False)
    with pytest.raises(ServerError, match="No ollama answers .*\nOLLAMA_HOST names that address"):
        serve().start()


@pytest.mark.parametrize("wish", [{"options": ["-c", "512"]}, {"port": 8080}, {"own": True}])
def test_it_takes_no_options_and_no_port(wish):
    with pytest.raises(ServerError, match="no options, no port"):
        serve(**wish).start()


def test_chosen_by_the_environment_it_makes_room_for_options(stand_in, monkeypatch, capsys):
    monkeypatch.setenv("LLM_ENGINE", "ollama")
    _say.cache_clear()
    with LlamaServer() as server:
        assert server.engine == "ollama"
    assert not capsys.readouterr().out
    for _ in range(2):
        with LlamaServer(options=["--ctx-size", "512"]) as server:
            assert server.engine in {"llama-server", "xllamacpp"}
    assert capsys.readouterr().out.count("ollama cannot do what is asked for here") == 1


FORMS = {
    "": "http://127.0.0.1:11434",
    " ": "http://127.0.0.1:11434",
    "localhost": "http://localhost:11434",
    ":8000": "http://127.0.0.1:8000",
    "127.0.0.1:8000 ": "http://127.0.0.1:8000",
    '"127.0.0.1:8000"': "http://127.0.0.1:8000",
    "' lab '": "http://lab:11434",
    "0.0.0.0": "http://127.0.0.1:11434",
    "http://0.0.0.0:8000": "http://127.0.0.1:8000",
    "lab-computer:8000": "http://lab-computer:8000",
    "lab:": "http://lab:11434",
    "lab:abc": "http://lab:11434",
    "lab:-1": "http://lab:11434",
    "lab:0": "http://lab:11434",
    "lab:65536": "http://lab:11434",
    "http://lab": "http://lab:80",
    "http://lab:abc": "http://lab:80",
    "https://lab": "https://lab:443",
    "HTTPS://lab/": "https://lab:443",
    "https://lab:8000/ollama/": "https://lab:8000/ollama",
    "lab/ollama": "http://lab:11434/ollama",
    "ollama.com": "https://ollama.com:443",
    "http://me:secret@lab:8000": "http://lab:8000",
    "::": "http://[::1]:11434",
    "::1": "http://[::1]:11434",
    "[::1]": "http://[::1]:11434",
    "[::]:8000": "http://[::1]:8000",
    "http://[fe80::2]:8000": "http://[fe80::2]:8000",
}


@pytest.mark.parametrize("said", FORMS)
def test_where_it_listens_in_every_form_that_its_own_client_takes(monkeypatch, said):
    monkeypatch.setenv("OLLAMA_HOST", said)
    assert address() == FORMS[said]


# --- what goes wrong -----------------------------------------------------------------------------

FAULTS = {
    "full": "ollama refused the model file: .*no space left",
    "old": "ollama refused the model file: .*path or Modelfile are required.*\n.*newer",
    "unknown": "ollama refused the model file: unsupported architecture",
    "broken": "ollama did not accept cria.gguf: .*\n.*Run the same again",
    "silent": "ollama did not accept cria.gguf: .*\n.*Run the same again",
    "memory": "500. It says: model requires more .*\nTry it by hand:  ollama run local-llms/cria",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_cannot_take_the_model(stand_in, monkeypatch, fault):
    monkeypatch.setenv("OLLAMA_FAULT", fault)
    if fault == "silent":
        monkeypatch.setattr("helpers.ollama.SILENCE", 1)
    server = serve()
    with pytest.raises(ServerError, match=FAULTS[fault]) as error:
        server.start()
    assert "LLM_BASE_URL" not in str(error.value)
    assert not server.running and server._watcher is None, "and what was started is ended"


def test_what_broke_off_goes_on_without_the_upload(stand_in, monkeypatch):
    monkeypatch.setenv("OLLAMA_FAULT", "broken")
    with pytest.raises(ServerError):
        serve().start()
    monkeypatch.delenv("OLLAMA_FAULT")
    with serve() as server:
        assert server.model == CRIA
    assert asked(stand_in, "/api/blobs/sha256") == 1


def test_another_program_on_its_port(ollama, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("OLLAMA_HOST", f":{other.getsockname()[1]}")
        with pytest.raises(ServerError, match="has taken|choose another port"):
            serve().start()


def test_it_does_not_start(stand_in, monkeypatch):
    monkeypatch.setenv("OLLAMA_FAULT", "start")
    with pytest.raises(ServerFailed, match="ended while it started.\n.*permission denied") as error:
        serve().start()
    assert "Type  ollama serve  in a terminal" in str(error.value)


def test_what_it_lists_of_its_environment_is_not_shown():
    """It begins with that, and a proxy's password is in it; here as the real one writes it."""
    config = 'time=2026 level=INFO source=routes.go:1 msg="server config" env="map[HTTPS_PROXY:'
    log = f"{config}http://me:secret@proxy:1 failed]\nError: mkdir /models: permission denied"
    words = last_words(log, Engine("ollama", list, "ollama serve --help"))
    assert words.startswith("Error: mkdir") and "secret" not in words


@pytest.mark.parametrize("ollama", ["real"], indirect=True)
def test_a_file_that_only_begins_like_a_model(ollama, tmp_path):
    (tmp_path / "half.gguf").write_bytes(model("cria").read_bytes()[:100_000])
    with pytest.raises(ServerError):
        serve(tmp_path / "half.gguf").start()
