"""Sealing: a run that is over waits for its last pictures and for a checkpoint, and becomes a run folder."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import takewhile

from runfolio.clock import Clock
from runfolio.errors import FolderError, NameTaken, RunfolioError
from runfolio.folder import EndOfRunDirectory, Sealed
from runfolio.images import Image
from runfolio.on_sealed import NotCalled, OnSealed
from runfolio.plots import Filling
from runfolio.profiling import Stage, stage
from runfolio.render import Failure, Rendered, Renderer
from runfolio.retrying import Retries, is_disk_trouble
from runfolio.run_plots import RunPlots
from runfolio.run_record import run_record
from runfolio.runs import EndedBy
from runfolio.settings import Settings
from runfolio.summary import RunSummary

log = logging.getLogger(__name__)

MAX_WAITING = 4
"""Runs waiting for their last pictures; with more, the reading waits, so that memory stays bounded."""
MAX_IN_TROUBLE = 100
"""Runs that wait for the disk; with more, the reading waits."""

CUT_SHORT = {
    EndedBy.INTERRUPTED: "interrupted while it was open; its folder holds what had come by then",
    EndedBy.MADE_ROOM: "sealed early, to make room for other runs; what still comes for it is set aside",
    EndedBy.CRASHED: "open when runfolio was killed; its folder holds what the last checkpoint did",
}
"""What is told of a run that something else than its data ended."""


class Unconfirmed(FolderError):  # noqa: N818 - what is raised is that it is not confirmed
    """A folder is in its place, but a power cut may take it away again."""


@dataclass(eq=False)
class OverRun:
    """A run that is over, until it is sealed."""

    plots: RunPlots
    future: Future[Rendered] | None
    """None where there is nothing to draw."""
    revision: int | None = None
    """Of its folder; None until a checkpoint is about to say it, or what came late asks for it."""
    after: int = 0
    """A revision that it comes after, whether that folder is still there or was carried away."""
    secured: bool = False
    """Whether a checkpoint holds it and its revision, so that after a kill it is not sealed twice."""
    restored: bool = False
    """Whether it may be sealed, by a former process or as what could not be confirmed."""
    folder: Sealed | None = None
    """Once it is in its place."""
    error: FolderError | None = None
    """What the disk said at the last try."""
    tries: int = 0
    """How often the disk has refused it."""

    @property
    def drawn(self) -> bool:
        return self.future is None or self.future.done()


class Sealer:
    """Seals runs in the order in which they were over; one that the disk does not take is tried again.

    Args:
        sealed: is called with each run that is over, sealed or not, and the images of its folder but
            files of data.
        on_sealed: is told of each folder, before it is there and when it is.

    """

    def __init__(
        self,
        settings: Settings,
        renderer: Renderer,
        end_of_run: EndOfRunDirectory,
        clock: Clock,
        sealed: Callable[[RunPlots, tuple[Image, ...], RunSummary], None],
        *,
        on_sealed: OnSealed | NotCalled,
    ) -> None:
        self._settings = settings
        self._renderer = renderer
        self._end_of_run = end_of_run
        self._clock = clock
        self._sealed = sealed
        self._on_sealed = on_sealed
        self._retries = Retries(clock)
        self._waiting: list[OverRun] = []

    def give(self, plots: RunPlots, *, revision: int | None = None, after: int = 0) -> None:
        """Have a run's last pictures drawn; it is sealed by `keep_up` once they are there.

        With a `revision`, it was given to a former process that may have sealed it as that. With `after`, the
        run was sealed as that revision before.
        """
        with stage(Stage.DRAWING):
            job = plots.job(final=True, now=self._clock.now())
            future = self._renderer.submit(job) if job else None
        restored = revision is not None
        self._waiting.append(OverRun(plots, future, revision, after, secured=restored, restored=restored))

    @property
    def unsecured(self) -> bool:
        """Whether a run waits for a checkpoint."""
        return not all(over.secured for over in self._waiting)

    @property
    def waiting(self) -> int:
        """How many runs are over and not sealed."""
        return len(self._waiting)

    @property
    def trouble(self) -> FolderError | None:
        """What keeps a run from being sealed."""
        return next((over.error for over in self._waiting if over.error), None)

    def claimed(self) -> Sequence[tuple[RunPlots, int]]:
        """Return the runs that wait, each with the revision that it gets, to be put into a checkpoint."""
        return [(over.plots, self._claim(over)) for over in self._waiting]

    def _claim(self, over: OverRun) -> int:
        if over.revision is None:
            number = over.plots.run.number
            taken = {each.revision for each in self._of_run(number)} | {*range(over.after + 1)}
            over.revision = self._end_of_run.free_revision(number, taken)
        return over.revision

    def _of_run(self, number: int) -> list[OverRun]:
        return [over for over in self._waiting if over.plots.run.number == number]

    def revision_of(self, number: int) -> int | None:
        """Return the revision that a run gets which waits, the newest of this number; None if none does."""
        revisions = [self._claim(over) for over in self._of_run(number)]
        return revisions[-1] if revisions else None

    def secure(self) -> None:
        """Take note that a checkpoint holds all that was claimed."""
        for over in self._waiting:
            over.secured = over.revision is not None

    def keep_up(self) -> None:
        """Seal the runs whose pictures are there, waiting for them only where too many runs wait.

        Each is tried once, whatever the disk has said to others.
        """
        refused = [over for over in self._waiting if over.secured and over.error]
        last = self._settings.on_disk_trouble == "stop"
        for over in self._ready():
            self._try(over, last=last)
        self._try_in_turn(refused, last=last)

    def _ready(self) -> Sequence[OverRun]:
        """Return the runs to be sealed now: the first ones that are drawn, and those that are too many."""
        well = [over for over in self._waiting if over.secured and not over.error]
        too_many = len(self._waiting) - MAX_WAITING
        ready = [*takewhile(lambda over: over.drawn, well)]
        return [*ready, *well[len(ready) : too_many]]

    def _try_in_turn(self, runs: Sequence[OverRun], *, last: bool) -> None:
        """Seal runs as long as that works: what the disk refuses to one, it mostly refuses to all.

        After a pause it is another one's turn, so that a run with a trouble of its own is in nobody's way.
        """
        for over in sorted(runs, key=lambda over: over.tries):
            if self._retries.wait == 0:
                self._try(over, last=last)

    def seal_all(self, *, at_once: bool) -> None:
        """Seal all that a checkpoint holds, waiting for the pictures.

        Args:
            at_once: each one, whatever the disk has said a moment ago, and for the last time.

        """
        secured = [over for over in self._waiting if over.secured]
        if not at_once:
            self._try_in_turn(secured, last=False)
            return
        for over in secured:
            self._try(over, last=True)

    def give_up(self, trouble: FolderError | None) -> None:
        """Tell of the runs that are left, which are not sealed or not known to be on the disk.

        Args:
            trouble: why there is no checkpoint of them.

        """
        for over in self._waiting[:]:
            error = over.error or trouble or "the disk gives trouble"
            self._tell(over, *_last_pictures(over), "" if over.folder else f"not sealed: {error}")

    def _try(self, over: OverRun, *, last: bool) -> None:
        """Seal a run; keep it where the system refuses that, which may pass."""
        rendered, problems = _last_pictures(over)
        refused = ""
        try:
            with stage(Stage.WRITING):
                self._seal(over, rendered)
        except NameTaken:
            over.revision, over.secured = None, False
            return
        except FolderError as error:
            if is_disk_trouble(error) or isinstance(error, Unconfirmed):
                over.error, over.tries = error, over.tries + 1
                self._retries.failed(f"run {over.plots.run.number} is not sealed yet", error, last=last)
                return
            refused = f"not sealed: {error}"
        except RunfolioError as error:
            refused = f"not sealed: {error}"
        else:
            self._note_success(over)
        self._tell(over, rendered, problems, refused)

    def _note_success(self, over: OverRun) -> None:
        self._retries.succeeded()
        if over.error:
            log.warning("run %d: sealed now, at try %d", over.plots.run.number, over.tries + 1)
        if over.folder is not None:
            self._on_sealed.is_there(over.folder)

    def _seal(self, over: OverRun, rendered: Rendered) -> None:
        """Have a run's folder in its place and on the disk.

        Raises:
            NameTaken: its place is taken.
            Unconfirmed: it is in its place, but may not be on the disk.
            FolderError: the system refuses.

        """
        plots, revision = over.plots, over.revision
        assert revision is not None  # it is secured
        if over.folder is not None:  # not confirmed a moment ago
            over.folder = self._end_of_run.confirm_again(over.folder)
            over.restored = True
        if over.folder is None:
            record = run_record(plots, self._settings, rendered.failures, sealed_at=self._clock.now())
            images, caption = rendered.images + plots.images, plots.caption(final=True)
            over.folder = self._end_of_run.find(record, revision) if over.restored else None
            if over.folder is None:
                self._on_sealed.will_be_there(plots.run.number, revision)
                over.folder = self._end_of_run.seal(
                    record, images, caption, names=plots.names, revision=revision
                )
            log.info("run %d: sealed as %s", plots.run.number, over.folder.path)
        if over.folder.warning:
            raise Unconfirmed(over.folder.warning)

    def _tell(self, over: OverRun, rendered: Rendered, problems: list[str], refused: str) -> None:
        """Hand on what has become of a run."""
        self._waiting.remove(over)
        plots, folder = over.plots, over.folder
        problems += _lost_spills(plots.fillings, plots.unit) + _lost_rows(plots.fillings)
        if plots.run.reason in CUT_SHORT:
            problems.append(CUT_SHORT[plots.run.reason])
        if refused:
            problems.append(refused)
        if folder is not None:
            problems += _imperfect(folder)
        images = rendered.images + plots.images
        shown = tuple(each for each in images if not each.data_file)
        self._sealed(plots, shown, _summary(plots, folder, images, problems))


def _last_pictures(waiting: OverRun) -> tuple[Rendered, list[str]]:
    """Return what was drawn for a run's folder, and what was not."""
    if waiting.future is None:
        return Rendered(images=()), []
    with stage(Stage.WAITING):
        rendered = waiting.future.result()
    return rendered, _not_drawn(rendered.failures)


