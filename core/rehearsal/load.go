package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach/phone"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// MostInvoices bounds a rehearsal of books; the newest of a larger year are left
// out, and the page says so.
const MostInvoices = 50_000

// Load reads the books of an administration since a day, to run flows over them
// through another. The flows are those that are followed now. A text message or
// a call counts as possible where the debtor has a number, whether or not the
// tenant has a provider for it.
func Load(ctx context.Context, tx store.Tx, administration uuid.UUID, since, through date.Date) (Input, error) {
	adm, err := tx.Administration(ctx, administration)
	if err != nil {
		return Input{}, fmt.Errorf("load administration %s: %w", administration, err)
	}
	in, err := New(adm, since, through)
	if err != nil {
		return in, err
	}
	rows, err := tx.RehearsedInvoices(ctx, db.RehearsedInvoicesParams{Since: since, Administration: uuid.NullUUID{UUID: administration, Valid: true}, Most: MostInvoices})
	if err != nil {
		return in, fmt.Errorf("load the invoices of the year: %w", err)
	}
	var debtors, invoices []uuid.UUID
	for _, r := range rows {
		debtors, invoices = append(debtors, r.DebtorID), append(invoices, r.ID)
	}
	slices.SortFunc(debtors, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	debtors = slices.Compact(debtors)
	book, err := flow.Load(ctx, tx, debtors, nil)
	if err != nil {
		return in, err
	}
	place, err := in.debtors(ctx, tx, adm, debtors, book)
	if err != nil {
		return in, err
	}
	paid, err := payments(ctx, tx, invoices)
	if err != nil {
		return in, err
	}
	for _, r := range rows {
		d, ok := place[r.DebtorID]
		if !ok {
			continue // its debtor has not been read yet
		}
		in.Invoices = append(in.Invoices, Invoice{
			ID: r.ID, Number: r.Number, Debtor: d, Issued: r.Issued, Due: r.Due, Total: money.Of(r.TotalMinor, r.Currency),
			SourceSent: r.SentAt != nil, Payments: complete(r, paid[r.ID], in.Zone),
		})
	}
	in.Follow = follow(book, adm)
	return in, nil
}

// New returns an input with the settings of an administration and nothing to run
// over.
func New(adm db.Administration, since, through date.Date) (Input, error) {
	zone, err := time.LoadLocation(adm.TimeZone)
	if err != nil {
		return Input{}, fmt.Errorf("time zone %q: %w", adm.TimeZone, err)
	}
	in := Input{
		From: since, Through: through, Zone: zone, Country: adm.Country, Tolerance: adm.ToleranceMinor, Prices: DefaultPrices(),
		CostsFrom: costsFrom(adm.Country), Follow: follow(flow.NewBook(), adm),
	}
	var form policy.SendingForm
	if json.Unmarshal(adm.Sending, &form) == nil {
		if s, err := form.Sending(); err == nil {
			in.Sending = s
		}
	}
	in.Sending.MinInterval = int(adm.MinimumInterval)
	return in, nil
}

func follow(book *flow.Book, adm db.Administration) func(*Debtor, *Invoice) policy.Flow {
	return func(d *Debtor, i *Invoice) policy.Flow {
		about := d.About
		about.Segments = book.Segments(d.ID, about, i.Total.Minor)
		return book.Resolve(flow.Question{Invoice: i.ID, Debtor: d.ID, Of: about, Business: adm.FlowBusiness, Consumer: adm.FlowConsumer}).Flow
	}
}

// Only returns the input with one flow for the debtors that it is for; the
// others keep theirs.
func (in Input) Only(f policy.Flow) Input {
	present := in.Follow
	in.Follow = func(d *Debtor, i *Invoice) policy.Flow {
		if f.Debtors == sdk.Business && d.About.Kind != sdk.Business || f.Debtors == sdk.Consumer && d.About.Kind == sdk.Business {
			return present(d, i)
		}
		return f
	}
	return in
}

func (in *Input) debtors(ctx context.Context, tx store.Tx, adm db.Administration, ids []uuid.UUID, book *flow.Book) (map[uuid.UUID]int, error) {
	place := make(map[uuid.UUID]int, len(ids))
	byCountry := map[string]calendar.Days{}
	for some := range slices.Chunk(ids, 2000) {
		rows, err := tx.DebtorsByID(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("load debtors: %w", err)
		}
		slices.SortFunc(rows, func(a, b db.Debtor) int { return slices.Compare(a.ID[:], b.ID[:]) })
		for _, d := range rows {
			country := d.Country
			if country == "" || in.Sending.OwnHolidaysOnly {
				country = adm.Country
			}
			days, ok := byCountry[country]
			if !ok {
				days = sendingDays(adm.Country, country)
				byCountry[country] = days
			}
			n, called := phone.Parse(d.Phone, country)
			place[d.ID] = len(in.Debtors)
			in.Debtors = append(in.Debtors, Debtor{
				ID: d.ID, Name: d.Name, Days: days,
				About: policy.Debtor{Kind: sdk.PartyKind(d.Kind), Country: country, Risk: book.Risk(d.ID)},
				Reach: map[policy.Channel]bool{
					policy.Email: d.Email != "", policy.Letter: d.Line1 != "" && d.City != "", policy.SMS: called && n.Mobile, policy.Voice: called, policy.Peppol: false,
				},
			})
		}
	}
	return place, nil
}

func sendingDays(creditor, debtor string) calendar.Days {
	for _, codes := range [][]string{{creditor, debtor}, {creditor}} {
		if days, err := calendar.SendingDays(codes...); err == nil {
			return days
		}
	}
	return nil
}

func payments(ctx context.Context, tx store.Tx, invoices []uuid.UUID) (map[uuid.UUID][]Payment, error) {
	out := map[uuid.UUID][]Payment{}
	for some := range slices.Chunk(invoices, 5000) {
		rows, err := tx.RehearsedPayments(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("load payments: %w", err)
		}
		for _, r := range rows {
			out[r.InvoiceID] = append(out[r.InvoiceID], Payment{r.ValueDate, r.Amount})
		}
	}
	return out, nil
}

// complete adds what the books count as paid and no payment that we know of
// explains: on the day that closed the invoice, else on the day we heard of it.
func complete(r db.RehearsedInvoicesRow, known []Payment, zone *time.Location) []Payment {
	var sum int64
	for _, p := range known {
		sum += p.Minor
	}
	open := r.OpenMinor
	if r.Status == string(sdk.Paid) {
		open = 0
	}
	rest := r.TotalMinor - open - sum
	if rest <= 0 {
		return known
	}
	on := date.Later(r.ClosedOn, r.Issued)
	if r.ClosedOn.IsZero() {
		on = date.Later(date.Of(r.ChangedAt.In(zone)), r.Issued)
	}
	known = append(known, Payment{on, rest})
	slices.SortStableFunc(known, func(a, b Payment) int { return a.On.Compare(b.On) })
	return known
}

func costsFrom(country string) func(date.Date) date.Date {
	return func(posted date.Date) date.Date {
		pack, err := law.Pack(country)
		if err != nil {
			return posted.AddDays(21)
		}
		term, err := pack.NoticeTerm(law.Delivery{Sent: posted, Channel: law.Post})
		if err != nil {
			return posted.AddDays(21)
		}
		return term.CostsFrom
	}
}
