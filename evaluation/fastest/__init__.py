"""Attempts at the fastest answer: the same texts through OpenVINO in every way that may be faster.

    python -m evaluation.fastest --data FOLDER [--rounds N] [--attempt NAME]

Each attempt is a process of its own, which loads its network and waits. A round lets every one
encode the same quarter of SciFact, in another order each time, and takes the time of encoding
alone, tokens included. Printed are the ratios to the first attempt, which is emch's own backend
with two streams, with their 95 % intervals (`evaluation.ratios`); then, of one pass over all
texts, the least cosine to the first attempt's embeddings and the hit rate; and, before that, where
the time of a batch goes, by kinds of layers, against the machine's peak.
"""
