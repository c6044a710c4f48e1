"""The benchmarks of arrays."""
