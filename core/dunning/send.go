package dunning

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/core/payment/reference"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// portalDays is how long the link in a message works.
const portalDays = 120

// outgoing is one message in the making.
type outgoing struct {
	id       uuid.UUID
	step     policy.Step
	parts    parts
	content  outreach.Content
	channels []policy.Channel
	notice   *statutory
	claim    *claim
	pdf      *letter.PDF
	token    string
}

// send makes the message of the step for all invoices that go with it, and hands
// it over.
func (f *fence) send(ctx context.Context, m policy.Moment, v policy.Verdict) error {
	o := &outgoing{id: uuid.New(), step: f.step, channels: v.Channels}
	f.bundle(ctx, o, m, v)
	if err := f.compose(o); err != nil {
		return err
	}
	if slices.Contains(o.channels, policy.Email) {
		if sent, err := f.email(ctx, o); err != nil || !sent {
			return err
		}
	}
	if o.pdf != nil {
		if err := f.print(ctx, o); err != nil {
			return err
		}
	}
	return f.advance(ctx, o)
}

// bundle decides which of the debtor's invoices the message is about (R43-R46).
func (f *fence) bundle(ctx context.Context, o *outgoing, m policy.Moment, v policy.Verdict) {
	o.parts = parts{demanded: []*item{f.it}, notDemanded: map[*item]string{}}
	if !f.step.Demand {
		return
	}
	items := []policy.Item{{ID: f.it.invoice.ID, Moment: m, Verdict: v, NextStep: f.step.ID, NextAt: f.now}}
	for _, it := range f.led.items {
		if it == f.it || it.state == nil || it.state.NextStep == "" && it.state.HeldRule == "" {
			continue
		}
		step, ok := f.flow.Step(policy.StepID(it.state.NextStep))
		if !ok {
			continue
		}
		if f.step.Statutory {
			step = f.step // the law asks which claims could be in this letter (R98)
		}
		other := f.moment(ctx, it, step)
		i := policy.Item{ID: it.invoice.ID, Moment: other, Verdict: policy.Gate(other), NextStep: step.ID}
		if it.state.NextAt != nil {
			i.NextAt = *it.state.NextAt
		}
		items = append(items, i)
	}
	b := policy.Bundle(policy.Flows(), f.it.invoice.ID, items)
	o.parts.demanded = nil
	if step, ok := f.flow.Step(b.Step); ok {
		o.step = step
	}
	for _, id := range b.Demanded {
		o.parts.demanded = append(o.parts.demanded, f.led.item(id))
	}
	for _, id := range b.NotDue {
		o.parts.notDue = append(o.parts.notDue, f.led.item(id))
	}
	for _, n := range b.NotDemanded {
		o.parts.notDemanded[f.led.item(n.ID)] = n.Reason
	}
}

// compose writes the message, and the letter where the step has one.
func (f *fence) compose(o *outgoing) error {
	c := f.led.content(o.step.ID, o.parts, f.today)
	var err error
	switch o.step.ID {
	case policy.FourteenDay:
		if o.notice, err = f.led.newStatutory(o.parts.demanded, f.today); err != nil {
			return fmt.Errorf("compute the statutory notice: %w", err)
		}
		c.Notice = o.notice.block()
	case policy.FinalReminder:
		if o.claim, err = f.led.newClaim(o.parts.demanded, f.today); err != nil {
			return fmt.Errorf("compute costs and interest: %w", err)
		}
		c.Announced = o.claim.charges()
	case policy.OpenCase, policy.SummonsReminder, policy.Summons2, policy.PreJudicial, policy.PlanOffer:
		if o.claim, err = f.led.newClaim(o.parts.demanded, f.today); err != nil {
			return fmt.Errorf("compute costs and interest: %w", err)
		}
		c.Charges = o.claim.charges()
		if f.it.claim != nil {
			c.CaseNumber = f.it.claim.Number
		}
	}
	o.token = newToken()
	c.PortalURL, c.PayURL, c.GenuineURL = f.Links.Portal(o.token), f.Links.Pay(o.token), f.Links.Genuine(o.id)
	o.content = c
	if !slices.Contains(o.step.Channels, policy.Letter) && !slices.Contains(o.channels, policy.Letter) || len(c.Debtor.Address) == 0 {
		return nil
	}
	pdf, err := letter.Render(c, letter.Options{PaymentCode: f.paymentCode(o)})
	if err != nil {
		return fmt.Errorf("print the letter: %w", err)
	}
	o.pdf = &pdf
	return nil
}

