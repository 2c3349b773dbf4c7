package emulator

import (
	"net/http"

	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// The accounts of every administration.
const (
	cash     = 101
	bank     = 102
	debtors  = 103
	turnover = 104
)

var accounts = []object{
	{"id": cash, "code": "1000", "description": "Kas", "category": "FIN", "group": nil},
	{"id": bank, "code": "1010", "description": "Bank", "category": "FIN", "group": nil},
	{"id": debtors, "code": "1300", "description": "Debiteuren", "category": "DEB", "group": nil},
	{"id": turnover, "code": "8000", "description": "Omzet", "category": "VW", "group": nil},
}

func (c *call) listLedgers() error {
	var rows []row
	for _, a := range accounts {
		rows = append(rows, row{shown: object{"id": a["id"], "code": a["code"], "description": a["description"], "category": a["category"]}})
	}
	return c.list(rows, []string{"id", "code", "description", "category"})
}

func (c *call) account() (object, error) {
	for _, a := range accounts {
		if int64(a["id"].(int)) == c.id() {
			return a, nil
		}
	}
	return nil, notFound("LEDG_011", "Grootboekrekening niet gevonden.")
}

func (c *call) getLedger() error {
	a, err := c.account()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, a)
}

func (c *call) getBalance() error {
	acc, err := c.account()
	if err != nil {
		return err
	}
	var n int64
	err = c.view(func(a *ledger.Administration) error {
		for _, v := range a.Invoices {
			switch {
			case v.Draft:
			case acc["id"] == debtors:
				n += a.Open(v)
			case acc["id"] == turnover:
				n -= v.Excl
			}
		}
		for _, p := range a.Payments {
			if p.Offset == 0 && acc["id"] == bank {
				n += p.Amount
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, object{"code": acc["code"], "type": acc["category"], "balance": number(n, "EUR")})
}
