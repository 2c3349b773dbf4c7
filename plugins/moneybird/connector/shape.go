package moneybird

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// id is an identifier. Moneybird documents it as an integer that comes as a
// string; a bare integer occurs too (administration_id). null is "".
type id string

// UnmarshalJSON accepts "123", 123 and null.
func (i *id) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	if err != nil {
		return fmt.Errorf("identifier: %w", err)
	}
	*i = id(s)
	return nil
}

// decimal is an amount as Moneybird writes it: "1210.0", 1210.0 or null. It
// stays text so that it never becomes a float.
type decimal string

// UnmarshalJSON accepts a string, a number and null. The contract's pattern
// allows a decimal comma.
func (d *decimal) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	if err != nil {
		return fmt.Errorf("amount: %w", err)
	}
	*d = decimal(strings.Replace(s, ",", ".", 1))
	return nil
}

// scalar returns a JSON string or number as text, and null as "".
func scalar(b []byte) (string, error) {
	switch {
	case bytes.Equal(b, []byte("null")):
		return "", nil
	case len(b) > 0 && b[0] == '"':
		var s string
		err := json.Unmarshal(b, &s)
		return s, err
	case len(b) > 0 && (b[0] == '-' || b[0] >= '0' && b[0] <= '9'):
		return string(b), nil
	}
	return "", fmt.Errorf("%s is neither a text nor a number", strconv.Quote(string(b[:min(len(b), 20)])))
}

// The shapes hold the fields that the connector uses; others are ignored.
type (
	administration struct {
		ID        id     `json:"id"`
		Name      string `json:"name"`
		Language  string `json:"language"`
		Currency  string `json:"currency"`
		Country   string `json:"country"`
		TimeZone  string `json:"time_zone"`
		Suspended bool   `json:"suspended"`
	}

	version struct {
		ID      id `json:"id"`
		Version id `json:"version"`
	}

	contact struct {
		ID            id     `json:"id"`
		Version       id     `json:"version"`
		CompanyName   string `json:"company_name"`
		FirstName     string `json:"firstname"`
		LastName      string `json:"lastname"`
		Attention     string `json:"attention"`
		SendAttention string `json:"send_invoices_to_attention"`
		Email         string `json:"email"`
		SendEmail     string `json:"send_invoices_to_email"`
		Phone         string `json:"phone"`
		Address1      string `json:"address1"`
		Address2      string `json:"address2"`
		PostalCode    string `json:"zipcode"`
		City          string `json:"city"`
		Country       string `json:"country"`
		TaxNumber     string `json:"tax_number"`
		ChamberNumber string `json:"chamber_of_commerce"`
		BankAccount   string `json:"bank_account"`
		MandateIBAN   string `json:"sepa_iban"`
	}

	// invoice is both a sales invoice and an external one; where they differ the
	// field says which of the two has it.
	invoice struct {
		ID            id           `json:"id"`
		Version       id           `json:"version"`
		ContactID     id           `json:"contact_id"`
		Contact       *contact     `json:"contact"`
		Number        string       `json:"invoice_id"` // sales invoice; null while a draft
		State         string       `json:"state"`
		InvoiceDate   string       `json:"invoice_date"` // sales invoice
		Date          string       `json:"date"`         // external
		DueDate       string       `json:"due_date"`
		Reference     string       `json:"reference"` // external: the number
		PaymentRef    string       `json:"payment_reference"`
		Currency      string       `json:"currency"`
		Total         decimal      `json:"total_price_incl_tax"`
		TotalBase     decimal      `json:"total_price_incl_tax_base"`
		Unpaid        decimal      `json:"total_unpaid"`
		UnpaidBase    decimal      `json:"total_unpaid_base"`
		SentAt        string       `json:"sent_at"`
		OriginalID    id           `json:"original_sales_invoice_id"`
		Uncollectible string       `json:"marked_uncollectible_on"`
		Payments      []payment    `json:"payments"`
		Attachments   []attachment `json:"attachments"`
	}

	payment struct {
		ID            id      `json:"id"`
		InvoiceType   string  `json:"invoice_type"`
		InvoiceID     id      `json:"invoice_id"`
		Price         decimal `json:"price"`
		Date          string  `json:"payment_date"`
		Identifier    string  `json:"transaction_identifier"`
		CreditInvoice id      `json:"credit_invoice_id"`
		UpdatedAt     string  `json:"updated_at"`
	}

	attachment struct {
		ID          id     `json:"id"`
		Name        string `json:"filename"`
		ContentType string `json:"content_type"`
		Size        int64  `json:"size"`
	}
)

func decode(raw []byte, v any) error { return json.Unmarshal(raw, v) }
