"""Each command: a few lines over one job."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from takeoff.cli import first_steps, log, questions, words
from takeoff.cli.bars import Bars
from takeoff.cli.explaining import explain
from takeoff.cli.output import form_of, print_now, show, write, write_text
from takeoff.cli.pairs import listed, pairs
from takeoff.config import Settings, read_settings
from takeoff.core.errors import GateFailed, InputRefused, LakeUnusable, TakeoffError
from takeoff.core.plain import harmless
from takeoff.render import Form, for_target

if TYPE_CHECKING:
    from takeoff.jobs.fetch import Fetched
    from takeoff.jobs.logins import Browser


def run(arguments: Namespace) -> int:
    """Carry out the command and return its exit code. Raises: TakeoffError."""
    if arguments.command in _WITHOUT_SETTINGS:
        return _WITHOUT_SETTINGS[arguments.command](arguments)
    settings = read_settings(vars(arguments), os.environ)
    return _COMMANDS[arguments.command](settings, arguments)


def tell(error: TakeoffError, form: str | None = None) -> None:
    """The error in one line on stderr, as a line of the log if the command has one.

    What a model or file is called cannot steer the terminal.
    """
    if form is None:
        sys.stderr.write(f"takeoff: {harmless(str(error))}\n")
    else:
        log.tell(form, "error", str(error), exit_code=error.exit_code)


def _demo(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.demo import demo

    with Bars() as bars:
        shown = demo(settings, arguments.out, arguments.sample, bars)
    table = for_target(None, "table", terminal=True)
    for result in shown.results:
        table.write(result, sys.stdout)
        sys.stdout.write("\n")
    for explained in shown.explained:
        sys.stdout.write(f"{words.explanation(explained)}\n\n")
    sys.stdout.write(f"{words.files(shown.files)}\n")
    return 0


def _fetch(settings: Settings, arguments: Namespace) -> int:
    if arguments.all:
        return _fetch_all(settings, arguments)
    if arguments.vendor != "ifc":
        return _fetch_models(settings, arguments)
    from takeoff.jobs.fetch import IfcOptions, fetch_ifc

    form = form_of(arguments)
    if arguments.model is not None and len(arguments.files) > 1:
        raise InputRefused("--model names one model, but several files are given; fetch one.")
    options = IfcOptions(
        project=arguments.project,
        model=arguments.model,
        geometry=not arguments.no_geometry,
        copy=not arguments.no_copy,
        force=arguments.force,
    )
    with log.progress(arguments.log) as progress:
        outcomes = list(fetch_ifc(settings, arguments.files, options, progress))
    return _fetched(form, outcomes, arguments)


def _fetch_models(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.fetch_models import ModelOptions, fetch_models

    form = form_of(arguments)
    options = ModelOptions(
        project=arguments.project,
        models=arguments.model,
        allow_unproved=arguments.allow_unproved,
        force=arguments.force,
        ifc=arguments.ifc,
        geometry=not arguments.no_geometry,
        asking=pairs(arguments.option, "--option"),
    )
    with log.progress(arguments.log) as progress:
        outcomes = list(fetch_models(settings, arguments.vendor, options, progress))
    return _fetched(form, outcomes, arguments)


def _fetch_all(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.sources import fetch_all, read_shard

    form = form_of(arguments)
    shard = read_shard(arguments.shard)
    with log.progress(arguments.log) as progress:
        outcomes = list(fetch_all(settings, shard, progress))
    return _fetched(form, outcomes, arguments)


def _fetched(form: Form, outcomes: Sequence[Fetched], arguments: Namespace) -> int:
    """Tell what became of each; the exit code is that of the worst error."""
    from takeoff.jobs.fetch import fetched_rows

    write(form, fetched_rows(outcomes), arguments)
    for outcome in outcomes:
        if outcome.note is not None:
            _note(outcome.note, arguments.log)
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    for error in errors:
        tell(error, arguments.log)
    return max((error.exit_code for error in errors), default=0)


def _note(text: str, form: str | None) -> None:
    if form is None:
        sys.stderr.write(f"takeoff: {harmless(text)}\n")
    else:
        log.tell(form, "warning", text)


def _models(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.fetch_models import list_models

    return show(arguments, lambda: list_models(settings, arguments.vendor, arguments.project))


def _login(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.logins import Browser, log_in

    browser = _pasted() if arguments.paste else Browser(_show_page)
    where = log_in(settings, arguments.vendor, browser, writes=arguments.write)
    sys.stderr.write(f"logged in; the login is kept in {where}\n")
    return 0


def _pasted() -> Browser:
    """A browser on another machine; a person carries the addresses."""
    from takeoff.jobs.logins import Browser

    def show(url: str) -> None:
        sys.stderr.write(f"Open this page in any browser, and log in:\n{url}\n")

    def answer() -> str:
        sys.stderr.write("Paste the address that the browser ended at: ")
        sys.stderr.flush()
        return sys.stdin.readline().strip()

    return Browser(show, answer)


def _show_page(url: str) -> None:
    import webbrowser

    if not webbrowser.open(url):
        sys.stderr.write(f"Open this page in a browser on this machine:\n{url}\n")


def _logout(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.logins import log_out

    known = log_out(settings, arguments.vendor)
    sys.stderr.write("logged out\n" if known else "there was no login\n")
    return 0


def _whoami(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.logins import who_am_i

    return show(arguments, lambda: who_am_i(settings))


def _vendors(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.vendors import calls, vendors

    return show(arguments, calls if arguments.calls else vendors)


def _snapshots(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.snapshots import snapshots

    return show(arguments, lambda: snapshots(settings))


def _report(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.report import report, reports

    if arguments.name is None:
        return show(arguments, lambda: reports(settings))
    return show(arguments, lambda: report(settings, questions.question(arguments, arguments.name)))


def _audit(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.audit import AuditQuestion, audit, checks_listed

    if arguments.show == "checks":
        return show(arguments, lambda: checks_listed(settings))
    form = form_of(arguments)
    question = AuditQuestion(
        checks=listed(arguments.check),
        severity=arguments.severity,
        models=arguments.model,
        snapshots=arguments.snapshot,
        params=pairs(arguments.param, "--param"),
    )
    found = audit(settings, question)
    write(form, found.findings if arguments.show == "findings" else found.verdicts, arguments)
    for sentence in found.sentences:
        sys.stderr.write(f"{harmless(sentence)}\n")
    return GateFailed.exit_code if arguments.gate == "fail" and found.errors else 0


def _changes(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.changes import changes

    old, new = arguments.old, arguments.new
    asked = questions.comparison(arguments)
    of = {} if arguments.of is None else {"of": arguments.of}
    asked = replace(asked, params={**asked.params, **questions.measuring(arguments), **of})
    return show(arguments, lambda: changes(settings, old, new, asked))


def _reconcile(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.reconcile import reconcile

    sources = [arguments.a, *arguments.others]
    return show(arguments, lambda: reconcile(settings, sources, questions.comparison(arguments)))


def _boq(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.boq import NAME, boq

    question = questions.measured(arguments, NAME)
    return show(arguments, lambda: boq(settings, question, arguments.layout))


def _carbon(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.carbon import REPORTS, carbon

    question = questions.measured(arguments, REPORTS[arguments.of])
    return show(arguments, lambda: carbon(settings, question))


def _sql(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.sql import sql, views_script

    if arguments.init:
        here = Path() if arguments.output is None else arguments.output.parent
        folder = here if arguments.relative else None
        return write_text(arguments, lambda: views_script(settings, arguments.snapshot, folder))
    query = sys.stdin.read() if arguments.query == "-" else arguments.query
    if any("\ud800" <= c <= "\udfff" for c in query):
        raise InputRefused("The query is not valid text; write it in UTF-8.")
    return show(arguments, lambda: sql(settings, query, arguments.snapshot))


def _writeback(settings: Settings, arguments: Namespace) -> int:
    from takeoff.cli.writeback import writeback

    return writeback(settings, arguments, form_of(arguments), write)


def _verify(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.verify import verify

    form = form_of(arguments)
    with Bars() as bars:
        verified = verify(settings, bars)
    write(form, verified.result, arguments)
    sys.stderr.write(f"{verified.result.provenance.notes[0]}\n")
    return 0 if verified.is_sound else LakeUnusable.exit_code


def _rebuild(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.rebuild import rebuild
    from takeoff.jobs.renew import renew

    form, decode_again = form_of(arguments), renew if arguments.as_new else rebuild
    with Bars() as bars:
        result = decode_again(settings, arguments.snapshot, bars)
    write(form, result, arguments)
    return 0


def _compact(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.compact import compact

    form = form_of(arguments)
    with Bars() as bars:
        result, sentence = compact(settings, bars)
    write(form, result, arguments)
    sys.stderr.write(f"{sentence}\n")
    return 0


def _expire(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.expire import expire

    form = form_of(arguments)
    with Bars() as bars:
        result, sentence = expire(settings, bars, arguments.older_than, dry_run=arguments.dry_run)
    write(form, result, arguments)
    sys.stderr.write(f"{sentence}\n")
    return 0


def _run(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.batch import run_job

    with log.progress(arguments.log) as progress:
        summary = run_job(settings, arguments.job, progress)
    if arguments.log is not None:
        for error in summary.errors:
            log.tell(arguments.log, "error", error, exit_code=summary.exit_code)
    sys.stdout.write(summary.as_json() + "\n")
    return summary.exit_code


def _sandbox(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.sandbox import serve

    serve(
        settings,
        arguments.switch,
        (arguments.port, arguments.storage_port),
        seconds=arguments.seconds,
        ready=print_now,
    )
    return 0


# They write the settings, or have to do with those that cannot be read.
_WITHOUT_SETTINGS: Mapping[str, Callable[[Namespace], int]] = {
    "init": first_steps.init,
    "doctor": first_steps.doctor,
}
_COMMANDS: Mapping[str, Callable[[Settings, Namespace], int]] = {
    "demo": _demo,
    "lab": first_steps.lab,
    "fetch": _fetch,
    "models": _models,
    "vendors": _vendors,
    "login": _login,
    "logout": _logout,
    "whoami": _whoami,
    "sandbox": _sandbox,
    "snapshots": _snapshots,
    "report": _report,
    "audit": _audit,
    "sql": _sql,
    "changes": _changes,
    "reconcile": _reconcile,
    "boq": _boq,
    "carbon": _carbon,
    "explain": explain,
    "writeback": _writeback,
    "verify": _verify,
    "rebuild": _rebuild,
    "compact": _compact,
    "expire": _expire,
    "run": _run,
}
