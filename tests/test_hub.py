"""Models by name: downloaded from a hub of our own, checked, kept, and every trouble named."""

import hashlib
import json
import os
import shutil
import threading
import time

import hub_server
import pytest
import requests

from helpers import LlamaServer, ModelNotFound, local_models, model
from helpers.hub import CATALOGUE, HubModel
from helpers.network import free_port

CRIA = model().read_bytes()
OURS = HubModel("tiny", "somebody/tiny-GGUF", "tiny-Q8_0.gguf", "MIT", 3,
                hashlib.sha256(CRIA).hexdigest())  # fmt: skip


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub that holds cria under another name, and a cache of its own."""
    monkeypatch.setitem(CATALOGUE, "tiny", OURS)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with hub_server.serve(CRIA) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        yield server.behaviour
        server.shutdown()


def fails(*words: str) -> None:
    begin = time.monotonic()
    with pytest.raises(ModelNotFound) as caught:
        model("tiny")
    assert time.monotonic() - begin < 20, "it says what to do, and does not wait itself"
    assert caught.value.__suppress_context__ or not caught.value.__context__
    for word in words:
        assert word in str(caught.value)


# --- what works ----------------------------------------------------------------------------------


def test_a_model_by_name_is_downloaded_once_and_answers(hub):
    file = model("Tiny")
    assert file.read_bytes() == CRIA
    assert hub.tokens == {"Bearer hf_secret"}
    requests_so_far = list(hub.asked)
    assert model("tiny") == file
    assert hub.asked == requests_so_far, "what is here needs no network"
    with LlamaServer("tiny") as server:
        body = {"messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 4}
        assert requests.post(f"{server.base_url}/chat/completions", json=body, timeout=60).ok


def test_a_slow_hub_is_waited_for(hub):
    hub.pause = 0.1
    assert model("tiny").read_bytes() == CRIA


def test_a_download_that_broke_off_goes_on_where_it_stopped(hub, monkeypatch):
    """The library keeps whole pieces, of 10 MB each; ours is smaller, so the pieces are, too."""
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1 << 16)
    hub.break_off_after = 1_000_000
    assert model("tiny").read_bytes() == CRIA
    (_, resumed) = [wanted for method, wanted in hub.asked if method == "GET"]
    assert resumed and 0 < int(resumed.removeprefix("bytes=").rstrip("-")) <= 1_000_000


def test_offline_with_the_model_here(hub, monkeypatch):
    model("tiny")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    assert model("tiny").read_bytes() == CRIA


# --- what goes wrong -----------------------------------------------------------------------------


def test_the_hub_offers_another_file_by_now(hub):
    hub.digest = "0" * 64
    fails("not the one that the course means", "SHA-256 differs", "Take another model")
    assert [method for method, _ in hub.asked] == ["HEAD"], "nothing was downloaded in vain"


def test_a_page_that_is_no_hub(hub):
    """A network that asks for a login answers every address with a page of its own."""
    hub.headers = {"X-Linked-Etag": "", "X-Repo-Commit": "", "ETag": ""}
    fails("not the one that the course means", "log in first")


def test_a_file_that_was_damaged_on_the_way(hub, tmp_path):
    hub.digest, hub.content = OURS.sha256, CRIA[:-1] + b"?"
    fails("SHA-256 differs", "It was removed")
    assert not list((tmp_path / "cache").rglob("*.gguf"))
    hub.content = CRIA
    assert model("tiny").read_bytes() == CRIA, "fetched anew"


def test_a_file_that_was_damaged_in_the_cache(hub):
    model("tiny").write_bytes(CRIA[:-1] + b"?")
    fails("SHA-256 differs")
    assert model("tiny").read_bytes() == CRIA


def test_a_cache_in_which_models_share_their_files(hub, tmp_path):
    """Then the cache holds a link to a link, and what it leads to is not named by the SHA-256."""
    file = next((tmp_path / "cache").rglob(model("tiny").name))
    shared = tmp_path / "cache" / "blobs" / "ab" / ("ab" * 32)
    shared.parent.mkdir(parents=True)
    file.rename(shared)
    file.symlink_to(os.path.relpath(shared, file.parent))
    assert model("tiny") == shared, "the right content stays"
    shared.write_bytes(b"GGUF, but another")
    fails("SHA-256 differs")
    assert not shared.exists()
    assert model("tiny").read_bytes() == CRIA, "fetched anew"


def test_a_file_that_ends_too_early(hub):
    hub.digest, hub.content = OURS.sha256, CRIA[:-100]
    hub.headers = {"X-Linked-Size": str(len(CRIA))}
    fails("the download broke off", "begins anew")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, ["(401)", "Accept its terms", "HF_TOKEN"]),
        (403, ["(403)", "Accept its terms", "HF_TOKEN"]),
        (404, ["no such file there", "somebody/tiny-GGUF"]),
        (503, ["answers 503", "Try again later"]),
    ],
)
def test_the_hub_refuses(hub, status, words):
    hub.status = status
    fails(*words)


@pytest.mark.parametrize("request_number", [0, 1, 2])
def test_too_many_questions(hub, request_number):
    hub.status, hub.headers = 429, {"Retry-After": "120"}
    hub.refuse_from = request_number
    fails("too many questions", "in 120 seconds")
    assert len(hub.asked) <= request_number + 2


def test_too_many_questions_until_a_time_of_day(hub):
    hub.status, hub.headers = 429, {"Retry-After": "Mon, 23 Nov 2026 10:00:00 GMT"}
    fails("Try again in a few minutes")


def test_no_room_on_the_disk(hub, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=2_000_000))
    fails("needs 3 MB, and 2 MB are free", "HF_HUB_CACHE")
    assert [method for method, _ in hub.asked] == ["HEAD"], "nothing was downloaded in vain"


def test_no_network(hub, monkeypatch):
    nobody = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("HF_ENDPOINT", nobody)
    fails(f"nothing answers at {nobody}.", "Every lesson works offline with cria")


def test_offline_without_the_model(hub, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    fails("HF_HUB_OFFLINE forbids", "local_models()")
    assert not hub.asked


def test_a_cache_that_cannot_be_written(hub, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "file" / "cache"))
    fails("cannot be stored", "HF_HUB_CACHE")


def test_a_name_that_is_nearly_right():
    with pytest.raises(ModelNotFound, match="Did you mean SmolLM2-135M?"):
        model("smollm2-153m")


def test_the_catalogue_is_honest():
    assert 6 <= len(CATALOGUE) <= 8
    for entry in CATALOGUE.values():
        assert entry.licence and entry.megabytes < 1000 and entry.file.endswith(".gguf")
        assert len(bytes.fromhex(entry.sha256)) == 32


# --- what is here already ------------------------------------------------------------------------


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    for name in ["HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "OLLAMA_MODELS"]:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_a_computer_without_other_models(home):
    (cria,) = local_models()
    assert (cria.name, cria.where, cria.path) == ("cria", "course", model())


def test_what_ollama_and_lm_studio_have_can_be_used(home):
    store = home / ".ollama" / "models"
    manifest = store / "manifests" / "registry.ollama.ai" / "library" / "smollm2" / "135m"
    manifest.parent.mkdir(parents=True)
    layers = [
        {"mediaType": "application/vnd.ollama.image.template", "digest": "sha256:1"},
        {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:2"},
    ]
    manifest.write_text(json.dumps({"layers": layers}))
    for number, text in enumerate(["no JSON", "[]", '{"layers": [1]}', '{"layers": null}']):
        (manifest.parent / f"broken{number}").write_text(text)
    (store / "blobs").mkdir()
    (store / "blobs" / "sha256-2").write_bytes(CRIA)

    studio = home / ".lmstudio" / "models" / "somebody" / "Qwen-GGUF"
    studio.mkdir(parents=True)
    (studio / "Qwen-Q4.gguf").write_bytes(CRIA)
    (studio / "mmproj-Qwen.gguf").write_bytes(CRIA)

    found = {entry.name: entry.where for entry in local_models()}
    assert found == {"cria": "course", "ollama:smollm2:135m": "ollama", "Qwen-Q4": "LM Studio"}
    assert model("ollama:smollm2:135m") == store / "blobs" / "sha256-2"
    assert model("qwen-q4") == studio / "Qwen-Q4.gguf"


def test_what_was_downloaded_is_listed(hub):
    model("tiny")
    assert ("tiny-Q8_0", "hub", 3.3) in [(m.name, m.where, m.megabytes) for m in local_models()]


@pytest.mark.parametrize(
    ("name", "value", "cache"),
    [
        ("HF_HUB_CACHE", "elsewhere", "elsewhere"),
        ("HF_HOME", "elsewhere", "elsewhere/hub"),
        ("XDG_CACHE_HOME", "elsewhere", "elsewhere/huggingface/hub"),
        ("HF_HUB_CACHE", "", ".cache/huggingface/hub"),
    ],
)
def test_the_cache_is_where_the_library_has_it(home, monkeypatch, name, value, cache):
    monkeypatch.setenv(name, str(home / value) if value else "")
    file = home / cache / "models--somebody--tiny" / "snapshots" / "c" / "tiny.gguf"
    file.parent.mkdir(parents=True)
    file.write_bytes(CRIA)
    assert model("tiny") == file
