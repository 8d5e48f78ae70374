"""The files of `docker/kubernetes/`, read as Kubernetes and Helm would."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

KUBERNETES = Path(__file__).parents[2] / "docker" / "kubernetes"
VALUES: dict[str, Any] = yaml.safe_load((KUBERNETES / "dagster-values.yaml").read_text())
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())
_NO_MANIFESTS = {"dagster-values.yaml", "kustomization.yaml", "secret.yaml"}
"""Helm values, the input of kustomize, and the secrets of an operator, which tests must not read."""


@cache
def objects(kind: str) -> dict[str, dict[str, Any]]:
    """All objects of a kind by their names, including the example of secrets."""
    return {item["metadata"]["name"]: item for item in _all_objects() if item["kind"] == kind}


@cache
def _all_objects() -> list[dict[str, Any]]:
    files = (path for path in sorted(KUBERNETES.glob("*.yaml")) if path.name not in _NO_MANIFESTS)
    return [item for path in files for item in yaml.safe_load_all(path.read_text())]


@dataclass(frozen=True)
class Pod:
    """A kind of pod: its role, its environment, and where it may write."""

    role: str
    image: str
    confinement: Mapping[str, Any]
    config_maps: tuple[str, ...]
    secrets: tuple[str, ...]
    writable: frozenset[str]

    @property
    def environment(self) -> dict[str, str]:
        """The variables that its config maps and secrets hold."""
        maps = [objects("ConfigMap")[name]["data"] for name in self.config_maps]
        return {
            **{name: value for values in maps for name, value in values.items()},
            **{name: value for key in self.secrets for name, value in objects("Secret")[key]["stringData"].items()},
        }


def pods() -> dict[str, Pod]:
    """Every kind of pod, our own and those of Dagster's chart, by its role."""
    return {pod.role: pod for pod in (*_own_pods(), *_chart_pods())}


def _own_pods() -> Iterator[Pod]:
    for workload in (objects("Deployment")["bookbytes-api"], *objects("Job").values()):
        template = workload["spec"]["template"]
        (container,) = template["spec"]["containers"]
        volumes = {volume["name"] for volume in template["spec"]["volumes"] if "emptyDir" in volume}
        yield Pod(
            role=template["metadata"]["labels"]["bookbytes-role"],
            image=container["image"],
            confinement={**template["spec"]["securityContext"], **container["securityContext"]},
            config_maps=tuple(ref["configMapRef"]["name"] for ref in container["envFrom"] if "configMapRef" in ref),
            secrets=tuple(ref["secretRef"]["name"] for ref in container["envFrom"] if "secretRef" in ref),
            writable=frozenset(mount["mountPath"] for mount in container["volumeMounts"] if mount["name"] in volumes),
        )


def _chart_pods() -> Iterator[Pod]:
    (code,) = VALUES["dagster-user-deployments"]["deployments"]
    launcher = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
    run = {**launcher, "image": code["image"], "podSecurityContext": _run_pod()["securityContext"]}
    for pod in (code, run, VALUES["dagsterDaemon"], VALUES["dagsterWebserver"]):
        yield Pod(
            role=pod["labels"]["bookbytes-role"],
            image=f"{pod['image']['repository']}:{pod['image']['tag']}",
            confinement={**pod["podSecurityContext"], **pod["securityContext"]},
            config_maps=tuple(config_map["name"] for config_map in pod["envConfigMaps"]),
            secrets=tuple(secret["name"] for secret in pod["envSecrets"]),
            writable=frozenset(mount["mountPath"] for mount in pod["volumeMounts"]),
        )


def _run_pod() -> dict[str, Any]:
    launcher = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
    pod: dict[str, Any] = launcher["runK8sConfig"]["podSpecConfig"]
    return pod
