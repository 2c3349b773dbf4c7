package emulator

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// wildcard matches a pattern with * and ?.
func wildcard(pattern, text string) bool {
	p := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	ok, _ := regexp.MatchString("(?is)^"+p+"$", text)
	return ok
}

// find serves the Finder: lists of codes and names.
func (c *call) find() (*node, error) {
	options := map[string]string{}
	for _, o := range c.body.at("options").all("ArrayOfString") {
		if pair := o.all("string"); len(pair) == 2 {
			options[strings.TrimSpace(pair[0].text)] = strings.TrimSpace(pair[1].text)
		}
	}
	adm := c.adm
	if office := options["office"]; office != "" {
		adm = office
	}
	columns, rows := []string{"Code", "Name"}, [][]string{}
	kind := c.body.get("type")
	err := error(nil)
	switch kind {
	case "OFF":
		c.s.All(func(a *ledger.Administration) { rows = append(rows, []string{a.ID, a.Seed.Name}) })
	case "BNK":
		rows = [][]string{{bank, "Bank"}, {cash, "Kas"}}
	case "TRS":
		rows = [][]string{{sales, "Verkoopfactuur"}, {bank, "Bank"}, {cash, "Kas"}, {memo, "Memoriaal"}}
	case "DIM", "IVT":
		err = c.s.View(adm, func(a *ledger.Administration) error {
			if kind == "IVT" {
				columns = []string{"Invoice number", "Customer", "Name", "Open value"}
				for _, v := range a.Invoices {
					if ct := a.ContactByNo(v.Contact); !v.Draft && a.Open(v) != 0 && ct != nil {
						rows = append(rows, []string{v.Number, ct.Code, ct.Name(), ledger.Decimal(a.Open(v), v.Currency)})
					}
				}
				return nil
			}
			for _, ct := range a.Contacts {
				since := options["modifiedsince"]
				if options["dimtype"] != "" && options["dimtype"] != "DEB" || since != "" && ct.Modified.In(a.Location()).Format("20060102150405") < since {
					continue
				}
				rows = append(rows, []string{ct.Code, ct.Name()})
			}
			return nil
		})
	default:
		return nil, &fault{"1", "The finder type " + kind + " is not known."}
	}
	if err != nil {
		return nil, &fault{"103", "Access denied. You have no access to company " + adm + "."}
	}
	var kept [][]string
	for _, r := range rows {
		if pattern := c.body.get("pattern"); pattern == "" || wildcard(pattern, r[0]) || wildcard(pattern, r[1]) {
			kept = append(kept, r)
		}
	}
	first, _ := strconv.Atoi(c.body.get("firstRow"))
	most, _ := strconv.Atoi(c.body.get("maxRows"))
	if most <= 0 {
		most = 100
	}
	from := min(max(0, first-1+emulator.PageShift(c.r)*most), len(kept))
	data := el("data", "").add(el("TotalRows", fmt.Sprint(len(kept))))
	names := el("Columns", "")
	for _, name := range columns {
		names.add(el("string", name))
	}
	items := el("Items", "")
	for _, r := range kept[from:min(from+most, len(kept))] {
		item := el("ArrayOfString", "")
		for _, v := range r {
			item.add(el("string", v))
		}
		items.add(item)
	}
	return el("SearchResponse", "", "xmlns", twinfield).add(el("SearchResult", ""), data.add(names, items)), nil
}

// deleted serves the query of deleted transactions, by the days they went.
func (c *call) deleted() (*node, error) {
	q := c.body
	for q.name != "" && !q.has("CompanyCode") && len(q.kids) > 0 {
		q = q.kids[0]
	}
	adm := q.get("CompanyCode")
	day := func(name string) (d date.Date, err error) {
		if s := q.get(name); s != "" {
			d, err = date.Parse(s[:min(10, len(s))])
		}
		return d, err
	}
	from, err1 := day("DateFrom")
	to, err2 := day("DateTo")
	if err1 != nil || err2 != nil {
		return nil, &fault{"InvalidDates", "The dates are not valid."}
	}
	list := el("DeletedTransactions", "")
	err := c.s.View(adm, func(a *ledger.Administration) error {
		for _, g := range a.Gone {
			code := map[string]string{ledger.KindInvoice: sales, ledger.KindPayment: bank}[g.Kind]
			at := g.At.In(a.Location())
			on := date.Of(at)
			if code == "" || q.get("Daybook") != "" && q.get("Daybook") != code || !from.IsZero() && on.Before(from) || !to.IsZero() && on.After(to) {
				continue
			}
			list.add(el("DeletedTransaction", "").add(
				el("Daybook", code), el("TransactionNumber", fmt.Sprintf("%d%05d", g.Of.Year(), g.No)), el("TransactionDate", g.Of.String()+"T00:00:00"),
				el("DeletionDate", at.Format("2006-01-02T15:04:05")), el("User", "NOOR"), el("ReasonForDeletion", "Entered twice"),
			))
		}
		return nil
	})
	if err != nil {
		return nil, &fault{"InvalidCompanyCode", "The company code is not valid."}
	}
	return el("QueryResponse", "", "xmlns", twinfield).add(el("Result", "").add(list)), nil
}
