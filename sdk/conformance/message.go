package conformance

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Outbox is what a played package that delivers messages was handed, and decides
// what becomes of it.
type Outbox interface {
	// Sent is how many messages the package took.
	Sent() (int, error)
	// Refuse makes the package refuse messages to an address, at once or in its
	// report.
	Refuse(to string) error
	// Settle decides what becomes of a message.
	Settle(id string, state sdk.DeliveryState) error
	// Spend takes the credit of the account away, or gives it back.
	Spend(broke bool) error
	// Call is how the package calls about a message; the secret signs it. Ok is false
	// when it does not call.
	Call(id, address string) (call sdk.WebhookCall, secret []byte, ok bool)
}

// Addresses to send to; only Refuse has heard of the last ones.
var addresses = map[sdk.MessageKind][2]string{
	sdk.SMS: {"+31612345678", "+31687654321"}, sdk.Voice: {"+31201234567", "+31207654321"},
	sdk.PostalLetter: {"", "Nergenshuizen"}, sdk.ElectronicFile: {"0106:12345678", "0106:87654321"},
}

var messageScenarios = func() (all []scenario) {
	for _, k := range []sdk.MessageKind{sdk.SMS, sdk.Voice, sdk.PostalLetter, sdk.ElectronicFile} {
		on := func(name, sentence string, do func(context.Context, *stage, sdk.MessageKind) (string, error)) {
			all = append(all, scenario{
				area: Messages, name: string(k) + ": " + name, sentence: sentence, needs: manifest.Sends(k), fresh: true,
				do: func(ctx context.Context, s *stage) (string, error) {
					if s.play.Outbox == nil {
						return "", skip("The package that is played has no outbox.")
					}
					return do(ctx, s, k)
				},
			})
		}
		on("sent once", "A message is handed over, once: pushed again with the same key, nothing more is sent.", sentOnce)
		on("another is another", "The same words to the same address under another key are another message.", another)
		for _, l := range []struct {
			name, sentence string
			spoil          func(*scene) answer
			done           bool
		}{
			{"5xx after the hand-over", "The message is taken, and the package says that it failed: the outcome is uncertain, Find settles it, and it is sent once.", func(x *scene) answer { x.answer(); return status(502, nil, "Bad Gateway")(x) }, true},
			{"answer lost", "The message is taken, and the connection breaks before the answer: the outcome is uncertain, Find settles it, and it is sent once.", func(x *scene) answer { a := x.answer(); a.body, a.cut = nil, true; return a }, true},
			{"nonsense after the hand-over", "The message is taken, and the answer is a page of HTML: that is no reason to send it again.", func(x *scene) answer {
				x.answer()
				return answer{status: 200, header: http.Header{"Content-Type": {"text/html"}}, body: []byte(maintenance)}
			}, true},
			{"5xx before the hand-over", "The package is out of order: nothing is sent, Find says so, and the next attempt sends it once.", status(503, nil, "Service Unavailable"), false},
			{"429 before the hand-over", "The package asks to slow down: nothing is sent, and the next attempt sends it once.", status(429, map[string]string{"Retry-After": "60"}, "Too many requests"), false},
		} {
			on(l.name, l.sentence, func(ctx context.Context, s *stage, k sdk.MessageKind) (string, error) {
				return lostMessage(ctx, s, k, l.spoil, l.done)
			})
		}
		on("no such address", "A message to an address that does not exist is refused, or reported as failed with an address that is bad.", badAddress)
		on("no credit", "Without credit nothing is sent, the reason is told, and with credit the next attempt sends it.", noCredit)
		on("report", "What became of a message is told: delivered, failed, and of a message that never was, nothing.", report)
		on("call", "The package calls about a message: the call names it; changed by one letter, or signed by another, it is refused.", reportCall)
	}
	return all
}()

func (s *stage) message(k sdk.MessageKind, key string) sdk.Write {
	return sdk.Write{Key: key, Administration: s.adm, Message: &sdk.MessageWrite{
		Kind: k, To: addresses[k][0], From: map[sdk.MessageKind]string{sdk.SMS: "Korenaar", sdk.Voice: "+31301234567", sdk.ElectronicFile: "0106:30123456"}[k],
		Text: "Message from De Korenaar about 2026-0412 <&> \"" + key + "\"", Language: "en-GB",
		Choices: []sdk.KeyChoice{{Key: "1", Text: "If this was settled, press one."}, {Key: "2", Text: "To be called back, press two."}}, Thanks: "Thank you & goodbye.",
		Name: "Ada de Vries", Address: sdk.Address{Line1: "Laan 3", PostalCode: "9712 CD", City: "Groningen", Country: "NL"},
		FileName: "letter " + key + ".pdf", Content: []byte("%PDF-1.7\n" + key + "\n%%EOF\n"), ReportURL: "https://hub.example/hooks/1", Moment: s.clock.Now(),
	}}
}

