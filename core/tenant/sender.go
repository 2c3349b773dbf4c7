package tenant

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/reference"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Sender is the creditor as debtors see it in letters, e-mails and the portal.
// Its account is changed with ProposeAccount.
type Sender struct {
	Name         string
	Line1        string
	PostalCode   string
	City         string
	Email        string // where messages come from
	Phone        string
	Registration string // number at the chamber of commerce
	VAT          string
	Colour       string // "#1f5f46", "" for Voldaan's green
}

var (
	kvk       = regexp.MustCompile(`^\d{8}$`)
	dutchVAT  = regexp.MustCompile(`^NL\d{9}B\d{2}$`)
	anyVAT    = regexp.MustCompile(`^[A-Z]{2}[A-Z0-9+*.]{2,13}$`)
	hexColour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	phone     = regexp.MustCompile(`^[+()0-9 .\-/]{6,30}$`)
)

// Check returns a sentence for each field that is wrong, by its name in lower
// case: name, line1, postal_code, city, email, phone, registration, vat, colour.
func (s Sender) Check(country string) map[string]string {
	out := map[string]string{}
	need := func(field, value, what string) {
		if value == "" {
			out[field] = "Fill in " + what + "."
		} else if len(value) > 120 || strings.ContainsAny(value, "\r\n\t") {
			out[field] = "Keep this on one line of at most 120 characters."
		}
	}
	need("name", s.Name, "the name that debtors know")
	need("line1", s.Line1, "street and number")
	need("postal_code", s.PostalCode, "the postal code")
	need("city", s.City, "the place")
	if parsed, err := mail.ParseAddress(s.Email); err != nil || parsed.Address != s.Email {
		out["email"] = "This is no e-mail address; write it as facturen@example.nl."
	}
	if s.Phone != "" && !phone.MatchString(s.Phone) {
		out["phone"] = "Write a telephone number with digits, such as 033 123 45 67."
	}
	if s.Registration != "" && country == "NL" && !kvk.MatchString(s.Registration) {
		out["registration"] = "A KvK number has 8 digits."
	} else if len(s.Registration) > 30 {
		out["registration"] = "This number is too long."
	}
	if s.VAT != "" && (country == "NL" && !dutchVAT.MatchString(s.VAT) || !anyVAT.MatchString(s.VAT)) {
		out["vat"] = "A VAT number looks like NL123456789B01."
	}
	if s.Colour != "" && !hexColour.MatchString(s.Colour) {
		out["colour"] = "Write a colour as # and six digits, such as #0b5d78."
	}
	return out
}

// Tidy takes out the blanks that people type in numbers and around texts.
func (s Sender) Tidy() Sender {
	for _, f := range []*string{&s.Name, &s.Line1, &s.PostalCode, &s.City, &s.Email, &s.Phone, &s.Colour} {
		*f = strings.TrimSpace(*f)
	}
	s.Registration = strings.Join(strings.Fields(s.Registration), "")
	s.VAT = strings.ToUpper(strings.NewReplacer(" ", "", ".", "").Replace(s.VAT))
	return s
}

// SetSender changes what debtors see of an administration; what is on its way
// out already keeps what it says.
func (d Directory) SetSender(ctx context.Context, tenant, administration uuid.UUID, s Sender, by string) error {
	s = s.Tidy()
	return d.Store.In(ctx, tenant, func(tx store.Tx) error {
		a, err := change(ctx, tx, administration)
		if err != nil {
			return err
		}
		for _, wrong := range s.Check(a.Country) {
			return fault.New(fault.Invalid, "sender", "%s", wrong)
		}
		if err := tx.SetAdministrationSender(ctx, db.SetAdministrationSenderParams{
			ID: a.ID, LegalName: s.Name, SenderEmail: s.Email, SenderPhone: s.Phone, Line1: s.Line1, PostalCode: s.PostalCode, City: s.City, Iban: a.Iban, Accent: s.Colour,
		}); err != nil {
			return fmt.Errorf("set the sender: %w", err)
		}
		if err := tx.SetAdministrationNumbers(ctx, db.SetAdministrationNumbersParams{ID: a.ID, Registration: s.Registration, VatNumber: s.VAT}); err != nil {
			return fmt.Errorf("set the sender: %w", err)
		}
		return note(ctx, tx, by, "set_sender", "administration/"+a.ID.String())
	})
}

// SenderOf is what debtors see of an administration now.
func SenderOf(a db.Administration) Sender {
	return Sender{
		Name: a.LegalName, Line1: a.Line1, PostalCode: a.PostalCode, City: a.City, Email: a.SenderEmail, Phone: a.SenderPhone,
		Registration: a.Registration, VAT: a.VatNumber, Colour: a.Accent,
	}
}

