"""The files for Kubernetes: what the schemas say, and what they cannot know.

Nobody has applied them to a cluster yet: there is none here.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import types
from collections.abc import Coroutine
from copy import deepcopy

import pytest
import yaml
from checked import FOLDER, KUBERNETES, ROOT, node, run
from classroom_room import paused, taken
from kubernetes_rules import containers, of_kind, pods, problems

from classroom import cluster
from classroom.__main__ import parser
from helpers import LlamaServer, model
from helpers.engines import find_binary

FILES = ROOT / "classroom" / "kubernetes"
README = (FILES / "README.md").read_text(encoding="utf-8")
BY_HAND = set(re.findall(r"create secret generic ([\w-]+)", README))
OVERLAYS = ["llama", "vllm"]


@pytest.fixture(scope="module", params=OVERLAYS)
def applied(request) -> list[dict]:
    """Everything that one of the two overlays applies."""
    return built(request.param)


def built(overlay: str) -> list[dict]:
    return list(yaml.safe_load_all(run("kubectl/kubectl", "kustomize", FILES / overlay)))


def one(documents: list[dict], kind: str, name: str) -> dict:
    (found,) = [d for d in of_kind(documents, kind) if d["metadata"]["name"] == name]
    return found


def box_of(documents: list[dict], deployment: str) -> dict:
    """Return the container of a Deployment that has one."""
    (box,) = one(documents, "Deployment", deployment)["spec"]["template"]["spec"]["containers"]
    return box


# --- schemas --------------------------------------------------------------------------------------


def test_kubernetes_knows_every_field(applied, tmp_path):
    file = tmp_path / "applied.yaml"
    file.write_text(yaml.safe_dump_all(applied), encoding="utf-8")
    said = run("bin/kubernetes-validate", "--strict", "-k", KUBERNETES, file)
    unknown = re.findall(r"Couldn't find schema for kind (\w+)", said)
    assert set(unknown) == {"ScaledObject", "TriggerAuthentication"}, "these are KEDA's"


VALIDATE = """
import { readFileSync } from "node:fs";
const folder = "./node_modules/@kubernetes-models/keda/_schemas/";
const errors = [];
for (const document of JSON.parse(readFileSync(0, "utf8"))) {
  const name = "ComGithubKedacoreKedaV2ApisKedaV1alpha1" + document.kind;
  const { validate } = await import(folder + name + ".js");
  if (!validate(document)) errors.push(...validate.errors);
}
console.log(JSON.stringify(errors));
"""


def test_keda_knows_every_field(applied):
    """Its schemas are in an npm package; what this type of trigger takes is in its source."""
    ours = [d for d in applied if d["apiVersion"].startswith("keda.sh")]
    assert node(VALIDATE, ours) == [] and len(ours) == 2
    broken = deepcopy(ours)
    del broken[0]["spec"]["scaleTargetRef"]
    assert node(VALIDATE, broken)
    (trigger,) = of_kind(ours, "ScaledObject")[0]["spec"]["triggers"]
    assert trigger["type"] == "metrics-api"
    assert set(trigger["metadata"]) == {
        "url", "format", "valueLocation", "aggregateFromKubeServiceEndpoints", "aggregationType",
        "targetValue", "authMode",
    }  # fmt: skip


# --- what schemas cannot know ---------------------------------------------------------------------


def test_nothing_else_is_wrong(applied):
    assert problems(applied, BY_HAND) == []


def change(documents: list[dict], path: str, value: object) -> None:
    """Change one place in the documents."""
    kind, name, *steps = path.split("/")
    place = one(documents, kind, name)
    for step in steps[:-1]:
        place = place[int(step) if step.isdigit() else step]
    place[int(steps[-1]) if steps[-1].isdigit() else steps[-1]] = value


POD = "Deployment/llama-server/spec/template/spec"
BOX = f"{POD}/containers/0"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("Service/gateway/spec/selector/app", "gatewy", "selects nothing"),
        ("Service/gateway/spec/ports/0/targetPort", 8081, "nobody serves port 8081"),
        ("Service/llama-server/spec/ports/0/port", 80, "is headless"),
        ("Service/gateway/spec/selector", {"app": "llama-server"}, "counts each of them"),
        ("Deployment/gateway/spec/selector/matchLabels/app", "x", "does not select its own pods"),
        (f"{POD}/topologySpreadConstraints/0/labelSelector/matchLabels/app", "x", "spreads other"),
        ("PodDisruptionBudget/llama-server/spec/selector/matchLabels/app", "x", "selects nothing"),
        (f"{BOX}/image", "ghcr.io/ggml-org/llama.cpp:server", "without tag and digest"),
        (f"{BOX}/image", f"llama.cpp@sha256:{'0' * 64}", "without tag and digest"),
        (f"{BOX}/resources/limits", {"cpu": "4"}, "all the memory"),
        (f"{BOX}/readinessProbe/httpGet/path", "/v1/models", "which needs a key"),
        (f"{BOX}/readinessProbe/httpGet/path", "/metrics", "which needs a key"),
        (f"{BOX}/startupProbe/httpGet/port", "htp", "which nobody serves"),
        ("Deployment/gateway/spec/template/spec/containers/0/livenessProbe/tcpSocket/port", 80,
         "which nobody serves"),
        (f"{BOX}/envFrom/0/configMapRef/name", "settings", "no ConfigMap settings"),
        (f"{BOX}/env/4/valueFrom/secretKeyRef/name", "server", "no Secret server"),
        (f"{BOX}/env/2/value", "$(LLM_MODEL)", "is not replaced"),
        (f"{BOX}/volumeMounts/0/name", "modell", "no volume modell"),
        (f"{BOX}/volumeMounts/0/subPath", "x", "with subPath"),
        ("Deployment/gateway/spec/template/spec/volumes/0/secret/secretName", "key",
         "no Secret key"),
        ("NetworkPolicy/nobody/spec/podSelector", {"matchLabels": {"app": "gateway"}},
         "everything is allowed"),
        ("NetworkPolicy/gateway/spec/podSelector/matchLabels/app", "x", "selects nothing"),
        ("NetworkPolicy/gateway/spec/ingress/0/ports/0/port", 80, "which nobody serves"),
        ("NetworkPolicy/llama-server/spec/ingress/0/from/0/podSelector/matchLabels/app", "x",
         "not there"),
        ("ScaledObject/llama-server/spec/scaleTargetRef/name", "llama", "no Deployment llama"),
        ("Deployment/llama-server/spec/replicas", 3, "which the autoscaler decides"),
        ("ScaledObject/llama-server/spec/triggers/0/metadata/url",
         "http://llama-server:8080/metrics", "nobody answers"),
        ("ScaledObject/llama-server/spec/triggers/0/authenticationRef/name", "x", "no such"),
        ("TriggerAuthentication/llama-server/spec/secretTargetRef/0/name", "x", "no Secret x"),
    ],
)  # fmt: skip
def test_each_fault_is_found(plain, path, value, words):
    """Kubernetes accepts all of these."""
    documents = deepcopy(plain)
    change(documents, path, value)
    assert any(words in problem for problem in problems(documents, BY_HAND))


@pytest.fixture(scope="module")
def plain() -> list[dict]:
    return built("llama")


def test_no_pod_may_do_more_than_it_must(applied):
    """What the namespace asks for (`restricted`), and read-only files beside it."""
    labels = of_kind(applied, "Namespace")[0]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    for pod in pods(applied):
        assert pod["spec"]["automountServiceAccountToken"] is False
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
        assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for box in containers(pod):
            assert box["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


def test_no_key_stands_in_a_file(applied):
    assert not of_kind(applied, "Secret") and sorted(BY_HAND) == ["keys", "servers"]


# --- what the programs in the pods know -----------------------------------------------------------


def test_llama_server_knows_its_settings(plain):
    told = subprocess.run([find_binary(), "--help"], capture_output=True, text=True, check=True)
    known = set(re.findall(r"env: (LLAMA_\w+)", told.stdout))
    (settings,) = of_kind(plain, "ConfigMap")
    named = {variable["name"] for variable in box_of(plain, "llama-server")["env"]}
    assert {*settings["data"], *named} - {"LLM_MODEL"} <= known


def test_the_gateway_knows_its_options(applied):
    wanted = parser().parse_args(box_of(applied, "gateway")["args"])
    service = one(applied, "Service", "llama-server")
    assert wanted.servers == f"http://llama-server:{service['spec']['ports'][0]['port']}"
    assert wanted.port == box_of(applied, "gateway")["ports"][0]["containerPort"]


def test_the_numbers_fit_each_other(plain):
    """As `python -m classroom size` would say them."""
    planned = cluster.plan(model("cria"), 200)
    settings = of_kind(plain, "ConfigMap")[0]["data"]
    assert {name: settings[name] for name in planned.settings} == {
        name: str(value) for name, value in planned.settings.items()
    }
    wanted = parser().parse_args(box_of(plain, "gateway")["args"])
    assert (wanted.slots, wanted.context) == (planned.each.slots, planned.each.context)
    memory = box_of(plain, "llama-server")["resources"]["limits"]["memory"]
    assert abs(int(memory.removesuffix("Mi")) * 2**20 - planned.each.limit) < 2**21
    scaled = one(plain, "ScaledObject", "llama-server")["spec"]
    assert scaled["maxReplicaCount"] == planned.servers
    assert int(scaled["triggers"][0]["metadata"]["targetValue"]) < wanted.slots
    assert f"targetValue {scaled['triggers'][0]['metadata']['targetValue']}" in str(planned)


def test_a_reply_can_end_before_its_server_does(applied):
    from classroom.gateway import LONGEST

    spec = one(applied, "Deployment", "llama-server")["spec"]["template"]["spec"]
    (command,) = spec["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][2:]
    waits = int(re.match(r"sleep (\d+);", command)[1])
    assert spec["terminationGracePeriodSeconds"] > 2 * LONGEST + waits


@pytest.mark.skipif(os.name == "nt", reason="the probe runs in a Linux container")
def test_the_probe_tells_a_server_that_hangs_from_one_that_is_busy(plain):
    probe = box_of(plain, "llama-server")["livenessProbe"]["exec"]["command"]
    with LlamaServer(
        options=["--api-key", "secret", "--parallel", "1", "--context-shift"]
    ) as server:
        here = re.sub(r"--max-time \d+", "--max-time 5", probe[2])
        here = here.replace("sleep 30", "sleep 1").replace("http://127.0.0.1:8080", server.url)

        def passes() -> bool:
            key = {"LLAMA_API_KEY": "secret"}
            return subprocess.run([*probe[:2], here], env=os.environ | key).returncode == 0

        assert passes()
        with taken(server, 1):
            assert passes(), "its only slot is taken, but it works"
        with paused(server):
            assert not passes()
        assert passes()
    assert not passes()


def test_the_image_holds_what_is_imported():
    """Its lock is made for it, and holds no package that must be compiled."""
    lock = (FILES / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"(?m)^([\w-]+)==", lock))
    assert {"starlette", "uvicorn", "httpx", "psutil", "requests", "tqdm"} <= locked
    assert "llama-cpp-python" not in locked
    base = re.search(r"(?m)^FROM (\S+)$", (FILES / "Dockerfile").read_text(encoding="utf-8"))[1]
    assert re.fullmatch(r".+:3\.13.+@sha256:[0-9a-f]{64}", base)


# --- Zero to JupyterHub ---------------------------------------------------------------------------

HUB = FILES / "hub"


@pytest.fixture(scope="module")
def hub(tmp_path_factory) -> list[dict]:
    """What the chart makes of our values; its schema refuses a name that it does not know."""
    chart = FOLDER / "jupyterhub"
    if not chart.exists():
        pytest.skip("the chart is not here: CONTRIBUTING.md says how to fetch it")
    copy = tmp_path_factory.mktemp("chart") / "jupyterhub"
    shutil.copytree(chart, copy)
    schema = yaml.safe_load((copy / "values.schema.yaml").read_text(encoding="utf-8"))
    (copy / "values.schema.json").write_text(json.dumps(schema), encoding="utf-8")
    made = run(
        "helm/helm", "template", "hub", copy, "--namespace=hub", f"--kube-version={KUBERNETES}.0",
        f"--values={HUB / 'values.yaml'}",
        f"--set-file=hub.extraConfig.class={HUB / 'class_hub.py'}",
    )  # fmt: skip
    return [document for document in yaml.safe_load_all(made) if document]


def test_the_chart_takes_the_values(hub, tmp_path):
    file = tmp_path / "hub.yaml"
    file.write_text(yaml.safe_dump_all(hub), encoding="utf-8")
    run("bin/kubernetes-validate", "--strict", "-k", KUBERNETES, file)


def test_notebooks_reach_the_gateway(hub, plain):
    """Through the one hole in the chart's wall: with the gateway's own labels and port."""
    policy = one(hub, "NetworkPolicy", "singleuser")["spec"]["egress"]
    holes = [rule for rule in policy for to in rule.get("to", []) if "gateway" in str(to)]
    ((to,), (port,)) = holes[0]["to"], holes[0]["ports"]
    deployment = one(plain, "Deployment", "gateway")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert to["podSelector"]["matchLabels"].items() <= labels.items()
    space = to["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
    assert space == deployment["metadata"]["namespace"]
    assert port["port"] == box_of(plain, "gateway")["ports"][0]["containerPort"]


def test_the_hub_knows_the_gateway_by_name(plain):
    values = yaml.safe_load((HUB / "values.yaml").read_text(encoding="utf-8"))
    service = one(plain, "Service", "gateway")
    name, space = service["metadata"]["name"], service["metadata"]["namespace"]
    assert service["spec"]["ports"][0]["port"] == 80
    assert values["singleuser"]["extraEnv"]["LLM_BASE_URL"] == f"http://{name}.{space}/v1"


@pytest.fixture
def card_reader(tmp_path, monkeypatch):
    """The hub's configuration, read by Python; JupyterHub itself is not here."""
    auth = types.ModuleType("jupyterhub.auth")
    auth.Authenticator = object
    monkeypatch.setitem(sys.modules, "jupyterhub", types.ModuleType("jupyterhub"))
    monkeypatch.setitem(sys.modules, "jupyterhub.auth", auth)
    names = {"c": types.SimpleNamespace(
        JupyterHub=types.SimpleNamespace(), Authenticator=types.SimpleNamespace(),
        Spawner=types.SimpleNamespace(),
    )}  # fmt: skip
    exec(compile((HUB / "class_hub.py").read_text(encoding="utf-8"), "class_hub.py", "exec"), names)
    names["KEYS"] = tmp_path / "keys.txt"
    names["KEYS"].write_text(
        "# comment of two words\n\nteacher-4fkq-9tzm-x2hd  Teacher\nw7pd-k3ra-8mnv  Müller, Jörg\n",
        encoding="utf-8-sig",
    )
    return names


