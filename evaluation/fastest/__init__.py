"""Attempts at the fastest answer: the same texts through OpenVINO in every way that may be faster.

    python -m evaluation.fastest --data FOLDER [--rounds N] [--attempt NAME]

Each attempt is a process of its own, which loads its network and waits. A round lets every one
encode the same eighth of SciFact, in another order each time, and takes the time of encoding
alone. Printed are, for a start, where the time of a batch goes, by kinds of layers, against the
machine's peak; then the ratios to the first attempt, which is emch's own backend with two streams,
with their 95 % intervals (`evaluation.ratios`), the least cosine to the first one's embeddings,
and, where that is below 0.99999, the queries of all 300 whose best title is right.
"""
