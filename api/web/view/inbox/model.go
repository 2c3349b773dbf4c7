// Package inbox shows what debtors wrote and what they dispute, and answers
// them.
package inbox

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Model is GET /inbox, and GET /inbox/{thread} when Open is set.
type Model struct {
	Frame   component.Frame
	Tabs    []component.Tab // waiting, disputes, answered
	Threads []Thread
	Open    *Conversation
	Pager   component.Pager
}

// Thread is one line of the list.
type Thread struct {
	ID       string
	Debtor   string
	Subject  string // the invoice number, or "Question"
	Snippet  string
	At       time.Time
	Unread   bool
	Dispute  bool
	Selected bool
}

// Conversation is the thread that is open.
type Conversation struct {
	ID          string
	Debtor      string
	Email       string
	InvoiceID   string
	Invoice     string // its number
	Open        money.Amount
	Phase       component.Phase
	HeldUntil   date.Date // until when the message holds the flow
	Messages    []Message
	Attachments []component.Link
	Dispute     *Dispute
	Waiting     bool // nobody answered yet
	Reply       component.TextInput
}

// Message is one part of a conversation.
type Message struct {
	Who  string
	Ours bool
	Via  string // "e-mail", "portal"
	At   time.Time
	Text string
}

// Dispute is what the debtor does not agree with.
type Dispute struct {
	ID       string
	Reason   string // "Delivery incomplete"
	Amount   money.Amount
	Rest     money.Amount // what is not disputed
	Deadline date.Date
	Decided  string // "Rejected on 20 Nov", "" while it is open
}
