package contain

import (
	"os"
	"slices"
)

// Options of a Box.
type Options struct {
	// Without leaves measures out, for tests of the others and for machines where
	// one of them is in the way.
	Without []Measure
	// Scratch is a folder for the trial, through which other users can pass.
	Scratch string
	// User is who programs run as in the trial; 0 leaves them under our own user.
	User uint32
}

// Limits of one program.
type Limits struct {
	Memory  uint64 // bytes of private data
	Files   uint64 // open files
	Disk    uint64 // bytes of one written file
	Threads uint64 // of all processes of its user, where that user is its own
}

// Start describes a program to start.
type Start struct {
	Name    string // what it sees as its own name
	Program *Program
	Dir     string // its own folder
	Env     []string
	User    uint32 // 0 for our own
	Limits  Limits
	Stdout  *os.File
	Stderr  *os.File
}

// Report returns what is in force.
func (b *Box) Report() Report { return b.report }

func (o Options) with(m Measure) bool { return !slices.Contains(o.Without, m) }
