package dunning

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// dossier prints the summary of a case as it stands and files it with the case
// (R107).
func (f *fence) dossier(ctx context.Context, o *outgoing, id uuid.UUID) error {
	c := letter.Case{
		Language: o.content.Language, Number: o.caseNumber, Drawn: f.now, AsOf: f.today, Zone: f.led.zone,
		Creditor: o.content.Creditor, Debtor: o.content.Debtor, Invoices: o.content.Demanded,
		Calculation: f.calculation(o), Totals: f.totals(o),
	}
	subjects := o.ids()
	for _, it := range o.parts.demanded {
		messages, err := f.collect(ctx, &c, it)
		if err != nil {
			return fmt.Errorf("collect the dossier: %w", err)
		}
		subjects = append(subjects, messages...)
	}
	if err := f.disputes(ctx, &c, o.ids()); err != nil {
		return fmt.Errorf("collect the dossier: %w", err)
	}
	files, err := f.tx.DocumentsOf(ctx, subjects)
	if err != nil {
		return fmt.Errorf("collect the dossier: %w", err)
	}
	for _, file := range files {
		c.Attachments = append(c.Attachments, letter.Attachment{Name: file.Name, SHA256: hex.EncodeToString(file.Sha256)})
	}
	slices.SortStableFunc(c.Events, func(a, b letter.Event) int { return a.At.Compare(b.At) })
	c.Events, c.Notices = slices.Compact(c.Events), slices.Compact(c.Notices)
	pdf, err := letter.Dossier(c)
	if err != nil {
		return fmt.Errorf("print the dossier: %w", err)
	}
	return f.file(ctx, id, "dossier", "dossier "+o.caseNumber+".pdf", pdf.Bytes)
}

// collect adds what happened with one invoice: messages with the proof of their
// delivery, decisions, payments. It returns the messages, for their files.
func (f *fence) collect(ctx context.Context, c *letter.Case, it *item) (ids []uuid.UUID, err error) {
	messages, err := f.tx.MessagesOfInvoice(ctx, it.invoice.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		ids = append(ids, m.ID)
		if m.SentAt == nil {
			continue
		}
		c.Events = append(c.Events, letter.Event{At: *m.SentAt, What: fmt.Sprintf("%s (%s, %s) %s", m.Subject, m.Channel, m.Delivery, m.Recipient)})
		if step, ok := f.flow.Step(policy.StepID(m.Step)); ok && f.isNotice(step) {
			c.Notices = append(c.Notices, letter.Service{Name: m.Subject, Sent: *m.SentAt, Channel: m.Channel, Evidence: f.proof(it, m)})
		}
	}
	decisions, err := f.tx.Decisions(ctx, it.invoice.ID)
	if err != nil {
		return nil, err
	}
	for _, d := range decisions {
		c.Events = append(c.Events, letter.Event{At: d.At, What: fmt.Sprintf("%s: %s (%s)", it.invoice.Number, d.Reason, d.Rule)})
	}
	for _, p := range it.payments {
		c.Payments = append(c.Payments, outreach.Payment{Amount: money.Of(p.minor, it.invoice.Currency), Date: p.on, Method: it.invoice.Number})
	}
	return ids, nil
}

func (f *fence) disputes(ctx context.Context, c *letter.Case, invoices []uuid.UUID) error {
	rows, err := f.tx.CaseDisputes(ctx, invoices)
	for _, d := range rows {
		c.Events = append(c.Events, letter.Event{At: d.OpenedAt, What: fmt.Sprintf("%s: disputed, %s; %s %s", d.Number, d.Reason, d.State, d.Resolution)})
	}
	return err
}

// proof is how we know that a notice reached the debtor.
func (f *fence) proof(it *item, m db.Message) string {
	if m.Channel == string(policy.Letter) && it.notice != nil {
		return fmt.Sprintf("posted %s, deemed received %s, term through %s", it.notice.PostedOn, it.notice.ReceivedOn, it.notice.TermLastDay)
	}
	return string(m.Evidence)
}

// calculation shows how costs and interest came about. Interest is rounded by
// the year and not by the segment, so its first line carries the amount.
func (f *fence) calculation(o *outgoing) []outreach.Charge {
	var out []outreach.Charge
	for _, c := range o.claim.costs {
		out = append(out, outreach.Charge{Kind: outreach.CollectionCosts, Detail: c.Explanation, Amount: c.total})
	}
	for _, it := range o.parts.demanded {
		i := o.claim.interest[it.invoice.ID]
		for n, s := range i.Segments {
			line := outreach.Charge{Kind: outreach.Interest, Label: it.invoice.Number, Detail: s.String()}
			if n == 0 {
				line.Amount = i.Amount
			}
			out = append(out, line)
		}
	}
	return out
}

func (f *fence) totals(o *outgoing) []letter.Sum {
	sum := letter.Sum{Costs: o.claim.total, Interest: o.claim.accrued}
	for _, it := range o.parts.demanded {
		cur := it.invoice.Currency
		sum.Principal = money.Of(sum.Principal.Minor+it.invoice.TotalMinor, cur)
		sum.Paid = money.Of(sum.Paid.Minor+it.invoice.TotalMinor-it.open().Minor, cur)
	}
	sum.Total = money.Of(sum.Principal.Minor-sum.Paid.Minor+sum.Costs.Minor+sum.Interest.Minor, sum.Principal.Currency)
	return []letter.Sum{sum}
}

// isNotice reports whether the message of a step is a notice of the law.
func (f *fence) isNotice(step policy.Step) bool {
	pack, err := f.led.lawOf(f.it)
	if err != nil {
		return step.Statutory
	}
	_, ok := f.led.noticeOf(pack, step)
	return ok
}
