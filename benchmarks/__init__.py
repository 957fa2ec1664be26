"""One file per claim of speed; `python -m benchmarks` prints the table."""
