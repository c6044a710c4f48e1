"""Texts with their right answers: one file per dataset, found by name."""
