package dunning

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// dossier prints the summary of a case as it stands and files it with the case.
func (f *fence) dossier(ctx context.Context, o *outgoing, number string, id uuid.UUID) error {
	c := letter.Case{
		Language: o.content.Language, Number: number, Drawn: f.now, AsOf: f.today, Zone: f.led.zone,
		Creditor: o.content.Creditor, Debtor: o.content.Debtor, Invoices: o.content.Demanded,
		Calculation: f.calculation(o), Totals: f.totals(o),
	}
	for _, it := range o.parts.demanded {
		if err := f.collect(ctx, &c, it); err != nil {
			return fmt.Errorf("collect the dossier: %w", err)
		}
	}
	pdf, err := letter.Dossier(c)
	if err != nil {
		return fmt.Errorf("print the dossier: %w", err)
	}
	return f.file(ctx, id, "dossier", "dossier "+number+".pdf", pdf.Bytes)
}

// collect adds what happened with one invoice: decisions, messages with their
// evidence, the notice with its receipt, and the files.
func (f *fence) collect(ctx context.Context, c *letter.Case, it *item) error {
	subjects := []uuid.UUID{it.invoice.ID}
	messages, err := f.tx.MessagesOfInvoice(ctx, it.invoice.ID)
	if err != nil {
		return err
	}
	for _, m := range messages {
		subjects = append(subjects, m.ID)
		if m.Step == string(policy.FourteenDay) && m.SentAt != nil {
			c.Notices = append(c.Notices, letter.Service{Name: m.Subject, Sent: *m.SentAt, Channel: m.Channel, Evidence: f.received(it, m)})
		}
	}
	decisions, err := f.tx.Decisions(ctx, it.invoice.ID)
	if err != nil {
		return err
	}
	for _, d := range decisions {
		c.Events = append(c.Events, letter.Event{At: d.At, What: fmt.Sprintf("%s: %s (%s)", it.invoice.Number, d.Reason, d.Rule)})
	}
	files, err := f.tx.DocumentsOf(ctx, subjects)
	if err != nil {
		return err
	}
	for _, file := range files {
		doc, err := f.tx.Document(ctx, file.ID)
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return err
		}
		c.Attachments = append(c.Attachments, letter.Attachment{Name: doc.Name, SHA256: hex.EncodeToString(doc.Sha256)})
	}
	return nil
}

func (f *fence) received(it *item, m db.Message) string {
	if m.Channel == "letter" && it.notice != nil {
		return fmt.Sprintf("posted %s, deemed received %s, term through %s", it.notice.PostedOn, it.notice.ReceivedOn, it.notice.TermLastDay)
	}
	return string(m.Evidence)
}

// calculation shows how costs and interest came about.
func (f *fence) calculation(o *outgoing) []outreach.Charge {
	out := []outreach.Charge{{Kind: outreach.CollectionCosts, Detail: o.claim.costs.Explanation, Amount: o.claim.costs.Costs.Total}}
	for _, it := range o.parts.demanded {
		for _, s := range o.claim.interest[it.invoice.ID].Segments {
			out = append(out, outreach.Charge{Kind: outreach.Interest, Label: it.invoice.Number, Detail: s.String(), Amount: f.segmentAmount(o, it, s.From)})
		}
	}
	return out
}

// segmentAmount is the invoice's interest on its first segment's line; rounding
// is by year and not by segment, so the others carry none.
func (f *fence) segmentAmount(o *outgoing, it *item, from date.Date) money.Amount {
	i := o.claim.interest[it.invoice.ID]
	if len(i.Segments) > 0 && i.Segments[0].From == from {
		return i.Amount
	}
	return money.Amount{}
}

func (f *fence) totals(o *outgoing) []letter.Sum {
	sum := letter.Sum{Costs: o.claim.costs.Costs.Total, Interest: o.claim.total}
	for _, it := range o.parts.demanded {
		cur := it.invoice.Currency
		open := it.invoice.OpenMinor - it.received
		sum.Principal = money.Of(sum.Principal.Minor+it.invoice.TotalMinor, cur)
		sum.Paid = money.Of(sum.Paid.Minor+it.invoice.TotalMinor-open, cur)
	}
	sum.Total = money.Of(sum.Principal.Minor-sum.Paid.Minor+sum.Costs.Minor+sum.Interest.Minor, sum.Principal.Currency)
	return []letter.Sum{sum}
}
