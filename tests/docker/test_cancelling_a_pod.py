"""What the API may ask of the cluster, and what it does ask when a person cancels a book that is being made."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import dagster as dg
import pytest
import yaml

from tests.docker.cluster import Cluster, Request, cluster
from tests.docker.manifests import KUSTOMIZATION, objects, pods
from tests.postgres import PASSWORD, PostgresServer


@pytest.fixture
def kubernetes() -> Iterator[Cluster]:
    """A cluster in which one run has a pod."""
    with cluster() as found:
        yield found


@pytest.fixture
def instance(
    postgres: PostgresServer, kubernetes: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance as the API's pod has it; only the cluster is found by a file instead of from within."""
    config = yaml.safe_load(objects("ConfigMap")["bookbytes-dagster"]["data"]["dagster.yaml"])
    config["run_launcher"]["config"] |= {
        "load_incluster_config": False,
        "kubeconfig_file": str(kubernetes.kubeconfig(tmp_path)),
    }
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(config))
    with postgres.database() as url:
        given = {
            "DAGSTER_PG_HOST": "127.0.0.1",
            "DAGSTER_PG_PORT": str(postgres.port),
            "DAGSTER_PG_USER": "postgres",
            "DAGSTER_PG_PASSWORD": PASSWORD,
            "DAGSTER_PG_DB": urlsplit(url).path.removeprefix("/"),
        }
        for name, value in {**pods()["api"].environment, **given}.items():
            monkeypatch.setenv(name, value)
        with dg.DagsterInstance.local_temp(str(tmp_path)) as opened:
            yield opened


@dg.job
def a_book() -> None:
    """Something to run."""


def test_the_api_may_do_what_cancelling_takes_and_nothing_else(
    instance: dg.DagsterInstance, kubernetes: Cluster
) -> None:
    """It finds the run's pod and deletes both job and pod; a right that is missing would let the run go on."""
    run = instance.create_run_for_job(a_book, status=dg.DagsterRunStatus.STARTED)

    assert instance.run_coordinator.cancel_run(run.run_id)
    assert set(kubernetes.asked) == {
        Request(group, resource, verb, KUSTOMIZATION["namespace"])
        for rule in objects("Role")["bookbytes-api"]["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_the_rights_are_the_apis() -> None:
    """They are bound to the account of its pods; run pods have one without any."""
    (subject,) = objects("RoleBinding")["bookbytes-api"]["subjects"]
    pod = objects("Deployment")["bookbytes-api"]["spec"]["template"]["spec"]

    assert ("ServiceAccount", pod["serviceAccountName"]) == (subject["kind"], subject["name"])
    assert {"bookbytes-api", "bookbytes-run"} == set(objects("ServiceAccount"))
