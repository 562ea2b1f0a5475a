"""All hostile documents together, and those of them that the program itself is run on."""

from hostile import detectors, numbers, pictures, syntax, texts
from hostile.cases import Case

CASES: tuple[Case, ...] = (
    *numbers.CASES,
    *syntax.CASES,
    *texts.CASES,
    *pictures.CASES,
    *detectors.CASES,
)
