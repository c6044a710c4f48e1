"""Adapters to the inference engines: one file per engine, `registry.py` has the one table."""