def _not_drawn(failures: Sequence[Failure]) -> list[str]:
    """Return a line for each reason why images could not be drawn; the record names them all."""
    names: dict[str, list[str]] = {}
    for each in failures:
        names.setdefault(each.reason, []).append(f"{each.tag}.{each.image_type}")
    return [
        f"{images[0] if len(images) == 1 else f'{len(images):,} images'} could not be drawn: {reason}"
        for reason, images in names.items()
    ]


def _lost_spills(fillings: Sequence[Filling], unit: str) -> list[str]:
    return [
        f"{name} of {filling.reducer.name} lost {lost} {unit}{'' if lost == 1 else 's'} to an error"
        for filling in fillings
        for name, lost in filling.lost_spills().items()
        if lost
    ]


def _lost_rows(fillings: Sequence[Filling]) -> list[str]:
    return [
        f"{tree.name} of {filling.reducer.name} lost {tree.lost_rows:,} rows:"
        f" {_why_rows_are_lost(tree.rows, filling.reducer.trees[tree.name].limit)}"
        for filling in fillings
        for tree in filling.trees().values()
        if tree.lost_rows
    ]


def _why_rows_are_lost(rows: int, limit: int) -> str:
    if rows < limit:
        return "a branch does not hold one of their values"
    return f"{limit:,} are its limit, or a branch does not hold a value"


def _imperfect(folder: Sealed) -> list[str]:
    problems = [f"an image could not be filed: {each.reason}" for each in folder.failed]
    return [*problems, folder.warning] if folder.warning else problems


def _summary(
    plots: RunPlots, folder: Sealed | None, images: tuple[Image, ...], problems: list[str]
) -> RunSummary:
    run = plots.run
    return RunSummary(
        run_number=run.number,
        status=run.status.value,
        ended_by=run.reason.value,
        spills=run.tally.filled,
        unit=plots.unit,
        rejected=run.tally.rejected.total() + plots.entries_rejected.total(),
        folder=folder.path if folder else None,
        revision=folder.revision if folder else 0,
        images=len(images) if folder else 0,
        renamed=tuple(f"{each.tag} of {each.producer} is filed as {each.name}" for each in folder.renamed)
        if folder
        else (),
        problems=tuple(problems),
    )
