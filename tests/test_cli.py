"""The commands: what they hand on, what they print, and how they end."""

import errno
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import runfolio
from runfolio import cli
from runfolio.errors import InputError
from runfolio.settings import Settings, declared, names
from runfolio.summary import RunSummary, Summary

PROGRAM = [sys.executable, "-W", "error", "-m", "runfolio"]


@pytest.fixture(autouse=True)
def _empty_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in [name for name in os.environ if name.startswith(("RUNFOLIO_", "MAUS_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("COLUMNS", "80")


class Outcome:
    """What one command did."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Any:
    """Run a command in this process."""

    def call(*arguments: str) -> Outcome:
        status = cli.main(arguments)
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Outcome(status, out, err)

    return call


class Pipeline:
    """Stands in for the pipeline: keeps what it was called with, and does as it is told."""

    def __init__(self) -> None:
        self.paths: Sequence[str] = ()
        self.reducers: list[str] = []
        self.settings = Settings()
        self.keywords: dict[str, Any] = {}
        self.error: BaseException | None = None
        self.summary = Summary(
            runs=[
                RunSummary(
                    run_number=4235,
                    status="complete",
                    ended_by="run_footer",
                    spills=200,
                    rejected=0,
                    folder=Path("end_of_run/4235"),
                    revision=1,
                    images=21,
                )
            ],
            rejected={},
            stray={},
            set_aside=None,
            problems=(),
            documents=612,
            bytes_read=1_000_000,
            seconds=2.0,
        )

    def run(
        self, paths: Sequence[str], settings: Settings, reducers: Sequence[Any], **keywords: Any
    ) -> Summary:
        self.paths, self.settings, self.keywords = paths, settings, keywords
        self.reducers = [reducer.name for reducer in reducers]
        keywords["progress"].update(1000, 2000, 3, 4235)
        if self.error:
            raise self.error
        return self.summary


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """Put the stand-in in the pipeline's place."""
    standin, module = Pipeline(), ModuleType("runfolio.pipeline")
    module.run = standin.run  # type: ignore[attr-defined]  # a module made here
    monkeypatch.setitem(sys.modules, "runfolio.pipeline", module)
    return standin


# --- help and version ----------------------------------------------------------------------------


def test_help_has_one_line_a_command(run: Any) -> None:
    done = run("--help")
    assert done.status == 0
    lines = [line.strip("│ ").split("  ")[0] for line in done.out.splitlines() if line.startswith("│")]
    commands = ["run", "plots", "init", "simulate", "verify", "show", "move"]
    assert lines == [*commands, "--help (-h)", "--version"]


def test_without_a_command_help_is_shown(run: Any) -> None:
    assert run().out == run("--help").out


def test_help_of_run_lists_every_setting(run: Any) -> None:
    text = run("run", "--help").out
    for name in names():
        assert f"--{name.replace('_', '-')}" in text
    for option in ("--follow", "--settings", "--configuration-file", "--quiet", "--verbose"):
        assert option in text


def test_version_is_the_packages(run: Any) -> None:
    assert run("--version").out == f"{runfolio.__version__}\n"


def test_help_imports_nothing_heavy() -> None:
    heavy = {"numpy", "matplotlib", "uproot", "hist", "msgspec"}
    code = "import sys; from runfolio.cli import main; main(['run', '--help']); "
    code += f"sys.exit(bool({heavy} & {{*sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# --- bad usage -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("rnu x", 'Unknown command "rnu". Did you mean "run"?'),
        ("run", "nothing to read: name files, or - for standard input, as in: runfolio run spills.json"),
        (
            "run x --imge-directory y",
            "--imge-directory is not an option of runfolio run; did you mean --image-directory?",
        ),
        ("run x --xyzzy", "--xyzzy is not an option of runfolio run; runfolio run --help lists them"),
        ("run -x", "-x is not an option of runfolio run"),
        (
            "run x --imge-directory=y",
            "--imge-directory=y is not an option of runfolio run; did you mean --image-d",
        ),
        (
            "run x --refresh-rate often",
            "refresh_rate (--refresh-rate on the command line) is 'often'; accepted: a whole",
        ),
        ("run x --refresh-rate", 'Command "run" parameter --refresh-rate requires an argument.'),
        ("run x --grace 1 --grace 2", "Parameter --grace specified multiple times."),
        (
            "run x --refresh-rate 1 --reduce-plot-refresh-rate 2",
            "refresh_rate (--refresh-rate on the command line) and",
        ),
        ("run x --histogram-auto-number=maybe", "Invalid value for --histogram-auto-number"),
        ("run x --documents --follow", "--documents is followed by --follow, not by a value"),
        ("run x --settings none.toml", "none.toml: cannot be read: No such file or directory"),
        ("run x --configuration-file none.py", "none.py: cannot be read: No such file or directory"),
        ("simulate --spills x", 'Invalid value for --spills: unable to convert "x" into int.'),
        ("simulate --spills -1", "spills is -1: "),
        ("simulate --output none/x.json", "none/x.json cannot be written: No such file or directory"),
        ("simulate --output .", ". cannot be written: Is a directory"),
        ("simulate --output --quiet", "--output is followed by --quiet, not by a value"),
        ("verify", "no folder named, as in: runfolio verify end_of_run/4235"),
        ("verify --all", "--all is not an option of runfolio verify"),
        ("verify none", "none"),
        ("show", "no folder named, as in: runfolio show end_of_run/4235"),
        ("show --jsn x", "--jsn is not an option of runfolio show; did you mean --json?"),
        ("show .", "run.json"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(run: Any, pipeline: Pipeline, line: str, message: str) -> None:
    done = run(*line.split())
    assert done.status == 2
    assert done.out == ""
    assert done.err.startswith("runfolio: ")
    assert message in done.err
    assert done.err.count("\n") == 1
    assert pipeline.paths == ()


@pytest.mark.parametrize("name", ["a\x1b[31mb", "a\nb", "--\x1b[31m", "\udcff"])
def test_names_from_the_command_line_are_shown_without_control_characters(run: Any, name: str) -> None:
    for command in ("verify", "show"):
        done = run(command, name)
        assert done.status == 2
        assert done.err.rstrip("\n").isprintable()


def test_bad_usage_of_the_real_program_is_one_line() -> None:
    done = subprocess.run([*PROGRAM, "run", "--nonsense"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


# --- run -----------------------------------------------------------------------------------------


def test_files_and_options_are_handed_on(run: Any, pipeline: Pipeline) -> None:
    done = run(
        "run", "a.json", "-", "b.json.gz", "--follow", "--refresh-rate", "5", "--histogram-auto-number"
    )
    assert (done.status, done.err) == (0, "")
    assert list(pipeline.paths) == ["a.json", "-", "b.json.gz"]
    assert pipeline.keywords["follow"] is True
    assert pipeline.reducers == ["ReducePyTOFPlot", "ReducePyCkovPlot"]
    assert pipeline.settings == Settings(refresh_rate=5, histogram_auto_number=True)


def test_every_setting_is_an_option(run: Any, pipeline: Pipeline) -> None:
    values = {
        "plots": "mice.kl",
        "image_directory": "a",
        "end_of_run_image_directory": "b",
        "image_file_prefix": "c",
        "histogram_image_type": "pdf,svg",
        "refresh_rate": "7",
        "refresh_seconds": "0.5",
        "header_and_footer_mode": "dont_append",
        "grace": "2",
        "idle_timeout": "300",
        "line_limit": "4096",
        "checkpoint_seconds": "5",
        "workers": "2",
        "on_disk_trouble": "stop",
        "on_sealed": "carry.sh tape",
        "image_limit": "2048",
        "documents": "d",
    }
    assert {*values, "histogram_auto_number"} == set(declared())
    options = [text for name, value in values.items() for text in (f"--{name.replace('_', '-')}", value)]
    assert run("run", "x", *options).status == 0
    assert pipeline.settings == Settings(
        plots=("mice.kl",),
        image_directory=Path("a"),
        end_of_run_image_directory=Path("b"),
        image_file_prefix="c",
        histogram_image_type=("pdf", "svg"),
        refresh_rate=7,
        refresh_seconds=0.5,
        header_and_footer_mode="dont_append",
        grace=2.0,
        idle_timeout=300.0,
        line_limit=4096,
        checkpoint_seconds=5.0,
        workers=2,
        on_disk_trouble="stop",
        on_sealed=("carry.sh", "tape"),
        image_limit=2048,
        documents=Path("d"),
    )


def test_settings_come_from_all_places(run: Any, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("my.toml").write_text("grace = 1\nrefresh_rate = 1\nimage_file_prefix = 'file'\nline_limit = 4096")
    Path("cards.py").write_text("grace = 2\nrefresh_rate = 2\nimage_file_prefix = 'card'")
    monkeypatch.setenv("RUNFOLIO_GRACE", "3")
    monkeypatch.setenv("RUNFOLIO_REFRESH_RATE", "3")
    run("run", "x", "--settings", "my.toml", "--configuration-file", "cards.py", "--grace", "4")
    found = pipeline.settings
    assert (found.grace, found.refresh_rate, found.image_file_prefix, found.line_limit) == (
        4.0,
        3,
        "card",
        4096,
    )


def test_plots_come_from_all_places_and_those_of_the_command_line_win(
    run: Any, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("runfolio.toml").write_text('plots = ["mice.kl"]')
    run("run", "x")
    assert pipeline.reducers == ["ReducePyKLPlot"]
    monkeypatch.setenv("RUNFOLIO_PLOTS", "mice.emr, mice.kl")
    run("run", "x")
    assert pipeline.reducers == ["ReducePyEMRPlot", "ReducePyKLPlot"]
    run("run", "x", "--plots", "mice.tof", "--plots=mice.ckov")
    assert pipeline.reducers == ["ReducePyTOFPlot", "ReducePyCkovPlot"]


def test_a_flag_can_be_turned_off_against_the_file(run: Any, pipeline: Pipeline) -> None:
    Path("runfolio.toml").write_text("histogram_auto_number = true")
    run("run", "x")
    assert pipeline.settings.histogram_auto_number is True
    run("run", "x", "--no-histogram-auto-number")
    assert pipeline.settings.histogram_auto_number is False


@pytest.mark.usefixtures("pipeline")
def test_unknown_cards_are_reported_in_one_line(run: Any) -> None:
    Path("cards.py").write_text("geometry = 1\nfield = 2\n")
    done = run("run", "x", "--configuration-file", "cards.py")
    assert done.err == "runfolio: cards.py: cards not known here are passed over: geometry, field\n"
    assert done.status == 0


@pytest.mark.usefixtures("pipeline")
def test_a_run_ends_with_its_table(run: Any) -> None:
    lines = run("run", "x").out.splitlines()
    assert lines[0].split() == ["run", "status", "ended", "by", "spills", "rejected", "images", "folder"]
    assert lines[1].split() == ["4235", "complete", "run_footer", "200", "0", "21", "end_of_run/4235"]
    assert lines[2] == "612 documents, 1.0 MB in 2.0 s, 500.0 kB/s"


def test_what_was_rejected_is_exit_1_and_the_last_line(run: Any, pipeline: Pipeline) -> None:
    kept = Path("live/rejected.jsonl")
    pipeline.summary = Summary(
        runs=[],
        rejected={"not_json": 2},
        stray={},
        set_aside=kept,
        problems=(),
        documents=2,
        bytes_read=2,
        seconds=1.0,
    )
    done = run("run", "x")
    assert done.status == 1
    assert done.out.splitlines()[-1] == "rejected: 2 documents (not_json 2); kept in live/rejected.jsonl"


@pytest.mark.usefixtures("pipeline")
def test_the_stream_on_standard_output_has_it_to_itself(run: Any) -> None:
    done = run("run", "x", "--documents", "-")
    assert done.out == ""
    assert "end_of_run/4235" in done.err


@pytest.mark.usefixtures("pipeline")
def test_quiet_leaves_only_what_went_wrong(run: Any) -> None:
    done = run("run", "x", "--quiet")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_input_that_cannot_be_opened_is_one_line_and_exit_2(run: Any, pipeline: Pipeline) -> None:
    pipeline.error = InputError("none.json: no such file")
    done = run("run", "none.json")
    assert (done.status, done.out, done.err) == (2, "", "runfolio: none.json: no such file\n")


def test_a_disk_error_is_one_line_and_exit_1(run: Any, pipeline: Pipeline) -> None:
    pipeline.error = OSError(errno.ENOSPC, "No space left on device", "live/x.png")
    done = run("run", "x")
    assert (done.status, done.err) == (1, "runfolio: live/x.png: No space left on device\n")


def test_an_interrupt_is_quiet_and_exit_130(run: Any, pipeline: Pipeline) -> None:
    pipeline.error = KeyboardInterrupt()
    done = run("run", "x")
    assert (done.status, done.out, done.err) == (130, "", "")


def test_a_mistake_of_runfolio_is_one_line_and_exit_70(run: Any, pipeline: Pipeline) -> None:
    pipeline.error = ZeroDivisionError("division\nby \x1b zero")
    done = run("run", "x")
    assert done.status == 70
    assert done.err == (
        "runfolio: a mistake in runfolio, please report it: ZeroDivisionError: division\\nby \\x1b zero; "
        "with RUNFOLIO_TRACEBACK=1 it says where\n"
    )


@pytest.mark.parametrize("how", ["option", "variable"])
def test_the_traceback_of_a_mistake_is_shown_on_request(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    if how == "variable":
        monkeypatch.setenv("RUNFOLIO_TRACEBACK", "1")
    pipeline.error = ZeroDivisionError("by \x1b[31mzero")
    assert cli.main(["run", "x", *(["--verbose"] if how == "option" else [])]) == 70
    shown = capsys.readouterr().err
    assert "Traceback (most recent call last)" in shown
    assert r"ZeroDivisionError: by \x1b[31mzero" in shown.splitlines()


# --- plots and init -----------------------------------------------------------------------------

PLOTS = """from runfolio import Columns, Reducer, Regular
events = Reducer("Events", reads=Columns(run="run"))
events.hist("pt", Regular(50, 0, 200, label="pT (GeV)"))
"""


def test_plots_lists_what_a_file_declares(run: Any) -> None:
    Path("my_plots.py").write_text(PLOTS)
    done = run("plots", "--plots", "my_plots.py")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines()[0] == "Events  my_plots.py, line 2"
    assert "pt         count   416 B  pt           own     50 bins, 0 to 200, pT (GeV)" in done.out
    assert done.out.splitlines()[-1] == "1 histogram, 1 figure, 416 B a run"


def test_plots_lists_those_of_the_settings_or_else_the_names_there_are(run: Any) -> None:
    assert "mice.tof" in run("plots").out
    assert json.loads(run("plots", "--json").out)["names"][0]["name"] == "default"
    Path("my_plots.py").write_text(PLOTS)
    Path("runfolio.toml").write_text('plots = "my_plots.py"')
    assert run("plots").out == run("plots", "--plots", "my_plots.py").out
    assert json.loads(run("plots", "--json").out)["reducers"][0]["name"] == "Events"
    assert "ReducePyTOFPlot" in run("plots", "--plots", "default").out
    assert "mice.tof" in run("plots", "--names").out


@pytest.mark.parametrize("command", ["run x", "plots"])
def test_a_mistake_in_a_plots_file_is_one_line_with_its_place(
    run: Any, pipeline: Pipeline, command: str
) -> None:
    Path("my_plots.py").write_text(PLOTS + "\nevents.hist('pt', Regular(50, 0, 200))\n")
    done = run(*command.split(), "--plots", "my_plots.py")
    assert (done.status, done.out) == (2, "")
    assert done.err == "runfolio: my_plots.py, line 5: histogram 'pt' is declared twice, first on line 3\n"
    assert pipeline.paths == ()


@pytest.mark.parametrize("name", ["p\x1b[31m.py", "p\np.py", "./\udcff.py"])
def test_a_mistake_is_one_printable_line_whatever_the_file_is_called(run: Any, name: str) -> None:
    Path(name).write_text("1 / 0\n")
    done = run("plots", "--plots", name)
    assert done.status == 2
    assert done.err.rstrip("\n").isprintable()
    assert done.err.endswith(".py, line 1: ZeroDivisionError: division by zero\n")


@pytest.mark.parametrize("how", ["option", "variable"])
def test_the_traceback_of_a_plots_file_is_shown_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    if how == "variable":
        monkeypatch.setenv("RUNFOLIO_TRACEBACK", "1")
    Path("my_plots.py").write_text("def f():\n    1 / 0\n\nf()\n")
    asked = ["--verbose"] if how == "option" else []
    assert cli.main(["plots", "--plots", "my_plots.py", *asked]) == 2
    first, second, *_, last = capsys.readouterr().err.splitlines()
    assert first == "Traceback (most recent call last):"
    assert second == '  File "my_plots.py", line 4, in <module>'
    assert last == "runfolio: my_plots.py, line 2: ZeroDivisionError: division by zero"


def test_an_interrupt_while_plots_are_loaded_is_quiet(run: Any) -> None:
    Path("my_plots.py").write_text("raise KeyboardInterrupt")
    done = run("plots", "--plots", "my_plots.py")
    assert (done.status, done.out, done.err) == (130, "", "")


def test_init_writes_both_files_and_says_how_to_go_on(run: Any) -> None:
    done = run("init")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        "Wrote my_plots.py and runfolio.toml. Next:",
        "  runfolio plots              # what my_plots.py declares",
        "  runfolio run events.jsonl   # plots of your data, in live/ and end_of_run/",
    ]
    assert run("plots").out.startswith("Events  my_plots.py, line ")
    assert "  cd 'new one'\n" in run("init", "new one").out


def test_init_writes_over_nothing(run: Any) -> None:
    Path("runfolio.toml").touch()
    done = run("init")
    assert (done.status, done.out) == (2, "")
    assert done.err == "runfolio: runfolio.toml is there already, and left as it is; nothing was written\n"
    assert os.listdir() == ["runfolio.toml"]  # noqa: PTH208


# --- simulate ------------------------------------------------------------------------------------

SMALL = ("--spills", "2", "--events-per-spill", "1")


def test_a_simulated_stream_goes_to_a_file(run: Any) -> None:
    done = run("simulate", *SMALL, "--run-number", "4235", "--output", "spills.json")
    assert (done.status, done.out, done.err) == (0, "", "")
    documents = [json.loads(line) for line in Path("spills.json").read_text().splitlines()]
    assert {document["run_number"] for document in documents if "run_number" in document} == {4235}


def test_a_simulated_stream_can_be_piped_and_is_the_same(run: Any) -> None:
    run("simulate", *SMALL, "--output", "spills.json")
    assert run("simulate", *SMALL).out == Path("spills.json").read_text()


def test_options_of_the_simulation_are_handed_on(run: Any) -> None:
    base = run("simulate", *SMALL).out
    assert run("simulate", *SMALL, "--seed", "2").out != base
    assert len(run("simulate", *SMALL, "--runs", "2").out.splitlines()) > len(base.splitlines())
    assert run("simulate", *SMALL, "--untidy").out != base


def test_a_full_disk_is_one_line_that_names_the_file(run: Any) -> None:
    done = run("simulate", "--output", "/dev/full")
    assert done.status == 1
    assert done.err == "runfolio: /dev/full: No space left on device; what is there is incomplete\n"


# --- verify and show -----------------------------------------------------------------------------


@pytest.fixture
def folder(run: Any, tmp_path: Path) -> Path:
    """A sealed folder, made by the program itself."""
    run("simulate", *SMALL, "--run-number", "4235", "--output", "spills.json")
    done = run("run", "spills.json", "--histogram-image-type", "none")
    assert done.status == 0, done.err
    return tmp_path / "end_of_run" / "4235"


def test_a_sealed_folder_verifies_and_shows(run: Any, folder: Path) -> None:
    done = run("verify", str(folder))
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"{folder}: ok, ")
    done = run("show", str(folder))
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"Run 4235  {folder}\n")
    assert json.loads(run("show", "--json", str(folder)).out) == json.loads((folder / "run.json").read_text())


def test_a_changed_folder_is_exit_1_and_a_line_for_each_file(run: Any, folder: Path) -> None:
    (folder / "run.json").chmod(0o644)
    (folder / "run.json").write_text("{}")
    folder.chmod(0o755)
    (folder / "more.txt").touch()
    done = run("verify", str(folder))
    assert (done.status, done.err) == (1, "")
    assert done.out.splitlines() == [f"{folder}: changed: run.json", f"{folder}: extra: more.txt"]


def test_a_folder_that_is_none_does_not_hide_the_others(run: Any, folder: Path) -> None:
    for command in ("verify", "show"):
        done = run(command, "none", str(folder))
        assert done.status == 2
        assert done.err.count("\n") == 1
        assert "4235" in done.out


# --- the real program ----------------------------------------------------------------------------


def test_a_pipe_that_closes_early_ends_the_program_quietly() -> None:
    with subprocess.Popen([*PROGRAM, "simulate"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.readline()
        program.stdout.close()
        assert program.stderr.read() == b""
    assert program.returncode == 1


def test_output_that_cannot_be_written_is_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, "--version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (1, "runfolio: No space left on device\n")


def test_names_that_the_encoding_lacks_do_not_end_the_program(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for command in ("verify", "show"):
        done = subprocess.run(
            [*PROGRAM, command, tmp_path / "ü"], capture_output=True, text=True, check=False, env=environment
        )
        assert done.returncode == 2
        assert "\\xfc" in done.stderr


def on_a_terminal(*arguments: str, interrupt: bool = False) -> tuple[int, str]:
    """Run the program with a terminal for all three streams, and return its status and what it showed."""
    leader, follower = pty.openpty()
    program = subprocess.Popen([*PROGRAM, *arguments], stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    shown = b""
    deadline = time.monotonic() + 60
    try:
        while select.select([leader], [], [], max(0, deadline - time.monotonic()))[0]:
            try:
                part = os.read(leader, 65536)
            except OSError:  # Linux: the program has closed its end
                break
            shown += part
            if interrupt and b"spills" in shown:
                program.send_signal(signal.SIGINT)
                interrupt = False
        return program.wait(max(0.1, deadline - time.monotonic())), shown.decode()
    finally:
        program.kill()
        program.wait()
        os.close(leader)


def test_a_terminal_is_not_flooded() -> None:
    status, shown = on_a_terminal("simulate", *SMALL)
    assert status == 2
    assert (
        shown == "runfolio: the stream would flood the terminal: give --output spills.json, or pipe it on\r\n"
    )


def test_long_work_shows_progress_and_an_interrupt_ends_it_quietly_with_the_cursor_back() -> None:
    status, shown = on_a_terminal("simulate", "--spills", "1000000", "--output", "/dev/null", interrupt=True)
    assert status == 130
    assert " spills" in shown
    assert "Traceback" not in shown
    assert "\x1b[?25h" in shown.rsplit("\x1b[?25l", 1)[1]
