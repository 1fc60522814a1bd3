"""The lessons in the field: with a class server, behind a dead proxy, among other models.

All that ask a server are run. No cell may fail, and no output may hold the key. For other servers
see test_strangers.py.
"""

import hashlib

import pytest
from classroom_room import opened
from lessons import KEY, SERVED, run
from processes import HERE

from helpers import model
from helpers.engines import PYTHON, XLLAMACPP, find_binary, server_program
from helpers.network import free_port

with_llama_server = pytest.mark.skipif(
    not HERE["llama-server"], reason="llama-server is not on this computer"
)

# --- the class server, and a proxy on the way that swallows everything ----------------------------


@pytest.fixture(scope="module")
def class_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("room")
    (folder / "keys.txt").write_text(f"{KEY}  Grace\n", encoding="utf-8")
    with opened(folder, context=2048, options=("--alias", "professor")) as room:
        yield room


@pytest.mark.parametrize("lesson", SERVED)
def test_a_class_server_with_a_key_and_a_proxy_that_is_dead(lesson, class_server, monkeypatch):
    for name in ["NO_PROXY", "no_proxy"]:
        monkeypatch.delenv(name, raising=False)
    dead = f"http://127.0.0.1:{free_port()}"
    proxies = {name: dead for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]}
    run(lesson, LLM_BASE_URL=f"{class_server.url}/v1", LLM_API_KEY=KEY, **proxies)


# --- what else a computer may hold ---------------------------------------------------------------


def test_the_prebuilt_engine_in_the_place_of_llama_server():
    assert "this server has no router mode" in run("01_server", LLM_ENGINE="xllamacpp")


@with_llama_server
def test_a_model_in_the_cache_is_none_of_the_routers(tmp_path):
    data, cache = model("cria").read_bytes(), tmp_path / "hub" / "models--someone--tiny-GGUF"
    for place, content in {
        f"blobs/{hashlib.sha256(data).hexdigest()}": data,
        f"snapshots/{'a' * 40}/tiny-Q8_0.gguf": data,
        "refs/main": b"a" * 40,
    }.items():
        (cache / place).parent.mkdir(parents=True)
        (cache / place).write_bytes(content)
    assert "['cria']" in run("01_server", HF_HOME=str(tmp_path))


@with_llama_server
def test_the_program_of_a_server_is_llama_server_or_the_prebuilt_one(monkeypatch):
    assert server_program() == [find_binary()]
    monkeypatch.setenv("LLM_ENGINE", "ollama")
    assert server_program() == [find_binary()]
    monkeypatch.setenv("LLM_ENGINE", "xllamacpp")
    assert server_program() == [*PYTHON, XLLAMACPP]
