import subprocess
import sys
from types import ModuleType

import runfolio.folder


def test_public_face_is_what_is_listed() -> None:
    found = {name for name, value in vars(runfolio.folder).items() if not isinstance(value, ModuleType)}
    assert {name for name in found if not name.startswith("_")} == set(runfolio.folder.__all__)


def test_reading_folders_loads_nothing_to_fill_or_draw_with() -> None:
    program = "import sys, runfolio.folder; print({'numpy', 'hist', 'matplotlib'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "set()\n"
