"""Backends that are programs of their own, in other languages; the table is in registry.py."""
