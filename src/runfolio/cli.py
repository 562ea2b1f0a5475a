"""The commands: what each takes and prints, and how errors become exit codes. No logic.

Commands import what they need when they run, so that `--help` does not wait for matplotlib.
Exit status: 0 all went well; 1 something was rejected, lost or not whole; 2 it could not start,
and one line says why; 70 a mistake in runfolio itself; 130 interrupted.
"""
# ruff: noqa: PLC0415

import contextlib
import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, field, make_dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Group, Parameter
from cyclopts.exceptions import CycloptsError

from runfolio import __version__
from runfolio.errors import (
    FolderError,
    InputError,
    JournalUnavailable,
    RunfolioError,
    SettingsChanged,
    SettingsError,
)
from runfolio.nearest import nearest
from runfolio.profiling import Profile, Stage, profiled, stage
from runfolio.settings import FLAG, Settings, declared, load_settings, names

__all__ = ["app", "main"]

NOT_STARTED = 2
INTERNAL = 70
INTERRUPTED = 130

app = App(
    name="runfolio",
    help="Watches an experiment's stream and leaves one sealed folder of plots a run.",
    help_format="plaintext",
    version=__version__,
    exit_on_error=False,
    print_error=False,
    suppress_keyboard_interrupt=False,
    result_action="return_value",
    default_parameter=Parameter(negative=(), show_default=False),
)
app["--help"].sort_key = app["--version"].sort_key = 9

SETTINGS = Group("Settings, also from the environment, datacards and runfolio.toml", sort_key=1)


def _option(name: str) -> tuple[str, Any, Any]:
    """Return the field of `Options` for a setting: text, since settings.py says what is accepted."""
    setting = declared()[names()[name]]
    default = getattr(Settings, names()[name])
    several = setting.kind.repeated
    shown = ",".join(default) if isinstance(default, tuple) else str(default)
    parameter = Parameter(
        group=SETTINGS,
        help=setting.help if name in declared() else f"Another name of --{names()[name].replace('_', '-')}.",
        metavar=setting.kind.word,
        negative=None if setting.kind is FLAG else (),
        show_default=False
        if several or isinstance(default, Path | bool | None) or name not in declared()
        else shown,
        allow_leading_hyphen=name == "documents",
    )
    given = bool if setting.kind is FLAG else tuple[str, ...] if several else str
    return name, Annotated[given | None, parameter], field(default=None)


Options = make_dataclass(
    "Options", map(_option, names()), frozen=True, kw_only=True, namespace={"__module__": __name__}
)
"""The settings as options, None where one is not given."""

Quiet = Annotated[bool, Parameter(help="Neither progress nor tables; only what went wrong.")]
Verbose = Annotated[bool, Parameter(help="Say what is done, and show the traceback of any error.")]
SettingsFile = Annotated[Path | None, Parameter(help="A settings file in place of runfolio.toml.")]
Folders = Annotated[str, Parameter(help="Run folders, such as end_of_run/4235.", allow_leading_hyphen=True)]


