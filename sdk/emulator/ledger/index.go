package ledger

// index finds records by their numbers. It is made when it is first needed after
// a change; readers that make it at the same time make the same.
type index struct {
	invoices map[int64]*Invoice
	paid     map[int64][]*Payment // by invoice, oldest first
}

func (a *Administration) sales() *index {
	if x := a.bySale.Load(); x != nil {
		return x
	}
	x := &index{invoices: make(map[int64]*Invoice, len(a.Invoices)), paid: map[int64][]*Payment{}}
	for _, v := range a.Invoices {
		x.invoices[v.No] = v
	}
	for _, p := range a.Payments {
		if p.Invoice != 0 {
			x.paid[p.Invoice] = append(x.paid[p.Invoice], p)
		}
	}
	a.bySale.Store(x)
	return x
}

func (a *Administration) people() map[int64]*Contact {
	if x := a.byContact.Load(); x != nil {
		return *x
	}
	x := make(map[int64]*Contact, len(a.Contacts))
	for _, c := range a.Contacts {
		x[c.No] = c
	}
	a.byContact.Store(&x)
	return x
}

// ContactByNo returns a contact, or nil.
func (a *Administration) ContactByNo(no int64) *Contact { return a.people()[no] }

// InvoiceByNo returns an invoice, or nil.
func (a *Administration) InvoiceByNo(no int64) *Invoice { return a.sales().invoices[no] }

// PaymentsOf returns what was paid on an invoice, oldest first.
func (a *Administration) PaymentsOf(v *Invoice) []*Payment { return a.sales().paid[v.No] }

// Open is what is left of an invoice; negative for a credit note, nothing for
// one that is void.
func (a *Administration) Open(v *Invoice) int64 {
	if v.Void {
		return 0
	}
	left := v.Total
	for _, p := range a.PaymentsOf(v) {
		left -= p.Amount
	}
	return left
}
