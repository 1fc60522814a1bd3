"""Runs the checkers that `make checkers` has fetched, on files that others' programs will read."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv-checkers"
KUBERNETES = "1.35"  # the newest version for which there are both a kubectl here and schemas


def run(program: str, *words: object, given: str = "") -> str:
    """Run a program of the checkers' environment; return what it says, or fail with that."""
    path = FOLDER / program
    if not path.exists():
        pytest.skip("the checkers are not here: `make checkers` fetches them")
    try:
        done = subprocess.run(
            [path, *map(str, words)], input=given, capture_output=True, text=True, cwd=ROOT
        )
    except OSError:
        pytest.skip(f"{program} is a program for Linux")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def node(script: str, given: object) -> object:
    """Run some JavaScript with the checkers' packages; `given` is its input, as JSON both ways."""
    if not (FOLDER / "node_modules").exists():
        pytest.skip("the checkers are not here: `make checkers` fetches them")
    words = ["node", "--input-type=module", "--eval", script]
    done = subprocess.run(
        words, input=json.dumps(given), capture_output=True, text=True, cwd=FOLDER, check=True
    )
    return json.loads(done.stdout)
