"""How requests arrive: the load generators, which know of no network."""
