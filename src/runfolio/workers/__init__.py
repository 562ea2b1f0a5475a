"""Workers: processes that read, decode and fill for the one that owns the runs.

It adds up what they have counted, in the order of the input, and so makes what it would have made alone.
"""
