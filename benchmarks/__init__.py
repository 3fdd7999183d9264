"""Measuring codesign: `python -m benchmarks`, or `make bench`. See docs/performance.md."""
