package supervisor

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// A child cannot limit itself between fork and exec in Go, and a host that is
// root without CAP_SYS_RESOURCE, as in most containers, cannot limit a child
// that runs as another user. So the child is first this very program under the
// name below: it limits itself and then becomes the connector.
const shimName = "voldaan-connector-start"

// exitShim is the exit code of a shim that could not become the connector.
const exitShim = 126

func init() {
	if len(os.Args) == 6 && os.Args[0] == shimName {
		err := become(os.Args[1], os.Args[2:])
		fmt.Fprintln(os.Stderr, "cannot start the connector:", err)
		os.Exit(exitShim)
	}
}

// shimArgs returns the command line of a shim.
func shimArgs(name string, l Limits) []string {
	return []string{
		shimName, name,
		strconv.FormatUint(l.Memory, 10), strconv.FormatUint(l.Files, 10), strconv.FormatUint(l.Disk, 10), "0",
	}
}

// become limits this process and replaces it by the verified program.
func become(name string, limits []string) error {
	for i, resource := range []int{unix.RLIMIT_DATA, unix.RLIMIT_NOFILE, unix.RLIMIT_FSIZE, unix.RLIMIT_CORE} {
		value, err := strconv.ParseUint(limits[i], 10, 64)
		if err != nil {
			return err
		}
		if err := lower(resource, value); err != nil {
			return fmt.Errorf("limit resource %d to %d: %w", resource, value, err)
		}
	}
	// No program may give it rights that it does not have.
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up new privileges: %w", err)
	}
	return unix.Exec(verifiedFile, []string{name}, os.Environ())
}

// lower sets a limit, or keeps one that is lower already.
func lower(resource int, value uint64) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(resource, &now); err != nil {
		return err
	}
	value = min(value, now.Max)
	return unix.Setrlimit(resource, &unix.Rlimit{Cur: value, Max: value})
}
