"""The mover: run folders reach their destinations, are verified there, and only then count as delivered."""
