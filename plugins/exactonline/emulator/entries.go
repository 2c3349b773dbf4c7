package emulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

func journalOf(p *ledger.Payment) string { return cmp.Or(p.Extra["journal"], bankJournal) }

func paymentEntry(p *ledger.Payment) string {
	return cmp.Or(p.Extra["entry"], ledger.Derived(p.UUID, "entry"))
}

func paymentNumber(p *ledger.Payment) json.Number {
	return json.Number(cmp.Or(p.Extra["number"], fmt.Sprintf("%02d%s%04d", p.Date.Year()%100, journalOf(p), p.No)))
}

func accountID(a *ledger.Administration, what string) string {
	return ledger.Derived(a.ID, "gl"+what)
}

func glAccounts(_ *call, a *ledger.Administration) (out []object) {
	for _, g := range []struct{ code, text string }{{"1000", "Kas"}, {"1010", "Bank"}, {"1300", "Debiteuren"}, {"8000", "Omzet"}} {
		out = append(out, object{"ID": accountID(a, g.code), "Code": g.code, "Description": g.text, "Division": code(a.ID)})
	}
	return out
}

func journals(_ *call, a *ledger.Administration) (out []object) {
	for _, j := range []struct {
		code, text string
		kind       int
	}{{cashJournal, "Kas", 10}, {bankJournal, "Bank", 12}, {salesJournal, "Verkoop", 20}, {memoJournal, "Memoriaal", 90}} {
		out = append(out, object{"ID": ledger.Derived(a.ID, "journal"+j.code), "Code": j.code, "Description": j.text, "Type": j.kind, "Division": code(a.ID)})
	}
	return out
}

// entries groups the payments of a journal by the entry that booked them.
func entries(journal string) func(*call, *ledger.Administration) []object {
	return func(_ *call, a *ledger.Administration) (out []object) {
		seen := map[string]bool{}
		for _, p := range a.Payments {
			id := paymentEntry(p)
			if p.Offset != 0 || journalOf(p) != journal || seen[id] {
				continue
			}
			seen[id] = true
			out = append(out, object{
				"EntryID": id, "EntryNumber": paymentNumber(p), "JournalCode": journal, "Currency": p.Currency, "Division": code(a.ID), "Status": 50,
				"FinancialYear": p.Date.Year(), "FinancialPeriod": int(p.Date.Month()), "Created": local(a, p.Created), "Modified": local(a, p.Modified),
			})
		}
		return out
	}
}

func entryLines(journal string) func(*call, *ledger.Administration) []object {
	return func(_ *call, a *ledger.Administration) (out []object) {
		for _, p := range a.Payments {
			if p.Offset != 0 || journalOf(p) != journal {
				continue
			}
			o := object{
				"ID": p.UUID, "EntryID": paymentEntry(p), "EntryNumber": paymentNumber(p), "AmountFC": number(-p.Amount, p.Currency), "AmountDC": number(-p.Amount, p.Currency),
				"Date": day(p.Date), "Description": null(p.Text), "GLAccount": accountID(a, "1300"), "OurRef": nil, "OffsetID": nil, "Created": local(a, p.Created), "Modified": local(a, p.Modified),
			}
			o["Account"], o["AccountName"] = party(a, p.Contact)
			if v := a.InvoiceByNo(p.Invoice); v != nil {
				o["OurRef"], o["OffsetID"] = entryNumber(v), ledger.Derived(v.UUID, "transaction")
			}
			out = append(out, o)
		}
		return out
	}
}

