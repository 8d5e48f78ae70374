"""`docker/kubernetes/`: values that must be equal in several files are equal."""

import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from bookbytes_api import app, server
from bookbytes_api.health import routes as health
from bookbytes_pipeline.constants import LOCATION
from bookbytes_pipeline.settings import Settings, load_settings
from tests.docker.manifests import KUBERNETES, KUSTOMIZATION, VALUES, objects, pods

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
IN_PRODUCTION = Path(__file__).parents[2] / "docker" / "dagster.yaml"
BOTO3 = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"}
DAGSTER = {"DAGSTER_PG_HOST", "DAGSTER_PG_PORT", "DAGSTER_PG_USER", "DAGSTER_PG_DB", "postgresql-password"}
UVICORN = {"FORWARDED_ALLOW_IPS"}
FILLED_IN = {"JWT_SECRET_KEY": "f" * 64, "OPENAI_API_KEY": "a-key", "AWS_ACCESS_KEY_ID": "an-id"}


def default(name: str) -> Any:
    """The default of a setting."""
    return Settings.model_fields[name].default


def instance_config() -> dict[str, Any]:
    """The API's `dagster.yaml` in the cluster."""
    config: dict[str, Any] = yaml.safe_load(objects("ConfigMap")["bookbytes-dagster"]["data"]["dagster.yaml"])
    return config


def test_every_file_but_the_example_of_secrets_is_applied() -> None:
    """A file that the kustomization does not name would never reach the cluster."""
    not_applied = {"kustomization.yaml", "dagster-values.yaml", "secret.example.yaml", "secret.yaml"}

    assert sorted(path.name for path in KUBERNETES.glob("*.yaml") if path.name not in not_applied) == sorted(
        KUSTOMIZATION["resources"]
    )


def test_every_pod_runs_this_release() -> None:
    """One image for all roles, tagged with the version of the project; the migration's job has it in its name."""
    release = PROJECT["version"]

    assert {f"bookbytes:{release}"} == {pod.image for pod in pods().values()}
    assert [f"bookbytes-migrate-{release.replace('.', '-')}"] == list(objects("Job"))


def test_the_chart_has_the_version_of_dagster() -> None:
    """They are released together."""
    assert f"version {version('dagster')}" in (KUBERNETES / "dagster-values.yaml").read_text()


@pytest.mark.parametrize("kind", [("ConfigMap", "data"), ("Secret", "stringData")])
def test_every_variable_is_a_known_setting(kind: tuple[str, str]) -> None:
    """A misspelt setting would be ignored silently."""
    own = {name.upper() for name in Settings.model_fields}
    variables = {name for item in objects(kind[0]).values() for name in item[kind[1]]}

    assert variables - {"dagster.yaml"} <= own | BOTO3 | DAGSTER | UVICORN


def test_no_secret_has_a_value() -> None:
    """The values in the example are empty or placeholders."""
    values = [value for secret in objects("Secret").values() for value in secret["stringData"].values()]

    assert all(not value or "<password>" in value for value in values)


@pytest.mark.parametrize("role", ["api", "migrate", "code", "run"])
def test_the_settings_of_each_pod_are_accepted(role: str) -> None:
    """With the example filled in. Pods without one of their config maps or secrets would not start."""
    environment = {**pods()[role].environment, **FILLED_IN} if role != "migrate" else pods()[role].environment

    settings = load_settings(_env_file=None, **{name.lower(): value for name, value in environment.items()})
    assert "production" == settings.app_env
    assert settings.library_url.startswith("postgresql+psycopg:")


def test_keys_are_only_where_they_are_used() -> None:
    """The API has no provider keys, runs have no signing key; Dagster's own pods need the bucket."""
    roles = {
        secret: {role for role, pod in pods().items() if secret in pod.secrets}
        for secret in objects("Secret")
        if secret != "dagster-postgresql-secret"  # noqa: S105 - the chart's name for it
    }

    assert {
        "bookbytes-s3": set(pods()),
        "bookbytes-library": {"api", "migrate", "code", "run"},
        "bookbytes-api": {"api"},
        "bookbytes-providers": {"code", "run"},
    } == roles


