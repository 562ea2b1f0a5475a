"""Makes the picture of the README: six plots of a simulated run, as `runfolio run` leaves them.

Run by `make pictures`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
TAGS = (
    "tof_time_tof0-tof1",
    "tof_SlabHits_X",
    "tof_SpacePoints_XY_tof1",
    "CkovPE_A_vs_TOF_0_to_1",
    "CkovCharge_PMT1-8",
    "CkovArrivalTimes_PMT1-8",
)
CELL = (560, 420)
COLUMNS = 3


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        runfolio(directory, "simulate", "--run-number", "4235", "--spills", "500", "--output", "spills.json")
        runfolio(directory, "run", "spills.json", "--quiet")
        sheet(Path(directory, "end_of_run", "4235")).save(HERE / "run-4235.png", optimize=True)


def runfolio(directory: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "runfolio", *arguments], cwd=directory, check=True)  # noqa: S603  (our own)


def sheet(folder: Path) -> Image.Image:
    """Return the plots side by side."""
    rows = -(-len(TAGS) // COLUMNS)
    page = Image.new("RGB", (CELL[0] * COLUMNS, CELL[1] * rows), "white")
    for number, tag in enumerate(TAGS):
        picture = Image.open(folder / f"image{tag}.png").convert("RGB")
        picture.thumbnail((CELL[0] - 10, CELL[1] - 10), Image.Resampling.LANCZOS)
        left = CELL[0] * (number % COLUMNS) + (CELL[0] - picture.width) // 2
        page.paste(picture, (left, CELL[1] * (number // COLUMNS) + (CELL[1] - picture.height) // 2))
    return page


if __name__ == "__main__":
    main()
