"""What several tests need."""

import sys
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def no_choices_from_outside(monkeypatch):
    """Test the course as it comes: no other model, server or binary by way of the environment."""
    for name in ["LLM_MODEL", "LLM_BASE_URL", "LLM_API_KEY", "LLAMA_SERVER"]:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def fake_program(tmp_path):
    """Return a function that writes a program of Python source and returns its path."""

    def written(source: str, name: str = "llama-server") -> Path:
        program = tmp_path / name
        program.write_text(f"#!{sys.executable}\n{source}\n")
        program.chmod(0o755)
        return program

    return written
