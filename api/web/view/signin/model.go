// Package signin is the door of the tenant's pages.
package signin

// Model is the page GET /sign-in. It posts email, password and next.
type Model struct {
	Theme string
	Email string // as typed before
	Next  string // the path to go to afterwards
	Error string // why it was refused, one sentence; never which of the two was wrong
	Note  string // "You were signed out after 12 hours.", may be ""
	Demo  *Demo  // set when the installation is a demo
}

// Demo is the account that a demo shows to everyone.
type Demo struct{ Email, Password string }

func (m Model) email() string {
	if m.Email == "" && m.Demo != nil {
		return m.Demo.Email
	}
	return m.Email
}

func (m Model) password() string {
	if m.Demo != nil {
		return m.Demo.Password
	}
	return ""
}
