"""What is computed end to end and scored: one file per task, on one shared encoding pipeline."""
