"""The benchmark: runfolio beside what a user would run instead, on one machine; `make bench` runs it."""
