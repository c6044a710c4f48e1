"""Models: found, exported, quantized, and kept in the cache as checked artifacts."""
