package emulator

import (
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// describe lists the resources that are served.
func (s *Server) describe() {
	s.resources = map[string]*resource{}
	add := func(name string, r resource) {
		r.name = name
		if r.key == "" {
			r.key = "ID"
		}
		r.page = 60
		if strings.HasPrefix(name, "sync/") || strings.HasPrefix(name, "bulk/") {
			r.page, r.keep = 1000, true
		}
		if strings.HasPrefix(name, "sync/") {
			r.key = "Timestamp"
		}
		s.resources[strings.ToLower(name)] = &r
	}
	add("Me", resource{key: "UserID", plain: true, rows: (*call).me})
	for _, name := range []string{"system/AllDivisions", "system/Divisions", "hrm/Divisions"} {
		add(name, resource{key: "Code", plain: true, rows: (*call).divisions})
	}
	for _, name := range []string{"crm/Accounts", "bulk/CRM/Accounts", "sync/CRM/Accounts"} {
		r := resource{rows: accounts}
		if name == "crm/Accounts" {
			r.post, r.put, r.remove = (*call).createAccount, (*call).changeAccount, (*call).deleteAccount
		}
		add(name, r)
	}
	add("crm/Contacts", resource{rows: contacts})
	add("sync/CRM/Contacts", resource{rows: contacts})
	add("crm/BankAccounts", resource{rows: bankAccounts})
	add("read/financial/ReceivablesList", resource{key: "HID", plain: true, rows: receivablesList})
	add("read/financial/ReceivablesListByAccount", resource{key: "HID", plain: true, bare: true, rows: receivablesList})
	add("sync/Cashflow/PaymentTerms", resource{rows: paymentTerms})
	add("cashflow/Receivables", resource{rows: receivables})
	add("bulk/Cashflow/Receivables", resource{rows: receivables})
	add("cashflow/PaymentConditions", resource{plain: true, rows: paymentConditions})
	add("salesentry/SalesEntries", resource{key: "EntryID", rows: salesEntries})
	add("salesinvoice/SalesInvoices", resource{key: "InvoiceID", rows: salesInvoices})
	add("salesinvoice/SalesInvoiceLines", resource{rows: salesInvoiceLines})
	add("sync/SalesInvoice/SalesInvoices", resource{rows: salesInvoices})
	add("bulk/SalesInvoice/SalesInvoices", resource{key: "InvoiceID", rows: salesInvoices})
	add("sync/Financial/TransactionLines", resource{rows: transactionLines})
	add("bulk/Financial/TransactionLines", resource{rows: transactionLines})
	add("sync/Deleted", resource{rows: deleted})
	add("financial/GLAccounts", resource{rows: glAccounts})
	add("financial/Journals", resource{plain: true, rows: journals})
	add("financialtransaction/BankEntries", resource{key: "EntryID", rows: entries(bankJournal), post: (*call).createBankEntry})
	add("financialtransaction/BankEntryLines", resource{rows: entryLines(bankJournal)})
	add("financialtransaction/CashEntries", resource{key: "EntryID", rows: entries(cashJournal), post: (*call).createCashEntry})
	add("financialtransaction/CashEntryLines", resource{rows: entryLines(cashJournal)})
	add("generaljournalentry/GeneralJournalEntries", resource{key: "EntryID", rows: entries(memoJournal), post: (*call).createJournalEntry})
	add("activities/CommunicationNotes", resource{rows: notes, post: (*call).createNote})
	add("documents/Documents", resource{rows: documents, post: (*call).createDocument})
	add("documents/DocumentAttachments", resource{rows: attachments, post: (*call).createAttachment})
	add("webhooks/WebhookSubscriptions", resource{plain: true, rows: subscriptions, post: (*call).subscribe, remove: (*call).unsubscribe})
}

const userID = "6d1ac0de-0000-4000-8000-000000000001"

func (c *call) me(*ledger.Administration) []object {
	division := 0
	c.s.All(func(a *ledger.Administration) {
		if division == 0 {
			division = code(a.ID)
		}
	})
	return []object{{
		"UserID": userID, "FullName": "Noor de Wit", "Email": "noor@korenaar.example", "UserName": "noor", "CurrentDivision": division,
		"AccountingDivision": division, "Legislation": 1, "LanguageCode": "nl-NL",
	}}
}

func (c *call) divisions(*ledger.Administration) (out []object) {
	denied := map[string]bool{}
	c.s.extra.View(func(e *extra) {
		for k, v := range e.Denied {
			denied[k] = v
		}
	})
	c.s.All(func(a *ledger.Administration) {
		if denied[a.ID] {
			return
		}
		f := a.Seed
		out = append(out, object{
			"Code": code(a.ID), "Hid": code(a.ID), "Description": f.Name, "Currency": f.Currency, "Country": f.Country, "Customer": ledger.Derived(a.ID, "customer"),
			"CustomerName": f.Name, "VATNumber": null(f.TaxNumber), "ChamberOfCommerceNumber": null(f.ChamberOfCommerce), "Status": 1, "BlockingStatus": 0,
			"Email": null(f.Email), "Phone": null(f.Phone), "AddressLine1": null(f.Address), "Postcode": null(f.Zipcode), "City": null(f.City), "Main": true,
		})
	})
	return out
}
