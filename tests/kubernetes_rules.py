"""What a file for Kubernetes can get wrong although it fits every schema."""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

OPEN = {"/health", "/v1/health"}  # what llama-server and vLLM say without a key
DIGEST = re.compile(r".+:.+@sha256:[0-9a-f]{64}")
OURS = "class-server"  # built by whoever runs it, who then names its digest


def problems(documents: list[dict], made_by_hand: set[str]) -> list[str]:
    """Return what is wrong, a line for each.

    Args:
        documents: everything that is applied together.
        made_by_hand: the Secrets that a command makes, as their keys stand in no file.
    """
    return [
        *_services(documents), *_selectors(documents), *_pods(documents, made_by_hand),
        *_network(documents), *_scaling(documents, made_by_hand),
    ]  # fmt: skip


def of_kind(documents: list[dict], kind: str) -> list[dict]:
    return [document for document in documents if document["kind"] == kind]


def pods(documents: list[dict]) -> list[dict]:
    """Return the template of each Deployment's pods."""
    return [deployment["spec"]["template"] for deployment in of_kind(documents, "Deployment")]


def containers(pod: dict, every: bool = True) -> list[dict]:
    first = pod["spec"].get("initContainers", []) if every else []
    return [*first, *pod["spec"]["containers"]]


def _ports(pods: list[dict]) -> set:
    """Return the names and the numbers of the ports that these pods serve."""
    served = [port for pod in pods for box in containers(pod, False) for port in box["ports"]]
    return {value for port in served for value in (port.get("name"), port["containerPort"])}


def _selected(documents: list[dict], labels: dict) -> list[dict]:
    return [p for p in pods(documents) if labels.items() <= p["metadata"]["labels"].items()]


def _services(documents: list[dict]) -> Iterator[str]:
    chosen = Counter()
    for service in of_kind(documents, "Service"):
        name, found = service["metadata"]["name"], _selected(documents, service["spec"]["selector"])
        chosen.update(str(pod["metadata"]["labels"]) for pod in found)
        if not found:
            yield f"Service {name} selects nothing"
        for port in service["spec"]["ports"]:
            if found and port.get("targetPort", port["port"]) not in _ports(found):
                yield f"Service {name}: nobody serves port {port.get('targetPort', port['port'])}"
            if service["spec"].get("clusterIP") == "None" and port["port"] not in _ports(found):
                yield f"Service {name} is headless: its port is the pods', {port['port']} is not"
    for labels, count in chosen.items():
        if count > 1:
            yield f"{count} Services select {labels}: the autoscaler counts each of them"


def _selectors(documents: list[dict]) -> Iterator[str]:
    for deployment in of_kind(documents, "Deployment"):
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        if not deployment["spec"]["selector"]["matchLabels"].items() <= labels.items():
            yield f"Deployment {deployment['metadata']['name']} does not select its own pods"
        for spread in deployment["spec"]["template"]["spec"].get("topologySpreadConstraints", []):
            if not spread["labelSelector"]["matchLabels"].items() <= labels.items():
                yield f"Deployment {deployment['metadata']['name']} spreads other pods"
    for budget in of_kind(documents, "PodDisruptionBudget"):
        if not _selected(documents, budget["spec"]["selector"]["matchLabels"]):
            yield f"PodDisruptionBudget {budget['metadata']['name']} selects nothing"


