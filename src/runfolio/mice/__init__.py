"""MICE: its data model, its reducers, and a simulator of its stream. A user of the rest like any other."""
