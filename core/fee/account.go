package fee

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Account is what the reminders of one invoice cost. Amounts are minor units.
type Account struct {
	Invoice        uuid.UUID
	Number         string // of the invoice
	Debtor         uuid.UUID
	Administration uuid.UUID
	Currency       money.Currency
	Charged        int64
	Waived         int64
	Paid           int64
	Taken          int64 // over by a case, which asks for it since
	First          time.Time
	Last           date.Date // of the last reminder that cost something
	Principal      int64     // open on the invoice
	// Counts is false for a claim that the books cancelled, wrote off or credited in
	// full: it bears no fee.
	Counts bool
}

// Due is what money may settle: charged, and neither waived nor with a case.
func (a Account) Due() int64 {
	if !a.Counts {
		return 0
	}
	return max(0, a.Charged-a.Waived-a.Taken)
}

// Open is what the debtor still owes of it outside a case.
func (a Account) Open() money.Amount { return money.Of(max(0, a.Due()-a.Paid), a.Currency) }

// Item is the id that stands for the fees of an invoice where a debtor chooses what
// to pay.
func (a Account) Item() uuid.UUID { return uuid.NewSHA1(a.Invoice, []byte("fee")) }

// Of lists what reminders cost debtors, from the oldest; an invoice without fees has
// no account.
func Of(ctx context.Context, tx store.Tx, debtors ...uuid.UUID) ([]Account, error) {
	rows, err := tx.FeeAccounts(ctx, debtors)
	if err != nil {
		return nil, fmt.Errorf("load fees: %w", err)
	}
	out := make([]Account, 0, len(rows))
	for _, r := range rows {
		out = append(out, Account{
			Invoice: r.InvoiceID, Number: r.Number, Debtor: r.DebtorID, Administration: r.AdministrationID, Currency: r.Currency,
			Charged: r.Charged, Waived: r.Waived, Paid: r.Paid, Taken: r.Taken, First: r.FirstAt, Last: r.LastOn, Principal: r.PrincipalOpen, Counts: r.Counts,
		})
	}
	return out, nil
}

// Entry is a line of the ledger.
type Entry struct {
	Kind    string // charged, waived, restored or taken_over
	Amount  money.Amount
	On      date.Date
	Message uuid.UUID // of a charge
	Case    uuid.UUID // of what was taken over
	Law     string    // of a charge, ISO 3166-1
	Fee     law.Fee   // of a charge: its rule, sources and explanation
	Why     string
	By      string
}

// Rule names the articles that a charge rests on.
func (e Entry) Rule() string { return Rule(e.Fee) }

// Rule names the articles that a fee rests on.
func Rule(f law.Fee) (out string) {
	for _, c := range f.Citations {
		if out != "" {
			out += "; "
		}
		out += c.Article
	}
	return out
}

// Entries lists what happened with the fees of an invoice, from the oldest.
func Entries(ctx context.Context, tx store.Tx, invoice uuid.UUID) ([]Entry, error) {
	rows, err := tx.FeeEntries(ctx, []uuid.UUID{invoice})
	if err != nil {
		return nil, fmt.Errorf("load the fees of an invoice: %w", err)
	}
	out := make([]Entry, 0, len(rows))
	for _, r := range rows {
		e := Entry{Kind: r.Kind, Amount: money.Of(r.AmountMinor, r.Currency), On: r.OnDay, Message: r.MessageID.UUID, Case: r.CaseID.UUID, Law: r.Law, Why: r.Why, By: r.Actor}
		if r.Kind == charged {
			if err := json.Unmarshal(r.Calculation, &e.Fee); err != nil {
				return nil, fmt.Errorf("read how fee %d was computed: %w", r.ID, err)
			}
		}
		out = append(out, e)
	}
	return out, nil
}

// The kinds of entry.
const (
	charged   = "charged"
	waived    = "waived"
	restored  = "restored"
	takenOver = "taken_over"
)

// add writes an entry.
func add(ctx context.Context, tx store.Tx, p db.AddFeeEntryParams) (bool, error) {
	p.TenantID = tx.Tenant
	if p.Calculation == nil {
		p.Calculation = json.RawMessage("{}")
	}
	n, err := tx.AddFeeEntry(ctx, p)
	if err != nil {
		return false, fmt.Errorf("book a fee: %w", err)
	}
	return n > 0, nil
}
