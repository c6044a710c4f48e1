"""The benchmarks of parsers."""
