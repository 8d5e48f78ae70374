"""Secrets, networks, limits and health checks of the services in `docker/compose.yaml`."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.docker.composition import DOCKER, EXAMPLE, EXAMPLE_VALUES, REQUIRED, compose_config, composition

OPTIONAL_SECRETS = ("OPENAI_API_KEY", "TTS_API_KEY", "FAILURE_WEBHOOK_URL", "VALKEY_URL", "UI_PASSWORD_HASH")
SECRETS = {*OPTIONAL_SECRETS, *REQUIRED} - {"S3_PUBLIC_URL"}
OWN_SERVICES = ("migrate", "api", "code", "dagster-daemon", "dagster-webserver")
Services = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    """The whole composition, with every secret set."""
    return composition(**{name: f"value-of-{name}" for name in OPTIONAL_SECRETS})


@pytest.fixture(scope="module")
def services(composed: dict[str, Any]) -> Services:
    """Its services, by name."""
    by_name: Services = composed["services"]
    return by_name


def test_each_service_knows_only_the_secrets_that_it_needs(services: Services) -> None:
    """An attacker in one of them gets those, and no others."""
    store = {"S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"}
    both = {"BOOKBYTES_PG_PASSWORD", "DAGSTER_PG_PASSWORD"}
    expected = {
        "postgres": {"POSTGRES_PASSWORD", *both},
        "s3": store,
        "migrate": both,
        "api": {*both, *store, "JWT_SECRET_KEY", "VALKEY_URL"},
        "code": {*both, *store, "OPENAI_API_KEY", "TTS_API_KEY", "FAILURE_WEBHOOK_URL"},
        "dagster-daemon": {"DAGSTER_PG_PASSWORD", *store},
        "dagster-webserver": {"DAGSTER_PG_PASSWORD", *store},
        "proxy": {"UI_PASSWORD_HASH"},
        "valkey": set(),
    }

    assert expected == {
        name: {s for s in SECRETS if f"value-of-{s}" in str(service)} for name, service in services.items()
    }


@pytest.mark.parametrize("name", REQUIRED)
def test_nothing_starts_without_a_required_variable(name: str) -> None:
    """The message names the variable and where to set it."""
    refused = compose_config({**EXAMPLE_VALUES, name: ""})

    assert 0 != refused.returncode
    assert f"{name} is missing a value: set it in docker/.env" in refused.stderr


def test_only_ports_for_users_are_published_to_everybody(services: Services) -> None:
    """The Dagster UI, which has no login, is published to this machine only."""
    published = {
        (name, port.get("host_ip", "everybody"), port["target"])
        for name, service in services.items()
        for port in service.get("ports", [])
    }

    assert published == {
        ("api", "everybody", 8000),
        ("s3", "everybody", 8333),
        ("dagster-webserver", "127.0.0.1", 3000),
        ("proxy", "everybody", 80),
        ("proxy", "everybody", 443),
    }


def test_services_without_authentication_are_reached_from_inside_only(composed: dict[str, Any]) -> None:
    """Dagster's code server executes whatever it is sent; only it is on the network to the providers."""
    networks = {name: set(service["networks"]) for name, service in composed["services"].items()}

    assert composed["networks"]["inside"]["internal"]
    assert {"inside"} == networks["postgres"] == networks["valkey"]
    assert {"code"} == {name for name, joined in networks.items() if joined & (networks["code"] - {"inside"})}
    assert {"ui"} == networks["proxy"]


def test_every_service_is_confined(services: Services) -> None:
    """It can write only where it has to, gain no rights, and fill neither memory nor disk."""
    unconfined = {
        name
        for name, service in services.items()
        if not service["read_only"]
        or service["cap_drop"] != ["ALL"]
        or service.get("cap_add", []) != (["NET_BIND_SERVICE"] if name == "proxy" else [])
        or service["security_opt"] != ["no-new-privileges:true"]
        or not int(service["mem_limit"]) > 0
        or not service["pids_limit"] > 0
        or not service["logging"]["options"]["max-size"]
    }

    assert set() == unconfined


def test_every_service_is_restarted(services: Services) -> None:
    """After a crash and after a restart of the machine; `migrate` runs once."""
    assert {"migrate"} == {name for name, service in services.items() if service["restart"] != "unless-stopped"}


def test_every_long_running_service_has_a_health_check(services: Services) -> None:
    """Each has its own; that of the API is in the image."""
    checked = {name for name, service in services.items() if "test" in service["healthcheck"]}

    assert set(services) - {"migrate", "api"} == checked
    assert services["migrate"]["healthcheck"]["disable"]


def test_nothing_starts_before_the_tables_exist(services: Services) -> None:
    """Several processes creating them at the same time would break them."""
    waiting = {
        name
        for name, service in services.items()
        if service.get("depends_on", {}).get("migrate", {}).get("condition") == "service_completed_successfully"
    }

    assert set(OWN_SERVICES) - {"migrate"} == waiting


def test_every_variable_in_the_files_of_dagster_is_set(services: Services) -> None:
    """The image or the composition sets it; Dagster would stop at the first that is missing."""
    image = set(re.findall(r"(\w+)=\S+ \\?\n", (DOCKER / "Dockerfile").read_text().rpartition("\nENV ")[2] + " \n"))
    named = {
        variable
        for file in ("dagster.yaml", "workspace.yaml")
        for variable in re.findall(r"\{env: (\w+)\}", (DOCKER / file).read_text())
    }

    assert {name: set() for name in OWN_SERVICES} == {
        name: named - image - set(services[name]["environment"]) for name in OWN_SERVICES
    }


def test_the_example_lists_every_variable_and_no_other() -> None:
    """Those in ${...}, and those that are passed on by name only."""
    text = (DOCKER / "compose.yaml").read_text()
    passed_on = {
        variable
        for service in composition()["services"].values()
        for variable, value in service.get("environment", {}).items()
        if value is None
    }
    used = {*re.findall(r"\$\{(\w+)", text), *passed_on, "COMPOSE_PROFILES"}

    assert used == set(re.findall(r"(?m)^#?(\w+)=", EXAMPLE.read_text()))
