package main

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
	"time"
)

// processStart is when the kernel started this process, to ten milliseconds;
// began where it cannot be known (proc_pid_stat(5), field 22).
func processStart(began time.Time) time.Time {
	const ticksPerSecond, field = 100, 22
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return began
	}
	uptime, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return began
	}
	_, rest, _ := bytes.Cut(stat, []byte(") ")) // the name may hold spaces
	fields := bytes.Fields(rest)
	up := bytes.Fields(uptime)
	if len(fields) < field-2 || len(up) == 0 {
		return began
	}
	ticks, err1 := strconv.ParseFloat(string(fields[field-3]), 64)
	seconds, err2 := strconv.ParseFloat(string(up[0]), 64)
	if err1 != nil || err2 != nil {
		return began
	}
	age := time.Duration((seconds - ticks/ticksPerSecond) * float64(time.Second))
	if start := time.Now().Add(-age); age >= 0 && start.Before(began.Add(time.Second/50)) {
		return start
	}
	return began
}

// threadTime is the processor's time of the calling thread.
func threadTime() time.Duration {
	const thread = 1 // RUSAGE_THREAD, getrusage(2)
	var u syscall.Rusage
	if syscall.Getrusage(thread, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
