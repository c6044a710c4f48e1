"""A measuring process: loads one benchmark of an asv suite of one side, then runs it when told to.

    python -m emch_side PLACE list
    python -m emch_side PLACE cache BENCHMARK
    python -m emch_side PLACE measure BENCHMARK CELL EMBEDDINGS
    python -m emch_side PLACE explain BENCHMARK CELL

It is run in a folder of its own, where `side` is a link to the side's sources, and which has what
the benchmark's `setup_cache` left there. PLACE is what `Place` has, in JSON; CELL is a JSON list of
the parameters as Python writes them; EMBEDDINGS is the file for them. The side's own Python runs
it, which may be an old one, and it imports nothing of emch, so that a commit is measured which
never heard of it: what a benchmark is, asv_runner says, which asv puts into every environment.

It reads one JSON object a line and answers with one: `{"seconds": s}` is a block of calls, or one
value of a benchmark that is no timing, and the end of the input is the end. Answers go to the
standard output as it was at the start; whatever else prints there goes to stderr. The system ends
it (SIGALRM) where the benchmark's own timeout is over.
"""