@app.command(
    sort_key=1, usage="Usage: runfolio run [OPTIONS] FILES...\n       runfolio run [OPTIONS] --include-late"
)
def run(
    *files: Annotated[
        str, Parameter(help="Files, also .gz or .zst; - is standard input.", allow_leading_hyphen=True)
    ],
    follow: Annotated[bool, Parameter(help="Wait for more: the file is still being written.")] = False,
    include_late: Annotated[
        bool, Parameter(help="Read no files: put what came late for sealed runs into new folders of them.")
    ] = False,
    configuration_file: Annotated[
        Path | None, Parameter(help="Datacards: Python that assigns constants.")
    ] = None,
    settings: SettingsFile = None,
    profile: Annotated[bool, Parameter(help="Tell at the end where the time went, stage by stage.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    options: Annotated[Options, Parameter(name="*")] = Options(),  # type: ignore[valid-type]  # noqa: B008
) -> int:
    """Fill plots from a stream, and seal a folder at each run's end."""
    # Options is made from the settings' one declaration: a type checker cannot know it, and it is immutable.
    given = asdict(options)
    _check_names(files, "run")
    _check_value("--documents", given["documents"])
    _check_inputs(files, follow=follow, include_late=include_late)
    from runfolio.children import started_ahead

    with contextlib.ExitStack() as stack:
        timing = stack.enter_context(profiled(Profile() if profile else None))
        with stage(Stage.STARTING):
            drawer = stack.enter_context(started_ahead("runfolio.render.worker"))  # the slower one to start
            from runfolio.console import log_to, open_console
            from runfolio.progress import JobProgress
            from runfolio.reports import show_included, show_problems, show_profile, show_summary

            errors = open_console(sys.stderr)
            stack.enter_context(log_to(errors, verbose=verbose))
            found = load_settings(given, settings_file=settings, configuration_file=configuration_file)
            if found.documents_to_stdout:
                _refuse_terminal("--documents out.jsonl")
            from runfolio.including import include_late as include
            from runfolio.pipeline import run as process
            from runfolio.plots import load_reducers

            reducers = load_reducers(found.plots)
        with JobProgress(errors, quiet=quiet, unit=reducers[0].reads.unit) as progress:
            if include_late:
                summary = include(found, reducers, drawer=drawer)
            else:
                summary = process(files, found, reducers, follow=follow, progress=progress, drawer=drawer)
    spent = timing.seconds() if timing else None
    if quiet:
        show_problems(errors, summary)
    else:
        show = show_included if include_late else show_summary
        show(errors if found.documents_to_stdout else open_console(sys.stdout), summary)
    if spent:
        show_profile(errors, spent, summary)
    return summary.exit_status


@app.command(sort_key=2, usage="Usage: runfolio plots [OPTIONS] [FILES...]")
def plots(
    *files: Annotated[
        str,
        Parameter(help="Data, whose columns are compared with what is declared.", allow_leading_hyphen=True),
    ],
    plots: Annotated[
        tuple[str, ...],
        Parameter(
            metavar="NAME", help="Names and files, as often as needed. Default: those of the settings."
        ),
    ] = (),
    names: Annotated[bool, Parameter(help="List the names that --plots takes.")] = False,
    settings: SettingsFile = None,
    json: Annotated[bool, Parameter(help="The same as JSON.")] = False,
    verbose: Verbose = False,
) -> int:
    """List what plots declare, or the names that --plots takes."""
    _check_names(files, "plots")
    if mistaken := next((name for name in files if name.endswith(".py")), None):
        raise InputError(f"{mistaken} is no data: give plots as --plots {mistaken}")
    from runfolio.console import log_to, open_console
    from runfolio.plot_reports import show_offers, show_plots
    from runfolio.reports import show_json

    console = open_console(sys.stdout)
    with log_to(open_console(sys.stderr), verbose=verbose):
        found = load_settings({"plots": plots or None}, settings_file=settings)
        from runfolio.plots import list_offers, list_plots, load_reducers

        if names or (not plots and not files and found.plots == Settings.plots):
            offers = list_offers()
            show_json(sys.stdout, {"names": offers}) if json else show_offers(console, offers)
        else:
            reducers = load_reducers(found.plots)
            if files:
                from runfolio.inputs import check_data

                check_data(files, reducers, found.line_limit)
            listing = list_plots(reducers)
            show_json(sys.stdout, listing) if json else show_plots(console, listing)
    return 0


@app.command(sort_key=3, usage="Usage: runfolio init [DIRECTORY]")
def init(
    directory: Annotated[Path, Parameter(help="It is made if need be. Default: the current one.")] = Path(),
    /,
) -> int:
    """Write a plots file and a settings file to start from."""
    from runfolio.console import open_console, say
    from runfolio.starting import write_templates

    console = open_console(sys.stdout)
    plots, settings = write_templates(directory)
    say(console, f"Wrote {plots} and {settings}. Next:")
    if directory.resolve() != Path.cwd():
        say(console, f"  cd {shlex.quote(str(directory))}")
    say(console, f"  runfolio plots              # what {plots.name} declares")
    say(console, "  runfolio run events.jsonl   # plots of your data, in live/ and end_of_run/")
    return 0


@app.command(sort_key=4, usage="Usage: runfolio simulate [OPTIONS]")
def simulate(
    *,
    run_number: Annotated[int, Parameter(help="Of the first run.", show_default=True)] = 1,
    runs: Annotated[int, Parameter(help="How many, numbered on.", show_default=True)] = 1,
    spills: Annotated[int, Parameter(help="In each run.", show_default=True)] = 200,
    events_per_spill: Annotated[int | None, Parameter(help="Default: 1 to 150, varying.")] = None,
    seed: Annotated[int, Parameter(help="The same seed gives the same bytes.", show_default=True)] = 1,
    untidy: Annotated[bool, Parameter(help="With what real files get wrong.")] = False,
    output: Annotated[
        str, Parameter(help="A file, or - for standard output.", show_default=True, allow_leading_hyphen=True)
    ] = "-",
    quiet: Quiet = False,
) -> int:
    """Write a stream that looks like MICE data."""
    _check_value("--output", output)
    from runfolio.console import open_console
    from runfolio.mice.simulation import Simulation
    from runfolio.progress import JobProgress
    from runfolio.simulating import write_simulated

    simulation = Simulation(
        run_number=run_number,
        runs=runs,
        spills=spills,
        events_per_spill=events_per_spill,
        seed=seed,
        untidy=untidy,
    )
    if output == "-":
        _refuse_terminal("--output spills.json")
    with JobProgress(open_console(sys.stderr), quiet=quiet) as progress:
        write_simulated(simulation, output, progress)
    return 0


@app.command(sort_key=5, usage="Usage: runfolio verify FOLDERS...")
def verify(*folders: Folders) -> int:
    """Compare each file of run folders with its digest."""
    _check_folders(folders, "verify")
    from runfolio.console import open_console
    from runfolio.folder import verify as compare
    from runfolio.progress import JobProgress
    from runfolio.reports import show_verification

    console, status = open_console(sys.stdout), 0
    for folder in folders:
        try:
            with JobProgress(open_console(sys.stderr)) as progress:
                found = compare(Path(folder), advance=progress.advance)
        except FolderError as error:
            status = _fail(str(error), NOT_STARTED)
            continue
        show_verification(console, found)
        status = status if found.whole else max(status, 1)
    return status


@app.command(sort_key=6, usage="Usage: runfolio show [OPTIONS] FOLDERS...")
def show(
    *folders: Folders,
    json: Annotated[bool, Parameter(help="Print run.json.")] = False,
    verbose: Annotated[bool, Parameter(help="Each histogram, not only their sums.")] = False,
) -> int:
    """Show runs at a glance: why they ended, spills, entries, images."""
    _check_folders(folders, "show")
    from runfolio.console import open_console
    from runfolio.folder import read_record
    from runfolio.reports import show_json, show_run

    console, status = open_console(sys.stdout), 0
    for folder in folders:
        try:
            record = read_record(Path(folder))
        except FolderError as error:
            status = _fail(str(error), NOT_STARTED)
            continue
        if json:
            show_json(sys.stdout, record)
        else:
            show_run(console, Path(folder), record, every=verbose)
    return status


app.command(
    "runfolio.move_commands:app",
    name="move",
    sort_key=7,
    help="Deliver sealed run folders to permanent storage, verified.",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; no error leaves but as one line on stderr."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _replace_closed()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a name that the terminal's encoding lacks must not end the run
            stream.reconfigure(errors="backslashreplace")
    try:
        status = app(arguments)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt, SystemExit) as error:  # noqa: BLE001 - the last resort, see _explain
        return _explain(
            error, traceback_asked="--verbose" in arguments or bool(os.environ.get("RUNFOLIO_TRACEBACK"))
        )
    return status if isinstance(status, int) else 0


def _replace_closed() -> None:
    """Let what would be written to a closed output (`>&-`) vanish."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - open to the end


def _explain(error: BaseException, *, traceback_asked: bool) -> int:
    """Return the exit status of an error, and say what it is; a traceback is only for who asks for it."""
    from runfolio.console import open_console, show_traceback

    match error:
        case CycloptsError():
            from runfolio.misused import misused

            return _fail(misused(error), NOT_STARTED)
        case RunfolioError():
            if traceback_asked and error.__cause__:
                show_traceback(open_console(sys.stderr), error.__cause__)
            passes = isinstance(error, JournalUnavailable | SettingsChanged)
            return _fail(str(error), 1 if passes else NOT_STARTED)
        case BrokenPipeError():
            status = _drop_output()
        case OSError():
            status = _fail(f"{error.filename}: {_reason(error)}" if error.filename else _reason(error), 1)
        case KeyboardInterrupt():
            status = INTERRUPTED
        case SystemExit():  # rich leaves so when its pipe breaks
            status = error.code if isinstance(error.code, int) else 1
        case _:
            advice = "" if traceback_asked else "; with RUNFOLIO_TRACEBACK=1 it says where"
            message = f"a mistake in runfolio, please report it: {type(error).__name__}: {error}{advice}"
            status = _fail(message, INTERNAL)
            if traceback_asked:
                show_traceback(open_console(sys.stderr), error)
    return status


def _fail(message: str, status: int) -> int:
    from runfolio.console import printable

    sys.stderr.write(f"runfolio: {printable(message)}\n")
    return status


def _drop_output() -> int:
    """Keep the interpreter from writing what is left to a pipe that nobody reads (`| head`)."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _refuse_terminal(instead: str) -> None:
    if sys.stdout.name == os.devnull:  # see _replace_closed; one that the shell opened is called <stdout>
        raise InputError(f"standard output is closed: give {instead}")
    if sys.stdout.isatty():
        raise InputError(f"the stream would flood the terminal: give {instead}, or pipe it on")


def _check_inputs(files: Sequence[str], *, follow: bool, include_late: bool) -> None:
    if include_late and (files or follow):
        raise InputError("--include-late reads what came late, and no files: give it without any")
    if not files and not include_late:
        raise InputError(
            "nothing to read: name files, or - for standard input, as in: runfolio run spills.json"
        )


def _check_folders(folders: Sequence[str], command: str) -> None:
    _check_names(folders, command)
    if not folders:
        raise InputError(f"no folder named, as in: runfolio {command} end_of_run/4235")


def _check_names(given: Iterable[str], command: str) -> None:
    """Refuse options that are none: cyclopts leaves them among the names, where `-` has to be possible."""
    for name in given:
        if name.startswith("-") and name != "-":
            known = [
                each for argument in app[command].assemble_argument_collection() for each in argument.names
            ]
            near = nearest(name.split("=")[0], known, most=1)
            advice = f"did you mean {near[0]}?" if near else f"runfolio {command} --help lists them"
            raise SettingsError(f"{name} is not an option of runfolio {command}; {advice}")


def _check_value(option: str, value: str | None) -> None:
    """Refuse an option as another one's value, where `-` has to be possible."""
    if value is not None and value.startswith("--"):
        raise SettingsError(
            f"{option} is followed by {value}, not by a value; a file of that name is ./{value}"
        )
