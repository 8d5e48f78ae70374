"""What the API may request from the cluster, and what it does request when a user cancels a book in progress."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml

from tests.dagster_stack.records import postgres_environment
from tests.docker.cluster import Cluster, Request, cluster
from tests.docker.manifests import KUSTOMIZATION, objects, pods
from tests.postgres import PostgresServer


@pytest.fixture
def kubernetes() -> Iterator[Cluster]:
    """A cluster in which one run has a pod."""
    with cluster() as running:
        yield running


@pytest.fixture
def instance(
    postgres: PostgresServer, kubernetes: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance as the API's pod has it, except that a file says where the cluster is."""
    config = yaml.safe_load(objects("ConfigMap")["bookbytes-dagster"]["data"]["dagster.yaml"])
    config["run_launcher"]["config"] |= {
        "load_incluster_config": False,
        "kubeconfig_file": str(kubernetes.kubeconfig(tmp_path)),
    }
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(config))
    with postgres.database() as url:
        for name, value in {**pods()["api"].environment, **postgres_environment(url)}.items():
            monkeypatch.setenv(name, value)
        with dg.DagsterInstance.local_temp(str(tmp_path)) as opened:
            yield opened


@dg.job
def a_book() -> None:
    """A job to run."""


def test_the_api_may_do_what_cancelling_needs_and_nothing_else(
    instance: dg.DagsterInstance, kubernetes: Cluster
) -> None:
    """It finds the run's pod and deletes both job and pod; without one of these rights the run would continue."""
    run = instance.create_run_for_job(a_book, status=dg.DagsterRunStatus.STARTED)

    assert instance.run_coordinator.cancel_run(run.run_id)
    assert set(kubernetes.requests) == {
        Request(group, resource, verb, KUSTOMIZATION["namespace"])
        for rule in objects("Role")["bookbytes-api"]["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_only_the_api_has_these_rights() -> None:
    """They are bound to the service account of its pods; the account of run pods has no rights."""
    (subject,) = objects("RoleBinding")["bookbytes-api"]["subjects"]
    pod = objects("Deployment")["bookbytes-api"]["spec"]["template"]["spec"]

    assert ("ServiceAccount", pod["serviceAccountName"]) == (subject["kind"], subject["name"])
    assert {"bookbytes-api", "bookbytes-run"} == set(objects("ServiceAccount"))
