"""What is measured: one file per task. No engine is imported here, and nothing is computed."""
