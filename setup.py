"""Build shim: asv builds old commits with it; the metadata is in pyproject.toml."""

from setuptools import setup

setup()
