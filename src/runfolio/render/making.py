"""How far the images of a job are: made, given up, asked for, or still to be asked for.

It decides whom a lost process is charged to. The process makes images in the order in which it was
asked for them, so it was lost at the first one that it has not answered.
"""

import logging
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from functools import cached_property

from runfolio.images import Image
from runfolio.render.job import ROOT, Failure, Rendered, RenderJob
from runfolio.render.make import Recipe, recipes, rendered

logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often an image is tried before it counts as the one that kills the process."""


class Making:
    """The images of one job, each known by its place in the order of declaration."""

    def __init__(self, job: RenderJob) -> None:
        self.job = job
        self._images = job.images
        self._left = list(range(len(self._images)))
        self._made: dict[int, Image | Failure] = {}
        self._asked: deque[int | None] = deque()
        self._losses: defaultdict[int | None, list[str]] = defaultdict(list)
        self._reason = ""
        """Why nothing more is asked for."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to ask the process for."""
        return not self._left and not self._asked

    @property
    def asked(self) -> int:
        """How many answers are still to come."""
        return len(self._asked)

    def sent(self) -> None:
        """Expect the answer to the job itself: only then is it known that the process got that far."""
        self._asked.append(None)

    def next(self, *, data_first: bool) -> int | None:
        """Return the place of the image to ask for next; None if there is none left."""
        if not self._left:
            return None
        if data_first:
            self._left.sort(key=lambda place: not self._is_data(place))
        self._asked.append(self._left.pop(0))
        return self._asked[-1]

    def answered(self, answer: Image | Failure | None) -> None:
        """Keep the answer to what was asked for first."""
        place = self._asked.popleft()
        if place is not None and answer is not None:
            self._made[place] = answer
            self._losses[None].clear()  # it has come further than the start

    def lost(self, how: str) -> None:
        """Charge a lost process to the image that it was at, or to the job where it was at none yet.

        What was asked for is asked for again, but for an image, or all of a job, tried often enough.
        """
        at = self._asked[0] if self._asked else None
        losses = self._losses[at]
        losses.append(how)
        logger.warning(
            "run %d: the drawing process %s %s, attempt %d of %d",
            self.job.caption.run_number,
            how,
            "before it drew" if at is None else f"at {'.'.join(self._images[at])}",
            len(losses),
            ATTEMPTS,
        )
        self._left[:0] = [place for place in self._asked if place is not None]
        self._asked.clear()
        if len(losses) == ATTEMPTS:
            ways = " or ".join(dict.fromkeys(losses))
            self._give_up(at, f"the drawing process {ways} in each of {ATTEMPTS} attempts")

    def _give_up(self, place: int | None, reason: str) -> None:
        if place is None:
            self.give_up_pictures(reason)
        else:
            self._left.remove(place)
            self._made[place] = Failure.of(*self._images[place], reason)

    def give_up_pictures(self, reason: str) -> None:
        """Ask for nothing more; what are no files of data is given up."""
        pictures = (place for place in range(len(self._images)) if not self._is_data(place))
        self._end(pictures, reason)
        self._reason = reason

    def give_up(self, reason: str) -> None:
        """Give up each image that isn't made; what was given up before keeps its reason."""
        self._end(range(len(self._images)), self._reason or reason)

    def _end(self, places: Iterable[int], reason: str) -> None:
        """Ask for nothing more; of these images, those that aren't made are given up."""
        for place in places:
            if place not in self._made:
                self._made[place] = Failure.of(*self._images[place], reason)
        self._left.clear()
        self._asked.clear()

    def _is_data(self, place: int) -> bool:
        return self._images[place][1] == ROOT

    @property
    def data_left(self) -> list[int]:
        """The places of the files of data that were neither made nor given up."""
        return [
            place for place in range(len(self._images)) if self._is_data(place) and place not in self._made
        ]

    @cached_property
    def _recipes(self) -> Sequence[Recipe]:
        # Of thousands they hold up filling for as long as all the rest of a job; seldom is one needed.
        return list(recipes(self.job))

    def make_here(self, place: int) -> None:
        """Make a file of data in this process."""
        self._made[place] = self._recipes[place].made()

    def rendered(self) -> Rendered:
        """Return the images and failures in the order of declaration."""
        return rendered(self._made[place] for place in sorted(self._made))
