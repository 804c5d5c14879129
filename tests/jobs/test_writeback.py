"""`takeoff writeback`: planned, written all or nothing, published apart, and found again."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from small_lakes import Model

from takeoff.cli import main
from takeoff.config import Access, Settings
from takeoff.core.progress import Quiet
from takeoff.http.auth import Bearer
from takeoff.http.session import Session
from takeoff.jobs import writeback as job
from takeoff.jobs.fetch_models import ModelOptions, fetch_models
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox
from takeoff.vendors.qonic import libraries

COUNT = 5
EXACT = "123456.123456789"
Run = Callable[..., int]


def guid(number: int) -> str:
    return f"0W{number:020d}"


def building() -> Model:
    """Walls with a volume each, the last one without; two classification systems."""
    model = Model("tower", project_id="77")
    for number in range(COUNT):
        model.add(guid(number), ifc_class="Wall", name=f"wall {number}")
        if number < COUNT - 1:
            model.figure("NetVolume", EXACT if number == 1 else f"{number}.25")
        model.code("NL-SfB", f"21.1{number % 2}").code("House", "A")
    return model


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("served") / "lake"
    building().commit(lake)
    return lake


@pytest.fixture(scope="module")
def fetched(served: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with the model as it was fetched; the stand-in's ids are the same at every start."""
    lake = tmp_path_factory.mktemp("fetched") / "lake"
    with Sandbox(open_layout(served)).start() as sandbox:
        service = sandbox.at("qonic")
        access = Access(base_url=service.base_url, token=service.token)
        settings = Settings(lake=lake, vendors={"qonic": access})
        [outcome] = fetch_models(settings, "qonic", ModelOptions(), Quiet())
    assert outcome.error is None
    return lake


@pytest.fixture
def running(served: Path) -> Iterator[Running]:
    with Sandbox(open_layout(served)).start() as sandbox:
        yield sandbox


@pytest.fixture
def environ(
    running: Running, fetched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    service = running.at("qonic")
    told = {
        "TAKEOFF_QONIC_BASE_URL": service.base_url,
        "TAKEOFF_QONIC_TOKEN": service.token,
        "TAKEOFF_LAKE": str(shutil.copytree(fetched, tmp_path / "lake")),
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    return {**os.environ, **told}


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    """`run("--report", ...)`: the command's exit code."""
    return lambda *arguments: main(["writeback", "qonic", "--model", "tower.ifc", *arguments])


@pytest.fixture
def rows(run: Run, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[dict[str, str]]]:
    """What a dry run, or whatever is asked, prints."""

    def read(*arguments: str) -> list[dict[str, str]]:
        capsys.readouterr()
        assert run(*arguments, "--format", "csv") == 0
        return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))

    return read


VOLUMES = ("--report", "takeoff", "--column", "value", "--quantity", "NetVolume")
AS_VOLUME = ("--set", "Takeoff", "--property", "NetVolume_m3")
CODES = ("--report", "by_code", "--column", "code", "--where", "code_system=NL-SfB")
AS_CODE = ("--set", "Takeoff", "--property", "SfB")


def asked(running: Running) -> list[str]:
    """Places of what was asked that changes something."""
    changing = ("sessions", "modify", "publish", "discard")
    return [seen.endpoint for seen in running.seen() if seen.endpoint in changing]


def products(running: Running, *fields: str) -> dict[str, dict[str, object]]:
    """As the service shows them now, by raw HTTP."""
    service = running.at("qonic")
    [model] = service.models
    answer = requests.post(
        f"{service.base_url}/projects/{model.project_id}/models/{model.model_id}"
        "/products/properties/query",
        json={"fields": []},
        headers={"Authorization": f"Bearer {service.token}"},
        timeout=20,
    )
    return {row["Guid"]: {f: row.get(f) for f in fields} for row in answer.json()["result"]}


