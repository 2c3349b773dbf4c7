package emulator

import "net/http"

func (c *call) listAccounts() error {
	var body []object
	err := c.view(func(a *administration) error {
		body = []object{{
			"id": id(a.Fixed.Account), "administration_id": id(a.ID), "type": "BankAccount", "name": a.Seed.Name, "identifier": a.Seed.IBAN,
			"currency": a.Seed.Currency, "provider": nil, "moneybird_account": false, "active": true, "created_at": at(a.CreatedAt), "updated_at": at(a.CreatedAt),
		}}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}

func (c *call) listTaxRates() error {
	w, err := c.window()
	if err != nil {
		return err
	}
	body := []object{}
	err = c.view(func(a *administration) error {
		from, to := w.cut(len(a.Rates))
		for _, r := range a.Rates[from:to] {
			body = append(body, object{
				"id": id(r.ID), "administration_id": id(a.ID), "name": r.Name, "percentage": decimalDiscount(r.Percent), "tax_rate_type": "sales_invoice",
				"show_tax": true, "active": true, "country": nil, "created_at": at(a.CreatedAt), "updated_at": at(a.CreatedAt),
			})
		}
		c.link(w, len(a.Rates))
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}

func (c *call) getIdentity() error {
	var body object
	err := c.view(func(a *administration) error {
		s := a.Seed
		body = object{
			"id": id(a.Fixed.Identity), "administration_id": id(a.ID), "company_name": s.Name, "city": or(s.City), "country": s.Country, "zipcode": or(s.Zipcode),
			"address1": or(s.Address), "address2": nil, "email": or(s.Email), "phone": or(s.Phone), "bank_account_name": s.Name, "bank_account_number": or(s.IBAN),
			"bank_account_bic": or(s.BIC), "custom_fields": []object{}, "updated_at": at(a.CreatedAt), "created_at": at(a.CreatedAt),
			"chamber_of_commerce": or(s.ChamberOfCommerce), "tax_number": or(s.TaxNumber),
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}
