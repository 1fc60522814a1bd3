"""The lists of what the course needs say the same, each in its own form."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from small_course import load

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
BINDER = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text(encoding="utf-8"))
LOCKS = {  # what for: the file, and how many packages it holds at least
    "course": ("requirements.lock", 100),
    "real": ("requirements-real.lock", 1),
    "browser": ("requirements-browser.lock", 3),
    "site": ("site/requirements.lock", 50),
    "tab": ("site/lab/requirements.lock", 30),
    "hub": ("classroom/hub/requirements.lock", 20),
    "gateway": ("classroom/kubernetes/requirements.lock", 10),
    "checkers": ("tests/checkers/requirements.lock", 10),
    "model": ("models/recipe/requirements.lock", 20),
}

# conda-forge calls some packages otherwise, and spells extras out
CONDA_NAMES = {"matplotlib-base": "matplotlib"}
EXTRAS = {
    "fastapi", "pydantic-settings", "sse-starlette", "starlette-context", "pysocks",
}  # fmt: skip
ONLY_CONDA = {"python", "pip", "llama-cpp"}  # compiled from llama-cpp-python's source elsewhere


def lock(purpose: str) -> str:
    return (ROOT / LOCKS[purpose][0]).read_text(encoding="utf-8")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pip_ranges() -> dict[str, SpecifierSet]:
    lines = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["test"]
    return {normal(r.name): r.specifier for r in map(Requirement, lines)}


def conda_ranges(dependencies: list = CONDA["dependencies"]) -> dict[str, SpecifierSet]:
    ranges = {}
    for line in dependencies:
        for item in line["pip"] if isinstance(line, dict) else [line]:
            if not item.startswith("-e "):
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


def test_binder_gets_what_the_lessons_need():
    """And an exact Python, which a range would not tell it."""
    python, *packages = BINDER["dependencies"]
    assert re.fullmatch(r"python =3\.\d+", python)
    assert python.removeprefix("python =") in conda_ranges()["python"]
    tests = {normal(Requirement(line).name) for line in PROJECT["dependency-groups"]["test"]}
    needed = {
        name: found for name, found in conda_ranges().items() if name not in tests - {"pyyaml"}
    }
    needed.pop("python")
    assert conda_ranges(packages) == needed


def test_nobody_installs_the_other_sseclient():
    """Two packages share one import name; only sseclient-py reads a stream that is already open."""
    assert "sseclient" not in pip_ranges() | conda_ranges()
    assert not re.search(r"(?m)^sseclient==", lock("course"))


def test_every_line_of_environment_yml_has_a_reason():
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if re.match(r"\s+- [\w-]+", line)]
    shared = {"sse-starlette", "starlette-context"}  # named in one
    without = [
        line.strip("- ")
        for line in packages
        if "#" not in line and line.strip("- ") not in {*shared, "conda-forge"}
    ]
    assert [line for line in without if not line.startswith("python ")] == []


@pytest.mark.parametrize("purpose", LOCKS)
def test_lock_has_a_version_and_a_digest_for_every_package_and_no_address(purpose):
    held, least = lock(purpose), LOCKS[purpose][1]
    blocks = load("bundle").lock_blocks(ROOT / LOCKS[purpose][0])
    assert len(blocks) >= least
    for block in blocks:
        assert re.match(r"[\w.\[\],-]+==[\w.+!]+", block), block
        assert "--hash=sha256:" in block, block
    assert not re.search(r"https?://|--index|--find-links", held)


@pytest.mark.parametrize("purpose", LOCKS)
def test_lock_is_within_the_ranges(purpose):
    groups = PROJECT["dependency-groups"]
    groups["course"] = [*PROJECT["project"]["dependencies"], *groups["test"], *groups["build"]]
    locked = re.findall(r"(?m)^([\w.-]+)(?:\[[^\]]*\])?==([\w.+!]+)", lock(purpose))
    versions = {normal(name): version for name, version in locked}
    for wanted in map(Requirement, groups[purpose]):
        assert versions[normal(wanted.name)] in wanted.specifier, wanted


def test_the_image_for_kubernetes_has_what_the_course_was_tested_with():
    assert set(PROJECT["dependency-groups"]["gateway"]) <= set(PROJECT["project"]["dependencies"])
    locked = re.findall(r"(?m)^[\w.-]+==[\w.+!]+", lock("gateway"))
    assert set(locked) <= set(re.findall(r"(?m)^[\w.-]+==[\w.+!]+", lock("course")))


def test_what_checks_from_npm_is_locked_by_digest_and_without_an_address():
    lock = (ROOT / "tests" / "checkers" / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(lock)["packages"]
    assert all(it["integrity"].startswith("sha512-") for name, it in packages.items() if name)
    assert "resolved" not in lock


def test_the_hub_is_added_to_the_course_and_changes_none_of_its_versions():
    packages = r"(?m)^([\w.-]+)==(\S+)"
    hub, course = (dict(re.findall(packages, lock(purpose))) for purpose in ("hub", "course"))
    assert {name: hub[name] for name in hub.keys() & course} == {
        name: course[name] for name in hub.keys() & course
    }
