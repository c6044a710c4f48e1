"""OpenVINO on the CPU: pooling inside the graph, and as many streams as are asked for."""
