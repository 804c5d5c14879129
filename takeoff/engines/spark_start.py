"""Spark's own program: started once in a process, without a word, and ended with it."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from py4j.protocol import Py4JError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from takeoff.core.errors import InputRefused

_LOCAL = re.compile(r"local(?:\[(?P<threads>\d+|\*).*\])?")
_SIZE = re.compile(r"(?P<number>\d+)\s*(?P<unit>[kmgt])i?b?", re.I)
# Of a session, whoever started the program.
_ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    # A number that is none, or too large, is an error and never null.
    "spark.sql.ansi.enabled": "true",
    # A product keeps all its decimals, or is an error, as in DuckDB.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.caseSensitive": "false",
    # Of what is kept no size is known before it is there; joins are chosen as they run.
    "spark.sql.defaultSizeInBytes": str(1 << 30),
}


@dataclass(frozen=True)
class _Running:
    """The program that was started here, and what for."""

    master: str
    memory: str | None
    context: SparkContext
    scratch: Path

    def stop(self) -> None:
        self.context.stop()
        shutil.rmtree(self.scratch, ignore_errors=True)


_lock = Lock()
_ours: list[_Running] = []


def start(master: str | None, threads: int | None, memory_limit: str | None) -> SparkSession:
    """A session of its own in this process's Spark, on `master`; on all processors if null.

    `threads` is for a Spark on this machine, where no master says how many, and `memory_limit`,
    such as 2GB, for its memory. Where Spark runs in this process already, as in a cluster's
    notebook, that is used; one that was started here ends where another master is asked for.
    Raises: InputRefused if there is no Java, or Spark does not start.
    """
    where = master or f"local[{threads or '*'}]"
    memory = None if memory_limit is None else _memory(memory_limit)
    with _lock:
        there = SparkContext._active_spark_context
        if _ours and _ours[0].context is not there:
            _ours.pop()
        if _ours and (_ours[0].master, _ours[0].memory) != (where, memory):
            _ours.pop().stop()
            there = None
        if there is None:
            _ours.append(_started(where, memory))
            there = _ours[0].context
        session = SparkSession(there).newSession()
        for name, value in _ALWAYS.items():
            session.conf.set(name, value)
        return session


@atexit.register
def _stop() -> None:
    with _lock:
        while _ours:
            _ours.pop().stop()


def _started(master: str, memory: str | None) -> _Running:
    _refuse_without_java()
    scratch = Path(tempfile.mkdtemp(prefix="takeoff-spark-"))
    conf = SparkConf().setAppName("takeoff").setMaster(master)
    conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false")
    conf.set("spark.sql.warehouse.dir", str(scratch / "warehouse"))
    if memory is not None:
        conf.set("spark.driver.memory", memory)
    if (local := _LOCAL.fullmatch(master)) is not None:
        conf.setAll(_on_this_machine(local["threads"]))
    said = scratch / "spark.log"
    try:
        # All that the program says goes to the file: it may be asked in a pipe.
        with said.open("wb") as log, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gateway = launch_gateway(conf, {"stdout": log, "stderr": log})
            context = SparkContext(conf=conf, gateway=gateway)
            return _Running(master, memory, context, scratch)
    except (PySparkException, Py4JError, OSError) as error:
        why = _last_words(said) or str(error)
        shutil.rmtree(scratch, ignore_errors=True)
        raise InputRefused(f"Spark does not start on {master}: {why}; check --master.") from error


def _refuse_without_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and (Path(home) / "bin" / "java").exists()):
        raise InputRefused(
            "The engine spark needs Java 17 or later, which is not here; install it, such as the "
            "Debian package openjdk-17-jre-headless, or ask with --engine duckdb."
        )


def _on_this_machine(threads: str | None) -> list[tuple[str, str]]:
    """Little data, many questions: what is compiled for a question would be used once."""
    parts = os.cpu_count() or 1 if threads == "*" else int(threads or 1)
    return [
        ("spark.driver.host", "127.0.0.1"),
        ("spark.driver.bindAddress", "127.0.0.1"),
        ("spark.sql.shuffle.partitions", str(parts)),
        ("spark.sql.codegen.wholeStage", "false"),
        ("spark.sql.codegen.factoryMode", "NO_CODEGEN"),
    ]


def _memory(limit: str) -> str:
    size = _SIZE.fullmatch(limit.strip())
    if size is None:
        raise InputRefused(f"memory_limit cannot be {limit!r} for Spark; give it such as 2GB.")
    return size["number"] + size["unit"].lower()


def _last_words(said: Path) -> str:
    """The last line in which the program says what is wrong."""
    lines = said.read_text("utf-8", "replace").splitlines() if said.exists() else []
    told = [line.strip() for line in lines if "Exception" in line or "Error" in line]
    return told[-1][:300] if told else ""