func change(ctx context.Context, tx store.Tx, administration uuid.UUID) (db.Administration, error) {
	a, err := tx.ChangeAdministration(ctx, administration)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, fault.New(fault.NotFound, "administration_not_found", "This administration does not exist.")
	}
	if err != nil {
		return a, fmt.Errorf("load the administration: %w", err)
	}
	return a, nil
}

// AccountChange is what became of a proposed account.
type AccountChange string

// The outcomes of ProposeAccount.
const (
	AccountSame    AccountChange = "same"    // it is that already
	AccountSet     AccountChange = "set"     // it is in use
	AccountWaiting AccountChange = "waiting" // a second person confirms it (R124)
)

// ProposeAccount changes the account that debtors are asked to pay to. A second
// person confirms it (R124). The first account of all is taken at once; and so
// is one where nobody else could confirm, if the password is given again.
func (d Directory) ProposeAccount(ctx context.Context, m Member, administration uuid.UUID, iban, password string) (AccountChange, error) {
	iban, err := reference.ParseIBAN(iban)
	if err != nil {
		return "", fault.New(fault.Invalid, "iban", "This is no valid account number. Check it against your bank statement.").Because(err)
	}
	alone, known := false, db.Administration{}
	if err := d.Store.In(ctx, m.Tenant, func(tx store.Tx) error {
		if known, err = tx.Administration(ctx, administration); err != nil {
			return fault.New(fault.NotFound, "administration_not_found", "This administration does not exist.").Because(err)
		}
		alone, err = onlyOwner(ctx, tx, m)
		return err
	}); err != nil {
		return "", err
	}
	if known.Iban == iban && known.IbanNext == "" {
		return AccountSame, nil
	}
	if known.Iban != "" && alone {
		if err := d.Confirm(ctx, m, password); err != nil {
			return "", fault.New(fault.Invalid, "password_needed", "Nobody else in your organisation can confirm this account, so type your password to change it.").Because(err)
		}
	}
	out := AccountWaiting
	return out, d.Store.In(ctx, m.Tenant, func(tx store.Tx) error {
		a, err := change(ctx, tx, administration)
		if err != nil {
			return err
		}
		now := time.Now()
		if err := tx.ProposeAccount(ctx, db.ProposeAccountParams{ID: a.ID, IbanNext: iban, IbanNextBy: uuid.NullUUID{UUID: m.ID, Valid: true}, IbanNextAt: &now}); err != nil {
			return fmt.Errorf("propose the account: %w", err)
		}
		if a.Iban != "" && !alone {
			return note(ctx, tx, m.Name, "propose_account", "administration/"+a.ID.String())
		}
		out = AccountSet
		if err := tx.SettleAccount(ctx, db.SettleAccountParams{ID: a.ID, Taken: true}); err != nil {
			return fmt.Errorf("take the account into use: %w", err)
		}
		return note(ctx, tx, m.Name, "set_account", "administration/"+a.ID.String())
	})
}

// onlyOwner reports whether nobody else may confirm what m proposes.
func onlyOwner(ctx context.Context, tx store.Tx, m Member) (bool, error) {
	rows, err := tx.Members(ctx)
	if err != nil {
		return false, fmt.Errorf("list members: %w", err)
	}
	for _, r := range rows {
		if r.ID != m.ID && r.DisabledAt == nil && Role(r.Role) == Owner {
			return false, nil
		}
	}
	return true, nil
}

// SettleAccount takes a proposed account into use, or forgets it. Who proposed
// it may only take it back (R124).
func (d Directory) SettleAccount(ctx context.Context, m Member, administration uuid.UUID, iban string, take bool) error {
	return d.Store.In(ctx, m.Tenant, func(tx store.Tx) error {
		a, err := change(ctx, tx, administration)
		switch {
		case err != nil:
			return err
		case a.IbanNext == "" || a.IbanNext != iban:
			return fault.New(fault.Conflict, "account_moved", "This account is not proposed any more. Look at the page again.")
		case take && a.IbanNextBy.UUID == m.ID:
			return fault.New(fault.Denied, "second_person", "You proposed this account, so another owner confirms it.")
		}
		if err := tx.SettleAccount(ctx, db.SettleAccountParams{ID: a.ID, Taken: take}); err != nil {
			return fmt.Errorf("settle the account: %w", err)
		}
		action := "drop_account"
		if take {
			action = "confirm_account"
		}
		return note(ctx, tx, m.Name, action, "administration/"+a.ID.String())
	})
}
