package main

import (
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/secret"
)

// cases sets up the desk that follows cases and the ways to bailiffs. Bailiffs may be
// where SFTP servers may.
func (a *app) cases(box *secret.Box) {
	s := &a.services
	s.Bailiffs = &bailiff.Office{
		Sealer: box, Mail: a.post.Server, Log: a.post.Log, Keys: a.post.Keys, Signer: a.post.Signer, Domain: a.post.Domain, Networks: a.config.SFTPNetworks,
	}
	s.Cases = &casework.Desk{Store: s.Store, Real: s.Real, Planner: s.Planner, Teller: s.Steps, Ways: s.Bailiffs, Courier: s.Bailiffs, Links: links{a.config.Public}, Log: a.log.With("part", "cases")}
}
