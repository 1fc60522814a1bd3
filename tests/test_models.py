"""The model file: found under any name, refused with a reason, and loaded by both of its users."""

import contextlib
import hashlib
import json
import os
import struct
import tempfile
import tracemalloc
from pathlib import Path

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import LlamaServer, ModelNotFound, gguf_file, local_models, model, models
from helpers.gguf_file import read
from helpers.models import name_of

CRIA = model().read_bytes()


def gguf(tensors: int = 1, version: int = 3, **fields: str | int | bool) -> bytes:
    """Return a GGUF file with these fields (`__` for a dot) and as many tensors of one number."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    def value(it: str | int | bool) -> bytes:
        if isinstance(it, str):
            return struct.pack("<I", 8) + text(it)
        return struct.pack("<I?", 7, it) if isinstance(it, bool) else struct.pack("<II", 4, it)

    whole = {"general__architecture": "llama", "tokenizer__ggml__model": "gpt2", **fields}
    pairs = [text(key.replace("__", ".")) + value(it) for key, it in whole.items() if it != ""]
    table = [text(f"t{n}") + struct.pack("<IQIQ", 1, 1, 0, 32 * n) for n in range(tensors)]
    head = b"GGUF" + struct.pack("<IQQ", version, tensors, len(pairs))
    return head + b"".join(pairs + table) + bytes(32 * tensors + 32)


def put(file: Path, content: bytes = CRIA) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def refused(file: Path | str, *words: str) -> None:
    with pytest.raises(ModelNotFound) as caught:
        model(file)
    for word in words:
        assert word in str(caught.value)


@pytest.fixture
def guarded():
    """Return a folder, and a context in which this program has no more rights than any other."""
    if os.name == "nt":
        pytest.skip("Windows keeps rights in another way")

    @contextlib.contextmanager
    def without_rights():
        user = os.geteuid()
        os.seteuid(user or 65_534)  # for root alone it changes anything, and for it alone it may
        try:
            yield
        finally:
            os.seteuid(user)

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder), without_rights()


# --- the course's own, and paths -----------------------------------------------------------------


def test_cria_is_there_and_small():
    assert model().name == model("cria").name == "cria.gguf"
    assert model().stat().st_size < 8e6


def test_another_model_by_argument_or_environment(tmp_path, monkeypatch):
    mine = put(tmp_path / "mine.gguf")
    assert model(mine) == mine
    monkeypatch.setenv("LLM_MODEL", str(mine))
    assert model() == mine
    monkeypatch.setenv("LLM_BASE_URL", "http://127.0.0.1:9")
    assert model().name == "cria.gguf", "there LLM_MODEL chooses among the models of that server"
    monkeypatch.setenv("LLM_BASE_URL", " ")
    assert model() == mine, "`set LLM_BASE_URL= ` on Windows names no server"


def test_a_relative_path_may_start_at_the_course_or_in_models(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert model("models/cria.gguf") == model("cria.gguf") == model("models") == model()
    monkeypatch.chdir(models.COURSE)
    assert model("models") == model()


TYPED = {
    "spaces": " {} ", "a CR": "{}\r", "quotes": '"{}"', "other quotes": "'{}'", "both": " '{}' \n",
}  # fmt: skip


@pytest.mark.parametrize("how", TYPED)
def test_names_as_people_type_and_paste_them(how, tmp_path, monkeypatch):
    mine = put(tmp_path / "my models" / "größer, 7B.v2.gguf")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    names = [
        mine,
        mine.with_suffix(""),
        mine.parent,
        "~/my models/größer, 7B.v2.gguf",
        mine.as_uri(),
    ]
    for name in [*names, str(Path("my models", mine.name)), "cria", ""]:
        monkeypatch.setenv("LLM_MODEL", TYPED[how].format(name))
        assert model() == (mine if name not in {"cria", ""} else model("cria")), name


@pytest.mark.skipif(os.name == "nt", reason="Windows has no files of such names")
@pytest.mark.parametrize(
    "name", [b"b\xff", b"a,b", b"a\nb\t", "größe 模型 🙂".encode(), b"x" * 240]
)
def test_any_name_of_a_file_is_one_that_can_be_sent(name, tmp_path):
    mine = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name + b".gguf"))
    with LlamaServer(put(mine)) as server:
        body = {"model": server.model, "messages": [{"role": "user", "content": "Hello!"}]}
        answer = requests.post(f"{server.base_url}/chat/completions", json=body, timeout=60)
        assert answer.json()["model"] == server.model


def test_a_folder_with_several_models(tmp_path):
    for name in ["one.gguf", "two.gguf"]:
        put(tmp_path / name)
    put(tmp_path / "mmproj.gguf", gguf(general__type="mmproj"))
    refused(tmp_path, "more than one model: one.gguf, two.gguf", "Name one of them")
    (tmp_path / "two.gguf").unlink()
    assert model(tmp_path) == tmp_path / "one.gguf", "a projector beside it is no model"
    (tmp_path / "one.gguf").unlink()
    refused(tmp_path, "mmproj.gguf is not a model to chat with")


def test_two_models_of_one_name(home):
    first, second = (put(home / f".lmstudio/models/{who}/tiny/twin.gguf") for who in ["a", "b"])
    assert model("twin") == second
    assert model("a/tiny") == model("a/tiny/twin") == first


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_file_is_not_opened(home):
    """To open a pipe would wait for ever."""
    store = home / ".ollama/models/manifests/registry.ollama.ai/library/pipe"
    for pipe in [store / "latest", home / ".lmstudio/models/a/b/pipe.gguf"]:
        pipe.parent.mkdir(parents=True)
        os.mkfifo(pipe)
        refused(pipe, "no model file at")
    (store / "circle").symlink_to("circle")
    assert [entry.name for entry in local_models()] == ["cria"]


def test_cria_is_checked_against_its_digest(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "MODELS", tmp_path)
    with pytest.raises(ModelNotFound, match="missing.*cria.gguf\\.\n.*git checkout"):
        model()
    (tmp_path / "cria.gguf").write_bytes(b"GGUF, but another")
    with pytest.raises(ModelNotFound, match="missing.*cria.gguf.sha256\\.\n.*git checkout"):
        model()
    (tmp_path / "cria.gguf.sha256").touch()
    with pytest.raises(ModelNotFound, match="SHA-256 differs"):
        model()
    (tmp_path / "cria.gguf.sha256").write_text(f"{'0' * 64}  cria.gguf\n")
    with pytest.raises(ModelNotFound, match="SHA-256 differs(.|\n)*rename it(.|\n)*cria.gguf "):
        model()


# --- what is no chat model -----------------------------------------------------------------------

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 105\n"
OTHERS = {
    "empty": (b"", "is empty"),
    "a web page": (b"<html>404</html>", "web page", "/resolve/"),
    "another web page": (b"\n\n<!DOCTYPE html>", "web page", "/resolve/"),
    "a pointer of git LFS": (POINTER, "git lfs pull"),
    "safetensors": (struct.pack("<Q", 900) + b'{"__metadata__":{}', "safetensors", "-GGUF"),
    "the first of two pieces": (CRIA[: len(CRIA) // 2], "join them first"),
    "PyTorch, new": (b"PK\x03\x04\x00\x00\x08\x08", "PyTorch"),
    "PyTorch, old": (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P", "PyTorch"),
    "text": (b"Llama 3.2 is a model", "does not begin with the letters GGUF"),
    "zeros": (bytes(5000), "does not begin with the letters GGUF"),
    "the letters": (b"GGUF", "damaged, or was cut off"),
    "letters and zeros": (b"GGUF" + bytes(5000), "version 0 of GGUF, or damaged"),
    "version 1": (gguf(version=1), "version 1 of GGUF"),
    "version 4": (gguf(version=4), "version 4 of GGUF"),
    "big-endian": (b"GGUF\0\0\0\x03" + bytes(100), "byte order"),
    "a projector": (gguf(general__type="mmproj", tokenizer__ggml__model=""), "a projector"),
    "an old projector": (gguf(general__architecture="clip"), "a projector"),
    "a LoRA adapter": (gguf(general__type="adapter", tokenizer__ggml__model=""), "--lora"),
    "an imatrix": (gguf(general__type="imatrix"), "use the model itself"),
    "BERT": (gguf(general__architecture="bert"), "for embeddings"),
    "nomic": (gguf(general__architecture="nomic-bert-moe"), "for embeddings"),
    "embeddinggemma": (gguf(general__architecture="gemma-embedding"), "for embeddings"),
    "Qwen3-Embedding": (gguf(llama__pooling_type=3), "for embeddings"),
    "Qwen3-Reranker": (gguf(llama__pooling_type=4), "ranking"),
    "an encoder": (gguf(llama__attention__causal=False), "for embeddings"),
    "Flux": (gguf(general__architecture="flux", tokenizer__ggml__model=""), "pictures or sound"),
    "a vocoder": (gguf(tokenizer__ggml__model="none"), "pictures or sound"),
    "a vocabulary": (gguf(tensors=0), "a vocabulary without a model"),
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHERS)
def test_a_file_of_another_kind(kind, tmp_path):
    content, *words = OTHERS[kind]
    refused(put(tmp_path / "file.gguf", content), "file.gguf", *words)


def test_the_reader_reads_what_is_there():
    file = model()
    fields = read(file)
    assert fields["general.name"] == "cria" and fields["tensors"] == 56
    assert (
        fields["tokenizer.ggml.tokens"] == 2048 and fields["tokenizer.ggml.add_bos_token"] is False
    )
    assert fields["llama.rope.freq_base"] == 10_000.0 and "{%" in fields["tokenizer.chat_template"]
    assert set(fields) - set(read(file, whole=False)) >= {"tokenizer.ggml.tokens"}


def test_a_file_that_cannot_be_read(guarded):
    folder, without_rights = guarded
    file = put(folder / "mine.gguf")
    file.chmod(0)
    with without_rights:
        refused(file, "mine.gguf cannot be read: Permission denied")


@pytest.mark.parametrize("end", [5, 20, 24, 100, 5_000, 60_000, 100_000, len(CRIA) - 110_000])
def test_a_download_that_broke_off(end, tmp_path):
    refused(put(tmp_path / "half.gguf", CRIA[:end]), "damaged, or was cut off", "to the end")


@settings(
    max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(data=st.data())
def test_any_bytes_after_the_letters(tmp_path, data):
    """An error of ours or a model, whatever lengths the file claims; and no memory is taken."""
    begin = bytearray(CRIA[:2000])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(4, 1900))
        begin[at : at + 8] = data.draw(st.binary(min_size=8, max_size=8) | st.just(b"\xff" * 8))
    content = data.draw(st.binary(max_size=300).map(lambda more: b"GGUF" + more) | st.just(begin))
    file = put(tmp_path / "any.gguf", content)
    tracemalloc.start()
    try:
        model(file)
    except ModelNotFound as error:
        assert "any.gguf" in str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 50e6


# --- models in parts -----------------------------------------------------------------------------


@pytest.fixture
def in_parts(tmp_path) -> list[Path]:
    """Three parts of cria, cut as llama-gguf-split does it: the fields stay in the first."""
    table = []
    with model().open("rb") as file:
        file.seek(8)
        count, pairs = gguf_file._number(file), gguf_file._number(file)
        for _ in range(pairs):
            gguf_file._text(file)
            gguf_file._value(file, gguf_file._number(file, "I"))
        fields = CRIA[24 : file.tell()]
        for _ in range(count):
            begin = file.tell()
            gguf_file._text(file)
            file.seek(8 * gguf_file._number(file, "I") + 4, os.SEEK_CUR)
            table.append((CRIA[begin : file.tell()], gguf_file._number(file)))
        data = CRIA[-(-file.tell() // 32) * 32 :]
    offsets = [offset for _, offset in table] + [len(data)]
    files = []
    for number, start in enumerate(range(0, count, 20)):
        end = min(start + 20, count)
        split = [("split.no", 2, "H", number), ("split.count", 2, "H", 3),
                 ("split.tensors.count", 5, "i", count)]  # fmt: skip
        more = [struct.pack(f"<Q{len(n)}sI{c}", len(n), n.encode(), k, v) for n, k, c, v in split]
        entries = [info + struct.pack("<Q", at - offsets[start]) for info, at in table[start:end]]
        head = struct.pack("<4sIQQ", b"GGUF", 3, end - start, 3 if number else pairs + 3)
        head += b"".join([b"" if number else fields, *more, *entries])
        content = head + bytes(-len(head) % 32) + data[offsets[start] : offsets[end]]
        files.append(put(tmp_path / f"cria-0000{number + 1}-of-00003.gguf", content))
    return files


def test_a_model_in_parts_answers(in_parts):
    first, second, third = in_parts
    assert model(first) == model(second) == model(third) == model(first.parent) == first
    with LlamaServer(second) as server:
        assert server.model == "cria"
        body = {"messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 4}
        assert requests.post(f"{server.base_url}/chat/completions", json=body, timeout=60).ok


def test_a_part_is_missing_or_damaged(in_parts):
    first, second, third = in_parts
    third.write_bytes(third.read_bytes()[:-200_000])
    refused(first, third.name, "damaged, or was cut off")
    third.unlink()
    refused(second, "one of 3 parts", third.name, "one folder")


# --- what others have on this computer -----------------------------------------------------------


@pytest.fixture
def home(home, monkeypatch):
    """An empty home, and no service of ollama's on this computer either."""
    monkeypatch.setattr(models, "OLLAMA", [home / "service"])
    return home


