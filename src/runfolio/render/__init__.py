"""Figures to pictures, and histograms to .root files, in a process of its own.

Importing this imports neither matplotlib nor uproot.
"""

from runfolio.render.job import Failure, ReducerView, Rendered, RenderJob, TableView, TreeView
from runfolio.render.make import render
from runfolio.render.process import Renderer

__all__ = ["Failure", "ReducerView", "RenderJob", "Rendered", "Renderer", "TableView", "TreeView", "render"]
