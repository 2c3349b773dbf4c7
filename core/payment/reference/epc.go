package reference

import (
	"strings"
	"unicode/utf8"

	"github.com/voldaan/voldaan/sdk/money"
)

// EPC is a SEPA credit transfer for a QR code (EPC069-12, version 002).
type EPC struct {
	Name   string       // of the beneficiary, as the account is named; at most 70 characters
	IBAN   string       // of the beneficiary
	BIC    string       // optional
	Amount money.Amount // in euro; zero lets the payer choose
	// Purpose is an ISO 20022 purpose code of at most 4 letters; optional.
	Purpose string
	// Structured is an RF reference. Other references and free words go to Text,
	// at most 140 characters; only one of the two may be given.
	Structured string
	Text       string
	Note       string // to the payer, at most 70 characters; not sent to the bank
}

// EPCQRLevel is the error correction that the standard asks of the code, and
// EPCMaxBytes the size its largest symbol holds.
const (
	EPCQRLevel  = "M"
	EPCMaxBytes = 331
)

// Payload returns the text of the QR code, or a fault of kind Invalid that
// names the element to change. Lines end with LF and nothing follows the last
// element in use.
func (e EPC) Payload() (string, error) {
	iban, err := ParseIBAN(e.IBAN)
	if err != nil {
		return "", err
	}
	amount, err := e.amount()
	if err != nil {
		return "", err
	}
	structured := ""
	if e.Structured != "" {
		var ok bool
		if structured, ok = ParseRF(e.Structured); !ok {
			return "", invalid("epc_reference", "%q is not an RF reference; put other references in the text.", e.Structured)
		}
		if e.Text != "" {
			return "", invalid("epc_reference", "A QR code carries a structured reference or a text, not both; leave one out.")
		}
	}
	bic := compact(e.BIC, "")
	if bic != "" && (len(bic) != 8 && len(bic) != 11 || !capitalsOrDigits(bic)) {
		return "", invalid("epc_bic", "%q is not a BIC; it has 8 or 11 characters and may be left out.", e.BIC)
	}
	purpose := compact(e.Purpose, "")
	for _, f := range []struct {
		name, value string
		most        int
	}{{"name", e.Name, 70}, {"purpose", purpose, 4}, {"text", e.Text, 140}, {"note", e.Note, 70}} {
		if utf8.RuneCountInString(f.value) > f.most || !utf8.ValidString(f.value) || strings.ContainsAny(f.value, "\r\n") {
			return "", invalid("epc_"+f.name, "The %s must be one line of at most %d characters.", f.name, f.most)
		}
	}
	if strings.TrimSpace(e.Name) == "" {
		return "", invalid("epc_name", "Give the name of the beneficiary, as the account is named.")
	}
	payload := strings.TrimRight(strings.Join([]string{
		"BCD", "002", "1", "SCT", bic, e.Name, iban, amount, purpose, structured, e.Text, e.Note,
	}, "\n"), "\n")
	if len(payload) > EPCMaxBytes {
		return "", invalid("epc_size", "The QR code would hold %d bytes and fits %d; shorten the text or the note.", len(payload), EPCMaxBytes)
	}
	return payload, nil
}

// amount writes the amount without needless decimals, as the standard allows.
func (e EPC) amount() (string, error) {
	switch {
	case e.Amount == money.Amount{}, e.Amount == money.EUR(0):
		return "", nil
	case e.Amount.Currency != "EUR" || e.Amount.Minor < 0 || e.Amount.Minor > 99_999_999_999:
		return "", invalid("epc_amount", "%s cannot be asked by QR code; use EUR 0.01 to 999999999.99.", e.Amount)
	}
	return "EUR" + strings.TrimSuffix(e.Amount.Decimal(), ".00"), nil
}
