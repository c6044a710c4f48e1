//go:build goexperiment.simd && amd64

package main

// simd says whether matrix products use the CPU's vector instructions.
const simd = "on"
