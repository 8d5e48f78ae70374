"""The Dagster definitions as a whole."""

import tomllib
from pathlib import Path

import dagster as dg
import pytest
import yaml

from bookbytes_pipeline.constants import (
    ASSET_NAMES,
    BACKFILL_SCHEDULE,
    BOOK_FILE,
    CHAPTER_SUMMARIES,
    JOB,
    LOCATION,
    PARTITIONS,
)
from bookbytes_pipeline.definitions import ASSETS, build_definitions
from bookbytes_pipeline.settings import Settings


def _settings(home: Path, **more: object) -> Settings:
    return Settings(_env_file=None, bookbytes_home=home, **more)  # type: ignore[arg-type,call-arg] # as the environment would


@pytest.fixture
def definitions(tmp_path: Path) -> dg.Definitions:
    """The definitions of a machine without a key."""
    return build_definitions(_settings(tmp_path))


def test_every_command_loads_the_location_that_runs_store(request: pytest.FixtureRequest) -> None:
    """`dg` by pyproject.toml and `dagster` by workspace.yaml; under another name, schedules would lose their state."""
    root = request.config.rootpath
    project = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    (loaded,) = yaml.safe_load((root / "workspace.yaml").read_text())["load_from"]

    assert LOCATION == project["code_location_name"]
    assert LOCATION == loaded["python_module"]


def test_an_asset_is_named_in_constants_and_listed_in_definitions(definitions: dg.Definitions) -> None:
    """A new asset needs no other file: names, steps, job and partitions follow from these."""
    specs = {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}
    selected = {key.to_user_string() for key in definitions.resolve_job_def(JOB).asset_layer.executable_asset_keys}

    assert list(ASSET_NAMES) == [asset.key.to_user_string() for asset in ASSETS]
    assert set(ASSET_NAMES) == set(specs) - {BOOK_FILE} == selected
    assert {PARTITIONS} == {spec.partitions_def.name for spec in specs.values() if spec.partitions_def}


def test_building_the_definitions_has_no_side_effects(tmp_path: Path, definitions: dg.Definitions) -> None:
    """No folder, database or connection is created until something runs."""
    assert definitions.resolve_job_def(JOB).name == JOB
    assert list(tmp_path.iterdir()) == []


def test_steps_run_in_the_process_of_the_run(definitions: dg.Definitions) -> None:
    """Starting a process for each step would take longer than the steps."""
    assert definitions.resolve_job_def(JOB).executor_def.name == "in_process"


def test_a_backfill_launches_one_run_per_book(definitions: dg.Definitions) -> None:
    """A book that fails or is cancelled does not affect the others."""
    policies = {asset.backfill_policy for asset in definitions.resolve_asset_graph().assets_defs}

    assert {dg.BackfillPolicy.multi_run(1)} == policies


def test_assets_and_checks_have_descriptions(definitions: dg.Definitions) -> None:
    """All assets are in the group of books, and asset and check pages begin with a sentence."""
    specs = list(definitions.resolve_all_asset_specs())
    checks = [spec for asset in definitions.resolve_asset_graph().assets_defs for spec in asset.check_specs]
    descriptions = [spec.description or "" for spec in (*specs, *checks)]

    assert {"books"} == {spec.group_name for spec in specs}
    assert 8 + 15 == len(descriptions)
    assert not [text for text in descriptions if not text.endswith(".") or len(text) > 110]


def test_the_owners_are_those_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster accepts what the setting accepts; without it the assets have no owner."""
    without_owners = build_definitions(_settings(tmp_path))
    monkeypatch.setenv("ASSET_OWNERS", "team:books-and-audio, ada.ford+books@mail.example.org")
    with_owners = build_definitions(_settings(tmp_path))

    owners = [
        {tuple(spec.owners) for spec in definitions.resolve_all_asset_specs()}
        for definitions in (without_owners, with_owners)
    ]
    assert [{()}, {("team:books-and-audio", "ada.ford+books@mail.example.org")}] == owners


def test_no_asset_has_a_retry_policy(definitions: dg.Definitions) -> None:
    """With the in-process executor a retry policy turns a cancellation into a retry."""
    job = definitions.resolve_job_def(JOB)

    assert {None} == {node.definition.retry_policy for node in job.graph.nodes}  # type: ignore[attr-defined] # ops all


def test_the_backfill_is_off_by_default(definitions: dg.Definitions) -> None:
    """It costs money, so an operator has to switch it on."""
    schedule = definitions.resolve_schedule_def(BACKFILL_SCHEDULE)

    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED


def test_another_model_means_another_code_version(tmp_path: Path, definitions: dg.Definitions) -> None:
    """Dagster shows summaries as stale when prompt, model or schema have changed."""
    key = dg.AssetKey(CHAPTER_SUMMARIES)
    with_other_model = build_definitions(_settings(tmp_path, openai_api_key="sk-x", openai_model="another"))

    first, second = (item.resolve_asset_graph().get(key).code_version for item in (definitions, with_other_model))
    assert first
    assert second
    assert first != second
