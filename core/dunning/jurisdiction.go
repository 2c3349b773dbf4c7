package dunning

import (
	"cmp"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// jurisdiction returns the law by which a creditor's costs and interest are
// demanded: that of the administration's country unless it chose another. It
// returns a fault of kind Invalid for a country without a law pack: then nothing
// beyond the principal may be demanded.
func (l *ledger) jurisdiction() (*law.Country, error) {
	country := cmp.Or(l.adm.LawCountry, l.adm.Country)
	pack, err := law.Pack(country)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.Invalid, "law_unknown",
			"The law of %q on collection costs is not known, so nothing beyond the principal can be demanded.", country)
	}
	return pack, err
}

// lawOf is the law that invoices are claimed by: that of their case, which it was
// opened under, else that of the administration.
func (l *ledger) lawOf(items ...*item) (*law.Country, error) {
	for _, it := range items {
		if it != nil && it.claim != nil && it.claim.Law != "" {
			return law.Pack(it.claim.Law)
		}
	}
	return l.jurisdiction()
}

func (l *ledger) debtorType() law.DebtorType {
	if l.debtor.Kind == string(sdk.Business) {
		return law.Business
	}
	return law.Consumer
}

// agreedRate is the yearly percentage of the creditor's terms, "" for none.
func (l *ledger) agreedRate() string {
	if l.debtorType() == law.Business {
		return l.adm.AgreedRateBusiness
	}
	return l.adm.AgreedRateConsumer
}

// agreedRateOf is the one that an invoice bears: in a case, that of the terms when it
// was opened.
func (l *ledger) agreedRateOf(it *item) string {
	if it.claim != nil && it.claim.TermsAgreedRate != nil {
		return *it.claim.TermsAgreedRate
	}
	return l.agreedRate()
}

// defaultOf computes since when the debtor is in default with an invoice.
func (l *ledger) defaultOf(pack *law.Country, it *item) (law.Default, error) {
	q := law.DefaultClaim{
		Debtor: l.debtorType(), DueDate: it.invoice.Due, InvoiceReceived: it.invoiceReceived(l.zone),
		DueAgreed: pack.DueIsFirm(l.debtorType()),
	}
	if l.adm.DueAgreed != nil {
		q.DueAgreed = *l.adm.DueAgreed
	}
	if sent, ok := it.done[policy.SendInvoice]; ok && sent.Outcome == policy.DoneSent {
		q.Warned = l.adm.InvoiceNotices
	}
	if it.notice != nil && !it.notice.AwaitsPost && it.notice.Law == pack.Code() {
		q.Notices = []law.Delivery{it.delivery()}
	}
	return pack.DefaultSince(q)
}

// invoiceReceived is the day on which the debtor got the invoice, as far as we
// or the books know.
func (it *item) invoiceReceived(zone *time.Location) date.Date {
	if sent, ok := it.done[policy.SendInvoice]; ok && sent.Outcome == policy.DoneSent {
		return sent.On
	}
	if it.invoice.SentAt != nil {
		return date.Of(it.invoice.SentAt.In(zone))
	}
	return date.Date{}
}

// delivery is the way of the notice that stands. One that came back is void and
// does not stand (R56).
func (it *item) delivery() law.Delivery {
	return law.Delivery{
		Kind: it.notice.Kind, Sent: it.notice.PostedOn, Channel: law.Channel(it.notice.Channel),
		AddressInUse: it.notice.Channel == string(law.Email), // an e-mail goes to the address of the books only
	}
}

// foreign is the reservation on a consumer abroad, whom the law of the own
// country may protect better than that of the creditor.
func (l *ledger) foreign(pack *law.Country) (law.Figure, bool) {
	abroad := l.debtor.Country
	if l.debtorType() == law.Business || abroad == "" || abroad == pack.Code() {
		return law.Figure{}, false
	}
	return law.Figure{
		Name: fmt.Sprintf("%s: a consumer in %s", pack.Code(), abroad), Value: "claimed by the law of " + pack.Code(), Status: law.Unconfirmed,
		Why: fmt.Sprintf("the debtor is a consumer in %s, whose law may protect better than that of %s: have it checked before a debtor reads it", abroad, pack.Code()),
	}, true
}