// paymentCode is the EPC code of the slip; none when it cannot be made, as for
// another currency than the euro.
func (f *fence) paymentCode(o *outgoing) string {
	var sum money.Amount
	for _, it := range o.parts.demanded {
		next, err := sum.Add(money.Of(it.invoice.OpenMinor-it.received, it.invoice.Currency))
		if err != nil {
			return ""
		}
		sum = next
	}
	for _, charge := range o.content.Charges {
		next, err := sum.Add(charge.Amount)
		if err != nil {
			return ""
		}
		sum = next
	}
	code, err := reference.EPC{Name: o.content.Creditor.Name, IBAN: o.content.Creditor.IBAN, Amount: sum, Text: numbers(o.parts.demanded)}.Payload()
	if err != nil {
		return ""
	}
	return code
}

func numbers(items []*item) string {
	var out []string
	for _, it := range items {
		out = append(out, it.invoice.Number)
	}
	return strings.Join(out, " ")
}

// email hands the message over. It reports false when it was not sent and the
// reason is recorded, and ErrLater when it should be tried again.
func (f *fence) email(ctx context.Context, o *outgoing) (bool, error) {
	msg, err := outreach.Render(o.content)
	if err != nil {
		return false, fmt.Errorf("write the message: %w", err)
	}
	if o.notice != nil {
		if err := o.notice.check(msg.Text); err != nil {
			return false, fmt.Errorf("the statutory letter does not say what the law wants: %w", err)
		}
	}
	files, err := f.attachments(ctx, o)
	if err != nil {
		return false, err
	}
	thread, err := f.tx.ThreadOf(ctx, f.led.debtor.ID)
	if err != nil {
		return false, err
	}
	if err := f.draft(ctx, o, msg, thread); err != nil {
		return false, err
	}
	to := mail.Address{Name: f.led.debtor.Name, Address: f.led.email()}
	sealed := f.Post.seal(o.id, o.content.Creditor, to, msg, thread, files, f.now)
	receipt, err := f.Post.hand(ctx, sealed, func() error { return f.handingOver(ctx, o.id) })
	if err != nil {
		return false, err
	}
	return f.settle(ctx, o, receipt)
}

// draft stores the message in a transaction of its own: what is found after a
// crash says what was about to happen (I3). A message of the same key that never
// left is written anew (I2).
func (f *fence) draft(ctx context.Context, o *outgoing, m outreach.Message, thread []string) error {
	key := f.key(o, policy.Email)
	reply := ""
	if len(thread) > 0 {
		reply = thread[len(thread)-1]
	}
	return f.Store.In(ctx, f.tx.Tenant, func(tx store.Tx) error {
		old, err := tx.MessageByKey(ctx, db.MessageByKeyParams(key))
		switch {
		case err == nil && old.State != "gated" && old.State != "failed":
			return fault.New(fault.Conflict, "message_exists", "This message was made before and is %s.", old.State)
		case err == nil:
			o.id = old.ID
		case !errors.Is(err, pgx.ErrNoRows):
			return err
		}
		if _, err := tx.AddMessage(ctx, db.AddMessageParams{
			ID: o.id, TenantID: tx.Tenant, AdministrationID: f.led.adm.ID, DebtorID: f.led.debtor.ID, Step: key.Step, Cycle: key.Cycle,
			InvoiceSet: key.InvoiceSet, Channel: key.Channel, State: "gated", Language: string(o.content.Language), Template: m.Version,
			Recipient: f.led.email(), Subject: m.Subject, BodyText: m.Text, BodyHtml: m.HTML,
			HeaderID: email.MessageID(o.id, f.Post.Domain), InReplyTo: reply, CreatedAt: f.now,
		}); err != nil {
			return fmt.Errorf("store the message: %w", err)
		}
		if err := f.access(ctx, tx, o); err != nil {
			return err
		}
		return f.listInvoices(ctx, tx, o)
	})
}

type messageKey struct {
	DebtorID   uuid.UUID
	Step       string
	InvoiceSet string
	Cycle      int32
	Channel    string
}

// key is the once-only key of a message (R10).
func (f *fence) key(o *outgoing, ch policy.Channel) messageKey {
	ids := make([]string, len(o.parts.demanded))
	cycle := int32(1)
	for i, it := range o.parts.demanded {
		ids[i] = it.invoice.ID.String()
		cycle = max(cycle, it.state.Cycle)
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(ids, ",")))
	return messageKey{f.led.debtor.ID, string(o.step.ID), hex.EncodeToString(sum[:12]), cycle, string(ch)}
}

func (f *fence) access(ctx context.Context, tx store.Tx, o *outgoing) error {
	sum := sha256.Sum256([]byte(o.token))
	return tx.AddPortalAccess(ctx, db.AddPortalAccessParams{
		TokenHash: sum[:], TenantID: tx.Tenant, DebtorID: f.led.debtor.ID, CreatedAt: f.now, ExpiresAt: f.now.AddDate(0, 0, portalDays),
	})
}

