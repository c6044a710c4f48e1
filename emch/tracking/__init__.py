"""asv: stacks, environments, results, the commits that count, change points."""
