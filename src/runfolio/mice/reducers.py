"""MICE's reducers together, as the entry points of the package offer them."""

from runfolio.mice.ckov import ckov
from runfolio.mice.emr import emr
from runfolio.mice.kl import kl
from runfolio.mice.scalers import scalers
from runfolio.mice.scifi import scifi
from runfolio.mice.tof import tof
from runfolio.mice.tof_calib import calib

EVERY = (tof, ckov, kl, emr, scifi, scalers, calib)
"""All detectors of MICE, its scalers, and rows for calibration."""
BEAM_LINE = (tof, ckov)
"""What a run is plotted with where nothing else is asked for."""
