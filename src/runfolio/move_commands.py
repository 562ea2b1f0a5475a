"""`runfolio move` and its commands: what each takes and prints. No logic; see `cli.py`, which loads it."""
# ruff: noqa: PLC0415

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from runfolio.errors import InputError, SettingsError
from runfolio.mover.places import Places
from runfolio.mover.settings import read_mover_settings

if TYPE_CHECKING:
    from runfolio.mover.journal import Journal

__all__ = ["app"]

CLIENTS = ("asyncio", "asyncssh", "boto3", "botocore", "httpcore", "httpx", "s3transfer", "urllib3")

app = App(
    name="move",
    usage="Usage: runfolio move [OPTIONS]\n       runfolio move COMMAND [OPTIONS]",
    help="Deliver sealed run folders to permanent storage, verified.",
    default_parameter=Parameter(negative=(), show_default=False),
)
quarantine = App(
    name="quarantine",
    help="Show or release what people have to look at before it is delivered.",
    sort_key=7,
    default_parameter=Parameter(negative=(), show_default=False),
)
app.command(quarantine)

SettingsFile = Annotated[Path | None, Parameter(help="A settings file in place of runfolio.toml.")]
EndOfRun = Annotated[
    str | None,
    Parameter(help="Where the sealed folders are. Default: as for runfolio run.", metavar="PATH"),
]
Quiet = Annotated[bool, Parameter(help="Neither progress nor tables; only what went wrong.")]
Verbose = Annotated[bool, Parameter(help="Say what is done, and show the traceback of any error.")]
Run = Annotated[str, Parameter(help="As the folder is called: 4235, or 4235.r2.")]
Destination = Annotated[str, Parameter(help="The name of a destination.")]
Json = Annotated[bool, Parameter(help="The same as JSON.")]


def _given(settings_file: Path | None, end_of_run: str | None) -> Places:
    from runfolio.settings import load_settings

    settings = read_mover_settings(settings_file)
    found = load_settings({"end_of_run_image_directory": end_of_run}, settings_file=settings_file)
    return Places(end_of_run=found.end_of_run_image_directory, settings=settings)


def _refuse_without_destinations(given: Places) -> None:
    if not given.settings.destinations:
        raise SettingsError(
            "no destination is given: runfolio.toml needs a [[destination]] with a name and a url,"
            ' such as name = "archive" and url = "file:///archive"'
        )


def _refuse_without_runs(given: Places) -> None:
    if not given.end_of_run.is_dir():
        raise InputError(
            f"there is no directory {given.end_of_run}:"
            " give --end-of-run-image-directory, or seal a run first"
        )


def _journal(given: Places) -> "Journal":
    """Return the journal, to be changed."""
    from runfolio.clock import TrueClock
    from runfolio.mover.journal import Journal

    _refuse_without_runs(given)
    return Journal(given.directory, clock=TrueClock())


def _hush_clients() -> None:
    """Leave out what clients log of errors: each of these becomes one of ours, and is told once."""
    for name in CLIENTS:
        logging.getLogger(name).setLevel(logging.CRITICAL)


