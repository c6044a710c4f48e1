"""The folder that a measuring process has on its path: emch_side, and nothing else."""
