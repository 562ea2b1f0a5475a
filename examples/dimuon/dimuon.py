"""Muons of a CMS data set in NanoAOD: what a shifter looks at first.

runfolio run --plots dimuon.py nano.root
"""

import numpy as np

from runfolio import Columns, Integer, Reducer, Regular, overlay

events = Reducer("Dimuon", reads=Columns("Events", run="run", number="event"), keywords=["muon"])

# One line a plot: each is filled with the branch of its name.
events.hist("MET_pt", Regular(50, 0, 200, label="missing pT (GeV)"), title="Missing transverse momentum")
events.hist("PV_npvs", Integer(0, 80, label="vertices"), title="Reconstructed vertices")
events.hist("nMuon", Integer(0, 10, label="muons"), title="Muons per event")
events.hist("Muon_pt", Regular(50, 0, 100, label="pT (GeV)"), title="Muons: transverse momentum")
events.hist("Muon_eta", Regular(48, -2.4, 2.4, label="eta"), title="Muons: pseudorapidity")


@events.hist("dimuon_mass", Regular(120, 0, 120, label="m (GeV)"), title="Invariant mass of two muons")
def dimuon_mass(e):
    """Of events with two muons, whose own mass is neglected."""
    two = e.nMuon == 2
    pt, eta, phi = e.Muon_pt[two], e.Muon_eta[two], e.Muon_phi[two]
    return np.sqrt(2 * pt[:, 0] * pt[:, 1] * (np.cosh(eta[:, 0] - eta[:, 1]) - np.cos(phi[:, 0] - phi[:, 1])))


events.figure(
    "muons",
    "Muons",
    panels=[["nMuon", overlay("Muon_pt", log_y=True)], ["Muon_eta", "dimuon_mass"]],
    size=(1000, 800),
)
