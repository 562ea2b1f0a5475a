"""A simulated MICE job, as the lines of JSON that the experiment's stream carries.

job.py       what is asked for, and the order of its documents
documents.py the documents as structs, written and never read
more_documents.py  the parts of an event that are the KL's, the EMR's and the trackers'
beam.py      the particles of a block of spills
tof.py, ckov.py, kl.py, emr.py, scifi.py  what one detector makes of them
scalers.py   what was counted in a spill
untidy.py, more_faults.py, daq_faults.py  what real files get wrong
chance.py    random numbers that come out the same everywhere
"""

from runfolio.mice.simulation.job import Simulation, lines

__all__ = ["Simulation", "lines"]
