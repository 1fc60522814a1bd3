"""pyproject.toml, environment.yml and requirements.lock say the same, each in its own form."""

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")

# conda-forge calls some packages otherwise, and spells extras out
CONDA_NAMES = {"matplotlib-base": "matplotlib"}
EXTRAS = {
    "fastapi", "uvicorn", "pydantic-settings", "sse-starlette", "starlette-context", "pysocks",
}  # fmt: skip
ONLY_CONDA = {"python", "pip", "llama-cpp"}  # compiled from llama-cpp-python's source elsewhere


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pip_ranges() -> dict[str, SpecifierSet]:
    lines = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["test"]
    return {normal(r.name): r.specifier for r in map(Requirement, lines)}


def conda_ranges() -> dict[str, SpecifierSet]:
    ranges = {}
    for line in CONDA["dependencies"]:
        for item in line["pip"] if isinstance(line, dict) else [line]:
            if item != "-e .":
                name, _, versions = re.match(r"([\w.-]+)(\s*)(.*)", item).groups()
                ranges[normal(CONDA_NAMES.get(name, name))] = SpecifierSet(versions)
    return ranges


def test_conda_and_pip_ask_for_the_same_packages_in_the_same_ranges():
    conda = conda_ranges()
    python = conda.pop("python")
    assert PROJECT["project"]["requires-python"] in str(python)
    for name in (ONLY_CONDA | EXTRAS) - {"python"}:
        conda.pop(name)
    assert conda == pip_ranges()


def test_conda_takes_everything_from_conda_forge_and_installs_the_course_itself():
    assert CONDA["channels"] == ["conda-forge", "nodefaults"]
    assert {"pip": [*CONDA["dependencies"][-1]["pip"]]} == CONDA["dependencies"][-1]
    assert CONDA["dependencies"][-1]["pip"][-1] == "-e ."


def test_nobody_installs_the_other_sseclient():
    """Two packages share one import name; only sseclient-py reads a stream that is already open."""
    assert "sseclient" not in pip_ranges() | conda_ranges()
    assert not re.search(r"(?m)^sseclient==", LOCK)


def test_every_line_of_environment_yml_has_a_reason():
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if re.match(r"\s+- [\w-]+", line)]
    shared = {"uvicorn", "pydantic-settings", "sse-starlette", "starlette-context"}  # named in one
    without = [
        line.strip("- ")
        for line in packages
        if "#" not in line and line.strip("- ") not in {*shared, "conda-forge"}
    ]
    assert [line for line in without if not line.startswith("python ")] == []


def test_lock_has_a_version_and_a_digest_for_every_package_and_no_address():
    blocks = [b for b in re.split(r"\n(?=[^\s#])", LOCK) if not b.startswith("#")]
    assert len(blocks) > 100
    for block in blocks:
        assert re.match(r"[\w.\[\],-]+==[\w.+!]+", block), block
        assert "--hash=sha256:" in block, block
    assert not re.search(r"https?://|--index|--find-links", LOCK)


def test_lock_is_within_the_ranges():
    locked = dict(re.findall(r"(?m)^([\w.-]+)(?:\[[^\]]*\])?==([\w.+!]+)", LOCK))
    locked = {normal(name): version for name, version in locked.items()}
    groups = PROJECT["dependency-groups"]
    lines = PROJECT["project"]["dependencies"] + groups["test"] + groups["build"]
    for requirement in map(Requirement, lines):
        assert locked[normal(requirement.name)] in requirement.specifier, requirement
