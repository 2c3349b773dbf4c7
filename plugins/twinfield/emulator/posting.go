package emulator

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

func readDate(s string) (date.Date, error) {
	if len(s) != 8 {
		return date.Date{}, fmt.Errorf("%q is not a date (yyyymmdd)", s)
	}
	return date.Parse(s[:4] + "-" + s[4:6] + "-" + s[6:])
}

// writeTransaction posts money on debtors; it stays open until it is matched.
func (c *call) writeTransaction(doc *node) *node {
	head := doc.at("header")
	code := head.get("code")
	if code != bank && code != cash && code != memo {
		head.mark("code", "The transaction type "+code+" cannot be posted here.")
		return doc.set("result", "0")
	}
	on, err := readDate(head.get("date"))
	if err != nil {
		head.mark("date", err.Error())
		return doc.set("result", "0")
	}
	var out *node
	err = c.s.Change(c.adm, func(t *ledger.Tx) error {
		var all []*ledger.Payment
		sum := int64(0)
		for i, l := range doc.at("lines").all("line") {
			currency := head.get("currency")
			n, err := ledger.ParseAmount(l.get("value"), currency)
			if err != nil {
				l.mark("value", err.Error())
				return ledger.ErrRefused
			}
			if l.get("debitcredit") == "credit" {
				n = -n
			}
			if l.attr("type") == "total" && code != memo {
				continue
			}
			sum += n
			if l.get("dim1") != "1300" {
				continue
			}
			ct := customer(t.A, l.get("dim2"))
			if ct == nil {
				l.mark("dim2", "The dimension "+l.get("dim2")+" does not exist.")
				return ledger.ErrRefused
			}
			id, _ := strconv.Atoi(l.attr("id"))
			if id == 0 {
				id = i + 1
			}
			all = append(all, &ledger.Payment{Contact: ct.No, Amount: -n, Currency: currency, Date: on, Text: l.get("description"), Extra: map[string]string{"code": code, "line": fmt.Sprint(id)}})
		}
		switch {
		case len(all) == 0:
			doc.fail("There is no line on a debtor.")
			return ledger.ErrRefused
		case code == memo && sum != 0:
			doc.fail("The transaction is not in balance.")
			return ledger.ErrRefused
		}
		number := ""
		for _, p := range all {
			p = t.AddPayment(p)
			if number == "" {
				number = fmt.Sprintf("%d%05d", on.Year(), p.No)
			}
			p.Extra["number"] = number
		}
		out = receipt(t.A, all)
		if doc.attr("destiny") == "temporary" {
			out.set("location", "temporary")
		}
		return nil
	})
	if err != nil {
		return doc.set("result", "0")
	}
	return out
}

// match settles the lines of each set against each other.
func (c *call) match(doc *node) *node {
	out, result := el("match", ""), "1"
	for _, set := range doc.all("set") {
		err := c.s.Change(c.adm, func(t *ledger.Tx) error { return matchSet(t, set) })
		if err != nil {
			set.set("result", "0")
			if set.attr("msg") == "" {
				set.fail(err.Error())
			}
			result = "0"
		} else {
			set.set("result", "1").add(el("value", "0.00"))
		}
		out.add(set)
	}
	return out.set("result", result)
}

func matchSet(t *ledger.Tx, set *node) error {
	if set.get("matchcode") != "170" {
		return fmt.Errorf("%w: customers are matched with code 170", ledger.ErrRefused)
	}
	var invoices, credits []*ledger.Invoice
	var payments []*ledger.Payment
	total := int64(0)
	for _, l := range set.at("lines").all("line") {
		code, number, line := l.get("transcode"), l.get("transnumber"), l.get("transline")
		found, open := false, int64(0)
		for _, v := range t.A.Invoices {
			if code == sales && line == "1" && saleNumber(v) == number && !v.Draft {
				found, open = true, t.A.Open(v)
				if v.Credit {
					credits = append(credits, v)
				} else {
					invoices = append(invoices, v)
				}
			}
		}
		for _, p := range t.A.Payments {
			if p.Offset == 0 && p.Invoice == 0 && paymentCode(p) == code && paymentNumber(p) == number && fmt.Sprint(paymentLine(p)) == line {
				found, open = true, -p.Amount
				payments = append(payments, p)
			}
		}
		if !found || open == 0 {
			l.fail("The line does not exist or is not available.")
			return ledger.ErrRefused
		}
		value := strings.TrimSpace(l.get("matchvalue"))
		n := open
		if value != "" {
			var err error
			if n, err = ledger.ParseAmount(value, t.A.Seed.Currency); err != nil {
				l.mark("matchvalue", err.Error())
				return ledger.ErrRefused
			}
		}
		if abs(n) > abs(open) || open < 0 && n != open {
			l.mark("matchvalue", "The match value is not what is open.")
			return ledger.ErrRefused
		}
		total += n
	}
	if total != 0 || len(invoices) != 1 && len(payments) > 0 || len(invoices) == 0 {
		return fmt.Errorf("%w: the lines of a set come to nothing: one invoice with payments, or invoices with a credit note", ledger.ErrRefused)
	}
	for _, p := range payments {
		t.Match(p, invoices[0])
	}
	for _, cr := range credits {
		for _, v := range invoices {
			t.SetOff(v, cr)
		}
	}
	return nil
}
