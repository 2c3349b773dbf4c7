package inbound

import (
	"context"
	"net/mail"
	"time"

	"github.com/google/uuid"
)

// Handler stores what came in. It is called before the sender gets its answer;
// an error makes the sender try again later. The same mail can come twice: ID
// tells.
type Handler interface {
	Bounce(ctx context.Context, b Bounce) error
	Reply(ctx context.Context, r Reply) error
}

// Kind says what a bounce means for the message it is about.
type Kind string

// The kinds of bounce.
const (
	Hard      Kind = "hard"       // not delivered and never will be: block the address, use the fallback once (R52)
	Soft      Kind = "soft"       // not delivered now: try again up to 3 times in 72 h (R53)
	Delayed   Kind = "delayed"    // the server keeps trying: wait
	Delivered Kind = "delivered"  // a notice of success
	Complaint Kind = "complaint"  // reported as spam: no more mail to this address (R59)
	AutoReply Kind = "auto_reply" // out of office: the address works
	Unclear   Kind = "unclear"    // a person has to look
)

// Bounce is a report about a message of ours.
type Bounce struct {
	ID         string    // hash of the mail, to recognise a second delivery
	Message    uuid.UUID // the message it is about, from the envelope address
	Kind       Kind
	Status     string // enhanced status code, as "5.1.1"; may be empty
	Diagnostic string // what the server said
	Recipient  string // address that failed; may be empty
	Original   string // Message-ID of the returned message; may be empty
	Received   time.Time
	Raw        []byte
}

// Reply is mail of a person, or of a machine that answers for one.
type Reply struct {
	ID          string
	Message     uuid.UUID // the message it answers, from the envelope address
	From        mail.Address
	Subject     string
	Text        string // without quotes and signature, for display
	Whole       string // the whole text
	Attachments []Attachment
	MessageID   string
	InReplyTo   string
	References  []string
	// AutoSubmitted mail is never answered by a machine and holds no flow.
	AutoSubmitted bool
	// Unreadable is set when the mail could not be read; Raw still has it all.
	Unreadable bool
	Received   time.Time
	Raw        []byte
}

// Attachment is a file in a reply.
type Attachment struct {
	Name        string
	ContentType string
	Bytes       []byte
}
