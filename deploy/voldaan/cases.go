package main

import "github.com/voldaan/voldaan/core/casework"

// cases follows what was opened.
func (a *app) cases() *casework.Desk {
	s := a.services
	return &casework.Desk{Store: s.Store, Real: s.Real, Planner: s.Planner, Teller: s.Steps, Log: a.log.With("part", "cases")}
}
