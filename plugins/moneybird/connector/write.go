package moneybird

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// mark precedes the write's key in a payment's transaction_identifier, after
// the reference that a person wants to see: "tr_7UhSN1zuXS voldaan:k1".
const mark = "voldaan:"

func identifier(w sdk.Write) string {
	return strings.TrimSpace(w.Payment.Reference + " " + mark + w.Key)
}

// referenceOf is what a person recognises of an identifier, ours or another's.
func referenceOf(identifier string) string {
	reference, key, ours := strings.Cut(identifier, mark)
	if !ours {
		return identifier
	}
	return firstOf(reference, key)
}

// Push registers a payment. It looks at the invoice first: a payment that is
// there already is not made twice, and a foreign currency needs the amount in
// the administration's own.
func (c *Connector) Push(ctx context.Context, s *sdk.Session, w sdk.Write) (sdk.Outcome, error) {
	if w.Key == "" {
		return sdk.Outcome{}, fmt.Errorf("%w: a write needs a key", sdk.ErrInvalid)
	}
	call := c.call(s)
	in, err := c.look(ctx, call, w)
	if errors.Is(err, sdk.ErrGone) {
		return sdk.Outcome{State: sdk.Rejected, Message: "The invoice is not in Moneybird any more."}, nil
	}
	if err != nil {
		return sdk.Outcome{}, fmt.Errorf("look at invoice %s before booking: %w", w.Payment.Invoice, err)
	}
	if o := found(in, w); o.State == sdk.Applied {
		return o, nil
	}
	body, problem := bookingOf(in, w)
	if problem != "" {
		return sdk.Outcome{State: sdk.Rejected, Message: problem}, nil
	}
	bare, external := splitID(w.Payment.Invoice)
	a, err := call.ok(ctx, http.MethodPost, c.url(w.Administration, resource(external), escape(bare), "payments"), body)
	return settled(a, err)
}

// settled judges what came back on the booking. Only a refusal before anything
// was done may be tried again without looking.
func settled(a answer, err error) (sdk.Outcome, error) {
	var retry *sdk.RetryAfter
	switch {
	case err == nil:
		var made payment
		if json.Unmarshal(a.body, &made) != nil || made.ID == "" {
			return sdk.Outcome{State: sdk.Uncertain, Message: "Moneybird confirmed the payment without its number."}, nil
		}
		return sdk.Outcome{State: sdk.Applied, ExternalID: string(made.ID)}, nil
	case a.status == http.StatusTooManyRequests, errors.Is(err, sdk.ErrAuth):
		return sdk.Outcome{}, err
	case errors.As(err, &retry), noAnswer(err):
		return sdk.Outcome{State: sdk.Uncertain, Message: err.Error()}, nil
	}
	return sdk.Outcome{State: sdk.Rejected, Message: err.Error()}, nil
}

// bookingOf returns the request body, or why there cannot be one.
func bookingOf(in invoice, w sdk.Write) (any, string) {
	p := w.Payment
	currency, err := money.ParseCurrency(in.Currency)
	if err != nil || currency != p.Amount.Currency {
		return nil, fmt.Sprintf("The invoice is in %s and the payment in %s.", clip(in.Currency), p.Amount.Currency)
	}
	if p.ValueDate.IsZero() || p.Amount.IsZero() {
		return nil, "A payment needs a date and an amount."
	}
	fields := map[string]any{
		"payment_date":           p.ValueDate.String(),
		"price":                  p.Amount.Decimal(),
		"transaction_identifier": identifier(w),
	}
	if in.Total != in.TotalBase && in.TotalBase != "" {
		base, err := inBase(in, p.Amount)
		if err != nil {
			return nil, "The invoice is in a foreign currency and Moneybird gives no rate for it."
		}
		fields["price_base"] = base
	}
	return map[string]any{"payment": fields}, ""
}

// inBase converts at the rate of the invoice: what is unpaid in the
// administration's currency over what is unpaid in the invoice's.
func inBase(in invoice, a money.Amount) (string, error) {
	whole, base := in.Unpaid, in.UnpaidBase
	if w, ok := new(big.Rat).SetString(string(whole)); !ok || w.Sign() == 0 {
		whole, base = in.Total, in.TotalBase
	}
	from, ok1 := new(big.Rat).SetString(string(whole))
	to, ok2 := new(big.Rat).SetString(string(base))
	paid, ok3 := new(big.Rat).SetString(a.Decimal())
	if !ok1 || !ok2 || !ok3 || from.Sign() == 0 {
		return "", errors.New("no rate")
	}
	cents := new(big.Rat).Mul(paid, new(big.Rat).Quo(to, from))
	cents.Mul(cents, big.NewRat(100, 1))
	// Moneybird books in the administration's currency with two decimals.
	v, err := money.RoundHalfUp(cents, "EUR")
	if err != nil {
		return "", err
	}
	return v.Decimal(), nil
}

// Find looks for the payment among those of the invoice.
func (c *Connector) Find(ctx context.Context, s *sdk.Session, w sdk.Write) (sdk.Outcome, error) {
	in, err := c.look(ctx, c.call(s), w)
	if errors.Is(err, sdk.ErrGone) {
		return sdk.Outcome{State: sdk.Rejected, Message: "The invoice is not in Moneybird any more."}, nil
	}
	if err != nil {
		return sdk.Outcome{}, fmt.Errorf("look for the payment on invoice %s: %w", w.Payment.Invoice, err)
	}
	return found(in, w), nil
}

func found(in invoice, w sdk.Write) sdk.Outcome {
	for _, p := range in.Payments {
		if _, key, ours := strings.Cut(p.Identifier, mark); ours && key == w.Key {
			return sdk.Outcome{State: sdk.Applied, ExternalID: string(p.ID)}
		}
	}
	return sdk.Outcome{State: sdk.Rejected, Message: "No such payment is booked on the invoice."}
}

func (c *Connector) look(ctx context.Context, call caller, w sdk.Write) (invoice, error) {
	bare, external := splitID(w.Payment.Invoice)
	a, err := call.ok(ctx, http.MethodGet, c.url(w.Administration, resource(external), escape(bare)), nil)
	if err != nil {
		return invoice{}, err
	}
	var in invoice
	if err := decode(a.body, &in); err != nil {
		return invoice{}, fmt.Errorf("read the invoice: %w", err)
	}
	return in, nil
}
