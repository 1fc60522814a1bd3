"""The model file: found, checked, and loaded by both of its users."""

import shutil

import pytest
from llama_cpp import Llama

from helpers import ModelNotFound, model, models


def test_cria_is_there_and_small():
    assert model().name == model("cria").name == "cria.gguf"
    assert model().stat().st_size < 8e6


def test_another_model_by_argument_or_environment(tmp_path, monkeypatch):
    mine = tmp_path / "mine.gguf"
    shutil.copy(model(), mine)
    assert model(mine) == mine
    monkeypatch.setenv("LLM_MODEL", str(mine))
    assert model() == mine


def test_a_relative_path_may_start_at_the_course_or_in_models(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert model("models/cria.gguf") == model("cria.gguf") == model()


def test_no_file():
    with pytest.raises(ModelNotFound, match="no model file at nowhere.gguf"):
        model("nowhere.gguf")


def test_a_file_of_another_kind(tmp_path):
    page = tmp_path / "page.gguf"
    page.write_text("<html>404</html>")
    with pytest.raises(ModelNotFound, match="is no GGUF file"):
        model(page)


def test_cria_is_checked_against_its_digest(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "MODELS", tmp_path)
    with pytest.raises(ModelNotFound, match="missing.*\n.*git checkout"):
        model()
    (tmp_path / "cria.gguf").write_bytes(b"GGUF, but another")
    (tmp_path / "cria.gguf.sha256").write_text(f"{'0' * 64}  cria.gguf\n")
    with pytest.raises(ModelNotFound, match="SHA-256 differs"):
        model()


def test_the_binding_loads_it_and_talks():
    llama = Llama(str(model()), n_ctx=512, verbose=False)
    question = [{"role": "user", "content": "Hello!"}]
    reply = llama.create_chat_completion(question, max_tokens=40, temperature=0)
    assert reply["choices"][0]["message"]["content"].strip()
    assert reply["choices"][0]["finish_reason"] == "stop"
    llama.close()
