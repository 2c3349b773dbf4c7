package sdk

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Connector is the part every connector has. One process serves all tenants at
// once, so an implementation keeps no state between calls; what belongs to one
// connection comes with the Session.
//
// An error that wraps one of the faults of this package (ErrAuth, ErrInvalid,
// ErrGone, RetryAfter) tells the host what to do; any other error is taken for
// a passing one and tried again.
//
// An implementation embeds [Base], so that it stays one when methods are added.
type Connector interface {
	embedsBase()

	// Check proves with one cheap call that the connection works.
	Check(ctx context.Context, s *Session) error

	// Administrations lists the sets of books that the connection may read.
	Administrations(ctx context.Context, s *Session) ([]Administration, error)

	// Pull sends the records of one administration to the sink: all of them when
	// req.Cursor is empty, otherwise at least what changed since that cursor was
	// handed out, or only req.Invoices when that is set. Sending a record twice
	// or out of order is harmless. Pull returns the error of any sink call at
	// once.
	Pull(ctx context.Context, s *Session, req PullRequest, sink Sink) error
}

// DocumentReader is implemented when the package can hand out an invoice's PDF
// or UBL file.
type DocumentReader interface {
	// Document returns the file, or an error that wraps ErrGone when there is none.
	Document(ctx context.Context, s *Session, req DocumentRequest) (Document, error)
}

// Writer is implemented when the package takes payments or notes back, or messages
// to deliver.
type Writer interface {
	// Push carries out one write, of a kind that connector.yaml names among its
	// capabilities. When the answer of the package does not say
	// whether the write took effect, the outcome is Uncertain and not an error:
	// the host then calls Find before it tries again.
	Push(ctx context.Context, s *Session, w Write) (Outcome, error)

	// Find looks for the effect of an earlier write by its key or its content.
	// It returns Applied with the external id, or Rejected when it is not there.
	Find(ctx context.Context, s *Session, w Write) (Outcome, error)
}

// WebhookReader is implemented when the package calls us on changes.
type WebhookReader interface {
	// Webhook verifies a call and names what it is about. The host reads those
	// records at the source; it believes nothing else of the call. An error that
	// wraps ErrAuth means a wrong signature.
	Webhook(ctx context.Context, s *Session, call WebhookCall) ([]Hint, error)
}

// WebhookGreeter is implemented when the package first asks whether we are there,
// and wants to read something of its question.
type WebhookGreeter interface {
	// Handshake returns the answer, as plain text; ok is false for a call that is no
	// such question. Nothing of the call is verified before, so nothing may follow
	// from it.
	Handshake(ctx context.Context, s *Session, call WebhookCall) (reply string, ok bool, err error)
}

// WebhookReplier is implemented when the package reads the answer to its calls,
// such as what to say next in a telephone call.
type WebhookReplier interface {
	// Reply returns the answer to a call that Webhook took; ok is false for none.
	Reply(ctx context.Context, s *Session, call WebhookCall) (reply string, ok bool, err error)
}

// Subscriber is implemented when the package lets itself be asked to call us, so
// that nobody has to set that up by hand.
type Subscriber interface {
	// Subscribe asks for calls on changes of one administration. Asking again for
	// the same URL is harmless: it returns the subscription that there is or
	// replaces it.
	Subscribe(ctx context.Context, s *Session, r SubscribeRequest) (Subscription, error)

	// Unsubscribe ends a subscription. One that is not there any more is no error.
	Unsubscribe(ctx context.Context, s *Session, administration, id string) error
}

// Session is one connection of one tenant during one call.
type Session struct {
	// HTTP carries requests through the host. URLs are absolute; a request to a
	// host that connector.yaml does not name fails.
	HTTP *http.Client
	// Config holds the answers to the connection form, without the secret ones.
	Config map[string]string
	// WebhookSecret signs the package's calls to us, if it does.
	WebhookSecret []byte
	// Log reaches the operator, marked with connector and connection.
	Log *slog.Logger
}

// Administration is one set of books.
type Administration struct {
	ID       string
	Name     string
	Country  string // ISO 3166-1 alpha-2
	Currency money.Currency
	TimeZone string // IANA name
	Language string // BCP 47
	ReadOnly bool   // suspended or without write access at the source
	// Account is what calls to the common address of an application name it by; ID
	// when empty.
	Account string
}

