package contain

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// shimName is the name under which this very program is a child that restricts
// itself and becomes a connector.
const shimName = "voldaan-connector-start"

// exitShim is the exit code of a child that could not become the connector.
const exitShim = 126

// programFD is where the child finds the verified program: its first inherited
// file.
const programFD = 3

// order is what the child is told to do to itself.
type order struct {
	Name    string
	Dir     string
	Kind    kind
	Sealed  bool
	Limits  Limits
	Apply   []Measure
	Threads bool // the limit of threads counts our own only
	Trial   bool // say what works and end
}

func init() {
	if len(os.Args) != 2 || os.Args[0] != shimName {
		return
	}
	// Restrictions of the kernel hold for one thread and what it becomes.
	runtime.LockOSThread()
	var o order
	err := json.Unmarshal([]byte(os.Args[1]), &o)
	if err == nil {
		err = o.become()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot start the connector:", err)
	}
	os.Exit(exitShim)
}

// steps are the measures that the child takes itself, in the order in which they
// must come.
var steps = []struct {
	measure Measure
	take    func(*order) error
}{
	{OwnRoot, (*order).enterRoot},
	{"", (*order).giveUp},
	{Landlock, (*order).restrictFiles},
	{CallFilter, func(*order) error { return filterCalls() }},
}

// script returns where the copy of a script lies: in the root folder of our own,
// or in the program's folder.
func (o *order) script() string {
	if o.does(OwnRoot) {
		return programPath
	}
	return filepath.Join(o.Dir, "program")
}

// become restricts this process and replaces it by the verified program. In a
// trial it prints what became of each measure instead.
func (o *order) become() error {
	if err := o.limit(); err != nil {
		return err
	}
	if o.Kind == script && !o.does(OwnRoot) {
		if err := copyProgram(o.script()); err != nil {
			return fmt.Errorf("copy the script: %w", err)
		}
	}
	tried := map[Measure]string{}
	for _, s := range steps {
		if s.measure != "" && !o.does(s.measure) {
			continue
		}
		err := s.take(o)
		if err != nil && !o.Trial {
			return fmt.Errorf("%s: %w", s.measure, err)
		}
		if tried[s.measure] = ""; err != nil {
			tried[s.measure] = err.Error()
		}
	}
	if o.Trial {
		return json.NewEncoder(os.Stdout).Encode(tried)
	}
	return o.exec()
}

func (o *order) does(m Measure) bool {
	for _, a := range o.Apply {
		if a == m {
			return true
		}
	}
	return false
}

// limit bounds what the process may take.
func (o *order) limit() error {
	limits := map[int]uint64{
		unix.RLIMIT_DATA: o.Limits.Memory, unix.RLIMIT_NOFILE: o.Limits.Files, unix.RLIMIT_FSIZE: o.Limits.Disk, unix.RLIMIT_CORE: 0,
	}
	if o.Threads {
		limits[unix.RLIMIT_NPROC] = o.Limits.Threads
	}
	for resource, value := range limits {
		if err := lower(resource, value); err != nil {
			return fmt.Errorf("limit resource %d to %d: %w", resource, value, err)
		}
	}
	return nil
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

// giveUp drops all privileges and the way to get new ones.
func (o *order) giveUp() error {
	for c := range uintptr(unix.CAP_LAST_CAP + 1) {
		// It fails without privileges, which is as good.
		_ = unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0)
	}
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("give up privileges: %w", err)
	}
	none := [2]unix.CapUserData{}
	if err := unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &none[0]); err != nil {
		return fmt.Errorf("give up privileges: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up new privileges: %w", err)
	}
	// A change of privileges makes the kernel forget this one.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("end with the host: %w", err)
	}
	return nil
}

// exec becomes the program through the open file. An interpreter opens its script
// by name, so that is a copy.
func (o *order) exec() error {
	if o.Kind == script {
		return unix.Exec(o.script(), []string{o.Name}, os.Environ())
	}
	argv, err := syscall.SlicePtrFromStrings([]string{o.Name})
	if err != nil {
		return err
	}
	envv, err := syscall.SlicePtrFromStrings(os.Environ())
	if err != nil {
		return err
	}
	// Descriptors of ours are closed on exec; that of the program is one that the
	// kernel has opened by then.
	unix.CloseOnExec(programFD)
	empty := [1]byte{}
	_, _, e := unix.Syscall6(unix.SYS_EXECVEAT, programFD, uintptr(unsafe.Pointer(&empty)),
		uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&envv[0])), unix.AT_EMPTY_PATH, 0)
	return fmt.Errorf("start %s: %w", o.Name, e)
}
