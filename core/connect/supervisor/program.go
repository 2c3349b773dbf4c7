package supervisor

import (
	"cmp"
	"crypto/sha256"
	"os"

	"github.com/voldaan/voldaan/core/connect/contain"
)

// Program is what must run for a call to a connector: the connector's own
// program, or the runtime that carries out many connectors that have none.
type Program struct {
	Connector string
	Version   string
	Title     string // as people write it
	// File is the name by which the program knows itself.
	File string
	// Open opens it, and SHA256 is what it must hash to.
	Open   func() (*os.File, error)
	SHA256 [sha256.Size]byte
	// Runtime names the process that carries out this connector together with
	// others, which is one for all that give the same name. It is empty for a
	// program of its own.
	Runtime string
	// For names who has the process to themselves, such as a tenant; it is empty for
	// a process that serves all.
	For string
	// Needs must be in force, or the program is not started.
	Needs []contain.Feature
}

// ID returns name and version, as "moneybird@1.0.0".
func (p Program) ID() string {
	if p.Version == "" {
		return p.Connector
	}
	return p.Connector + "@" + p.Version
}

// shared returns the runtime itself, for all that it carries out.
func (p Program) shared(name string) Program {
	return Program{Connector: name, Title: cmp.Or(p.Title, name), File: p.File, Open: p.Open, SHA256: p.SHA256, Needs: p.Needs}
}
