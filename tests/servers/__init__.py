"""Real servers, started on the loopback address: what emch writes there is read back."""
