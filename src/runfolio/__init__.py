"""runfolio watches an experiment's stream and leaves one sealed folder of plots a run."""

__version__ = "0.1.0"
