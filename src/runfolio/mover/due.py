"""What the journal is asked for by a mover: which delivery is due, and when the next one is."""

import re

from runfolio.mover.tables import TURN

__all__ = ["DUE", "NEXT"]

_OPEN = """
    FROM destination CROSS JOIN delivery ON delivery.destination = destination.name
    JOIN run ON run.name = delivery.run
    WHERE run.state = 'sealed' AND destination.place IS NOT NULL AND NOT destination.paused"""
_WAITS = "delivery.state = 'waiting'"
_ABANDONED = "delivery.state = 'sending' AND NOT held(delivery.owner)"
"""Deliveries that a mover may take up, now or later. The order of tables is that of the indices."""

_TURN = re.sub(r"\b(error_kind|since|run)\b", r"delivery.\1", TURN)

_FIRST_DUE = f"""
    SELECT delivery.* {_OPEN} AND destination.name = :destination AND {{which}}
      AND ahead(destination.next_try, :now, :longest_pause) = 0
      AND ahead(delivery.next_try, :now, :longest_pause) = 0
    ORDER BY {_TURN} LIMIT 1"""

DUE = f"""
    SELECT * FROM (
        SELECT * FROM ({_FIRST_DUE.format(which=_WAITS)})
        UNION ALL SELECT * FROM ({_FIRST_DUE.format(which=_ABANDONED)}))
    ORDER BY {TURN} LIMIT 1"""  # noqa: S608 - parts of our own

NEXT = f"""
    SELECT min(max(ahead(delivery.next_try, :now, :longest_pause),
        ahead(destination.next_try, :now, :longest_pause))) AS seconds
    {_OPEN} AND (:destination IS NULL OR destination.name = :destination)
      AND delivery.state IN ('waiting', 'sending') AND ({_WAITS} OR {_ABANDONED})"""
