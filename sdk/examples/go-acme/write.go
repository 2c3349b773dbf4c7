package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/voldaan/voldaan/sdk"
)

// Push registers a payment. Acme Books would take it twice, so it is looked for
// first, by the key that is the same for every attempt.
func (c Connector) Push(ctx context.Context, s *sdk.Session, w sdk.Write) (sdk.Outcome, error) {
	if o, err := c.Find(ctx, s, w); err != nil || o.State == sdk.Applied {
		return o, err
	}
	p := w.Payment
	var made struct{ ID string }
	err := call(ctx, s, http.MethodPost, invoicePath(w)+"/payments", map[string]string{
		"amount": p.Amount.Decimal(), "paid_on": p.ValueDate.String(), "reference": w.Key,
	}, &made)
	if err == nil {
		return sdk.Outcome{State: sdk.Applied, ExternalID: made.ID}, nil
	}
	r, answered := errors.AsType[*refused](err)
	switch {
	case errors.Is(err, sdk.ErrAuth):
		return sdk.Outcome{}, err
	case errors.Is(err, sdk.ErrGone):
		return sdk.Outcome{State: sdk.Rejected, Message: gone}, nil
	case answered && r.status == http.StatusTooManyRequests:
		return sdk.Outcome{}, err // nothing was done
	case answered && r.status < 500:
		return sdk.Outcome{State: sdk.Rejected, Message: r.message}, nil
	}
	// Nobody knows whether it was booked: the host asks Find before it tries again.
	return sdk.Outcome{State: sdk.Uncertain, Message: err.Error()}, nil
}

const gone = "The invoice is not in Acme Books any more."

// Find looks for the payment on its invoice.
func (Connector) Find(ctx context.Context, s *sdk.Session, w sdk.Write) (sdk.Outcome, error) {
	if w.Payment == nil {
		return sdk.Outcome{State: sdk.Rejected, Message: "Acme Books takes payments only."}, nil
	}
	var v invoice
	if err := get(ctx, s, invoicePath(w), &v); errors.Is(err, sdk.ErrGone) {
		return sdk.Outcome{State: sdk.Rejected, Message: gone}, nil
	} else if err != nil {
		return sdk.Outcome{}, err
	}
	for _, p := range v.Payments {
		if p.Reference == w.Key {
			return sdk.Outcome{State: sdk.Applied, ExternalID: p.ID}, nil
		}
	}
	return sdk.Outcome{State: sdk.Rejected, Message: "The payment is not there."}, nil
}

func invoicePath(w sdk.Write) string {
	return "/companies/" + url.PathEscape(w.Administration) + "/invoices/" + url.PathEscape(w.Payment.Invoice)
}

// Document fetches the PDF of an invoice.
func (Connector) Document(ctx context.Context, s *sdk.Session, r sdk.DocumentRequest) (sdk.Document, error) {
	if r.Format != sdk.PDF {
		return sdk.Document{}, fmt.Errorf("%w: Acme Books has no %s", sdk.ErrGone, r.Format)
	}
	path := "/companies/" + url.PathEscape(r.Administration) + "/invoices/" + url.PathEscape(r.Invoice) + "/pdf"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, home+path, nil)
	if err != nil {
		return sdk.Document{}, err
	}
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return sdk.Document{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 {
		return sdk.Document{}, refusal(resp)
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return sdk.Document{}, fmt.Errorf("read the PDF: %w", err)
	}
	return sdk.Document{Name: r.Invoice + ".pdf", ContentType: "application/pdf", Content: b}, nil
}
