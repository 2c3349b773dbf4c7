package sdk

import (
	"context"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Reporter is implemented when the package delivers messages: [Writer.Push] hands
// one over, [Writer.Find] looks for it by its key or its content before another
// attempt, and Report tells what became of it. A webhook about a message is a
// hint with the stream [Messages]; the host then asks Report.
type Reporter interface {
	// Report returns what the package knows of a message, or an error that wraps
	// ErrGone when it knows of none.
	Report(ctx context.Context, s *Session, r ReportRequest) (DeliveryReport, error)
}

// Messages is the stream of hints about messages. No records are pulled of it.
const Messages Stream = "messages"

// MessageKind is the form of a message.
type MessageKind string

// The forms.
const (
	SMS            MessageKind = "sms"      // a text message
	Voice          MessageKind = "voice"    // a call in which a text is spoken
	PostalLetter   MessageKind = "letter"   // a letter to print and post
	ElectronicFile MessageKind = "document" // an electronic document, such as an invoice over Peppol
)

// MessageWrite hands a message over for delivery.
type MessageWrite struct {
	Kind MessageKind
	// To is a number in E.164 ("+31612345678"), or the participant a document goes
	// to ("0106:12345678"); empty for a letter.
	To string
	// From is the sender: a name of at most 11 characters, a number, or a
	// participant.
	From string
	// Text is shown or spoken.
	Text     string
	Language string // BCP 47, of what is spoken
	// Choices are the keys that the person called may press, in the order in which
	// they are spoken; Thanks is spoken after one.
	Choices []KeyChoice
	Thanks  string
	// Name and Address say where a letter goes. The first page shows them too.
	Name    string
	Address Address
	// FileName and Content are the PDF of a letter or the XML of a document.
	FileName string
	Content  []byte
	// ReportURL is where the package may call when something becomes of the
	// message; empty when nobody can be called.
	ReportURL string
	// Moment is when the hand-over was first begun, for looking it up.
	Moment time.Time
}

// KeyChoice is a key of the phone with what is said of it.
type KeyChoice struct {
	Key  string // 0 to 9
	Text string
}

// ReportRequest asks what became of a message.
type ReportRequest struct {
	Administration string
	Kind           MessageKind
	ID             string // the package's, as Push returned it
}

// DeliveryState is how far a message is.
type DeliveryState string

// The states. The last three are final.
const (
	Accepted  DeliveryState = "accepted" // the package has it
	Underway  DeliveryState = "sent"     // with the network, or in the post
	Delivered DeliveryState = "delivered"
	Failed    DeliveryState = "failed"   // it will not arrive
	Returned  DeliveryState = "returned" // it came back
)

// Final reports whether nothing more becomes of a message.
func (s DeliveryState) Final() bool { return s == Delivered || s == Failed || s == Returned }

// Answered is who answered a call.
type Answered string

// Who answers. The empty Answered is not known.
const (
	ByPerson  Answered = "person"
	ByMachine Answered = "machine"
	ByNobody  Answered = "none"
)

// DeliveryReport is what the package knows of a message.
type DeliveryReport struct {
	State DeliveryState // empty when the package does not know
	At    time.Time     // since when; zero when it does not say
	// Reason is why it failed, in the package's words.
	Reason string
	// BadAddress says that nothing will ever arrive there: a number that does not
	// exist, an address that is none.
	BadAddress bool
	// Price is what the message costs, rounded up to a minor unit; nil while the
	// package does not say.
	Price *money.Amount
	Parts int // segments or pages that were counted
	// Answered and Keys are of a call: who answered, and what was pressed.
	Answered Answered
	Keys     string
	// PostedOn is the day on which a letter was posted; zero when not known.
	PostedOn date.Date
}