func (f *fence) listInvoices(ctx context.Context, tx store.Tx, o *outgoing) error {
	add := func(it *item, role string) error {
		return tx.AddMessageInvoice(ctx, db.AddMessageInvoiceParams{
			MessageID: o.id, InvoiceID: it.invoice.ID, TenantID: tx.Tenant, Role: role, Step: it.state.NextStep,
			Currency: it.invoice.Currency, OpenMinor: it.invoice.OpenMinor - it.received, Due: it.invoice.Due,
		})
	}
	for _, it := range o.parts.demanded {
		if err := add(it, "demanded"); err != nil {
			return err
		}
	}
	for _, it := range o.parts.notDue {
		if err := add(it, "not_due"); err != nil {
			return err
		}
	}
	for it := range o.parts.notDemanded {
		if err := add(it, "not_demanded"); err != nil {
			return err
		}
	}
	return nil
}

func (f *fence) handingOver(ctx context.Context, id uuid.UUID) error {
	return f.Store.In(ctx, f.tx.Tenant, func(tx store.Tx) error {
		_, err := tx.MarkHandingOver(ctx, db.MarkHandingOverParams{ID: id, HandedOverAt: &f.now})
		return err
	})
}

// settle acts on what the server said.
func (f *fence) settle(ctx context.Context, o *outgoing, r email.Receipt) (bool, error) {
	switch {
	case r.Outcome == email.Accepted:
		return true, f.tx.MarkSent(ctx, db.MarkSentParams{ID: o.id, SentAt: &f.now, Delivery: "accepted", Evidence: evidence(r)})
	case r.AboutRecipient():
		return false, f.refused(ctx, o, r)
	case r.Outcome == email.Uncertain:
		return f.uncertain(ctx, o, r)
	}
	if err := f.tx.MarkGated(ctx, db.MarkGatedParams{ID: o.id, LastError: r.String()}); err != nil {
		return false, err
	}
	return false, &ErrLater{Wait: time.Minute, Why: fmt.Errorf("the mail server did not take the message: %s", r)}
}

// refused blocks an address that the server says does not exist; the step falls
// back to another channel (R52).
func (f *fence) refused(ctx context.Context, o *outgoing, r email.Receipt) error {
	if err := f.tx.MarkFailed(ctx, db.MarkFailedParams{ID: o.id, State: "failed", LastError: r.String()}); err != nil {
		return err
	}
	if err := blockAddress(ctx, f.tx, f.led.debtor, "email", f.led.debtor.Email, r.Text, f.now); err != nil {
		return err
	}
	f.led.blocked["email/"+f.led.debtor.Email] = true
	if err := decide(ctx, f.tx, f.it, decision{step: string(f.step.ID), outcome: "dropped", rule: "R52",
		why: "The mail server does not know the debtor's address; the step goes by another way.", at: f.now}); err != nil {
		return err
	}
	return f.replanAll(ctx)
}

// uncertain asks the provider's log what became of the message; without an
// answer a person looks at it and nothing is sent again (R9).
func (f *fence) uncertain(ctx context.Context, o *outgoing, r email.Receipt) (bool, error) {
	if f.Post.Log != nil {
		accepted, err := f.Post.Log.Delivered(ctx, email.MessageID(o.id, f.Post.Domain))
		if err == nil && accepted {
			return true, f.tx.MarkSent(ctx, db.MarkSentParams{ID: o.id, SentAt: &f.now, Delivery: "accepted", Evidence: evidence(r)})
		}
		if err == nil {
			if err := f.tx.MarkGated(ctx, db.MarkGatedParams{ID: o.id, LastError: r.String()}); err != nil {
				return false, err
			}
			return false, &ErrLater{Wait: time.Minute, Why: fmt.Errorf("the mail server did not keep the message: %s", r)}
		}
	}
	return false, f.park(ctx, f.it, o.id, r.String())
}

func evidence(r email.Receipt) json.RawMessage {
	b, err := json.Marshal(map[string]any{"host": r.Host, "code": r.Code, "enhanced": r.Enhanced, "answer": r.Text, "tls": r.TLS, "at": r.At})
	if err != nil {
		return json.RawMessage("{}")
	}
	return b
}

