"""The V830 scaler: 32 counters that are read and cleared once a spill."""

import numpy as np

from runfolio.mice.simulation.chance import Chance, Ints

CHANNELS = 32
_REQUESTS = 30
"""Trigger requests beyond the triggers: below this, while the readout is busy."""
_RATES = {2: (9, 160), 3: (6, 90), 4: (3, 40), 9: (21, 300), 10: (18, 280), 11: (12, 150)}
"""GVA, TOF0, TOF1, and the luminosity monitors LM12, LM34 and LM1234: counts for each trigger, and at most so
many from the beam's halo."""
_CLOCK = 12
_GATE = (32_000, 64)
"""Ticks of the 10 MHz clock while the gate is open, 3.2 ms: at least, and by how much it varies."""


def scaler_counts(chance: Chance, triggers: Ints) -> list[list[int]]:
    """Return the counts of all channels for each spill."""
    spills = len(triggers)
    counts = np.zeros((spills, CHANNELS), dtype=np.int64)
    counts[:, 0] = triggers
    counts[:, 1] = triggers + chance.below(_REQUESTS, spills)
    for channel, (rate, halo) in _RATES.items():
        counts[:, channel] = rate * triggers + chance.below(halo, spills)
    counts[:, _CLOCK] = _GATE[0] + chance.below(_GATE[1], spills)
    found: list[list[int]] = counts.tolist()
    return found
