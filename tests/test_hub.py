"""Models by name: downloaded from a hub of our own, checked, kept, and every trouble named."""

import json
import shutil
import threading
import time

import hub_server
import pytest
import requests

from helpers import LlamaServer, ModelNotFound, local_models, model
from helpers.hub import CATALOGUE, HubModel

CRIA = model().read_bytes()
OURS = HubModel("tiny", "somebody/tiny-GGUF", "tiny-Q8_0.gguf", "MIT", 3)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub that holds cria under another name, and a cache of its own."""
    monkeypatch.setitem(CATALOGUE, "tiny", OURS)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with hub_server.serve(CRIA) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        yield server.behaviour
        server.shutdown()


def fails(*words: str) -> None:
    begin = time.monotonic()
    with pytest.raises(ModelNotFound) as caught:
        model("tiny")
    assert caught.value.__suppress_context__ or not caught.value.__context__
    for word in words:
        assert word in str(caught.value)
    assert time.monotonic() - begin < 60


# --- what works ----------------------------------------------------------------------------------


def test_a_model_by_name_is_downloaded_once_and_answers(hub):
    file = model("Tiny")
    assert file.read_bytes() == CRIA
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
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert model("tiny").read_bytes() == CRIA


# --- what goes wrong -----------------------------------------------------------------------------


def test_a_wrong_digest_stated_by_the_hub(hub, tmp_path):
    hub.digest = "0" * 64
    fails("SHA-256 differs", "It was removed")
    assert not [f for f in (tmp_path / "cache").rglob("*.gguf") if f.exists()]
    hub.digest = ""
    assert model("tiny").read_bytes() == CRIA, "fetched anew"


def test_a_digest_that_is_not_the_pinned_one(hub, monkeypatch):
    pinned = HubModel(OURS.name, OURS.repo, OURS.file, "MIT", 3, sha256="1" * 64)
    monkeypatch.setitem(CATALOGUE, "tiny", pinned)
    fails("SHA-256 differs")


def test_a_file_that_was_damaged_in_the_cache(hub):
    model("tiny").write_bytes(CRIA[:-1] + b"?")
    fails("SHA-256 differs")
    assert model("tiny").read_bytes() == CRIA


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, ["(401)", "Accept its terms", "HF_TOKEN"]),
        (403, ["(403)", "Accept its terms", "HF_TOKEN"]),
        (404, ["no tiny-Q8_0.gguf there", "somebody/tiny-GGUF"]),
        (503, ["answers 503", "Try again later"]),
    ],
)
def test_the_hub_refuses(hub, status, words):
    hub.status = status
    fails(*words)


def test_too_many_questions(hub):
    hub.status, hub.headers = 429, {"Retry-After": "120"}
    begin = time.monotonic()
    fails("too many questions", "in 120 seconds")
    assert time.monotonic() - begin < 60, "it says how long to wait, and does not wait itself"


def test_no_room_on_the_disk(hub, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=2_000_000))
    fails("needs 3 MB, and 2 MB are free", "HF_HUB_CACHE")
    assert [method for method, _ in hub.asked] == ["HEAD"], "nothing was downloaded in vain"


def test_no_network(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    fails("nothing answers at http://127.0.0.1:9", "Every lesson works offline with cria")


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
        assert entry.sha256 is None or len(bytes.fromhex(entry.sha256)) == 32


# --- what is here already ------------------------------------------------------------------------


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    for name in ["HF_HUB_CACHE", "OLLAMA_MODELS"]:
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
    (manifest.parent / "broken").write_text("no JSON")
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