@pytest.mark.parametrize("role", sorted(pods()))
def test_every_pod_is_confined(role: str) -> None:
    """It meets the `restricted` standard of Kubernetes, and can write to a few folders only."""
    pod = pods()[role]

    assert {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "fsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    } == pod.confinement
    assert {"/var/lib/bookbytes", "/tmp"} <= pod.writable  # noqa: S108 - in the pod


def test_the_ports_of_the_api_agree() -> None:
    """The ports of settings, containers, annotations and network policies are the same."""
    variables = objects("ConfigMap")["bookbytes-api"]["data"]
    template = objects("Deployment")["bookbytes-api"]["spec"]["template"]
    ports = {port["name"]: port["containerPort"] for port in template["spec"]["containers"][0]["ports"]}
    rules = objects("NetworkPolicy")["bookbytes-api"]["spec"]["ingress"]

    assert {"http": default("port"), "metrics": int(variables["METRICS_PORT"])} == ports
    assert str(default("port")) == variables["PORT"]
    assert str(ports["metrics"]) == template["metadata"]["annotations"]["prometheus.io/port"]
    assert [[{"port": ports["http"]}], [{"port": ports["metrics"]}]] == [rule["ports"] for rule in rules]


def test_the_address_of_the_code_server_agrees() -> None:
    """API, daemon and UI find it, under the location name that every run stores."""
    variables = objects("ConfigMap")["bookbytes-api"]["data"]
    (code,) = VALUES["dagster-user-deployments"]["deployments"]
    (server,) = VALUES["dagsterWebserver"]["workspace"]["servers"]
    (rule,) = objects("NetworkPolicy")["bookbytes-code"]["spec"]["ingress"]

    assert {"host": code["name"], "port": default("dagster_grpc_port"), "name": LOCATION} == server
    assert (server["host"], str(server["port"])) == (variables["DAGSTER_GRPC_HOST"], variables["DAGSTER_GRPC_PORT"])
    assert code["port"] == server["port"]
    assert ["--module-name", LOCATION] == code["dagsterApiGrpcArgs"][:2]
    assert [{"port": code["port"]}] == rule["ports"]


def test_every_pod_has_a_network_policy() -> None:
    """A pod whose role no policy selects would be open to everybody."""
    selectors = [policy["spec"]["podSelector"] for policy in objects("NetworkPolicy").values()]
    single = {selector["matchLabels"]["bookbytes-role"] for selector in selectors if "matchLabels" in selector}
    several = {
        role for selector in selectors for rule in selector.get("matchExpressions", []) for role in rule["values"]
    }

    assert set(pods()) == single | several


def test_the_probes_use_the_health_endpoints() -> None:
    """They are the endpoints of liveness and readiness."""
    (container,) = objects("Deployment")["bookbytes-api"]["spec"]["template"]["spec"]["containers"]
    probed = {name: container[name]["httpGet"]["path"] for name in container if name.endswith("Probe")}
    routes = {
        health.router.path + path for handler in (health.get_liveness, health.get_readiness) for path in handler.paths
    }

    assert {
        "startupProbe": "/health/live",
        "livenessProbe": "/health/live",
        "readinessProbe": "/health/ready",
    } == probed
    assert set(probed.values()) == routes


def test_the_api_has_enough_time_to_stop() -> None:
    """Enough to leave the service's endpoints, answer open requests and end background work."""
    pod = objects("Deployment")["bookbytes-api"]["spec"]["template"]["spec"]
    pre_stop_s = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert (
        pre_stop_s + server.SHUTDOWN_TIMEOUT_S + app.BACKGROUND_SHUTDOWN_TIMEOUT_S
        < pod["terminationGracePeriodSeconds"]
    )


def test_two_replicas_survive_maintenance_of_nodes() -> None:
    """One may be unavailable; the autoscaler sets the number of replicas, not the Deployment."""
    scaler = objects("HorizontalPodAutoscaler")["bookbytes-api"]["spec"]

    assert {"apiVersion": "apps/v1", "kind": "Deployment", "name": "bookbytes-api"} == scaler["scaleTargetRef"]
    assert 2 == scaler["minReplicas"]
    assert "replicas" not in objects("Deployment")["bookbytes-api"]["spec"]
    assert 1 == objects("PodDisruptionBudget")["bookbytes-api"]["spec"]["maxUnavailable"]


def test_the_dagster_instance_is_that_of_the_containers() -> None:
    """Except for the run launcher, and a longer start timeout because a node may have to be added first."""
    cluster, containers = instance_config(), yaml.safe_load(IN_PRODUCTION.read_text())
    launcher, start_timeout = cluster.pop("run_launcher"), cluster["run_monitoring"].pop("start_timeout_seconds")

    del containers["run_monitoring"]["start_timeout_seconds"]
    assert containers == cluster
    assert KUSTOMIZATION["namespace"] == launcher["config"]["job_namespace"]
    assert VALUES["dagsterDaemon"]["runMonitoring"]["startTimeoutSeconds"] == start_timeout


def test_the_chart_writes_the_same_instance() -> None:
    """With other key names; the API and Dagster's pods must agree on storage, queue, retries and monitoring."""
    instance, daemon = instance_config(), VALUES["dagsterDaemon"]
    storage, s3 = instance["storage"]["postgres"]["postgres_db"], VALUES["computeLogManager"]["config"]
    variables, postgres = pods()["api"].environment, VALUES["postgresql"]

    assert instance["run_queue"] == daemon["runCoordinator"]["config"]["customRunCoordinator"]["config"]
    assert (storage["scheme"], storage["params"]) == (postgres["postgresqlScheme"], postgres["postgresqlParams"])
    assert [variables[f"DAGSTER_PG_{name}"] for name in ("HOST", "PORT", "USER", "DB")] == [
        postgres["postgresqlHost"],
        str(postgres["service"]["port"]),
        postgres["postgresqlUsername"],
        postgres["postgresqlDatabase"],
    ]
    assert {**instance["run_monitoring"], "max_resume_run_attempts": 0} == snake(daemon["runMonitoring"])
    assert instance["run_retries"] == snake(daemon["runRetries"])
    assert instance["compute_logs"]["config"] == snake(s3["s3ComputeLogManager"])
    assert {name: instance[name] for name in VALUES["additionalInstanceConfig"]} == VALUES["additionalInstanceConfig"]
    assert instance["retention"]["schedule"] == snake(VALUES["retention"]["schedule"])
    purge_after_days = snake(VALUES["retention"]["sensor"])["purge_after_days"]
    assert {**instance["retention"]["sensor"]["purge_after_days"], "started": -1} == purge_after_days


def snake(values: dict[str, Any]) -> dict[str, Any]:
    """The chart's camel-case names in snake case, as in `dagster.yaml`."""
    return {"".join(f"_{c.lower()}" if c.isupper() else c for c in name): value for name, value in values.items()}