// PullRequest says what to read.
type PullRequest struct {
	Administration string
	// Cursor is the last one handed to Sink.Checkpoint, empty for a first load.
	Cursor []byte
	// Invoices, when set, limits the pull to these invoice ids (at most 100) and
	// what belongs to them. The gate asks this before it sends, so it must be as
	// quick as the package allows. An id that no longer exists is sent as Gone.
	Invoices []string
}

// Sink takes records. Its methods are called from one goroutine. An error means
// that the host wants no more.
type Sink interface {
	Party(Party) error
	Invoice(Invoice) error
	Payment(Payment) error
	// Unreadable says that a record exists but cannot be told, such as an invoice
	// in a currency that does not exist. The reason is shown to the user.
	Unreadable(s Stream, id, reason string) error
	// Gone says that a record was deleted at the source.
	Gone(Stream, string) error
	// Compare is for packages that list ids with revisions cheaply: it takes the
	// complete list of a stream and returns the ids that the host does not have
	// in that revision. The host takes what is missing from the list as deleted.
	Compare(Stream, []Revision) (wanted []string, err error)
	// Complete says that this pull sent every record of a stream, so that the
	// host can take what it did not see as deleted.
	Complete(Stream) error
	// Checkpoint says that everything up to here can be resumed with the cursor.
	Checkpoint(cursor []byte) error
	// Progress tells about how many records are to come, for the progress bar.
	Progress(Stream, int) error
}

// Stream names a kind of record.
type Stream string

// The streams.
const (
	Parties  Stream = "parties"
	Invoices Stream = "invoices"
	Payments Stream = "payments"
)

// Revision is a record's id and the text that changes when the record does.
type Revision struct {
	ID       string
	Revision string
}

// DocumentRequest asks for a file of an invoice.
type DocumentRequest struct {
	Administration string
	Invoice        string
	Format         DocumentFormat
}

// DocumentFormat is the kind of file.
type DocumentFormat string

// The formats.
const (
	PDF DocumentFormat = "pdf"
	UBL DocumentFormat = "ubl"
)

// Document is a file of at most 20 MiB.
type Document struct {
	Name        string
	ContentType string
	Content     []byte
}

// Write is a change to make at the source.
type Write struct {
	// Key is the same for every attempt at the same write. A connector passes it
	// on as idempotency key or reference where the package has one.
	Key            string
	Administration string
	// One of these is set.
	Payment *PaymentWrite
	Note    *NoteWrite
	Message *MessageWrite
}

// PaymentWrite registers a payment on an invoice.
type PaymentWrite struct {
	Invoice   string
	Amount    money.Amount
	ValueDate date.Date
	// Reference is shown in the books, such as the provider's payment id.
	Reference string
}

// NoteWrite adds a note to a party, and to an invoice of it where the package
// keeps notes there.
type NoteWrite struct {
	Party   string
	Invoice string // empty when it is about no single one
	Text    string // plain, with line breaks
	Moment  time.Time
}

// Outcome is what came of a write.
type Outcome struct {
	State      OutcomeState
	ExternalID string // of the record that the write made
	Message    string // why it was rejected, in the package's words
}

// OutcomeState is applied, rejected or uncertain.
type OutcomeState string

// The outcomes of a write.
const (
	Applied   OutcomeState = "applied"
	Rejected  OutcomeState = "rejected"
	Uncertain OutcomeState = "uncertain"
)

// WebhookCall is a call as it came in.
type WebhookCall struct {
	Method string // POST or GET
	URL    string // as it was called, with its query
	Header http.Header
	Body   []byte
}

// SubscribeRequest says where the package should call.
type SubscribeRequest struct {
	Administration string
	URL            string
	// Renew is the id of a subscription that ends soon, to be prolonged or replaced;
	// empty for a first one.
	Renew string
}

// Subscription is a standing order for calls.
type Subscription struct {
	ID string
	// Secret signs the calls, if the package made one; it comes back as
	// Session.WebhookSecret. When empty, that of a renewed subscription goes on.
	Secret []byte
	// Expires is when the subscription ends unless it is renewed; zero for never.
	Expires time.Time
}

// Hint names a record that may have changed.
type Hint struct {
	Administration string
	Stream         Stream
	ID             string
	// Event is the package's id of the call, for recognising a repeat.
	Event string
	// Account is whose record it is, in a call to the one address that an
	// application has for all connections; see Administration.Account. The session of
	// such a call has no connection.
	Account string
}
