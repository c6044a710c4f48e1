"""The benchmarks of estimators."""
