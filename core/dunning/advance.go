package dunning

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// advance records the step for the invoices it is taken for, each at its own
// step (R44), with all that comes with it: the letter, the notice, the case.
// Then it plans what follows.
func (f *fence) advance(ctx context.Context, o *outgoing) error {
	if o.letter != nil {
		if err := f.print(ctx, o); err != nil {
			return err
		}
	}
	if err := f.queue(ctx, o); err != nil {
		return err
	}
	if err := f.chargeFee(ctx, o); err != nil {
		return err
	}
	if o.notice != nil {
		if err := o.notice.record(ctx, f.tx, f.led, o, f.now); err != nil {
			return err
		}
		if f.led.letterMode() != LettersAssumed {
			if err := f.awaitPost(ctx, o); err != nil {
				return err
			}
		}
	}
	if o.step.Kind() == policy.OpenCase && f.it.claim == nil {
		if err := f.openCase(ctx, o); err != nil {
			return err
		}
	}
	for _, it := range o.parts.demanded {
		if err := f.passed(ctx, it, o); err != nil {
			return err
		}
	}
	if err := f.tx.FinishGateTasks(ctx, db.FinishGateTasksParams{At: f.now, Invoices: o.ids()}); err != nil {
		return fmt.Errorf("finish tasks: %w", err)
	}
	if err := f.tx.DropOtherDrafts(ctx, db.DropOtherDraftsParams{Invoices: o.ids(), But: o.formIDs()}); err != nil {
		return fmt.Errorf("drop earlier attempts: %w", err)
	}
	if o.step.Demand {
		f.led.last = f.today
	}
	return f.replanAll(ctx)
}

// passed puts the step behind one invoice and says why it went out (I4).
func (f *fence) passed(ctx context.Context, it *item, o *outgoing) error {
	if err := f.skipped(ctx, it); err != nil {
		return err
	}
	own := o.own[it]
	if err := f.pass(ctx, it, own.Skipped); err != nil {
		return err
	}
	if err := f.done(ctx, it, own.Step, own.Outcome, o.id()); err != nil {
		return err
	}
	it.done[own.Step] = policy.Done{Outcome: own.Outcome, On: f.today, ByPost: o.byPost()}
	if it.resume != nil && o.step.Demand {
		it.resume = nil // the flow is under way again
		if err := f.tx.DropResume(ctx, it.invoice.ID); err != nil {
			return fmt.Errorf("note that the flow goes on: %w", err)
		}
	}
	if own.Step == policy.PaymentReversed {
		it.state.ReversedOn, it.state.ReversedMinor = date.Date{}, 0 // the debtor knows
	}
	facts := f.facts(it)
	facts["message"] = o.id()
	return decide(ctx, f.tx, it, decision{step: string(own.Step), outcome: own.Outcome, rule: "R1", why: f.sentWhy(it, o), at: f.now, facts: facts})
}

func (f *fence) sentWhy(it *item, o *outgoing) string {
	how, left := o.ways(), ""
	if o.left != "" {
		left = " " + o.left
	}
	if !o.step.Demand {
		return fmt.Sprintf("%s went out %s.%s", o.step.Title, how, left)
	}
	return fmt.Sprintf("%s went out %s for %s; the books confirmed it open at %s.%s", o.step.Title, how,
		it.ask(), confirmed(f.led.adm, it.invoice).In(f.led.zone).Format("2 Jan 15:04"), left)
}

// print stores the letter as it goes to the printer.
func (f *fence) print(ctx context.Context, o *outgoing) error {
	if err := f.keep(ctx, f.tx, o, f.key(o, policy.Letter), db.DraftMessageParams{
		ID: o.paper, Template: o.letter.Version, Recipient: strings.Join(o.content.Debtor.Address, ", "), Subject: o.letter.Subject,
		BodyText: o.message.Text, HeaderID: "letter:" + o.paper.String(),
	}); err != nil {
		return err
	}
	if _, ok := f.led.carrier(policy.Letter); ok {
		if err := f.consign(ctx, policy.Letter, o.paper, f.posting(o), o.letter.Pages); err != nil {
			return err
		}
	} else if err := f.tx.MarkSent(ctx, db.MarkSentParams{ID: o.paper, SentAt: &f.now, Delivery: "printed", Evidence: json.RawMessage("{}")}); err != nil {
		return fmt.Errorf("record the letter: %w", err)
	}
	if !o.by(policy.Email) {
		if err := f.access(ctx, f.tx, o); err != nil {
			return err
		}
	}
	return f.file(ctx, o.paper, "letter", f.letterName(o), o.letter.Bytes)
}

// posting is the letter as a provider that prints and posts gets it.
func (f *fence) posting(o *outgoing) sdk.MessageWrite {
	d := f.led.debtor
	country := d.Country
	if country == "" {
		country = f.led.adm.Country
	}
	return sdk.MessageWrite{
		Kind: sdk.PostalLetter, Name: d.Name, Language: string(o.content.Language), FileName: f.letterName(o),
		Address: sdk.Address{Line1: d.Line1, Line2: d.Line2, PostalCode: d.PostalCode, City: d.City, Country: country},
	}
}

// awaitPost has a notice start its term when its letter is posted, not before.
func (f *fence) awaitPost(ctx context.Context, o *outgoing) error {
	if err := f.tx.AwaitPost(ctx, nullID(o.paper)); err != nil {
		return fmt.Errorf("have the notice wait for the post: %w", err)
	}
	for _, it := range o.parts.demanded {
		if it.notice != nil {
			it.notice.AwaitsPost = true
		}
	}
	return nil
}

func (f *fence) letterName(o *outgoing) string {
	return fmt.Sprintf("%s %s.pdf", strings.ReplaceAll(string(o.step.ID), "_", "-"), f.today)
}

// file stores a PDF, or an electronic invoice, with what it belongs to.
func (f *fence) file(ctx context.Context, subject uuid.UUID, kind, name string, content []byte) error {
	sum, media := sha256.Sum256(content), "application/pdf"
	if kind == Electronic {
		media = "application/xml"
	}
	if err := f.tx.AddDocument(ctx, db.AddDocumentParams{
		ID: uuid.New(), TenantID: f.tx.Tenant, SubjectID: subject, Kind: kind, Name: name, MediaType: media,
		Sha256: sum[:], Content: content, CreatedAt: f.now,
	}); err != nil {
		return fmt.Errorf("store %s: %w", kind, err)
	}
	return nil
}
