"""Real servers on the loopback interface that deliveries go to, and what is between: see `place.py`."""
