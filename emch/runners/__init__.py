"""A task in a process of its own: the job, the worker, and the record that it leaves."""
