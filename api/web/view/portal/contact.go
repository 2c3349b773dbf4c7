package portal

// ContactModel is GET /p/{token}/contact, where a debtor gives another e-mail
// address; it posts email to the same path.
type ContactModel struct {
	Shell
	Email string
	Error string
	Sent  bool // a link is on its way to it
	// NoEmail says that the debtor wants no e-mail; it posts email (yes, no) to
	// /p/{token}/contact/channel.
	NoEmail bool
}

// ProofModel is GET /e/{token}, behind the link that proves an address; it posts
// to Action.
type ProofModel struct {
	Lang   string
	Action string
	Email  string // is used from now on
	Gone   bool   // the link works no more
}

func (m ProofModel) t(key string, args ...any) string { return say(m.Lang, true, key, args...) }

// StopModel is GET /stop/{token}, behind the link that ends e-mail; it posts to
// Action.
type StopModel struct {
	Lang   string
	Action string
	Done   bool
	Gone   bool // the link is none of ours
}

func (m StopModel) t(key string, args ...any) string { return say(m.Lang, true, key, args...) }
