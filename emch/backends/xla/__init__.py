"""XLA, through JAX and PJRT."""
