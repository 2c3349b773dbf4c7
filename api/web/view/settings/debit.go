package settings

import "github.com/voldaan/voldaan/api/web/view/component"

// DebitModel is GET /settings/debit?administration=: how invoices are collected. It
// posts to /settings/debit/{administration}.
type DebitModel struct {
	Frame component.Frame
	Look  bool
	Books []component.Tab // administrations, when there are several
	ID    string          // of the administration; "" when there is none
	Error string
	// Offered and Enabled are the two switches.
	Offered, Enabled, Retry             bool
	Creditor, Lead, Fresh, Limit, Month component.TextInput
	RetryLead, PayDay, After            component.TextInput
}
