"""What Dagster is given, as a whole."""

import tomllib
from pathlib import Path

import dagster as dg
import pytest
import yaml

from bookbytes_pipeline.constants import (
    ASSET_NAMES,
    BACKFILL_SCHEDULE,
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


def test_every_command_loads_the_location_that_runs_remember(request: pytest.FixtureRequest) -> None:
    """`dg` by pyproject.toml and `dagster` by workspace.yaml; under another name, schedules would lose their state."""
    root = request.config.rootpath
    project = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    (loaded,) = yaml.safe_load((root / "workspace.yaml").read_text())["load_from"]

    assert LOCATION == project["code_location_name"]
    assert LOCATION == loaded["python_module"]


def test_an_asset_is_named_in_constants_and_listed_in_definitions(definitions: dg.Definitions) -> None:
    """Whoever adds one touches no other file: the names, their steps, the job and the partitions follow from these."""
    specs = {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}
    selected = {key.to_user_string() for key in definitions.resolve_job_def(JOB).asset_layer.executable_asset_keys}

    assert list(ASSET_NAMES) == [asset.key.to_user_string() for asset in ASSETS]
    assert set(ASSET_NAMES) == set(specs) == selected
    assert {PARTITIONS} == {spec.partitions_def.name for spec in specs.values() if spec.partitions_def}


def test_building_them_touches_nothing(tmp_path: Path, definitions: dg.Definitions) -> None:
    """No folder, no database and no connection until something runs."""
    assert definitions.resolve_job_def(JOB).name == JOB
    assert list(tmp_path.iterdir()) == []


def test_steps_run_in_the_process_of_the_run(definitions: dg.Definitions) -> None:
    """A process for each step would take longer than the steps."""
    assert definitions.resolve_job_def(JOB).executor_def.name == "in_process"


def test_a_backfill_launches_one_run_per_book(definitions: dg.Definitions) -> None:
    """A book that fails or is cancelled leaves the others alone."""
    policies = {asset.backfill_policy for asset in definitions.resolve_asset_graph().assets_defs}

    assert {dg.BackfillPolicy.multi_run(1)} == policies


def test_assets_and_checks_say_what_they_are(definitions: dg.Definitions) -> None:
    """In the lineage each asset belongs to the group of its book, and asset and check pages open with a sentence."""
    specs = list(definitions.resolve_all_asset_specs())
    checks = [spec for asset in definitions.resolve_asset_graph().assets_defs for spec in asset.check_specs]
    sentences = [spec.description or "" for spec in (*specs, *checks)]

    assert {"books"} == {spec.group_name for spec in specs}
    assert 6 + 8 == len(sentences)
    assert not [sentence for sentence in sentences if not sentence.endswith(".") or len(sentence) > 110]


def test_the_owners_are_those_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the setting accepts, Dagster accepts; without it nobody owns the assets."""
    nobody = build_definitions(_settings(tmp_path))
    monkeypatch.setenv("ASSET_OWNERS", "team:books-and-audio, ada.ford+books@mail.example.org")
    somebody = build_definitions(_settings(tmp_path))

    owners = [{tuple(spec.owners) for spec in each.resolve_all_asset_specs()} for each in (nobody, somebody)]
    assert [{()}, {("team:books-and-audio", "ada.ford+books@mail.example.org")}] == owners


def test_no_asset_has_a_retry_policy(definitions: dg.Definitions) -> None:
    """With the in-process executor a retry policy turns a cancellation into a retry."""
    job = definitions.resolve_job_def(JOB)

    assert {None} == {node.definition.retry_policy for node in job.graph.nodes}  # type: ignore[attr-defined] # ops all


def test_the_backfill_is_off_until_somebody_switches_it_on(definitions: dg.Definitions) -> None:
    """It spends money."""
    schedule = definitions.resolve_schedule_def(BACKFILL_SCHEDULE)

    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED


def test_another_model_makes_another_code_version(tmp_path: Path, definitions: dg.Definitions) -> None:
    """Dagster shows summaries as stale when prompt, model or schema have changed."""
    key = dg.AssetKey(CHAPTER_SUMMARIES)
    other = build_definitions(_settings(tmp_path, openai_api_key="sk-x", openai_model="another"))

    here, there = (one.resolve_asset_graph().get(key).code_version for one in (definitions, other))
    assert here
    assert there
    assert here != there
