"""Texts to embeddings on any session: tokens, batches, and the check against the reference."""
