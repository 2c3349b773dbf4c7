package dunning

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/outreach/peppol"
	"github.com/voldaan/voldaan/core/outreach/phone"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// How the letters of an administration leave.
const (
	// LettersAssumed are printed and posted by somebody on the day they are made.
	LettersAssumed = "assumed"
	// LettersInBatches are printed together; a person says when they were posted.
	LettersInBatches = "batch"
	// ByProvider goes through a connection: letters, and every other channel.
	ByProvider = "provider"
)

// kindOf is the form of message that carries a channel at a provider.
var kindOf = map[policy.Channel]sdk.MessageKind{
	policy.SMS: sdk.SMS, policy.Voice: sdk.Voice, policy.Letter: sdk.PostalLetter, policy.Peppol: sdk.ElectronicFile,
}

// loadChannels reads which providers carry which channels.
func (l *loader) channels() error {
	adms := make([]uuid.UUID, 0, len(l.adms))
	for id := range l.adms {
		adms = append(adms, id)
	}
	rows, err := l.tx.LedgerChannels(l.ctx, adms)
	if err != nil {
		return fmt.Errorf("load channels: %w", err)
	}
	for _, led := range l.byDebtor {
		led.carriers = map[policy.Channel]db.Channel{}
		for _, row := range rows {
			if row.AdministrationID == led.adm.ID {
				led.carriers[policy.Channel(row.Channel)] = row
			}
		}
	}
	return nil
}

// objections are what debtors asked us not to use (R59).
func (l *loader) objections() error {
	rows, err := l.tx.LedgerObjections(l.ctx, l.debtors)
	for _, r := range rows {
		if led := l.byDebtor[r.DebtorID]; led != nil {
			led.objects[policy.Channel(r.Channel)] = true
		}
	}
	return err
}

// contacts are addresses that debtors gave and proved; one counts until the books
// give another than they had then (R60).
func (l *loader) contacts() error {
	rows, err := l.tx.LedgerContacts(l.ctx, l.debtors)
	for _, r := range rows {
		if led := l.byDebtor[r.DebtorID]; led != nil && r.SourceEmail == led.debtor.Email {
			led.given = r.Email
		}
	}
	return err
}

// carrier is the provider of a channel, if there is one.
func (l *ledger) carrier(ch policy.Channel) (db.Channel, bool) {
	row, ok := l.carriers[ch]
	return row, ok && row.Mode == ByProvider && row.ConnectionID.Valid
}

// letterMode is how letters of the administration leave.
func (l *ledger) letterMode() string {
	if row, ok := l.carriers[policy.Letter]; ok {
		return row.Mode
	}
	return LettersAssumed
}

// number is the debtor's telephone number in E.164; none when it is blocked, is no
// number there, or cannot take what the channel brings (R58).
func (l *ledger) number(ch policy.Channel) string {
	country := l.debtor.Country
	if country == "" {
		country = l.adm.Country
	}
	n, ok := phone.Parse(l.debtor.Phone, country)
	if !ok || ch == policy.SMS && !n.Mobile || l.blocked[string(ch)+"/"+n.E164] || l.objects[ch] {
		return ""
	}
	return n.E164
}

// participant is the debtor's address on the Peppol network; none for a consumer.
func (l *ledger) participant() string {
	if l.debtor.Kind != string(sdk.Business) {
		return ""
	}
	country := l.debtor.Country
	if country == "" {
		country = l.adm.Country
	}
	id := peppol.Participant(country, l.debtor.Registration, l.debtor.VatNumber)
	if id == "" || l.blocked["peppol/"+id] {
		return ""
	}
	return id
}

// reach tells which channels reach the debtor; one that is not in it is not
// offered at all.
func (l *ledger) reach() map[policy.Channel]bool {
	reach := map[policy.Channel]bool{
		policy.Email:  l.email() != "" && !l.objects[policy.Email] && l.adm.MailStoppedAt == nil,
		policy.Letter: l.debtor.Line1 != "" && l.debtor.City != "" && !l.blocked["letter/"+l.debtor.Line1],
	}
	for _, ch := range []policy.Channel{policy.SMS, policy.Voice} {
		if _, ok := l.carrier(ch); ok {
			reach[ch] = l.number(ch) != "" && !l.restricted
		}
	}
	if _, ok := l.carrier(policy.Peppol); ok {
		reach[policy.Peppol] = l.participant() != ""
	}
	return reach
}

// marketing reports whether a step is a service that a debtor may refuse, rather
// than something the creditor has to say (R59).
func marketing(s policy.Step) bool {
	return !s.Demand && s.Reminds() && s.ID != policy.PaymentReversed || s.Kind() == policy.PlanOffer
}
