"""Commands that measure and fit; run as modules, `python -m benchmarks.NAME`."""
