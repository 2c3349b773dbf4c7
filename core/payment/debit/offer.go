package debit

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/payment/sepa"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

//go:embed wording/*.tmpl
var wordingFiles embed.FS

var wordings = template.Must(template.ParseFS(wordingFiles, "wording/*.tmpl"))

// Offer is a mandate that a debtor may give: what the debtor agrees to.
type Offer struct {
	Reference  string
	CreditorID string
	Language   string
	// Paragraphs of the text; the first has the parties.
	Paragraphs []string
	Terms      sepa.Terms
}

// Text is the wording as it is kept.
func (o Offer) Text() string { return strings.Join(o.Paragraphs, "\n\n") }

// Offer returns the mandate that a debtor may give in the portal; false where the
// creditor offers none, or there is one already.
func (s *Service) Offer(ctx context.Context, tx store.Tx, debtor db.Debtor, lang string) (Offer, bool, error) {
	sc, err := s.scene(ctx, tx, debtor.AdministrationID)
	if err != nil || !sc.setting.Offered || sc.setting.CreditorID == "" {
		return Offer{}, false, err
	}
	mode, err := tx.DebitChoice(ctx, debtor.ID)
	if err != nil && !none(err) {
		return Offer{}, false, fmt.Errorf("load the choice for the debtor: %w", err)
	}
	if mode == "off" {
		return Offer{}, false, nil
	}
	given, err := tx.MandatesOf(ctx, debtor.ID)
	if err != nil {
		return Offer{}, false, fmt.Errorf("load mandates: %w", err)
	}
	for _, m := range given {
		if m.State == string(sepa.Valid) || m.Why == deceased {
			return Offer{}, false, nil
		}
	}
	o := Offer{
		Reference: referenceOf(debtor.ID, len(given)+1), CreditorID: sc.setting.CreditorID, Language: lang,
		Terms: sepa.Terms{Lead: int(sc.setting.LeadDays), RetryLead: int(sc.setting.RetryLeadDays)},
	}
	return o, true, o.write(sc.adm)
}

// referenceOf numbers a debtor's mandates: at most 35 characters that every bank
// takes.
func referenceOf(debtor uuid.UUID, n int) string {
	return fmt.Sprintf("VD%s-%02d", strings.ToUpper(strings.ReplaceAll(debtor.String(), "-", ""))[:16], n)
}

// write puts the offer in words, in English where the language is not there.
func (o *Offer) write(adm db.Administration) error {
	name := adm.LegalName
	if name == "" {
		name = adm.Name
	}
	t := wordings.Lookup(o.Language + ".tmpl")
	if t == nil {
		o.Language, t = "en", wordings.Lookup("en.tmpl")
	}
	var address []string
	for _, line := range []string{adm.Line1, strings.TrimSpace(adm.PostalCode + " " + adm.City)} {
		if line != "" {
			address = append(address, line)
		}
	}
	var b bytes.Buffer
	if err := t.Execute(&b, map[string]any{
		"Creditor": name, "Address": strings.Join(address, ", "), "CreditorID": o.CreditorID, "Reference": o.Reference, "Lead": o.Terms.Lead, "RetryLead": o.Terms.RetryLead,
	}); err != nil {
		return fmt.Errorf("write the mandate: %w", err)
	}
	o.Paragraphs = strings.Split(strings.TrimSpace(b.String()), "\n\n")
	return nil
}
