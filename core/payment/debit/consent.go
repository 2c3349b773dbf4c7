package debit

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/sepa"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// verification is what is paid for a mandate that is given without an invoice: the
// least that the provider takes. It is given back at once, since as credit of the
// debtor it would stand in the way of a later case (R40).
var verification = money.EUR(1)

// Consent is a debtor's word, who ticked the box beside the text of an Offer.
type Consent struct {
	Tenant, Debtor uuid.UUID
	// Invoices are paid at once, and the payment confirms the mandate; with none,
	// one of a cent does.
	Invoices []uuid.UUID
	Method   mollie.Method
	Language string // of the text that was shown
	Locale   string
	// Reference that was shown: the text that is kept is the text that was read.
	Reference string
	Return    func(checkout uuid.UUID) string
}

var errOtherOffer = fault.New(fault.Conflict, "mandate_changed", "The text of the mandate has changed since you opened this page. Please read it again.")

// Begin records the debtor's word and returns where the first payment is made. The
// mandate counts once that is paid (R92).
func (s *Service) Begin(ctx context.Context, c Consent) (url string, err error) {
	switch c.Method {
	case mollie.IDEAL, mollie.Method("bancontact"):
	default:
		return "", fault.New(fault.Invalid, "mandate_method", "A mandate is confirmed by a payment with iDEAL: it tells which account is yours.")
	}
	customer, err := s.customer(ctx, c.Tenant, c.Debtor)
	if err != nil {
		return "", err
	}
	id, checkout := uuid.New(), uuid.New()
	if err := s.Store.In(ctx, c.Tenant, func(tx store.Tx) error { return s.record(ctx, tx, id, checkout, customer, c) }); err != nil {
		return "", err
	}
	q := payment.NewCheckout{ID: checkout, Tenant: c.Tenant, Debtor: c.Debtor, Invoices: c.Invoices, Method: c.Method, Locale: c.Locale, Return: c.Return, Customer: customer}
	if len(c.Invoices) == 0 {
		q.Verify = verification
	}
	if url, err = s.Checkouts.Start(ctx, q); err == nil {
		return url, nil
	}
	if undo := s.Store.In(context.WithoutCancel(ctx), c.Tenant, func(tx store.Tx) error {
		m, err := tx.LockMandate(ctx, id)
		if err != nil {
			return err
		}
		m.State, m.Why = string(sepa.NotGiven), "The first payment could not be started."
		return save(ctx, tx, m)
	}); undo != nil {
		return "", fmt.Errorf("%w; and the mandate stays pending: %w", err, undo)
	}
	return "", err
}

// customer is the debtor at the provider; made on first use, with the name only.
func (s *Service) customer(ctx context.Context, tenant, debtor uuid.UUID) (id string, err error) {
	var d db.Debtor
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) error {
		if d, err = tx.Debtor(ctx, debtor); err != nil {
			return fmt.Errorf("load the debtor: %w", err)
		}
		id, err = tx.DebitCustomer(ctx, debtor)
		if none(err) {
			return nil
		}
		return err
	}); err != nil || id != "" {
		return id, err
	}
	made, err := s.Provider.CreateCustomer(ctx, "customer/"+debtor.String(), mollie.NewCustomer{Name: d.Name, Metadata: map[string]string{"debtor": debtor.String()}})
	if err != nil {
		return "", fault.New(fault.Unavailable, "provider_unavailable", "The payment could not be started. Nothing was charged; please try again in a moment, or pay by bank transfer.").Because(err)
	}
	err = s.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		id, err = tx.PutDebitCustomer(ctx, db.PutDebitCustomerParams{DebtorID: debtor, TenantID: tenant, CustomerID: made.ID})
		return err
	})
	return id, err
}

// record keeps what the debtor agreed to, before anything is asked of the provider.
func (s *Service) record(ctx context.Context, tx store.Tx, id, checkout uuid.UUID, customer string, c Consent) error {
	if err := lockDebtor(ctx, tx, c.Debtor); err != nil {
		return err
	}
	d, err := tx.Debtor(ctx, c.Debtor)
	if err != nil {
		return fmt.Errorf("load the debtor: %w", err)
	}
	o, ok, err := s.Offer(ctx, tx, d, c.Language)
	if err != nil {
		return err
	}
	if !ok || o.Reference != c.Reference {
		return errOtherOffer
	}
	sc, err := s.scene(ctx, tx, d.AdministrationID)
	if err != nil {
		return err
	}
	if err := tx.AddMandate(ctx, db.AddMandateParams{
		ID: id, TenantID: tx.Tenant, AdministrationID: d.AdministrationID, DebtorID: d.ID, Scheme: string(sepa.Core), Reference: o.Reference, CustomerID: customer,
		CheckoutID: uuid.NullUUID{UUID: checkout, Valid: true}, SignedAt: sc.now, SignedOn: sc.today, Language: o.Language, Wording: o.Text(),
		LeadDays: int32(o.Terms.Lead), RetryLeadDays: int32(o.Terms.RetryLead),
	}); err != nil {
		return fmt.Errorf("record the mandate: %w", err)
	}
	if err := audit(ctx, tx, sc.now, "debtor", "mandate.signed", "mandate/"+id.String(), map[string]any{"reference": o.Reference, "debtor": d.ID}); err != nil {
		return err
	}
	return matter.Set(ctx, tx, matter.Item{Kind: MandateMatter, ID: id, At: sc.now.AddDate(0, 0, 1), Why: "Look whether the first payment of the mandate went through"})
}
