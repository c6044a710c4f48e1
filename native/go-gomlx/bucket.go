package main

import "math/bits"

// powerOfTwo returns the least power of two that is no smaller than size, which is at least 1.
func powerOfTwo(size int) int { return 1 << bits.Len(uint(size-1)) }

// stepUp returns a size up to the next multiple of an eighth of its next power of two, and of 8.
func stepUp(size int) int {
	step := max(8, powerOfTwo(size)/8)
	return (size + step - 1) / step * step
}

// bucket returns the shape that a batch is padded up to, so that few shapes are compiled: that of
// the backend xla in Python (emch/backends/xla/backend.py).
func bucket(texts, tokens, positions int) (int, int) {
	return min(powerOfTwo(texts), stepUp(texts)), max(tokens, min(stepUp(tokens), positions))
}
