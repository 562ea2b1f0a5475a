"""What one open run has come to: its histograms, tables and trees, and the images others sent for it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from runfolio.errors import CheckpointError, DocumentError
from runfolio.folder import Claim, Names
from runfolio.images import Caption, Image, SentImages, check_image_type, check_tag
from runfolio.plots import Filling, FillingState, Reducer
from runfolio.plots.packed import check_counts
from runfolio.plots.shares import Share
from runfolio.profiling import Stage, stage
from runfolio.render import ReducerView, RenderJob, TableView, TreeView
from runfolio.runs import Run
from runfolio.settings import Settings
from runfolio.stream import Document, Refused, read_images


class PlotsState(Struct, frozen=True, kw_only=True):
    """What one run's plots have come to, as plain data."""

    fillings: tuple[FillingState, ...]
    filled: bool
    changes: int
    entries_rejected: dict[str, int]
    images: tuple[Image, ...]
    names: tuple[Claim, ...]


class RunPlots:
    """The plots of one run.

    Args:
        run: counts its documents, and is kept up to date by the tracker.
        reducers: what to plot.
        settings: how the files are called, and which types of pictures are drawn.

    """

    def __init__(self, run: Run, reducers: Sequence[Reducer], settings: Settings) -> None:
        self.run = run
        self.unit = reducers[0].reads.unit if reducers else "spill"
        self.fillings = [Filling(reducer, run.number) for reducer in reducers]
        self._figures = {reducer.name: reducer.shown for reducer in reducers}
        self._settings = settings
        self.names = Names(settings.image_file_prefix)
        self.entries_rejected: Counter[str] = Counter()
        """Entries of image documents, by reason."""
        self.changes = 0
        """How often something came that a picture shows."""
        self._filled = False
        self._images = SentImages()

    def fill(self, data: Any) -> None:
        """Fill with spills or rows, or with the share of some that another process made."""
        if not self._filled:
            self._claim_tags()
        with stage(Stage.FILLING):
            if isinstance(data, Share):
                for filling, share in zip(self.fillings, data.reducers, strict=True):
                    filling.add(share)
            else:
                for filling in self.fillings:
                    filling.fill(data)
        self._filled = True
        self.changes += 1

    def _claim_tags(self) -> None:
        """Keep our own tags for ourselves from the first spill on, whatever the stream has sent by then."""
        self.names = Names(self._settings.image_file_prefix)
        for filling in self.fillings:
            for tree in filling.reducer.trees.values():
                self.names.name(tree.file_of(self.run.number), filling.reducer.name, data_file=True)
        for filling in self.fillings:
            reducer = filling.reducer
            figures = (figure.tag for figure in self._figures[reducer.name])
            tables = (table.figure.tag for table in reducer.tables.values())
            pictures = (*figures, *tables) if self._settings.histogram_image_type else ()
            for tag in (reducer.name, *pictures):
                self.names.name(tag, reducer.name)

    def take(self, image: Image) -> None:
        """Keep an image of the stream, in place of an older one of its tag and type.

        Raises:
            DocumentError: the run has too many already.

        """
        self._images.put(image)
        self.changes += 1

    def take_document(self, document: Document) -> Iterator[Refused]:
        """Keep the images of a document; give each of its entries that is none, to be set aside."""
        images = read_images(document.body, self._settings.image_limit)
        for entry, image in zip(document.body.image_list, images, strict=True):
            if error := self._refusal(image):
                self.entries_rejected[error.reason] += 1
                raw = bytes(entry)
                line = replace(document.line, data=raw, length=len(raw))
                yield Refused(line, error.reason, error.detail, self.run.number)

    def _refusal(self, image: Image | DocumentError) -> DocumentError | None:
        """Keep an image, or say why it is not kept."""
        if isinstance(image, DocumentError):
            return image
        try:
            self.take(image)
        except DocumentError as error:
            return error
        return None

    def named(self, images: Iterable[Image]) -> list[tuple[str, Image]]:
        """Return images with the tags that they are filed under."""
        name = self.names.name
        return [(name(image.tag, image.producer, data_file=image.data_file), image) for image in images]

    @property
    def images(self) -> tuple[Image, ...]:
        """The newest images that other programs sent."""
        return tuple(self._images)

    def caption(self, *, final: bool) -> Caption:
        last = self.run.last_dated_spill
        return Caption(
            run_number=self.run.number,
            spills=self.run.tally.filled,
            unit=self.unit,
            last_spill_time=last.time if last else None,
            final=final,
        )

    def job(self, *, final: bool, now: float) -> RenderJob | None:
        """Return what there is to draw; None for a run without a spill, whose plots would show nothing."""
        if not self._filled:
            return None
        return RenderJob(
            caption=self.caption(final=final),
            reducers=tuple(self._view(filling, final=final) for filling in self.fillings),
            image_types=self._settings.histogram_image_type,
            written_at=now,
        )

    def _view(self, filling: Filling, *, final: bool) -> ReducerView:
        reducer, tables = filling.reducer, filling.tables()
        rows = filling.trees() if final else {}
        return ReducerView(
            name=reducer.name,
            counts=filling.snapshot(),
            figures=self._figures[reducer.name],
            keywords=tuple(reducer.keywords),
            tables=tuple(
                TableView(figure=table.figure, readings=tables[name])
                for name, table in reducer.tables.items()
            ),
            trees=tuple(
                TreeView(
                    tag=reducer.trees[name].file_of(self.run.number),
                    rows=rows[name],
                    keywords=reducer.trees[name].keywords,
                )
                for name in rows
            ),
        )

    def state(self) -> PlotsState:
        """Return all of this as plain data, from which `restore` goes on to the same files, bit for bit.

        It stays as it is while the run goes on.
        """
        return PlotsState(
            fillings=tuple(filling.state() for filling in self.fillings),
            filled=self._filled,
            changes=self.changes,
            entries_rejected=dict(self.entries_rejected),
            images=self.images,
            names=self.names.state(),
        )

    def restore(self, state: PlotsState) -> None:
        """Take plots that have taken nothing yet to where others of the same reducers were.

        Raises:
            CheckpointError: the state is of other reducers, or damaged; plots that are half restored then
                are not to be used.

        """
        if len(state.fillings) != len(self.fillings):
            raise CheckpointError(f"plots of {len(state.fillings)} reducers, and not of {len(self.fillings)}")
        for filling, its_state in zip(self.fillings, state.fillings, strict=True):
            filling.restore(its_state)
        self._restore_images(state.images)
        check_counts(state.changes, *state.entries_rejected.values())
        self.names.restore(state.names)
        self._filled, self.changes = state.filled, state.changes
        self.entries_rejected = Counter(state.entries_rejected)

    def _restore_images(self, images: Iterable[Image]) -> None:
        """Keep images, of which what becomes part of a path is checked once more."""
        try:
            for image in images:
                check_tag(image.tag)
                check_image_type(image.image_type)
                self._images.put(image)
        except DocumentError as error:
            raise CheckpointError(str(error)) from error
