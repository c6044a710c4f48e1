"""When two measurements differ: intervals of ratios, and the verdicts on them."""