// transactionLines are the lines on debtors: positive for an invoice.
func transactionLines(_ *call, a *ledger.Administration) (out []object) {
	line := func(id, entry string, rev int64, contact int64, amount int64, currency string) object {
		o := object{
			"ID": id, "EntryID": entry, "Timestamp": rowVersion(rev, 50), "GLAccountCode": "1300", "GLAccount": accountID(a, "1300"), "AmountDC": number(amount, currency),
			"AmountFC": number(amount, currency), "Currency": currency, "Status": 50, "PaymentReference": nil, "Division": code(a.ID),
		}
		o["Account"], o["AccountName"] = party(a, contact)
		o["AccountID"] = o["Account"]
		return o
	}
	for _, v := range a.Invoices {
		if v.Draft {
			continue
		}
		o := line(ledger.Derived(v.UUID, "transaction"), entryID(v), v.Rev, v.Contact, v.Total, v.Currency)
		o["Date"], o["DueDate"], o["InvoiceNumber"], o["EntryNumber"], o["JournalCode"], o["Type"] = day(v.Date), day(v.Due), entryNumber(v), entryNumber(v), salesJournal, 20
		out = append(out, o)
	}
	for _, p := range a.Payments {
		if p.Offset != 0 {
			continue
		}
		o := line(ledger.Derived(p.UUID, "transaction"), paymentEntry(p), p.Rev, p.Contact, -p.Amount, p.Currency)
		o["Date"], o["DueDate"], o["InvoiceNumber"], o["EntryNumber"], o["JournalCode"], o["Type"] = day(p.Date), day(p.Date), nil, paymentNumber(p), journalOf(p), 40
		if v := a.InvoiceByNo(p.Invoice); v != nil {
			o["InvoiceNumber"] = entryNumber(v)
		}
		out = append(out, o)
	}
	return out
}

type entryIn struct {
	JournalCode              string
	Currency                 string
	BankEntryLines           []lineIn
	CashEntryLines           []lineIn
	GeneralJournalEntryLines []lineIn
}

type lineIn struct {
	Account, GLAccount, Description string
	AmountFC                        json.Number
	Date                            string
	OurRef                          json.Number
}

func (c *call) createBankEntry() error {
	return c.createEntry(bankJournal, func(in entryIn) []lineIn { return in.BankEntryLines })
}

func (c *call) createCashEntry() error {
	return c.createEntry(cashJournal, func(in entryIn) []lineIn { return in.CashEntryLines })
}

func (c *call) createJournalEntry() error {
	return c.createEntry(memoJournal, func(in entryIn) []lineIn { return in.GeneralJournalEntryLines })
}

// createEntry books the lines on debtors as money that is not matched yet; other
// lines of a journal entry are its counterpart.
func (c *call) createEntry(journal string, of func(entryIn) []lineIn) error {
	var in entryIn
	if err := c.read(&in); err != nil {
		return err
	}
	if in.JournalCode != journal {
		return refuse(http.StatusBadRequest, "Invalid value: JournalCode %q", in.JournalCode)
	}
	if len(of(in)) == 0 {
		return refuse(http.StatusBadRequest, "Mandatory: lines of the entry")
	}
	var made object
	err := c.s.Change(c.adm, func(t *ledger.Tx) error {
		var all []*ledger.Payment
		for _, l := range of(in) {
			if l.Account == "" {
				continue
			}
			ct, err := t.A.NamedContact(l.Account)
			if err != nil {
				return refuse(http.StatusBadRequest, "Invalid reference: Account")
			}
			if l.GLAccount != "" && l.GLAccount != accountID(t.A, "1300") {
				return refuse(http.StatusBadRequest, "Invalid reference: GLAccount")
			}
			currency := cmp.Or(in.Currency, t.A.Seed.Currency)
			n, err := ledger.ParseAmount(l.AmountFC.String(), currency)
			if err != nil || n == 0 {
				return refuse(http.StatusBadRequest, "Invalid value: AmountFC")
			}
			on := t.Today()
			if l.Date != "" {
				if on, err = date.Parse(l.Date[:min(10, len(l.Date))]); err != nil {
					return refuse(http.StatusBadRequest, "Invalid value: Date")
				}
			}
			all = append(all, &ledger.Payment{Contact: ct.No, Amount: -n, Currency: currency, Date: on, Text: l.Description, Extra: map[string]string{"journal": journal}})
		}
		if len(all) == 0 {
			return refuse(http.StatusBadRequest, "Mandatory: Account")
		}
		var first *ledger.Payment
		for _, p := range all {
			p = t.AddPayment(p)
			if first == nil {
				first = p
			}
			p.Extra["entry"], p.Extra["number"] = ledger.Derived(first.UUID, "entry"), ""
			p.Extra["number"] = fmt.Sprintf("%02d%s%04d", first.Date.Year()%100, journal, first.No)
		}
		made = object{"EntryID": paymentEntry(first), "EntryNumber": paymentNumber(first), "JournalCode": journal, "Currency": first.Currency, "Created": t.Now.UTC().Truncate(time.Second)}
		return nil
	})
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, c.draw(made, made))
}
