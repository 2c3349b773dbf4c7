package emulator

import (
	"net/http"

	"github.com/voldaan/voldaan/sdk/emulator"
)

const anyBook = "estimates sales_invoices documents bank settings"

func (s *Server) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/v2/administrations", s.listAdministrations)
	mux.HandleFunc("GET /storage/{token}/{name}", s.download)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		emulator.WriteJSON(w, http.StatusNotFound, map[string]string{"error": "Not Found"})
	})
	on := func(method, path, need string, fn func(*call) error) { s.handle(mux, method, path, need, fn) }

	on("GET", "/contacts", anyBook, (*call).listContacts)
	on("POST", "/contacts", anyBook, (*call).createContact)
	on("GET", "/contacts/synchronization", anyBook, (*call).syncContacts)
	on("POST", "/contacts/synchronization", anyBook, (*call).fetchContacts)
	on("GET", "/contacts/customer_id/{id}", anyBook, (*call).getCustomer)
	on("GET", "/contacts/{id}", anyBook, (*call).getContact)
	on("PATCH", "/contacts/{id}", anyBook, (*call).patchContact)
	on("DELETE", "/contacts/{id}", anyBook, (*call).deleteContact)
	on("PATCH", "/contacts/{id}/archive", anyBook, (*call).archiveContact)
	on("POST", "/contacts/{id}/notes", anyBook, (*call).createContactNote)

	const sales = "sales_invoices"
	for path, l := range map[string]ledger{"/sales_invoices": salesLedger, "/external_sales_invoices": externalLedger} {
		with := func(fn func(*call, ledger) error) func(*call) error { return func(c *call) error { return fn(c, l) } }
		on("GET", path, sales, with((*call).listInvoices))
		on("POST", path, sales, with((*call).createInvoice))
		on("GET", path+"/synchronization", sales, with((*call).syncInvoices))
		on("POST", path+"/synchronization", sales, with((*call).fetchInvoices))
		on("GET", path+"/{id}", sales, with((*call).getInvoice))
		on("PATCH", path+"/{id}", sales, with((*call).patchInvoice))
		on("DELETE", path+"/{id}", sales, with((*call).deleteInvoice))
		on("PATCH", path+"/{id}/mark_as_dubious", sales, with((*call).markDubious))
		on("PATCH", path+"/{id}/mark_as_uncollectible", sales, with((*call).markUncollectible))
		on("POST", path+"/{id}/payments", sales, with((*call).createPayment))
		on("DELETE", path+"/{id}/payments/{payment}", sales, with((*call).deletePayment))
		on("POST", path+"/{id}/notes", sales, with((*call).createInvoiceNote))
		on("DELETE", path+"/{id}/notes/{note}", sales, with((*call).deleteInvoiceNote))
	}
	on("GET", "/sales_invoices/{id}/{value}", sales, (*call).findOrDownload)
	on("POST", "/sales_invoices/send_reminders", sales, (*call).sendReminders)
	on("PATCH", "/sales_invoices/{id}/send_invoice", sales, (*call).sendInvoice)
	on("POST", "/sales_invoices/{id}/pause", sales, func(c *call) error { return c.pauseInvoice(true) })
	on("POST", "/sales_invoices/{id}/resume", sales, func(c *call) error { return c.pauseInvoice(false) })
	on("PATCH", "/sales_invoices/{id}/duplicate_creditinvoice", sales, (*call).creditInvoice)
	on("PATCH", "/sales_invoices/{id}/register_payment_creditinvoice", sales, (*call).settleCreditInvoice)
	on("GET", "/payments/{id}", "", (*call).getPayment)

	on("GET", "/financial_mutations", "bank", (*call).listMutations)
	on("GET", "/financial_mutations/synchronization", "bank", (*call).syncMutations)
	on("POST", "/financial_mutations/synchronization", "bank", (*call).fetchMutations)
	on("GET", "/financial_mutations/{id}", "bank", (*call).getMutation)
	on("PATCH", "/financial_mutations/{id}/link_booking", "bank", (*call).linkBooking)
	on("DELETE", "/financial_mutations/{id}/unlink_booking", "bank", (*call).unlinkBooking)

	on("GET", "/financial_accounts", "settings", (*call).listAccounts)
	on("GET", "/tax_rates", "settings sales_invoices documents estimates", (*call).listTaxRates)
	on("GET", "/identities/default", "settings", (*call).getIdentity)

	on("GET", "/webhooks", "settings", (*call).listWebhooks)
	on("POST", "/webhooks", "settings", (*call).createWebhook)
	on("DELETE", "/webhooks/{id}", "settings", (*call).deleteWebhook)
	on("PATCH", "/webhooks/{id}/activate", "settings", func(c *call) error { return c.switchWebhook(true) })
	on("PATCH", "/webhooks/{id}/deactivate", "settings", func(c *call) error { return c.switchWebhook(false) })
}

// findOrDownload sorts out find_by_…/{value} and {id}/download_…, which one
// pattern has to catch.
func (c *call) findOrDownload() error {
	switch c.r.PathValue("id") {
	case "find_by_invoice_id":
		return c.findByNumber()
	case "find_by_reference":
		return c.findByReference()
	}
	switch c.r.PathValue("value") {
	case "download_pdf":
		return c.downloadPDF()
	case "download_ubl":
		return c.downloadUBL()
	}
	return &apiError{http.StatusNotFound, map[string]string{"error": "Not Found"}}
}

// listAdministrations shows what the token may see.
func (s *Server) listAdministrations(w http.ResponseWriter, r *http.Request) {
	c := &call{s: s, w: w, r: r}
	err := c.meter()
	if err == nil {
		err = c.authenticate()
	}
	if err != nil {
		c.fail(err)
		return
	}
	out := []object{}
	s.books.View(func(b *books) {
		for _, id := range b.Order {
			if c.grant.Subject == "" || c.grant.Subject == id || c.grant.Subject == id+readOnly {
				out = append(out, b.Administrations[id].render())
			}
		}
	})
	emulator.WriteJSON(w, http.StatusOK, out)
}