def test_a_dry_run_shows_everything_and_changes_nothing(
    running: Running, rows: Callable[..., list[dict[str, str]]], run: Run
) -> None:
    found = rows(*VOLUMES, *AS_VOLUME)
    assert [(row["element_id"], row["new_value"], row["state"]) for row in found] == [
        (guid(0), "0.25", "new"),
        (guid(1), EXACT, "new"),
        (guid(2), "2.25", "new"),
        (guid(3), "3.25", "new"),
        (guid(4), "", "no_value"),
    ]
    assert {row["unit"] for row in found if row["new_value"]} == {"m3"}
    assert asked(running) == []


def test_figures_are_written_exactly_and_fetched_again(
    running: Running,
    run: Run,
    rows: Callable[..., list[dict[str, str]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(*VOLUMES, *AS_VOLUME, "--apply") == 0
    assert asked(running) == ["sessions", "modify", "sessions"]
    assert "wrote 4 values" in capsys.readouterr().err
    assert {row["state"] for row in rows(*VOLUMES, *AS_VOLUME)} == {"same", "no_value"}
    assert main(["fetch", "qonic"]) == 0
    capsys.readouterr()
    sql = (
        "select element_id, number from properties where set_name = 'Takeoff' "
        "and name = 'NetVolume_m3' order by element_id"
    )
    assert main(["sql", sql, "--format", "json"]) == 0
    found = {row["element_id"]: row["number"] for row in json.loads(capsys.readouterr().out)}
    assert found == {guid(0): 0.25, guid(1): float(EXACT), guid(2): 2.25, guid(3): 3.25}


def test_codes_of_a_report_go_onto_the_elements_of_its_lines(running: Running, run: Run) -> None:
    assert run(*CODES, *AS_CODE, "--apply") == 0
    found = products(running, "SfB")
    assert [found[guid(n)]["SfB"] for n in range(2)] == [
        {"PropertySet": "Takeoff", "Value": "21.10"},
        {"PropertySet": "Takeoff", "Value": "21.11"},
    ]


def test_two_values_for_one_element_are_refused(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*CODES[:4], *AS_CODE) == 3
    assert "two values for SfB" in capsys.readouterr().err


def test_values_of_a_file(
    running: Running,
    run: Run,
    rows: Callable[..., list[dict[str, str]]],
    tmp_path: Path,
) -> None:
    """Text stays text, unless it is said to be a number; what is not there is told."""
    path = tmp_path / "values.csv"
    path.write_text(
        f"guid;property;value;set\n{guid(0)};Mark;007;House\n{guid(1)};Cost;12.50;House\n"
        f"0nobody;Mark;1;House\n{guid(2)};Mark;;House\n",
        encoding="utf-8",
    )
    found = rows("--from", str(path))
    states = [(row["property"], row["new_value"], row["state"]) for row in found]
    assert states == [
        ("Mark", "007", "new"),
        ("Cost", "12.50", "new"),
        ("Mark", "1", "not_found"),
        ("Mark", "", "no_value"),
    ]
    assert run("--from", str(path), "--apply") == 0
    found = products(running, "Mark", "Cost")
    assert found[guid(0)]["Mark"] == {"PropertySet": "House", "Value": "007"}
    assert found[guid(1)]["Cost"] == {"PropertySet": "House", "Value": "12.50"}
    numbers = tmp_path / "numbers.csv"
    numbers.write_text(f"element,value\n{guid(1)},12.75\n", encoding="utf-8")
    as_number = ("--set", "House", "--property", "Cost", "--type", "number")
    [row] = rows("--from", str(numbers), *as_number)
    assert (row["old_value"], row["new_value"], row["state"]) == ("12.50", "12.75", "changed")
    assert run("--from", str(numbers), *as_number, "--apply") == 0
    assert products(running, "Cost")[guid(1)]["Cost"] == {"PropertySet": "House", "Value": 12.75}


def test_nothing_is_written_over_a_value_unless_that_is_said(
    running: Running, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "values.csv"
    for value, more in (("x", ()), ("", ()), ("", ("--clear",))):
        path.write_text(f"element,value\n{guid(0)},{value}\n", encoding="utf-8")
        assert run("--from", str(path), *AS_CODE, "--apply", *more) == 0
        said = products(running, "SfB")[guid(0)]["SfB"]
        kept = None if more else "x"
        assert said == {"PropertySet": "Takeoff", "Value": kept}


@pytest.mark.parametrize(
    ("switches", "code", "words"),
    [
        ({"modification_refused": "2"}, 4, "told to refuse"),
        ({"fault": "503", "fault_at": "modify", "fault_skip": "1"}, 5, "not asked again"),
        ({"fault": "html", "fault_at": "modify", "fault_skip": "1"}, 6, "web page"),
        ({"fault": "403", "fault_at": "modify", "fault_skip": "1"}, 4, "models:write"),
        ({"undefined_property": "refused"}, 4, "PropertyNotDefined"),
    ],
    ids=str,
)
def test_an_error_leaves_everything_as_it_was(
    running: Running,
    run: Run,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    switches: dict[str, str],
    code: int,
    words: str,
) -> None:
    """Also if earlier requests of the session were applied; then the next one may begin."""
    monkeypatch.setattr(job, "BATCH", 2)
    before = products(running, "SfB")
    running.turn(**switches)
    assert run(*CODES, *AS_CODE, "--apply") == code
    told = capsys.readouterr().err
    assert words in told
    assert "discarded and the session was ended" in told
    assert asked(running)[-2:] == ["discard", "sessions"]
    assert products(running, "SfB") == before
    assert list((tmp_path / "lake" / "work").glob("*")) == []
    running.turn(**{switch.name: switch.default for switch in SWITCHES})
    assert run(*CODES, *AS_CODE, "--apply") == 0


def test_a_session_of_another_window_is_told(
    running: Running, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of ours has begun, so nothing of theirs is discarded."""
    running.turn(settle_s="60")
    assert run(*CODES, *AS_CODE, "--apply") == 0
    running.forget()
    assert run(*VOLUMES, *AS_VOLUME, "--apply") == 4
    told = capsys.readouterr().err
    assert "newer than what was fetched" in told
    assert "discard" not in asked(running)
    assert products(running, "SfB")[guid(0)]["SfB"]


def test_a_killed_write_back_is_told_by_the_next(
    running: Running, run: Run, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    running.turn(fault="slow", fault_at="modify", slow_s="60")
    command = [sys.executable, "-m", "takeoff", "writeback", "qonic", "--model", "tower.ifc"]
    with subprocess.Popen(
        [*command, *CODES, *AS_CODE, "--apply"], env=environ, stdout=subprocess.DEVNULL
    ) as killed:
        deadline = time.monotonic() + 60
        while "sessions" not in asked(running) and time.monotonic() < deadline:
            time.sleep(0.05)
        killed.kill()
    running.turn(fault="none")
    capsys.readouterr()
    assert run(*CODES, *AS_CODE) == 0
    assert "was killed in its session" in capsys.readouterr().err
    assert run(*CODES, *AS_CODE, "--apply") == 3
    told = capsys.readouterr().err
    assert "0 of 5 values were answered" in told
    assert "--discard-earlier" in told
    running.forget()
    assert run(*CODES, *AS_CODE, "--apply", "--discard-earlier") == 0
    assert asked(running) == ["discard", "sessions", "sessions", "modify", "sessions"]
    assert run(*CODES, *AS_CODE, "--apply") == 0


def test_publishing_is_asked_for_apart(
    running: Running, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert run(*CODES, *AS_CODE, "--apply", "--publish") == 3
    assert asked(running) == []
    assert run(*CODES, *AS_CODE, "--publish", "--yes") == 3
    assert run(*CODES, *AS_CODE, "--apply", "--publish", "--yes") == 0
    assert asked(running)[-1] == "publish"
    for answer, count in (("n\n", 1), ("y\n", 2)):
        keyboard = io.StringIO(answer)
        monkeypatch.setattr(keyboard, "isatty", lambda: True)
        monkeypatch.setattr("sys.stdin", keyboard)
        assert run("--publish", "--title", "codes") == 0
        assert asked(running).count("publish") == count
    assert "Publish all your changes" in capsys.readouterr().err


def test_a_model_that_has_changed_since_is_not_written_to(
    running: Running, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    service = running.at("qonic")
    [model] = service.models
    at = f"{service.base_url}/projects/{model.project_id}/models/{model.model_id}"
    headers = {"Authorization": f"Bearer {service.token}", "X-Client-Session-Id": "theirs"}
    requests.post(f"{at}/start-session", headers=headers, timeout=20).raise_for_status()
    requests.delete(f"{at}/products/{guid(4)}", headers=headers, timeout=20).raise_for_status()
    requests.post(f"{at}/end-session", headers=headers, timeout=20).raise_for_status()
    running.forget()
    assert run(*CODES, *AS_CODE) == 0
    assert "1 are gone" in capsys.readouterr().err
    assert run(*CODES, *AS_CODE, "--apply") == 3
    assert asked(running) == []


@pytest.mark.parametrize(
    ("code", "words", "arguments"),
    [
        (3, "Say what is written", []),
        (3, "--set and --property", [*CODES]),
        (3, "no property of Qonic's products", [*CODES, "--set", "S", "--property", "name"]),
        (3, "no column 'kode'", ["--report", "by_code", "--column", "kode", *AS_CODE]),
        (3, "--column", ["--report", "by_code", *AS_CODE]),
        (3, "--quantity", ["--report", "takeoff", "--column", "value", *AS_VOLUME]),
        (3, "cannot be read", ["--from", "missing.csv", *AS_CODE]),
        (3, "no report", ["--report", "nothing", "--column", "x", *AS_CODE]),
    ],
)
def test_what_does_not_fit_is_refused(
    running: Running,
    run: Run,
    capsys: pytest.CaptureFixture[str],
    code: int,
    words: str,
    arguments: list[str],
) -> None:
    assert run(*arguments) == code
    assert words in capsys.readouterr().err
    assert asked(running) == []


def test_a_unit_is_said_or_noted_and_never_contradicted(
    running: Running, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*VOLUMES, "--set", "Takeoff", "--property", "Volume") == 0
    assert "Nothing says that the figures of Volume are in m3" in capsys.readouterr().err
    assert run(*VOLUMES, *AS_VOLUME) == 0
    assert "Nothing says" not in capsys.readouterr().err
    project = running.at("qonic").models[0].project_id
    service = running.at("qonic")
    with Session(service.base_url, Bearer(service.token), name="Qonic") as session:
        in_set = libraries.create_property_set(session, project, "Takeoff", [])
        told = {"Name": "Volume", "DataType": "Real", "UnitName": "l", "MeasureType": "Volume"}
        made = libraries.create_property(session, project, in_set, told)
        assert run(*VOLUMES, "--set", "Takeoff", "--property", "Volume") == 3
        assert "defines Volume in l" in capsys.readouterr().err
        libraries.update_property(session, project, in_set, made, {"unitName": "m3"})
        assert run(*VOLUMES, "--set", "Takeoff", "--property", "Volume") == 0
        assert "Nothing says" not in capsys.readouterr().err


def test_a_property_in_another_set_is_not_moved(
    running: Running,
    run: Run,
    rows: Callable[..., list[dict[str, str]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(*CODES, *AS_CODE, "--apply") == 0
    elsewhere = ("--set", "Other", "--property", "SfB")
    assert {row["state"] for row in rows(*CODES, *elsewhere)} == {"in_other_set"}
    assert run(*CODES, *elsewhere, "--apply") == 3
    assert "in Takeoff" in capsys.readouterr().err