@app.default
def move(
    *,
    once: Annotated[
        bool, Parameter(help="One pass over what is due; else it goes on until stopped.")
    ] = False,
    settings: SettingsFile = None,
    end_of_run_image_directory: EndOfRun = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Deliver what is sealed, and with no command and no `--once` watch for more."""
    from runfolio.clock import TrueClock
    from runfolio.console import log_to, open_console
    from runfolio.move_progress import MoveProgress
    from runfolio.move_reports import show_left
    from runfolio.mover.moving import Mover
    from runfolio.mover.reading import JournalReader
    from runfolio.stopping import StopOnSignal, leave

    given = _given(settings, end_of_run_image_directory)
    _refuse_without_destinations(given)
    _refuse_without_runs(given)
    console = open_console(sys.stderr)
    _hush_clients()
    with log_to(console, verbose=verbose), MoveProgress(open_console(sys.stdout), quiet=quiet) as progress:
        mover = Mover(given.end_of_run, given.settings, TrueClock(), progress)
        with StopOnSignal() as stopping:
            stopping.then(mover.stop)
            ended = mover.run(once=once)
    with JournalReader(given.directory) as journal:
        status = show_left(console, journal, stopped=stopping(), once=once)
    return status if ended else leave(status)


@app.command(sort_key=1)
def status(
    *,
    every: Annotated[bool, Parameter(name="--all", help="Also what was delivered long ago.")] = False,
    json: Json = False,
    settings: SettingsFile = None,
    end_of_run_image_directory: EndOfRun = None,
) -> int:
    """Say how each run and each destination stands."""
    from runfolio.move_reports import show_status, status_of

    given = _given(settings, end_of_run_image_directory)
    found = status_of(given.directory, every=every)
    if json:
        from runfolio.reports import show_json

        show_json(sys.stdout, found)
    else:
        from runfolio.console import open_console

        show_status(open_console(sys.stdout), found)
    return 0


@app.command(sort_key=2)
def show(
    run: Run,
    /,
    *,
    settings: SettingsFile = None,
    end_of_run_image_directory: EndOfRun = None,
) -> int:
    """Show a run's deliveries, and what has happened to them."""
    from runfolio.console import open_console
    from runfolio.move_reports import show_deliveries
    from runfolio.mover.reading import JournalReader
    from runfolio.mover.receipts import Receipts

    given = _given(settings, end_of_run_image_directory)
    with JournalReader(given.directory) as journal:
        show_deliveries(open_console(sys.stdout), journal, Receipts(given.directory), run)
    return 0


@app.command(sort_key=3, usage="Usage: runfolio move verify [OPTIONS] RUNS...")
def verify(
    *runs: Run,
    deep: Annotated[bool, Parameter(help="Read every byte back.")] = False,
    settings: SettingsFile = None,
    end_of_run_image_directory: EndOfRun = None,
) -> int:
    """Look whether what was delivered is there, and still the same."""
    from runfolio.console import open_console
    from runfolio.move_reports import known_run, show_verified
    from runfolio.mover.entries import State
    from runfolio.mover.reading import JournalReader
    from runfolio.mover.receipts import Receipts
    from runfolio.mover.verifying import verify_deliveries

    if not runs:
        raise InputError("no run named, as in: runfolio move verify 4235")
    given = _given(settings, end_of_run_image_directory)
    with JournalReader(given.directory) as journal:
        deliveries = [
            (each.run, each.destination)
            for run in runs
            for each in journal.deliveries(run=known_run(journal, run).name)
            if each.state is State.DELIVERED
        ]
    found = verify_deliveries(deliveries, given.settings, Receipts(given.directory), deep=deep)
    return show_verified(open_console(sys.stdout), runs, found)


@app.command(sort_key=4, usage="Usage: runfolio move retry [OPTIONS] [RUN]")
def retry(
    run: Annotated[str | None, Parameter(help="Only this run.")] = None,
    /,
    *,
    destination: Annotated[str | None, Parameter(help="Only to this destination.", metavar="NAME")] = None,
    settings: SettingsFile = None,
    end_of_run_image_directory: EndOfRun = None,
) -> int:
    """Have what waits for its next try tried now."""
    from runfolio.console import counted, open_console, say
    from runfolio.move_reports import known_run

    given = _given(settings, end_of_run_image_directory)
    if destination is not None:
        given.settings.destination(destination)
    with _journal(given) as journal:
        name = None if run is None else known_run(journal, run).name
        count = journal.retry(run=name, destination=destination)
    due = f"due now: {counted(count, 'delivery', 'deliveries')}" if count else "nothing waits"
    say(open_console(sys.stdout), due)
    return 0


@app.command(sort_key=5)
def pause(
    destination: Destination,
    /,
    *,
    settings: SettingsFile = None,
    end_of_run_image_directory: EndOfRun = None,
) -> int:
    """Deliver nothing more to a destination, until it is resumed."""
    from runfolio.console import open_console, say

    given = _given(settings, end_of_run_image_directory)
    given.settings.destination(destination)
    with _journal(given) as journal:
        journal.add_destinations({each.name: each.url for each in given.settings.destinations})
        journal.pause(destination, "by hand")
    say(open_console(sys.stdout), f"{destination} is paused, until: runfolio move resume {destination}")
    return 0


@app.command(sort_key=6)
def resume(
    destination: Destination,
    /,
    *,
    settings: SettingsFile = None,
    end_of_run_image_directory: EndOfRun = None,
) -> int:
    """Deliver to a destination again that was paused."""
    from runfolio.console import open_console, say

    given = _given(settings, end_of_run_image_directory)
    given.settings.destination(destination)
    with _journal(given) as journal:
        journal.add_destinations({each.name: each.url for each in given.settings.destinations})
        journal.resume(destination)
    say(open_console(sys.stdout), f"{destination} is no longer paused")
    return 0


@quarantine.command(name="list", sort_key=1)
def list_quarantined(
    *,
    json: Json = False,
    settings: SettingsFile = None,
    end_of_run_image_directory: EndOfRun = None,
) -> int:
    """List what is in quarantine, and why."""
    from runfolio.console import open_console
    from runfolio.move_reports import show_quarantined
    from runfolio.mover.quarantine import quarantined
    from runfolio.mover.reading import JournalReader
    from runfolio.reports import show_json

    given = _given(settings, end_of_run_image_directory)
    with JournalReader(given.directory) as journal:
        found = quarantined(journal)
    show_json(sys.stdout, found) if json else show_quarantined(open_console(sys.stdout), found)
    return 0


@quarantine.command(sort_key=2)
def release(
    run: Run,
    /,
    *,
    destination: Annotated[str | None, Parameter(help="Only its delivery there.", metavar="NAME")] = None,
    settings: SettingsFile = None,
    end_of_run_image_directory: EndOfRun = None,
) -> int:
    """Have a run, or one of its deliveries, tried again."""
    from runfolio.clock import TrueClock
    from runfolio.console import open_console, say
    from runfolio.move_reports import known_run
    from runfolio.mover.quarantine import released_from_quarantine

    given = _given(settings, end_of_run_image_directory)
    if destination is not None:
        given.settings.destination(destination)
    with _journal(given) as journal:
        found = known_run(journal, run)
        released = released_from_quarantine(journal, found, destination, given.end_of_run, TrueClock())
    if not released:
        raise InputError(f"nothing of run {run} is in quarantine; runfolio move quarantine list says what is")
    say(open_console(sys.stdout), f"tried again: {', '.join(released)}")
    return 0


@app.command(sort_key=8)
def doctor(
    *,
    destination: Annotated[str | None, Parameter(help="Only this destination.", metavar="NAME")] = None,
    settings: SettingsFile = None,
    end_of_run_image_directory: EndOfRun = None,
) -> int:
    """Try with a probe all that a delivery needs of each destination."""
    from runfolio.clock import TrueClock
    from runfolio.console import open_console
    from runfolio.move_reports import show_checks
    from runfolio.mover.doctor import examine

    given = _given(settings, end_of_run_image_directory)
    _refuse_without_destinations(given)
    chosen = (
        given.settings.destinations if destination is None else (given.settings.destination(destination),)
    )
    checks = (check for each in chosen for check in examine(each, TrueClock()))
    return show_checks(open_console(sys.stdout), checks)


@app.command(sort_key=9)
def reconcile(
    *,
    settings: SettingsFile = None,
    end_of_run_image_directory: EndOfRun = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Rebuild the journal from the run folders and from what the destinations hold."""
    from runfolio.clock import TrueClock
    from runfolio.console import log_to, open_console
    from runfolio.move_progress import LookProgress
    from runfolio.move_reports import show_reconciled
    from runfolio.mover.reconciling import rebuild_journal

    given = _given(settings, end_of_run_image_directory)
    _refuse_without_destinations(given)
    _refuse_without_runs(given)
    errors = open_console(sys.stderr)
    _hush_clients()
    with log_to(errors, verbose=verbose), LookProgress(errors, quiet=quiet) as progress:
        found = rebuild_journal(
            given.end_of_run, given.directory, given.settings, TrueClock(), progress.look_at
        )
    return show_reconciled(open_console(sys.stdout), found)


@app.command(sort_key=10)
def clean(
    *,
    dry_run: Annotated[bool, Parameter(help="Say what would go, and remove nothing.")] = False,
    deep: Annotated[bool, Parameter(help="Read every byte back from the destinations before.")] = False,
    settings: SettingsFile = None,
    end_of_run_image_directory: EndOfRun = None,
) -> int:
    """Remove local folders that are delivered, by the rules of [move.clean]."""
    from runfolio.clock import TrueClock
    from runfolio.console import open_console
    from runfolio.move_reports import show_cleaned
    from runfolio.mover.freeing import free

    given = _given(settings, end_of_run_image_directory)
    _refuse_without_runs(given)
    cleaned = free(given, TrueClock(), deep=deep, dry_run=dry_run)
    return show_cleaned(open_console(sys.stdout), cleaned, dry_run=dry_run)
