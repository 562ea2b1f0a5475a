"""Processes of our own beside the program's: how they are started, asked, waited for, killed.

Each is a new interpreter with a socket to the program. A fork would inherit threads in any state, and what
`multiprocessing` offers can't be told how long to wait for the middle of an object.
"""

from runfolio.children.ahead import started_ahead
from runfolio.children.child import Child, Lost
from runfolio.children.serving import LEFT_TO_PARENT, shield_children

__all__ = ["LEFT_TO_PARENT", "Child", "Lost", "shield_children", "started_ahead"]