def in_ollama(store: Path, name: str, content: bytes = CRIA) -> Path:
    """Put a model into a store of ollama's, and return its file."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    layers = [
        {"mediaType": "application/vnd.ollama.image.template", "digest": "sha256:1"},
        {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{digest}"},
    ]
    put(store / "manifests" / name, json.dumps({"layers": layers}).encode())
    return put(store / "blobs" / f"sha256-{digest}", content)


def in_hub(home: Path, repo: str, name: str, content: bytes = CRIA, revision: str = "c") -> Path:
    """Put a file into the hub's cache as the hub does, with a link where there are any."""
    place = home / ".cache/huggingface/hub" / f"models--{repo.replace('/', '--')}"
    blob = put(place / "blobs" / hashlib.sha256(f"{name}{revision}".encode()).hexdigest(), content)
    link = place / "snapshots" / revision / name
    link.parent.mkdir(parents=True, exist_ok=True)
    if os.name == "nt":  # where links need a right that few have, the hub moves the file
        return blob.rename(link)
    link.symlink_to(os.path.relpath(blob, link.parent))
    return link


def test_a_computer_without_other_models(home):
    (cria,) = local_models()
    assert (cria.name, cria.where, cria.path) == ("cria", "course", model())


def test_what_ollama_has(home, monkeypatch):
    store = home / ".ollama" / "models"
    files = {
        "smollm2:135m": in_ollama(store, "registry.ollama.ai/library/smollm2/135m"),
        "llama3.2": in_ollama(store, "registry.ollama.ai/library/llama3.2/latest"),
        "somebody/tiny:7b": in_ollama(store, "registry.ollama.ai/somebody/tiny/7b"),
        "hf.co/bartowski/SmolLM2-GGUF:Q4_K_M": in_ollama(
            store, "hf.co/bartowski/SmolLM2-GGUF/Q4_K_M"
        ),
        "gemma3:270m": in_ollama(home / "service", "registry.ollama.ai/library/gemma3/270m"),
    }
    in_ollama(
        store, "registry.ollama.ai/library/nomic-embed-text/latest", gguf(llama__pooling_type=1)
    )
    in_ollama(store, "registry.ollama.ai/local-llms/cria/28c4dc35")  # brought by the course
    for number, text in enumerate(["no JSON", "[]", '{"layers": [1]}', '{"layers": null}', "\xff"]):
        put(store / f"manifests/registry.ollama.ai/library/broken/{number}", text.encode("latin-1"))
    put(store / "manifests" / ".DS_Store", b"")
    assert {m.name: m.path for m in local_models() if m.where == "ollama"} == files
    for name, file in files.items():
        assert model(name) == model(f"ollama:{name}") == model(f" {name.upper()}\r") == file
        assert name_of(file) == name
    assert model("llama3.2:latest") == files["llama3.2"]
    refused("nomic-embed-text", "not a model to chat with", "for embeddings")
    assert model("huggingface.co/bartowski/smollm2-gguf:q4_k_m").name.startswith("sha256-")
    monkeypatch.setenv("OLLAMA_MODELS", f'"{home / "service"}"')
    assert [m.name for m in local_models()] == ["cria", "gemma3:270m"]
    with LlamaServer("gemma3:270m") as server:
        assert server.model == "gemma3:270m"


