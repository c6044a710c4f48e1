"""XLA/PJRT through JAX."""
