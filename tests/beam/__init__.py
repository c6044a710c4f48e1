"""Pipelines of Apache Beam as a user runs them: what goes wrong in them, and what they answer."""
