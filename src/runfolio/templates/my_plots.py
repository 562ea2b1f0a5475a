"""What is plotted of my data, one row an event. Look at it with: runfolio plots --plots my_plots.py."""

from runfolio import Columns, Integer, Reducer, Regular

# What is commented out below takes more:
# from runfolio import Category, FileName, Strip, overlay

# Where the data come from: here JSON lines such as {"run": 1, "energy": 3.2, "channel": 7}.
events = Reducer("Events", reads=Columns(run="run"))

# A ROOT tree, with the run number in the file's name (Parquet and Arrow need no tree):
# events = Reducer("Events", reads=Columns("Events", run=FileName("beam_{run}.root")))

# The name of a histogram is that of its column. One that is in no figure gets a figure of its own.
events.hist("energy", Regular(100, 0, 50, label="energy (MeV)"))
events.hist("channel", Integer(0, 64, label="channel"))

# What a function makes of the columns, which are numpy arrays with one value a row:
# @events.hist("total", Regular(100, 0, 100, label="total energy (MeV)"))
# def total(columns):
#     return columns.energy[columns.channel < 32] * 2

# Two axes, so two columns (or a function that returns two arrays):
# events.hist("map", Integer(0, 64, label="channel"), Regular(50, 0, 50, label="energy (MeV)"),
#             values=["channel", "energy"])

# Each entry counts with its weight, here the column energy:
# events.hist("energy_by_channel", Integer(0, 64, label="channel"), values="channel", weights="energy")

# The mean of a quantity in bins of another (a profile):
# events.profile("mean_energy", Integer(0, 64), label="energy (MeV)", values=["channel", "energy"])

# One bin for each word that comes up:
# events.hist("trigger", Category("trigger"))

# A quantity along the event's number or the time, however long the run gets (a strip chart):
# events.profile("drift", Strip("event number", step=100), label="energy (MeV)", values=["event", "energy"])

# A figure of two panels, in the first two histograms overlaid along a logarithmic axis:
# events.hist("energy_2", Regular(100, 0, 50, label="energy (MeV)"))
# events.figure(
#     "overview",
#     "Energies and channels",
#     panels=[[overlay("energy", "energy_2", log_y=True), "channel"]],
#     size=(1000, 500),
# )
