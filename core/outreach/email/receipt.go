package email

import (
	"errors"
	"net/textproto"
	"regexp"
	"strings"
	"time"
)

// Outcome says what is known about a message after an attempt.
type Outcome string

// The outcomes.
const (
	// Accepted: the server took responsibility; its answer is evidence.
	Accepted Outcome = "accepted"
	// Refused: the server said no for good. Nothing was delivered.
	Refused Outcome = "refused"
	// Temporary: nothing was delivered and a later attempt may succeed.
	Temporary Outcome = "temporary"
	// Uncertain: the whole message was handed over but no answer came. It may
	// have been delivered, so it is never sent again before a delivery log or a
	// person decides (R9).
	Uncertain Outcome = "uncertain"
)

// Stage is the part of the dialogue an attempt ended in.
type Stage string

// The stages in their order.
const (
	Connect   Stage = "connect"
	Hello     Stage = "hello"
	StartTLS  Stage = "starttls"
	Auth      Stage = "auth"
	MailFrom  Stage = "mail"
	Recipient Stage = "rcpt"
	Data      Stage = "data"  // DATA and the text, before the closing dot
	Final     Stage = "final" // from the closing dot to the answer
)

// Receipt is the evidence of an attempt.
type Receipt struct {
	Outcome   Outcome
	Stage     Stage
	MessageID string
	Host      string // server that answered, host:port
	Code      int    // reply code, 0 when the server said nothing
	Enhanced  string // enhanced status code, as "5.1.1"; may be empty
	Text      string // what the server said, or the error of the network
	TLS       string // version and cipher; empty for plain text
	At        time.Time
}

// AboutRecipient reports whether a refusal concerns the address of the
// recipient: then it is the same event as a hard bounce (R52). A refusal of our
// sign-in, our sender or our message is not.
func (r Receipt) AboutRecipient() bool {
	if r.Outcome != Refused {
		return false
	}
	if r.Stage == Recipient {
		// Policy (5.7.x, "relaying denied") is about us: a relay that is set up
		// wrongly must not block the address of every debtor.
		return !strings.HasPrefix(r.Enhanced, "5.7.") && !strings.Contains(strings.ToLower(r.Text), "relay")
	}
	return (r.Stage == Data || r.Stage == Final) && (strings.HasPrefix(r.Enhanced, "5.1.") || strings.HasPrefix(r.Enhanced, "5.2."))
}

var enhanced = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)`)

// judge fills in the outcome of an error at a stage.
func (r Receipt) judge(stage Stage, err error) Receipt {
	r.Stage = stage
	var reply *textproto.Error
	if errors.As(err, &reply) {
		r.Code = reply.Code
		r.Enhanced, r.Text = split(reply.Msg)
		switch reply.Code / 100 {
		case 2:
			// An unusual yes (as 251): in the last stage the message was taken.
			if stage == Final {
				r.Outcome = Accepted
				return r
			}
			r.Outcome = Temporary
		case 4:
			r.Outcome = Temporary
		case 5:
			r.Outcome = Refused
		default:
			r.Outcome = Temporary
			if stage == Final {
				r.Outcome = Uncertain
			}
		}
		return r
	}
	r.Text = err.Error()
	r.Outcome = Temporary
	if stage == Final {
		r.Outcome = Uncertain
	}
	return r
}

func split(msg string) (code, text string) {
	if m := enhanced.FindStringSubmatch(msg); m != nil {
		rest := strings.ReplaceAll(msg[len(m[0]):], "\n"+m[1]+" ", "\n")
		return m[1], rest
	}
	return "", msg
}
