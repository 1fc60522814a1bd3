"""A small course for tests of the set-up: the real scripts, with a uv of its own.

Its uv only records what it was asked; its compile only says how it stands. So nothing comes from
the network.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ["environment", "bundle", "settings", "remedies", "clean"]

UV = """#!/usr/bin/env python3
import json, os, sys
with open(os.environ["RECORD"], "a") as file:
    print(json.dumps({"asked": sys.argv[1:], "environment": dict(os.environ)}), file=file)
sys.exit(os.environ.get("FAULT"))
"""
COMPILE = 'import sys; print("no compiler"); print("no C++ compiler", file=sys.stderr)'


class Course:
    """A small course, and what its uv was asked."""

    def __init__(self, folder: Path, index: Path, digest: str):
        self.folder, self.record = folder, index.parent / "record"
        self.options = ["--no-conda"]
        for name in ["setup", "helpers"]:
            (folder / name).mkdir(parents=True)
        for script in SCRIPTS:
            shutil.copy(ROOT / "setup" / f"{script}.py", folder / "setup")
        shutil.copytree(ROOT / "setup" / "jupyterlab", folder / "setup" / "jupyterlab")
        (folder / "setup" / "compile_llama.py").write_text(COMPILE)
        (folder / "helpers" / "__init__.py").touch()
        for name in ["environment.yml", "pyproject.toml"]:
            (folder / name).touch()
        lock = f"# made\nother==1 \\\n    --hash=sha256:0\nuv==1 \\\n    --hash=sha256:{digest}\n"
        (folder / "requirements.lock").write_text(lock)
        self.variables = {"PIP_INDEX_URL": index.as_uri(), "RECORD": str(self.record)}

    def environment(self, **changes: str | None) -> dict:
        ours = {n: v for n, v in os.environ.items() if not n.startswith(("PIP_", "UV_", "PYTHON"))}
        ours |= self.variables | changes
        return {name: value for name, value in ours.items() if value is not None}

    def start(self, **changes: str | None) -> subprocess.Popen:
        command = [sys.executable, self.folder / "setup" / "environment.py", *self.options]
        return subprocess.Popen(
            command, env=self.environment(**changes), cwd=self.folder.parent,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        )  # fmt: skip

    def set_up(self, code: int = 0, **changes: str | None) -> str:
        process = self.start(**changes)
        said, _ = process.communicate(timeout=240)
        assert process.returncode == code, said
        assert "Traceback" not in said
        return said

    def asked(self) -> list[dict]:
        """What uv was asked since the last time."""
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        self.record.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]

    def python(self, source: str, **changes: str) -> str:
        command = [self.folder / ".venv" / "bin" / "python", "-c", source]
        return subprocess.run(
            command, cwd="/", env=self.environment(**changes), check=True,
            capture_output=True, encoding="utf-8", errors="replace",
        ).stdout.strip()  # fmt: skip


def load(name: str, folder: Path = ROOT, scripts: str = "setup") -> ModuleType:
    """Import a script of a course's setup/ (or of another folder), which is no package."""
    before = sys.path
    sys.path = [str(folder / scripts), *before]
    try:
        spec = importlib.util.spec_from_file_location(name, folder / scripts / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path = before
    return module


def wheel(folder: Path, name: str, tag: str, files: dict[str, str]) -> Path:
    """Write a wheel of version 1 into a folder, and return it; files in scripts/ can be run."""
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{name}-1-{tag}.whl"
    about = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
        "WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(made, "w") as archive:
        for inside, text in files.items():
            entry = zipfile.ZipInfo(inside)
            entry.external_attr = (0o100755 if "/scripts/" in inside else 0o100644) << 16
            archive.writestr(entry, text)
        for inside, text in about.items():
            archive.writestr(f"{name}-1.dist-info/{inside}", text)
    return made


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def uv_wheel(folder: Path) -> Path:
    """Write the wheel of a uv that records what it is asked."""
    return wheel(folder, "uv", "py3-none-any", {"uv-1.data/scripts/uv": UV})
