package contain

import (
	"fmt"
	"slices"
	"strings"
)

// Feature is something that a contained program cannot do.
type Feature string

// The features. Each may rest on more than one measure.
const (
	// Network: it reaches nobody but the host's socket.
	Network Feature = "network"
	// Files: it opens no files but its own and those of the system that every
	// program needs.
	Files Feature = "files"
	// Sockets: it cannot talk to services of this machine by their sockets.
	Sockets Feature = "sockets"
	// Processes: it sees, signals and leaves behind no other processes.
	Processes Feature = "processes"
	// System: it may not make the system calls that widen what it can do.
	System Feature = "system"
	// User: it runs as a user that owns nothing.
	User Feature = "user"
	// Memory: what it takes in total is bounded, and not only what one of its
	// processes takes.
	Memory Feature = "memory"
)

// Measure is one mechanism of the kernel. Its text is what reports call it.
type Measure string

// The measures.
const (
	NetworkNamespace Measure = "network namespace"
	ProcessNamespace Measure = "process namespace"
	OtherNamespaces  Measure = "ipc and uts namespaces"
	OwnRoot          Measure = "own root folder"
	Landlock         Measure = "landlock"
	CallFilter       Measure = "seccomp filter"
	OwnUser          Measure = "user of its own"
	Cgroup           Measure = "cgroup"
	SealedCopy       Measure = "sealed copy of the program"
)

// measures lists what there is, in the order of reports.
var measures = []Measure{NetworkNamespace, ProcessNamespace, OtherNamespaces, OwnRoot, Landlock, CallFilter, OwnUser, Cgroup, SealedCopy}

// guards says what a feature rests on; any one of them will do.
var guards = map[Feature][]Measure{
	Network:   {NetworkNamespace, CallFilter},
	Files:     {OwnRoot, Landlock},
	Sockets:   {OwnRoot},
	Processes: {ProcessNamespace, CallFilter},
	System:    {CallFilter},
	User:      {OwnUser},
	Memory:    {Cgroup},
}

// advice says what to do for a measure that is missing.
var advice = map[Measure]string{
	NetworkNamespace: "run Voldaan as root, or let users make namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns=0)",
	ProcessNamespace: "run Voldaan as root, or let users make namespaces",
	OwnRoot:          "run Voldaan as root, or let users make namespaces",
	Landlock:         "use a kernel of 5.13 or newer with landlock in its list of security modules (lsm=)",
	CallFilter:       "use a kernel with CONFIG_SECCOMP_FILTER on amd64 or arm64",
	OwnUser:          "run Voldaan as root",
	Cgroup:           "run Voldaan in a cgroup of version 2 that is delegated to it (systemd: Delegate=yes, DelegateSubgroup=hub)",
}

// State is what became of a measure.
type State struct {
	Measure Measure
	InForce bool
	// Detail is a version, or why it is not in force.
	Detail string
}

// Report says what is in force for the programs of a box.
type Report struct {
	States []State
}

// Has reports whether a measure is in force.
func (r Report) Has(m Measure) bool {
	return slices.ContainsFunc(r.States, func(s State) bool { return s.Measure == m && s.InForce })
}

// InForce reports whether a feature is guaranteed.
func (r Report) InForce(f Feature) bool { return slices.ContainsFunc(guards[f], r.Has) }

// Features lists what is guaranteed.
func (r Report) Features() []Feature {
	var out []Feature
	for _, f := range []Feature{Network, Files, Sockets, Processes, System, User, Memory} {
		if r.InForce(f) {
			out = append(out, f)
		}
	}
	return out
}

// String says it in one line: what is in force, and what is not and why.
func (r Report) String() string {
	var in, out []string
	for _, s := range r.States {
		text := string(s.Measure)
		if s.Detail != "" {
			text += " (" + s.Detail + ")"
		}
		if s.InForce {
			in = append(in, text)
		} else {
			out = append(out, text)
		}
	}
	if len(in) == 0 {
		in = []string{"nothing"}
	}
	text := "in force: " + strings.Join(in, ", ")
	if len(out) > 0 {
		text += "; not: " + strings.Join(out, ", ")
	}
	return text
}

// Check returns a *Missing when one of the features is not in force.
func (r Report) Check(need []Feature) error {
	m := &Missing{}
	for _, f := range need {
		if !r.InForce(f) {
			m.Features = append(m.Features, f)
			m.reasons = append(m.reasons, r.why(f))
		}
	}
	if len(m.Features) == 0 {
		return nil
	}
	return m
}

// why says which measures failed, and what to do.
func (r Report) why(f Feature) string {
	var failed, todo []string
	for _, m := range guards[f] {
		for _, s := range r.States {
			if s.Measure == m {
				failed = append(failed, fmt.Sprintf("%s: %s", m, s.Detail))
			}
		}
		if a := advice[m]; a != "" && !slices.Contains(todo, a) {
			todo = append(todo, a)
		}
	}
	text := strings.Join(todo, ", or ")
	if len(failed) > 0 {
		text += " (" + strings.Join(failed, "; ") + ")"
	}
	return text
}

// Missing says that a program needs features which this machine does not give.
type Missing struct {
	Features []Feature
	reasons  []string
}

// Error implements error.
func (m *Missing) Error() string { return "not contained: " + m.Sentence() }

// Sentence says for an operator what is missing and what to do.
func (m *Missing) Sentence() string {
	parts := make([]string, len(m.Features))
	for i, f := range m.Features {
		parts[i] = fmt.Sprintf("it may only run where the kernel keeps it from the %s of this machine; to get there, %s", named[f], m.reasons[i])
	}
	return strings.Join(parts, ". ") + "."
}

var named = map[Feature]string{
	Network: "network", Files: "files", Sockets: "services", Processes: "processes", System: "system calls", User: "users", Memory: "memory",
}
