"""The soak: the real program under a stream of short runs, for minutes, while all sorts of things go wrong.

`python -m soak` prints the figures and whether memory, descriptors, processes and files stay flat, and
whether every document is accounted for. docs/reliability.md says how to read them.
"""
