package main

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// confine lets the whole process run on so many of its CPUs, where it has more. A PJRT plugin computes
// in the thread that calls as well as in those of its pool, so the size of the pool alone is no bound.
func confine(cpus int) error {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return err
	}
	var kept unix.CPUSet
	for cpu := 0; kept.Count() < min(cpus, allowed.Count()); cpu++ {
		if allowed.IsSet(cpu) {
			kept.Set(cpu)
		}
	}
	// Threads that come later have what the thread has that starts them.
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, task := range tasks {
		thread, err := strconv.Atoi(task.Name())
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(thread, &kept); err != nil && err != unix.ESRCH {
			return err
		}
	}
	return nil
}
