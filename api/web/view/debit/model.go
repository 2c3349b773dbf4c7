// Package debit shows a creditor's direct debits: what is collected, and by which
// mandates.
package debit

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ListModel is GET /debits?tab=: collections. It posts to /debits/{id}/cancel and,
// with dispute (yes or no), to /debits/{id}/answer.
type ListModel struct {
	Frame component.Frame
	Look  bool // the reader may look only
	Tabs  []component.Tab
	Rows  []Row
	Pager component.Pager
	// Off says that no administration collects yet.
	Off bool
}

// Row is one collection.
type Row struct {
	ID, Debtor, DebtorID string
	Numbers              string
	Amount               money.Amount
	On                   date.Date // it is or was collected
	State                string    // in words
	Tone                 component.Tone
	Next                 string // what comes next, in words
	Why                  string
	Rule                 string
	Account              string
	Cancel, Ask          bool
}

// DebtorModel is GET /debtors/{id}/debit: a debtor's mandates and collections. It
// posts mode to the same address, and to /mandates/{id}/revoke and …/resume.
type DebtorModel struct {
	Frame    component.Frame
	Look     bool
	ID, Name string
	Modes    []component.Option
	Mandates []Mandate
	Rows     []Row
	// Collectable are open invoices that may be collected by hand, at
	// POST /debits with invoice.
	Collectable []component.Option
}

// Mandate is one of the debtor.
type Mandate struct {
	ID, State, Why     string
	Tone               component.Tone
	Reference, Account string
	Bank               string // as the debtor's bank knows it
	Signed, LastUsed   date.Date
	Lead               int
	Scheme             string
	Text               []string
	Revoke, Resume     bool
}
