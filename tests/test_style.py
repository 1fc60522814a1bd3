"""Code and notebooks keep the style that ruff checks (its settings: pyproject.toml)."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("command", ["check", "format --check"])
def test_style(command):
    ruff = [sys.executable, "-m", "ruff", *command.split(), "--quiet", str(ROOT)]
    done = subprocess.run(ruff, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_of_the_helpers_is_long():
    for module in [*(ROOT / "helpers").rglob("*.py"), *(ROOT / "setup" / "check").glob("*.py")]:
        assert len(module.read_text(encoding="utf-8").splitlines()) <= 300, module.name
