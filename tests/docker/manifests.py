"""What `docker/kubernetes/` holds, read as Kubernetes and Helm would."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

KUBERNETES = Path(__file__).parents[2] / "docker" / "kubernetes"
VALUES: dict[str, Any] = yaml.safe_load((KUBERNETES / "dagster-values.yaml").read_text())
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())
_APART = {"dagster-values.yaml", "kustomization.yaml", "secret.yaml"}
"""Values, what kustomize reads, and what an operator has filled in, which is nobody else's business."""


@cache
def objects(kind: str) -> dict[str, dict[str, Any]]:
    """All objects of a kind by their names, the example of secrets among them."""
    return {each["metadata"]["name"]: each for each in _all() if each["kind"] == kind}


@cache
def _all() -> list[dict[str, Any]]:
    files = (path for path in sorted(KUBERNETES.glob("*.yaml")) if path.name not in _APART)
    return [each for path in files for each in yaml.safe_load_all(path.read_text())]


@dataclass(frozen=True)
class Pod:
    """A kind of pod: what it is for, what is in its environment, and where it may write."""

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
            **{name: value for each in maps for name, value in each.items()},
            **{name: value for each in self.secrets for name, value in objects("Secret")[each]["stringData"].items()},
        }


def pods() -> dict[str, Pod]:
    """Every kind of pod, ours and those of Dagster's chart, by its role."""
    return {pod.role: pod for pod in (*_ours(), *_of_the_chart())}


def _ours() -> Iterator[Pod]:
    for each in (objects("Deployment")["bookbytes-api"], *objects("Job").values()):
        template = each["spec"]["template"]
        (container,) = template["spec"]["containers"]
        volumes = {volume["name"] for volume in template["spec"]["volumes"] if "emptyDir" in volume}
        yield Pod(
            role=template["metadata"]["labels"]["bookbytes-role"],
            image=container["image"],
            confinement={**template["spec"]["securityContext"], **container["securityContext"]},
            config_maps=tuple(each["configMapRef"]["name"] for each in container["envFrom"] if "configMapRef" in each),
            secrets=tuple(each["secretRef"]["name"] for each in container["envFrom"] if "secretRef" in each),
            writable=frozenset(each["mountPath"] for each in container["volumeMounts"] if each["name"] in volumes),
        )


def _of_the_chart() -> Iterator[Pod]:
    (code,) = VALUES["dagster-user-deployments"]["deployments"]
    launcher = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
    run = {**launcher, "image": code["image"], "podSecurityContext": _run_pod()["securityContext"]}
    for each in (code, run, VALUES["dagsterDaemon"], VALUES["dagsterWebserver"]):
        yield Pod(
            role=each["labels"]["bookbytes-role"],
            image=f"{each['image']['repository']}:{each['image']['tag']}",
            confinement={**each["podSecurityContext"], **each["securityContext"]},
            config_maps=tuple(named["name"] for named in each["envConfigMaps"]),
            secrets=tuple(named["name"] for named in each["envSecrets"]),
            writable=frozenset(mount["mountPath"] for mount in each["volumeMounts"]),
        )


def _run_pod() -> dict[str, Any]:
    launcher = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
    pod: dict[str, Any] = launcher["runK8sConfig"]["podSpecConfig"]
    return pod
