package casework

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	booksync "github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// OneOff is a claim without an accounting package: one invoice, and what a lawful
// process needs to know of it (R121).
type OneOff struct {
	// Law is the country whose law the claim follows, empty for that of the books
	// that are there.
	Law      string
	Debtor   sdk.Party // name, kind, address; the kind must be known
	Number   string
	Issued   date.Date
	Due      date.Date
	Amount   money.Amount // principal, still open; of another currency than the law's, it is converted (R123)
	Subject  string       // what was supplied, where the law wants it named
	Invoice  File
	Contract File
	Notices  []EarlierNotice
}

// File is an uploaded file.
type File struct {
	Name, Media string
	Content     []byte
}

// EarlierNotice is a demand that the creditor sent before, with its proof.
type EarlierNotice struct {
	On    date.Date
	Proof File
}

// check refuses what lacks something that the law or a bailiff asks for.
func (q OneOff) check(pack *law.Country, today date.Date) error {
	var lacks []string
	for _, need := range []struct {
		ok   bool
		what string
	}{
		{strings.TrimSpace(q.Debtor.Name) != "", "the name of the debtor"},
		{q.Debtor.Kind == sdk.Business || q.Debtor.Kind == sdk.Consumer, "whether the debtor is a business or a consumer"},
		{q.Debtor.Address.Line1 != "" && q.Debtor.Address.City != "", "the address of the debtor"},
		{strings.TrimSpace(q.Number) != "", "the number of the invoice"},
		{!q.Issued.IsZero() && !q.Due.IsZero() && !q.Due.Before(q.Issued), "the day of the invoice and its due date"},
		{q.Amount.Positive(), "the principal"},
		{strings.TrimSpace(q.Subject) != "" || !q.named(pack), "what was supplied, since the law of " + pack.Code() + " wants the notice to name it"},
		{len(q.Invoice.Content) > 0, "the invoice as a file"},
		{len(q.Contract.Content) > 0, "the contract, order or terms"},
		{len(q.Notices) > 0, "at least one earlier notice"},
		{!slices.ContainsFunc(q.Notices, func(n EarlierNotice) bool {
			return n.On.IsZero() || n.On.Before(q.Issued) || n.On.After(today) || len(n.Proof.Content) == 0
		}), "the day and the proof of every earlier notice"},
	} {
		if !need.ok {
			lacks = append(lacks, need.what)
		}
	}
	if len(lacks) > 0 {
		return fault.New(fault.Invalid, "one_off_incomplete", "Still needed: %s.", strings.Join(lacks, "; "))
	}
	if _, err := q.Amount.Currency.Exponent(); err != nil {
		return fault.New(fault.Invalid, "one_off_currency", "%q is not a currency that we know; write its three letters, such as EUR.", string(q.Amount.Currency))
	}
	if !q.Due.Before(today) {
		return fault.New(fault.Invalid, "not_due", "The invoice is not overdue before %s.", q.Due.AddDays(1))
	}
	return nil
}

// named reports whether the first notice of the law has to say what was supplied.
func (q OneOff) named(pack *law.Country) bool {
	kind, ok := pack.NoticeOf(string(policy.FourteenDay), law.Consumer)
	return ok && q.Debtor.Kind == sdk.Consumer && slices.ContainsFunc(pack.NoticeRequirements(kind), func(r law.Requirement) bool { return r.ID == "subject" })
}

// behind are the steps that the creditor took already: a business goes on to the
// case, or to the notice that its law wants first, a consumer to the statutory
// letter, before which no costs are owed.
var behind = map[sdk.PartyKind][]policy.StepID{
	sdk.Business: {policy.SendInvoice, policy.PreReminder, policy.Reminder1, policy.Reminder2, policy.CallTask, policy.FinalReminder},
	sdk.Consumer: {policy.SendInvoice, policy.PreReminder, policy.Reminder1, policy.Reminder2},
}

// Start takes a claim in and puts it into the process at once. It returns the
// invoice in our own books. The files become evidence of its case.
func (d *Desk) Start(ctx context.Context, tenant uuid.UUID, q OneOff, by string) (invoice uuid.UUID, err error) {
	err = d.Store.In(ctx, tenant, func(tx store.Tx) error {
		now, err := tx.Now(ctx, d.Real)
		if err != nil {
			return err
		}
		adm, pack, err := ownBooks(ctx, tx, q.Law, now)
		if err != nil {
			return err
		}
		zone, err := time.LoadLocation(adm.TimeZone)
		if err != nil {
			return fmt.Errorf("time zone %q: %w", adm.TimeZone, err)
		}
		today := date.Of(now.In(zone))
		if err := q.check(pack, today); err != nil {
			return err
		}
		external := uuid.NewString()
		q.Debtor.ID = cmp.Or(q.Debtor.ID, "own-"+external)
		sent := q.Issued.At(12, 0, zone)
		inv := sdk.Invoice{
			ID: external, PartyID: q.Debtor.ID, Number: q.Number, Kind: sdk.SalesInvoice, Status: sdk.Open, Issued: q.Issued, Due: q.Due, Total: q.Amount, Open: q.Amount, Sent: sent, Document: true, Reference: strings.Join(strings.Fields(q.Subject), " "),
		}
		if _, err := booksync.Apply(ctx, tx, adm.ID, booksync.Batch{Parties: []sdk.Party{q.Debtor}, Invoices: []sdk.Invoice{inv}}, now); err != nil {
			return err
		}
		invoice = booksync.InvoiceID(adm.ID, external)
		files := append([]File{q.Invoice}, q.Contract)
		kinds := []string{"invoice", "upload"}
		for _, n := range q.Notices {
			files, kinds = append(files, n.Proof), append(kinds, "attachment")
		}
		for i, f := range files {
			sum := sha256.Sum256(f.Content)
			if err := tx.AddDocument(ctx, db.AddDocumentParams{ID: uuid.New(), TenantID: tenant, SubjectID: invoice, Kind: kinds[i], Name: f.Name, MediaType: f.Media, Sha256: sum[:], Content: f.Content, CreatedAt: now}); err != nil {
				return fmt.Errorf("store %s: %w", f.Name, err)
			}
		}
		if err := d.Planner.Replan(ctx, tx, []uuid.UUID{invoice}); err != nil {
			return err
		}
		last := q.Notices[0].On
		for _, n := range q.Notices {
			last = date.Later(last, n.On)
		}
		for _, step := range behind[q.Debtor.Kind] {
			if _, notice := pack.NoticeOf(string(step), law.Business); notice && q.Debtor.Kind == sdk.Business {
				continue // what was sent before is not known to be what this law wants
			}
			on := last
			if step == policy.SendInvoice {
				on = q.Issued
			}
			if err := tx.PutStep(ctx, db.PutStepParams{InvoiceID: invoice, Cycle: 1, Step: string(step), TenantID: tenant, Outcome: policy.DoneByHand, At: on.At(12, 0, zone)}); err != nil {
				return fmt.Errorf("note what was sent before: %w", err)
			}
		}
		if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tenant, At: now, Actor: by, Action: "one_off", Subject: "invoice/" + invoice.String(), Detail: []byte("{}")}); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		return d.Planner.Replan(ctx, tx, []uuid.UUID{invoice})
	})
	return invoice, err
}
