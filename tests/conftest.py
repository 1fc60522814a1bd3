"""What several tests need."""

import sys
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def no_choices_from_outside(monkeypatch):
    """Test the course as it comes: no other model, server or binary by way of the environment."""
    for name in [
        "LLM_MODEL", "LLM_ENGINE", "LLM_BASE_URL", "LLM_API_KEY", "LLAMA_SERVER", "LLAMA_API_KEY",
        "OLLAMA_HOST",
    ]:  # fmt: skip
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


def pytest_terminal_summary(terminalreporter):
    """Print the table of faults that the tests provoked: what was said, after how many seconds."""
    passed = [r for r in terminalreporter.stats.get("passed", []) if r.when == "call"]
    faults = [value for r in passed for name, value in r.user_properties if name == "fault"]
    if faults:
        terminalreporter.section("faults: what was done, what was said, seconds")
        for fault, message, seconds in sorted(faults):
            terminalreporter.write_line(f"{seconds:6.2f}  {fault:<55.55}  {message[:90]}")
