package conform

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk/conformance"
)

// ticks is the number of clock ticks in a second that /proc counts in, which is
// 100 on every architecture that Go runs on with Linux.
const ticks = 100

// Usage implements conformance.Target; it knows where there is /proc.
func (t *Target) Usage() (u conformance.Usage, ok bool) {
	pid := 0
	for _, s := range t.host.Supervisor().Status() {
		pid = max(pid, s.PID)
	}
	if pid == 0 {
		return u, false
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, false
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		f := strings.Fields(value)
		if len(f) == 0 {
			continue
		}
		n, _ := strconv.Atoi(f[0])
		switch name {
		case "VmRSS":
			u.Memory = int64(n) << 10
		case "Threads":
			u.Threads = n
		}
	}
	if fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid)); err == nil {
		u.Files = len(fds)
	}
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		// After the name, which is in brackets and may hold anything, fields 14 and 15.
		_, rest, _ := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')')+1:]), " ")
		if f := strings.Fields(rest); len(f) > 12 {
			user, _ := strconv.Atoi(f[11])
			system, _ := strconv.Atoi(f[12])
			u.CPU = float64(user+system) / ticks
		}
	}
	return u, true
}
