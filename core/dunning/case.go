package dunning

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	subledger "github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/exchange"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// openCase opens a case with its costs and interest in the sub-ledger, and files
// its dossier.
func (f *fence) openCase(ctx context.Context, o *outgoing) error {
	id := uuid.New()
	items := o.parts.demanded
	p := db.AddCaseParams{
		ID: id, TenantID: f.tx.Tenant, AdministrationID: f.led.adm.ID, DebtorID: f.led.debtor.ID, Number: o.caseNumber,
		Currency: items[0].invoice.Currency, OpenedAt: f.now,
	}
	if items[0].notice != nil {
		p.NoticeID = nullID(items[0].notice.ID)
	}
	if err := f.tx.AddCase(ctx, p); err != nil {
		return fmt.Errorf("open the case: %w", err)
	}
	pack, err := f.led.jurisdiction()
	if err != nil {
		return err
	}
	if err := f.tx.SetCaseLaw(ctx, db.SetCaseLawParams{ID: id, Law: pack.Code(), CostsClause: f.led.adm.CostsClause, AgreedRate: f.led.agreedRate()}); err != nil {
		return fmt.Errorf("open the case: %w", err)
	}
	rate := f.led.agreedRate()
	for _, it := range items {
		from, err := f.interestFrom(it)
		if err != nil {
			return err
		}
		if err := f.tx.AddCaseInvoice(ctx, db.AddCaseInvoiceParams{
			CaseID: id, InvoiceID: it.invoice.ID, TenantID: f.tx.Tenant, PrincipalMinor: it.ask().Minor, InterestFrom: from,
		}); err != nil {
			return fmt.Errorf("open the case: %w", err)
		}
		it.claim = &db.LedgerCasesRow{ID: id, InvoiceID: it.invoice.ID, OpenedAt: f.now, Number: o.caseNumber, Law: pack.Code(), TermsAgreedRate: &rate, PrincipalMinor: it.ask().Minor, InterestFrom: from}
	}
	if r := o.claim.rate; !r.IsZero() {
		if err := exchange.Fix(ctx, f.tx, exchange.Case, id, r, f.now); err != nil {
			return err
		}
	}
	if err := f.book(ctx, id, o); err != nil {
		return err
	}
	if err := f.takeFees(ctx, id, o); err != nil {
		return err
	}
	if _, err := subledger.SettleOne(ctx, f.tx, id, f.now); err != nil {
		return err
	}
	if err := subledger.Note(ctx, f.tx, id, f.now, "opened", "voldaan", "The case was opened.", nil); err != nil {
		return err
	}
	if err := follow(ctx, f.tx, id, f.now); err != nil {
		return err
	}
	return f.dossier(ctx, o, id)
}

// book writes costs and interest as entries of their own, each with how it was
// computed.
func (f *fence) book(ctx context.Context, id uuid.UUID, o *outgoing) error {
	add := func(kind string, invoice uuid.UUID, a money.Amount, how any, provisional bool) error {
		if a.IsZero() {
			return nil
		}
		b, err := json.Marshal(how)
		if err == nil {
			err = f.tx.AddClaimEntry(ctx, db.AddClaimEntryParams{
				TenantID: f.tx.Tenant, CaseID: id, InvoiceID: nullID(invoice), Kind: kind, AmountMinor: a.Minor, Currency: a.Currency,
				Through: f.today, Calculation: b, Provisional: provisional, At: f.now,
			})
		}
		if err != nil {
			return fmt.Errorf("book %s: %w", kind, err)
		}
		return nil
	}
	for _, c := range o.claim.costs {
		if err := add("costs", uuid.Nil, c.fee, c, c.Provisional); err != nil {
			return err
		}
		if err := add("costs_vat", uuid.Nil, c.vat, c, c.Provisional); err != nil {
			return err
		}
	}
	for _, it := range o.parts.demanded {
		i := o.claim.interest[it.invoice.ID]
		if err := add("interest", it.invoice.ID, i.Amount, i, i.Provisional); err != nil {
			return err
		}
	}
	return nil
}

// interestFrom is the first day that bears interest.
func (f *fence) interestFrom(it *item) (date.Date, error) {
	pack, err := f.led.jurisdiction()
	if err != nil {
		return date.Date{}, err
	}
	in, err := f.led.defaultOf(pack, it)
	if err == nil && in.Since.IsZero() {
		return f.today.AddDays(1), nil // this message demands payment, so default follows it
	}
	return date.Later(it.invoice.Due.AddDays(1), in.Since), err
}
