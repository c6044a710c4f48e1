"""A model as its own library loads it."""
