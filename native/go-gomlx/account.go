package main

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Account is what this process has used so far.
type Account struct {
	WallS        float64 `json:"wall_s"`
	UserS        float64 `json:"user_s"`
	KernelS      float64 `json:"kernel_s"`
	PeakRSSBytes int64   `json:"peak_rss_bytes"`
}

// soFar returns the account up to now; the wall clock counts from began.
func soFar(began time.Time) (Account, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return Account{}, fail(Unavailable, "the system does not account for this process (%v)", err)
	}
	return Account{
		WallS:        time.Since(began).Seconds(),
		UserS:        time.Duration(usage.Utime.Nano()).Seconds(),
		KernelS:      time.Duration(usage.Stime.Nano()).Seconds(),
		PeakRSSBytes: usage.Maxrss * 1024,
	}, nil
}

// residentBytes returns the resident memory of this process.
func residentBytes() (int64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, fail(Unavailable, "%v: this runner needs Linux", err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		return 0, fail(Unavailable, "/proc/self/statm is no list of numbers (%v)", err)
	}
	return pages * int64(os.Getpagesize()), nil
}
