"""PyTorch: eager, compiled, traced, and with fused layers."""