// print stores the letter as it goes to the printer.
func (f *fence) print(ctx context.Context, o *outgoing) error {
	id := uuid.New()
	key := f.key(o, policy.Letter)
	if n, err := f.tx.AddMessage(ctx, db.AddMessageParams{
		ID: id, TenantID: f.tx.Tenant, AdministrationID: f.led.adm.ID, DebtorID: f.led.debtor.ID, Step: key.Step, Cycle: key.Cycle,
		InvoiceSet: key.InvoiceSet, Channel: key.Channel, State: "gated", Language: string(o.content.Language), Template: o.pdf.Version,
		Recipient: strings.Join(o.content.Debtor.Address, ", "), Subject: o.pdf.Subject, HeaderID: "letter:" + id.String(), CreatedAt: f.now,
	}); err != nil || n == 0 {
		return err
	}
	if err := f.tx.MarkSent(ctx, db.MarkSentParams{ID: id, SentAt: &f.now, Delivery: "printed", Evidence: json.RawMessage("{}")}); err != nil {
		return err
	}
	email := o.id
	o.id = id
	if err := f.listInvoices(ctx, f.tx, o); err != nil {
		return err
	}
	if err := f.file(ctx, id, "letter", f.letterName(o), o.pdf.Bytes); err != nil {
		return err
	}
	if !slices.Contains(o.channels, policy.Email) {
		return f.access(ctx, f.tx, o)
	}
	o.id = email
	return nil
}

func (f *fence) letterName(o *outgoing) string {
	return fmt.Sprintf("%s %s.pdf", strings.ReplaceAll(string(o.step.ID), "_", "-"), f.today)
}

func (f *fence) file(ctx context.Context, subject uuid.UUID, kind, name string, content []byte) error {
	sum := sha256.Sum256(content)
	if err := f.tx.AddDocument(ctx, db.AddDocumentParams{
		ID: uuid.New(), TenantID: f.tx.Tenant, SubjectID: subject, Kind: kind, Name: name, MediaType: "application/pdf",
		Sha256: sum[:], Content: content, CreatedAt: f.now,
	}); err != nil {
		return fmt.Errorf("store %s: %w", kind, err)
	}
	return nil
}

// attachments are the invoice's PDF and the letter, where there are any.
func (f *fence) attachments(ctx context.Context, o *outgoing) ([]email.Attachment, error) {
	var out []email.Attachment
	if o.pdf != nil {
		out = append(out, email.Attachment{Name: f.letterName(o), ContentType: "application/pdf", Bytes: o.pdf.Bytes})
	}
	for _, it := range o.parts.demanded {
		doc, err := f.tx.DocumentOf(ctx, db.DocumentOfParams{SubjectID: it.invoice.ID, Kind: "invoice"})
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("load the invoice's PDF: %w", err)
		}
		out = append(out, email.Attachment{Name: doc.Name, ContentType: doc.MediaType, Bytes: doc.Content})
	}
	return out, nil
}

// advance records the step for the invoices it was taken for, each at its own
// step (R44), and plans what follows.
func (f *fence) advance(ctx context.Context, o *outgoing) error {
	if o.notice != nil {
		if err := o.notice.record(ctx, f.tx, f.led, o.id, o.parts.demanded); err != nil {
			return err
		}
	}
	if o.step.ID == policy.OpenCase {
		number, id, err := openCase(ctx, f.tx, f.led, o.claim, o.parts.demanded, f.now)
		if err != nil {
			return err
		}
		if err := f.dossier(ctx, o, number, id); err != nil {
			return err
		}
	}
	for _, it := range o.parts.demanded {
		step := policy.StepID(it.state.NextStep)
		if o.step.Statutory {
			step = o.step.ID
		}
		if err := f.done(ctx, it, step, "sent", o.id); err != nil {
			return err
		}
		if err := decide(ctx, f.tx, it, decision{step: string(step), outcome: "sent", rule: "R1", why: f.sentWhy(it, o), at: f.now, facts: f.facts(it)}); err != nil {
			return err
		}
	}
	if o.step.Demand {
		f.led.last = f.today
	}
	return f.replanAll(ctx)
}

func (f *fence) sentWhy(it *item, o *outgoing) string {
	how := "by e-mail"
	switch {
	case o.pdf != nil && slices.Contains(o.channels, policy.Email):
		how = "by e-mail and letter"
	case o.pdf != nil:
		how = "by letter"
	}
	if !o.step.Demand {
		return fmt.Sprintf("%s went out %s.", o.step.Title, how)
	}
	return fmt.Sprintf("%s went out %s for %s; the books confirmed it open at %s.", o.step.Title, how,
		money.Of(it.invoice.OpenMinor-it.received, it.invoice.Currency), confirmed(f.led.adm, it.invoice).In(f.led.zone).Format("2 Jan 15:04"))
}

func newToken() string {
	b := make([]byte, 18)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
