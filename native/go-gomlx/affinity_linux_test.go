package main

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestConfinedProcessHasSoManyCPUs(t *testing.T) {
	var before, after unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	for _, asked := range []int{1000, 1} {
		if err := confine(asked); err != nil {
			t.Fatal(err)
		}
		if err := unix.SchedGetaffinity(0, &after); err != nil {
			t.Fatal(err)
		}
		if after.Count() != min(asked, before.Count()) {
			t.Fatalf("%d CPUs after %d were asked for, of %d", after.Count(), asked, before.Count())
		}
	}
}
