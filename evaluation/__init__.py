"""Scripts that show what the docs claim; each prints the figures that stand beside its command."""
