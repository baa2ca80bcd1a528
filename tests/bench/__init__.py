"""Benchmarks: each proves or breaks one of the promises about speed. `python -m tests.bench NAME --json`."""
