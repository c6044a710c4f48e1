"""ONNX Runtime: plain, with OpenVINO as its provider, and through optimum."""
