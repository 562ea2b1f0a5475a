"""What fuzzing starts from: the hostile corpus, cut to what a fuzzer can turn over quickly."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from drawing import drawn_here
from hostile.corpus import CASES
from hostile.folders import DAMAGED_RECORDS, SOUND_RECORDS
from hostile.own import CASES as OWN_CASES
from hostile.own import SOUND
from hostile.pictures import BAD_TAGS, WRONG_FIELDS
from hostile.processing import process
from hostile.settings_files import CASES as SETTINGS_CASES
from hostile.texts import TEXTS, entry, images
from runfolio.mice.kl import kl
from runfolio.mice.scalers import scalers
from support import spill, stream

LARGEST = 4096
"""Bytes of a seed: of what is longer, the fuzzer would change one byte in a million."""

CUT = bytes([255, 255])
"""How `stream` cuts a seed: into chunks of 256 bytes, lines of up to 16 kB."""


def _streams() -> Iterator[bytes]:
    for case in CASES:
        if isinstance(case.sent, bytes):
            yield CUT + case.stream


def _own() -> Iterator[bytes]:
    for case in OWN_CASES:
        yield CUT + stream(SOUND, case.sent, SOUND)


def _images() -> Iterator[bytes]:
    yield json.dumps(entry()).encode()
    for fields in (
        *WRONG_FIELDS,
        *({"tag": tag} for tag in BAD_TAGS),
        *({"description": t} for t in TEXTS.values()),
    ):
        yield json.dumps(entry(**fields)).encode()


def _cards() -> Iterator[bytes]:
    for case in SETTINGS_CASES:
        if isinstance(case.made, bytes):
            yield case.made


def _records() -> Iterator[bytes]:
    with drawn_here(), TemporaryDirectory() as directory:
        place = Path(directory) / "a" / "b"
        place.mkdir(parents=True)
        documents = stream(spill(1, 1, time_stamp=1.0), images(entry()))
        [record] = process(place, "spills.json", documents, (kl, scalers)).records.values()
    for change in SOUND_RECORDS.values():
        yield json.dumps(change(record)).encode()
    for damage in DAMAGED_RECORDS.values():
        yield damage(record)


SEEDS: Mapping[str, Callable[[], Iterator[bytes]]] = {
    "stream": _streams,
    "own": _own,
    "images": _images,
    "cards": _cards,
    "run_record": _records,
}


def seeds(name: str) -> list[bytes]:
    """Return what a target's fuzzing starts from."""
    return sorted({seed[:LARGEST] for seed in SEEDS[name]()})
