"""Code and notebooks keep the style that ruff checks (its settings: pyproject.toml)."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from processes import WINE

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.skipif(WINE, reason="Wine lacks a library that ruff needs; Windows has it")
@pytest.mark.parametrize("command", ["check", "format --check"])
def test_style(command):
    ruff = [sys.executable, "-m", "ruff", *command.split(), "--quiet", str(ROOT)]
    done = subprocess.run(ruff, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_of_the_helpers_is_long():
    for module in [*(ROOT / "helpers").rglob("*.py"), *(ROOT / "setup" / "check").glob("*.py")]:
        assert len(module.read_text(encoding="utf-8").splitlines()) <= 300, module.name


@pytest.mark.skipif(
    not (ROOT / ".git").exists() or not shutil.which("git"), reason="this is no clone of git's"
)
def test_git_changes_no_line_end_where_it_is_set_to(tmp_path):
    """As git for Windows is, by default."""
    clone, crlf = tmp_path / "clone", ["-c", "core.autocrlf=true", "-c", "core.eol=crlf"]
    subprocess.run(["git", *crlf, "clone", "--quiet", str(ROOT), str(clone)], check=True)
    show = ["git", "-C", str(clone), "ls-files", "--eol"]
    listed = subprocess.run(show, check=True, capture_output=True, text=True).stdout
    assert "w/lf" in listed and "w/crlf" not in listed
    assert (clone / "models" / "cria.gguf").stat().st_size > 3e6
