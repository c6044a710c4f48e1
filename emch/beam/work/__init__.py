"""What workers do, without Beam: inputs, networks, and for each task how a batch is answered."""