def login(names: dict, username: str, password: str) -> dict | None:
    return ended_with(
        names["KeyFile"]().authenticate(None, {"username": username, "password": password})
    )


def ended_with(coroutine: Coroutine) -> object:
    with pytest.raises(StopIteration) as ended:
        coroutine.send(None)
    return ended.value.value


def test_a_revoked_key_ends_the_login(card_reader):
    settings = card_reader["c"].Authenticator
    assert settings.auth_refresh_age == 60 and settings.refresh_pre_spawn
    user = types.SimpleNamespace(name="müller, jörg")
    spawner = types.SimpleNamespace(user=user, environment={})
    assert login(card_reader, "Müller, Jörg", "w7pd-k3ra-8mnv")
    assert ended_with(card_reader["KeyFile"]().refresh_user(user)) is True
    for line in ["", "aaaa-bbbb-cccc  Müller, Jörg\n"]:  # revoked; and a new card for a lost one
        text = f"teacher-4fkq-9tzm-x2hd  Teacher\n{line}"
        card_reader["KEYS"].write_text(text, encoding="utf-8")
        assert ended_with(card_reader["KeyFile"]().refresh_user(user)) is False
        if not line:
            with pytest.raises(card_reader["HTTPError"], match="has no key any more"):
                card_reader["give_key"](spawner)
    card_reader["give_key"](spawner)
    assert spawner.environment == {"LLM_API_KEY": "aaaa-bbbb-cccc"}