def test_a_store_in_which_nobody_may_look(home, monkeypatch, guarded):
    folder, without_rights = guarded
    monkeypatch.setattr(models, "OLLAMA", [folder / "ollama" / "models"])
    in_ollama(folder / "ollama" / "models", "registry.ollama.ai/library/gemma3/270m")
    assert [m.name for m in local_models()] == ["cria", "gemma3:270m"]
    (folder / "ollama").chmod(0)
    with without_rights:  # the course's own folder may be closed to others, too
        assert "gemma3:270m" not in [m.name for m in local_models()]
    (folder / "ollama").chmod(0o700)


def test_what_the_hub_has(home):
    repo = "bartowski/SmolLM2-135M-Instruct-GGUF"
    file = in_hub(home, repo, "SmolLM2-135M-Instruct-Q4_K_M.gguf")
    large = in_hub(home, repo, "SmolLM2-135M-Instruct-f16.gguf")
    os.utime(large, (1, 1), follow_symlinks=os.name == "nt")  # the other one was fetched later
    in_hub(home, repo, "mmproj-model-f16.gguf", gguf(general__type="mmproj"))
    in_hub(
        home,
        "nomic-ai/nomic-embed-text-v1.5-GGUF",
        "nomic.gguf",
        gguf(general__architecture="bert"),
    )
    names = {m.name for m in local_models() if m.where == "hub" and m.repo == repo}
    assert names == {"SmolLM2-135M-Instruct-Q4_K_M", "SmolLM2-135M-Instruct-f16"}
    for name in [
        "SmolLM2-135M-Instruct-Q4_K_M", "smollm2-135m-instruct-q4_k_m.GGUF", repo, f"{repo}:Q4_K_M",
        "SmolLM2-135M-Instruct", f"hf.co/{repo}:Q4_K_M", f"https://huggingface.co/{repo}",
        f"{repo}/{file.name}", f"https://huggingface.co/{repo}/blob/main/{file.name}",
        f"https://huggingface.co/{repo}/resolve/main/{file.name}?download=true",
    ]:  # fmt: skip
        assert model(name) == file, name
    assert model(f"{repo}:f16") == large
    refused(f"{repo}:Q8_0", "no model file at")
    refused("nomic-ai/nomic-embed-text-v1.5-GGUF", "nomic.gguf is not a model to chat with")
    in_hub(home, "a/gone-GGUF", "gone.gguf").resolve().unlink()
    refused("a/gone-GGUF", "no model file at a/gone-GGUF")
    assert name_of(file.resolve()) == file.stem, (
        "also where somebody gives the file behind the link"
    )
    with LlamaServer(repo) as server:
        assert server.model == file.stem