// sent reports whether the package has taken so many messages.
func (s *stage) sent(want int) error {
	n, err := s.play.Outbox.Sent()
	if err != nil {
		return broken{err}
	}
	if n != want {
		return wrong("%d messages were sent; it should be %d", n, want)
	}
	return nil
}

func sentOnce(ctx context.Context, s *stage, k sdk.MessageKind) (string, error) {
	w := s.message(k, "0b5d9c1e-1f3a-4d6e-8a55-000000000001")
	if o, err := s.s.Find(ctx, w); err != nil || o.State != sdk.Rejected {
		return "", wrong("before it is sent, Find says %q: %v", o.State, err)
	}
	first, err := s.s.Push(ctx, w)
	if err != nil || first.State != sdk.Applied || first.ExternalID == "" {
		return "", wrong("Push says %q with id %q (%s): %v", first.State, first.ExternalID, first.Message, err)
	}
	if err := s.sent(1); err != nil {
		return "", err
	}
	again, err := s.s.Push(ctx, w)
	if err != nil || again.State != sdk.Applied {
		return "", wrong("pushed again: %q (%s): %v", again.State, again.Message, err)
	}
	if err := s.sent(1); err != nil {
		return "", wrong("pushed twice: %v", err)
	}
	o, err := s.s.Find(ctx, w)
	if err == nil && o.State == sdk.Rejected && again.ExternalID == first.ExternalID {
		return "the package knows a repeat by its key", nil
	}
	if err != nil || o.State != sdk.Applied || o.ExternalID != first.ExternalID {
		return "", wrong("Find says %q with id %q, which was %q: %v", o.State, o.ExternalID, first.ExternalID, err)
	}
	return "", nil
}

func another(ctx context.Context, s *stage, k sdk.MessageKind) (string, error) {
	for i, key := range []string{"0b5d9c1e-1f3a-4d6e-8a55-000000000001", "0b5d9c1e-1f3a-4d6e-8a55-000000000002"} {
		s.clock.Pass(3 * time.Minute)
		w := s.message(k, key)
		if o, err := s.s.Push(ctx, w); err != nil || o.State != sdk.Applied {
			return "", wrong("Push %d says %q (%s): %v", i+1, o.State, o.Message, err)
		}
	}
	return "", s.sent(2)
}

func lostMessage(ctx context.Context, s *stage, k sdk.MessageKind, spoil func(*scene) answer, done bool) (string, error) {
	log := s.desk.begin()
	s.desk.watch(func() string { n, err := s.play.Outbox.Sent(); return fmt.Sprint(n, err) })
	o, err := s.s.Push(ctx, s.message(k, "0b5d9c1e-1f3a-4d6e-8a55-0000000000aa"))
	s.desk.watch(nil)
	if err != nil || o.State != sdk.Applied {
		return "", wrong("Push says %q (%s): %v", o.State, o.Message, err)
	}
	at := slices.IndexFunc(log(), func(q asked) bool { return q.booked })
	if at < 0 {
		return "", skip("The request that hands a message over could not be told from the others.")
	}
	s.clock.Pass(3 * time.Minute)
	w := s.message(k, "0b5d9c1e-1f3a-4d6e-8a55-0000000000bb")
	m := Mutation{Times: -1, play: spoil}
	if done {
		m.Times = 1
	}
	s.desk.arm(&m, at)
	first, err := s.s.Push(ctx, w)
	s.desk.arm(nil, 0)
	note := string(first.State)
	if err != nil {
		note = string(ClassOf(err)) + " error"
	}
	switch {
	case ClassOf(err) == Crash || ClassOf(err) == Hang:
		return "", wrong("%v", err)
	case done && err != nil:
		return "", wrong("an error means that nothing was sent, and something was: %v", err)
	case done && first.State == sdk.Rejected:
		return "", wrong("it says that the message was refused, and it was sent")
	case !done && first.State == sdk.Applied:
		return "", wrong("it says that the message was sent, and it was not")
	case !done && err != nil && !slices.Contains([]Class{Wait, Passing}, ClassOf(err)):
		return "", wrong("it fails as %q: %v", ClassOf(err), err)
	}
	found, err := s.s.Find(ctx, w)
	// A package that knows a repeat by its key need not be looked into: what follows
	// shows that the next attempt sends nothing more.
	if err != nil || found.State == sdk.Uncertain || !done && found.State == sdk.Applied {
		return "", wrong("Find says %q: %v", found.State, err)
	}
	if o, err := s.s.Push(ctx, w); err != nil || o.State != sdk.Applied {
		return "", wrong("the next attempt says %q (%s): %v", o.State, o.Message, err)
	}
	return note, s.sent(2)
}