def test_one_card_opens_the_hub_and_the_model(card_reader):
    assert login(card_reader, "müller,  JÖRG", "W7PD-k3ra-8mnv ") == {
        "name": "müller, jörg", "admin": False,
    }  # fmt: skip
    assert login(card_reader, "Teacher", "teacher-4fkq-9tzm-x2hd")["admin"]
    for name, key in [
        ("Müller, Jörg", ""),
        ("Teacher", "w7pd-k3ra-8mnv"),
        ("", ""),
        ("#", "comment"),
    ]:
        assert login(card_reader, name, key) is None
    spawner = types.SimpleNamespace(
        environment={"A": "1"}, user=types.SimpleNamespace(name="müller, jörg")
    )
    card_reader["give_key"](spawner)
    assert spawner.environment == {"A": "1", "LLM_API_KEY": "w7pd-k3ra-8mnv"}


def test_the_hub_reads_keys_as_the_gateway_does(card_reader):
    from classroom import keys

    people = keys.read(card_reader["KEYS"])
    assert card_reader["keys"]() == {keys.alike(p.name): p.key for p in people}


# --- README ---------------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_the_page_shows_what_the_command_prints():
    assert set(words(str(cluster.plan(model("cria"), 200)))) <= set(words(README))


def test_files_that_the_page_names_are_there():
    for name in re.findall(r"`((?:llama|vllm|hub)/[\w./-]+)`", README):
        assert (FILES / name).exists(), name
