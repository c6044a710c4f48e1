"""`emch bench`: any network, any engine, any load."""