func badAddress(ctx context.Context, s *stage, k sdk.MessageKind) (string, error) {
	w := s.message(k, "0b5d9c1e-1f3a-4d6e-8a55-000000000001")
	if w.Message.To = addresses[k][1]; k == sdk.PostalLetter {
		w.Message.To, w.Message.Address.City = "", addresses[k][1]
	}
	if err := s.play.Outbox.Refuse(addresses[k][1]); err != nil {
		return "", broken{err}
	}
	o, err := s.s.Push(ctx, w)
	if err == nil && o.State == sdk.Rejected && o.Message != "" {
		return "refused", s.sent(0)
	}
	if err != nil || o.State != sdk.Applied {
		return "", wrong("Push says %q (%s): %v", o.State, o.Message, err)
	}
	r, err := s.s.Report(ctx, sdk.ReportRequest{Administration: s.adm, Kind: k, ID: o.ExternalID})
	if err != nil || r.State != sdk.Failed && r.State != sdk.Returned || !r.BadAddress {
		return "", wrong("the report says %q, bad address %v (%s): %v", r.State, r.BadAddress, r.Reason, err)
	}
	return "reported", nil
}

func noCredit(ctx context.Context, s *stage, k sdk.MessageKind) (string, error) {
	if err := s.play.Outbox.Spend(true); err != nil {
		return "", broken{err}
	}
	w := s.message(k, "0b5d9c1e-1f3a-4d6e-8a55-000000000001")
	o, err := s.s.Push(ctx, w)
	if err == nil && (o.State != sdk.Rejected || o.Message == "") || err != nil && ClassOf(err) != Wait && ClassOf(err) != Auth {
		return "", wrong("Push says %q (%s): %v", o.State, o.Message, err)
	}
	note := o.Message
	if err != nil {
		note = string(ClassOf(err))
	}
	if err := s.sent(0); err != nil {
		return "", err
	}
	if err := s.play.Outbox.Spend(false); err != nil {
		return "", broken{err}
	}
	if o, err := s.s.Push(ctx, w); err != nil || o.State != sdk.Applied {
		return "", wrong("with credit, Push says %q (%s): %v", o.State, o.Message, err)
	}
	return note, s.sent(1)
}

func report(ctx context.Context, s *stage, k sdk.MessageKind) (string, error) {
	ask := func(id string) (sdk.DeliveryReport, error) {
		return s.s.Report(ctx, sdk.ReportRequest{Administration: s.adm, Kind: k, ID: id})
	}
	for i, want := range []sdk.DeliveryState{sdk.Delivered, sdk.Failed} {
		s.clock.Pass(3 * time.Minute)
		o, err := s.s.Push(ctx, s.message(k, fmt.Sprintf("0b5d9c1e-1f3a-4d6e-8a55-00000000000%d", i)))
		if err != nil || o.State != sdk.Applied {
			return "", wrong("Push says %q (%s): %v", o.State, o.Message, err)
		}
		if r, err := ask(o.ExternalID); err != nil || r.State.Final() {
			return "", wrong("at once, the report says %q: %v", r.State, err)
		}
		if err := s.play.Outbox.Settle(o.ExternalID, want); err != nil {
			return "", broken{err}
		}
		s.clock.Pass(30 * time.Minute)
		r, err := ask(o.ExternalID)
		if err != nil || r.State != want && !(want == sdk.Failed && r.State == sdk.Returned) || r.At.IsZero() {
			return "", wrong("the report says %q since %s and should say %q: %v", r.State, r.At, want, err)
		}
		if want == sdk.Failed && r.Reason == "" {
			return "", wrong("the report does not say why it failed")
		}
	}
	if _, err := ask("0b5d9c1e-1f3a-4d6e-8a55-00000000dead"); ClassOf(err) != Gone {
		return "", wrong("of a message that never was, the report says %q: %v", ClassOf(err), err)
	}
	return "", nil
}

func reportCall(ctx context.Context, s *stage, k sdk.MessageKind) (string, error) {
	if !s.r.m.Has(manifest.Webhooks) {
		return "", errAbsent
	}
	o, err := s.s.Push(ctx, s.message(k, "0b5d9c1e-1f3a-4d6e-8a55-000000000001"))
	if err != nil || o.State != sdk.Applied {
		return "", wrong("Push says %q (%s): %v", o.State, o.Message, err)
	}
	call, secret, ok := s.play.Outbox.Call(o.ExternalID, "https://hub.example/hooks/1")
	if !ok {
		return "", skip("The package that is played does not call.")
	}
	heard, err := s.s.Webhook(ctx, call, secret)
	if err != nil || !slices.ContainsFunc(heard.Hints, func(h sdk.Hint) bool { return h.Stream == sdk.Messages && h.ID == o.ExternalID }) {
		return "", wrong("a genuine call about %s names %v: %v", o.ExternalID, heard.Hints, err)
	}
	forged := call
	forged.Body = []byte(strings.Replace(string(call.Body), o.ExternalID[len(o.ExternalID)-4:], "0000", 1))
	if _, err := s.s.Webhook(ctx, forged, secret); ClassOf(err) != Auth {
		return "", wrong("a call with a changed body is taken (%v)", err)
	}
	if _, err := s.s.Webhook(ctx, call, []byte("another secret")); ClassOf(err) != Auth {
		return "", wrong("a call signed with another secret is taken (%v)", err)
	}
	return "", nil
}
