package ledger

import "fmt"

// Demonstrate plants five debtors and a dozen invoices around today: paid, part
// paid, credited, overdue, not yet due, in dollars, and a draft. Books that have
// contacts are left as they are.
func (s *Store) Demonstrate(adm string) error {
	has := false
	if err := s.View(adm, func(a *Administration) error { has = len(a.Contacts) > 0; return nil }); err != nil || has {
		return err
	}
	var who []string
	for _, c := range []ContactSeed{
		{CompanyName: "Hotel Zeezicht B.V.", FirstName: "Noor", LastName: "de Wit", Email: "crediteuren@zeezicht.example", Phone: "0223 611 200", Address: "Boulevard 12", Zipcode: "1781 AB", City: "Den Helder", Country: "NL", ChamberOfCommerce: "37012345", TaxNumber: "NL801234567B01", IBAN: "NL20INGB0001234567", Terms: 30},
		{CompanyName: "Lunchroom Het Anker", FirstName: "Sem", LastName: "Bakker", Email: "sem@hetanker.example", Address: "Kade 3", Zipcode: "3011 AA", City: "Rotterdam", Country: "NL", ChamberOfCommerce: "24123456"},
		{CompanyName: "Brasserie Le Port SPRL", FirstName: "Julie", LastName: "Lambert", Email: "compta@leport.example", Address: "Quai 8", Zipcode: "1000", City: "Bruxelles", Country: "BE", TaxNumber: "BE0123456749", Language: "fr"},
		{FirstName: "Petra", LastName: "Jansen", Email: "petra@jansen.example", Address: "Lindelaan 5", Zipcode: "3581 CD", City: "Utrecht", Country: "NL"},
		{CompanyName: "Harbour Trading Inc.", FirstName: "Ann", LastName: "Cole", Email: "ap@harbour.example", Address: "1 Pier Road", Zipcode: "02110", City: "Boston", Country: "US", Language: "en"},
	} {
		id, err := s.SeedContact(adm, c)
		if err != nil {
			return err
		}
		who = append(who, id)
	}
	for i, v := range []struct {
		contact, ago, terms int
		total, currency     string
		pay                 string // "all", an amount, "credit" or ""
		draft               bool
	}{
		{0, 90, 30, "1210.00", "", "all", false}, {0, 60, 30, "847.00", "", "347.00", false}, {0, 10, 30, "2420.00", "", "", false},
		{1, 45, 14, "96.80", "", "", false}, {1, 30, 14, "302.50", "", "credit", false}, {1, 20, 14, "151.25", "", "", false},
		{2, 40, 30, "1815.00", "", "", false}, {2, 3, 30, "605.00", "", "", false},
		{3, 35, 14, "48.40", "", "", false}, {3, 16, 14, "72.60", "", "all", false},
		{4, 50, 30, "3025.00", "USD", "1000.00", false}, {0, 0, 30, "484.00", "", "", true},
	} {
		var d InvoiceSeed
		if err := s.View(adm, func(a *Administration) error {
			day := s.Today(a).AddDays(-v.ago)
			d = InvoiceSeed{Contact: who[v.contact], Date: day, Due: day.AddDays(v.terms), Total: v.total, Currency: v.currency, Reference: fmt.Sprintf("PO-%d", 880+i), Draft: v.draft}
			return nil
		}); err != nil {
			return err
		}
		id, err := s.SeedInvoice(adm, d)
		switch {
		case err != nil:
		case v.pay == "all":
			_, err = s.Pay(adm, id, PaymentSeed{Date: d.Due.AddDays(-2)})
		case v.pay == "credit":
			_, err = s.Credit(adm, id, true)
		case v.pay != "":
			_, err = s.Pay(adm, id, PaymentSeed{Price: v.pay, Date: d.Due})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
