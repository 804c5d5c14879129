"""`takeoff sandbox`, `takeoff models qonic` and `takeoff fetch qonic`, as a person runs them."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


def _takeoff(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    ours = {key: value for key, value in os.environ.items() if not key.startswith("TAKEOFF_")}
    return subprocess.run(
        [sys.executable, "-m", "takeoff", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        env={**ours, **environ},
        check=False,
    )


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served") / "lake"
    services = _SAMPLE / "Lindenhof_services.ifc"
    done = _takeoff("fetch", "ifc", services, "--lake", folder, "--no-geometry")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def login(lake: Path) -> Iterator[dict[str, str]]:
    """The environment that leads to a sandbox serving the lake."""
    command = [sys.executable, "-m", "takeoff", "sandbox", "--lake", str(lake)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sandbox:
        assert sandbox.stdout is not None
        ready = json.loads(sandbox.stdout.readline())
        yield {
            "TAKEOFF_QONIC_BASE_URL": ready["qonic"]["base_url"],
            "TAKEOFF_QONIC_TOKEN": ready["qonic"]["token"],
        }
        sandbox.send_signal(signal.SIGINT)
    assert sandbox.returncode == 130


def _rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, str]]:
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_models_are_listed_and_fetched(login: dict[str, str], tmp_path: Path) -> None:
    (model,) = _rows(_takeoff("models", "qonic", **login))
    assert model["model_name"] == "Lindenhof_services"
    lake = tmp_path / "lake"
    chosen = ("--project", model["project_id"], "--model", model["model_name"])
    (fetched,) = _rows(_takeoff("fetch", "qonic", "--lake", lake, *chosen, **login))
    assert (fetched["outcome"], fetched["model"]) == ("new", f"qonic:{model['model_id']}")
    classes = _rows(_takeoff("report", "by_class", "--lake", lake, "--quantity", "Length"))
    counted = {row["ifc_class"]: row["value"] for row in classes if row["quantity"] == "Count"}
    assert counted["FlowSegment"] == "26"
    assert _takeoff("verify", "--lake", lake).returncode == 0


@pytest.mark.parametrize(
    ("code", "words", "environ", "arguments"),
    [
        (4, "set TAKEOFF_QONIC_TOKEN", {"TAKEOFF_QONIC_TOKEN": ""}, []),
        (4, "401", {"TAKEOFF_QONIC_TOKEN": "not-the-token"}, []),
        (3, "no project '404'", {}, ["--project", "404"]),
        (3, "no model 'nobody'", {}, ["--model", "nobody"]),
        (3, "https", {"TAKEOFF_QONIC_BASE_URL": "http://example.com/v1"}, []),
    ],
)
def test_what_the_service_refuses(
    login: dict[str, str],
    tmp_path: Path,
    code: int,
    words: str,
    environ: dict[str, str],
    arguments: list[str],
) -> None:
    lake = tmp_path / "lake"
    done = _takeoff("fetch", "qonic", "--lake", lake, *arguments, **{**login, **environ})
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert words in done.stderr
    assert login["TAKEOFF_QONIC_TOKEN"] not in done.stdout + done.stderr
    assert not lake.exists()


def test_a_login_to_write_is_refused_where_nothing_is_written() -> None:
    done = _takeoff("login", "autodesk", "--write", TAKEOFF_AUTODESK_CLIENT_ID="c")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
    assert "changes nothing at Autodesk" in done.stderr


def test_sandbox_refuses_an_unknown_switch(lake: Path) -> None:
    done = _takeoff("sandbox", "--lake", lake, "--switch", "page_limt=1000")
    assert done.returncode == 3
    assert "page_limit" in done.stderr


def test_sandbox_ends_by_itself(lake: Path) -> None:
    done = _takeoff("sandbox", "--lake", lake, "--seconds", "0.2")
    assert done.returncode == 0
    assert json.loads(done.stdout)["qonic"]["base_url"].startswith("http://127.0.0.1:")
