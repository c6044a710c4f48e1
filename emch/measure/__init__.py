"""Clocks, process accounting and the facts of the machine."""