def test_of_two_revisions_the_newer_one(home):
    in_hub(home, "a/b-GGUF", "b.gguf", revision="f")
    newer = in_hub(home, "a/b-GGUF", "b.gguf", revision="0")
    os.utime(newer, (2**31, 2**31), follow_symlinks=os.name == "nt")
    assert model("b") == newer
    assert [m.name for m in local_models()] == ["cria", "b"]


def test_parts_in_the_hub(home, in_parts):
    """They lie in a folder of their own there, each a link to a file without its name."""
    for part in in_parts:
        in_hub(home, "big/cria-GGUF", f"Q8_0/{part.name}", part.read_bytes(), revision="c")
    (found,) = [m for m in local_models() if m.where == "hub"]
    assert found.name == "cria" and found.megabytes > 3
    with LlamaServer("big/cria-GGUF") as server:
        assert server.model == "cria"


def test_what_llama_cpp_has(home, monkeypatch):
    monkeypatch.setenv("LLAMA_CACHE", str(home / "cache"))
    mine = put(home / "cache/models--a--b-GGUF/snapshots/c/b-Q4.gguf")
    assert model("a/b-GGUF:Q4") == mine


def test_what_lm_studio_has(home):
    place = home / ".lmstudio/models/lmstudio-community/Qwen3-0.6B-GGUF"
    qwen = put(place / "Qwen3-0.6B-Q4_K_M.gguf")
    put(place / "mmproj-Qwen3-0.6B-F16.gguf", gguf(general__architecture="clip"))
    old = put(home / ".cache/lm-studio/models/TheBloke/phi-2-GGUF/phi-2.Q4_K_M.gguf")
    found = {m.path for m in local_models() if m.where == "LM Studio"}
    assert found == {qwen, old}
    assert model("qwen3-0.6b-q4_k_m") == model("lmstudio-community/Qwen3-0.6B-GGUF") == qwen
    assert model("phi-2") == old


def test_a_name_that_is_nearly_right(home):
    put(home / ".lmstudio/models/me/tiny/zephyr-q4.gguf")
    refused("zefyr-q4", "Did you mean zephyr-q4?")


def test_the_binding_loads_it_and_talks():
    llama_cpp = pytest.importorskip("llama_cpp", reason="the binding is not here")
    llama = llama_cpp.Llama(str(model()), n_ctx=512, verbose=False)
    question = [{"role": "user", "content": "Hello!"}]
    reply = llama.create_chat_completion(question, max_tokens=40, temperature=0)
    assert reply["choices"][0]["message"]["content"].strip()
    assert reply["choices"][0]["finish_reason"] == "stop"
    llama.close()
