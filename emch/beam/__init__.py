"""Apache Beam RunInference on emch's engines: the way past one machine.

Its figures are the three that Beam's own benchmarks publish: the mean of the requested batch size,
of the latency of a batch, and of the latency of loading the model.
"""