def _pods(documents: list[dict], made_by_hand: set[str]) -> Iterator[str]:
    maps = {document["metadata"]["name"] for document in of_kind(documents, "ConfigMap")}
    for pod in pods(documents):
        places = {volume["name"] for volume in pod["spec"].get("volumes", [])}
        for volume in pod["spec"].get("volumes", []):
            if "secret" in volume and volume["secret"]["secretName"] not in made_by_hand:
                yield f"no Secret {volume['secret']['secretName']}"
        for box in containers(pod):
            name = box["name"]
            if box["image"] != OURS and not DIGEST.fullmatch(box["image"]):
                yield f"{name}: an image without tag and digest: {box['image']}"
            if "memory" not in box.get("resources", {}).get("limits", {}):
                yield f"{name} may take all the memory of its node"
            for mount in box.get("volumeMounts", []):
                if mount["name"] not in places:
                    yield f"{name}: no volume {mount['name']}"
                if "subPath" in mount:
                    yield f"{name}: with subPath a changed Secret never arrives"
            for source in box.get("envFrom", []):
                if source["configMapRef"]["name"] not in maps:
                    yield f"{name}: no ConfigMap {source['configMapRef']['name']}"
            for variable in box.get("env", []):
                if "$(" in variable.get("value", ""):
                    yield f"{name}: {variable['name']} is not replaced by what `envFrom` brings"
                secret = variable.get("valueFrom", {}).get("secretKeyRef")
                if secret and secret["name"] not in made_by_hand:
                    yield f"{name}: no Secret {secret['name']}"
            yield from _probes(box)


def _probes(box: dict) -> Iterator[str]:
    served = {value for port in box.get("ports", []) for value in port.values()}
    for kind in ["startupProbe", "readinessProbe", "livenessProbe"]:
        probe = box.get(kind, {})
        for asked in [probe.get("httpGet"), probe.get("tcpSocket")]:
            if asked and asked["port"] not in served:
                yield f"{box['name']}: {kind} on port {asked['port']}, which nobody serves"
        if "httpGet" in probe and probe["httpGet"]["path"] not in OPEN:
            yield f"{box['name']}: {kind} on {probe['httpGet']['path']}, which needs a key"


def _network(documents: list[dict]) -> Iterator[str]:
    policies = of_kind(documents, "NetworkPolicy")
    if not any(policy["spec"]["podSelector"] == {} for policy in policies):
        yield "without a NetworkPolicy for all pods everything is allowed"
    for policy in policies:
        name, labels = policy["metadata"]["name"], policy["spec"]["podSelector"].get("matchLabels")
        if labels and not _selected(documents, labels):
            yield f"NetworkPolicy {name} selects nothing"
        for rule in policy["spec"].get("ingress", []):
            for port in rule.get("ports", []):
                if port["port"] not in _ports(_selected(documents, labels or {})):
                    yield f"NetworkPolicy {name} opens port {port['port']}, which nobody serves"
        for rule in [*policy["spec"].get("ingress", []), *policy["spec"].get("egress", [])]:
            for peer in [*rule.get("from", []), *rule.get("to", [])]:
                here = "podSelector" in peer and "namespaceSelector" not in peer
                if here and not _selected(documents, peer["podSelector"]["matchLabels"]):
                    yield f"NetworkPolicy {name} names pods that are not there"


def _scaling(documents: list[dict], made_by_hand: set[str]) -> Iterator[str]:
    deployments = {d["metadata"]["name"]: d for d in of_kind(documents, "Deployment")}
    services = {
        service["metadata"]["name"]: {port["port"] for port in service["spec"]["ports"]}
        for service in of_kind(documents, "Service")
    }
    logins = {it["metadata"]["name"]: it for it in of_kind(documents, "TriggerAuthentication")}
    for scaled in of_kind(documents, "ScaledObject"):
        target = scaled["spec"]["scaleTargetRef"]["name"]
        if target not in deployments:
            yield f"ScaledObject: no Deployment {target}"
        elif "replicas" in deployments[target]["spec"]:
            yield f"Deployment {target} has `replicas`, which the autoscaler decides"
        for trigger in scaled["spec"]["triggers"]:
            address = urlsplit(trigger["metadata"]["url"])
            service, _, rest = address.hostname.partition(".")
            here = rest == f"{scaled['metadata']['namespace']}.svc"  # KEDA takes no shorter name
            if not here or address.port not in services.get(service, {}):
                yield f"ScaledObject: nobody answers at {trigger['metadata']['url']}"
            if trigger["authenticationRef"]["name"] not in logins:
                yield "ScaledObject: no such TriggerAuthentication"
    for login in logins.values():
        for secret in login["spec"]["secretTargetRef"]:
            if secret["name"] not in made_by_hand:
                yield f"TriggerAuthentication: no Secret {secret['name']}"
