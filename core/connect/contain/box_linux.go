package contain

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// Box starts programs with what was found to be in force. It is safe for
// concurrent use.
type Box struct {
	report Report
	apply  []Measure
	// userSpace says that namespaces need a user namespace around them.
	userSpace bool
	cgroups   *cgroups
}

// New finds out by trial what the kernel gives.
func New(o Options) *Box {
	ways := []bool{false, true}
	if os.Geteuid() != 0 {
		ways = ways[1:]
	}
	var b *Box
	for _, userSpace := range ways {
		t := &trial{Options: o, box: &Box{userSpace: userSpace}, not: map[Measure]string{}}
		t.run()
		if b = t.box; b.report.Has(NetworkNamespace) || !o.with(NetworkNamespace) {
			break
		}
	}
	return b
}

// trial finds out what works.
type trial struct {
	Options
	box *Box
	not map[Measure]string // why not
}

func (t *trial) run() {
	for _, m := range t.Without {
		t.not[m] = "switched off"
	}
	if f, err := memfd("trial"); err == nil {
		_ = f.Close()
	} else {
		t.refuse(SealedCopy, err)
	}
	if t.not[SealedCopy] != "" {
		t.refuse(OwnRoot, errors.New("the program cannot be kept in memory"))
	}
	if t.User == 0 {
		t.refuse(OwnUser, errors.New(map[bool]string{true: "switched off", false: "we are not root"}[os.Geteuid() == 0]))
	}
	if t.with(Cgroup) {
		var err error
		if t.box.cgroups, err = findCgroups(); err != nil {
			t.refuse(Cgroup, err)
		}
	}
	if !t.take(t.wanted()) {
		// Something does not even start: find out what.
		for _, m := range []Measure{NetworkNamespace, ProcessNamespace, OtherNamespaces, OwnRoot, OwnUser, Cgroup} {
			if t.not[m] == "" {
				t.take([]Measure{m})
			}
		}
		t.take(t.wanted())
	}
	t.box.apply = t.wanted()
	for _, m := range measures {
		s := State{Measure: m, InForce: t.not[m] == "", Detail: t.not[m]}
		if m == Landlock && s.InForce {
			abi, _ := landlockABI()
			s.Detail = "ABI " + strconv.Itoa(abi)
		}
		t.box.report.States = append(t.box.report.States, s)
	}
}

func (t *trial) refuse(m Measure, why error) {
	if t.not[m] == "" {
		t.not[m] = why.Error()
	}
}

func (t *trial) wanted() []Measure {
	return slices.DeleteFunc(slices.Clone(measures), func(m Measure) bool { return t.not[m] != "" })
}

// take tries measures together and notes those that fail. It reports whether the
// child started at all.
func (t *trial) take(apply []Measure) bool {
	t.box.apply = apply
	tried, err := t.child()
	if err != nil {
		if len(apply) == 1 {
			t.refuse(apply[0], err)
		}
		return false
	}
	for _, m := range slices.Sorted(maps.Keys(tried)) {
		if why := tried[m]; why != "" {
			t.refuse(m, errors.New(why))
		}
	}
	return true
}

// child starts one that tells what worked.
func (t *trial) child() (tried map[Measure]string, err error) {
	dir, err := os.MkdirTemp(t.Scratch, "")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	user := t.User
	if !slices.Contains(t.box.apply, OwnUser) {
		user = 0
	}
	if user != 0 {
		if err := os.Chown(dir, int(user), int(user)); err != nil {
			return nil, err
		}
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer func() { _ = null.Close() }()
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	p, err := t.box.start(Start{
		Name: "trial", Program: &Program{file: null, sealed: true, kind: static}, Dir: dir, User: user, Stdout: w,
		Limits: Limits{Memory: 1 << 30, Files: 64, Disk: 1 << 20, Threads: 128},
	}, true)
	_ = w.Close()
	if err != nil {
		return nil, err
	}
	decodeErr := json.NewDecoder(r).Decode(&tried)
	_ = p.Wait()
	if decodeErr != nil {
		return nil, errors.New("a trial told nothing: " + p.State().String())
	}
	return tried, nil
}

// flags of the measures that are namespaces.
var namespaces = map[Measure]uintptr{
	NetworkNamespace: unix.CLONE_NEWNET, ProcessNamespace: unix.CLONE_NEWPID,
	OtherNamespaces: unix.CLONE_NEWIPC | unix.CLONE_NEWUTS, OwnRoot: unix.CLONE_NEWNS,
}
