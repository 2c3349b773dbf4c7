package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/web"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk"
)

// shop is a hub with a business that owes an overdue invoice.
func shop(t *testing.T) *apitest.Tenant {
	t.Helper()
	b := apitest.New(t)
	ten := b.Tenant("vandijk")
	ten.Member("collector@vandijk.example", tenant.Collector)
	koster := apitest.Debtor("koster", "Koster & Zonen")
	koster.Kind = sdk.Business
	ten.Books([]sdk.Party{koster}, apitest.Invoice("1", "koster", "2026-0412", 121000, 5))
	b.Serve(web.New)
	return ten
}

// stepsForm is the editor's form of a flow as the page shows it, with changes.
func stepsForm(f policy.Flow, do string, change func(url.Values)) url.Values {
	v := url.Values{"do": {do}, "title": {"Ours"}, "about": {f.Description}, "debtors": {string(f.Debtors)}, "country": {f.Country}}
	for i, s := range f.Form().Steps {
		n := string(rune('0' + i%10))
		if i >= 10 {
			n = "1" + n
		}
		v.Add("step", s.ID)
		v.Set("title-"+n, s.Title)
		v.Set("offset-"+n, itoa(s.Offset))
		v.Set("from-"+n, s.From)
		v.Set("tone-"+n, s.Tone)
		v.Set("phase-"+n, s.Phase)
		v.Set("term-"+n, itoa(s.Term))
		v["channel-"+n], v["else-"+n] = s.Channels, s.Else
		if s.Asks {
			v.Set("asks-"+n, "1")
		}
	}
	change(v)
	return v
}

func itoa(n int) string {
	if n < 0 {
		return "-" + itoa(-n)
	}
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func TestFlowsOnThePages(t *testing.T) {
	t.Parallel()
	ten := shop(t)
	c, invoice := ten.SignIn(ten.Email), "/invoices/"+ten.Invoice("1").String()
	c.Get("/flows").Has(t, 200, "B2B Netherlands", "B2C Belgium", "Small amount", "You follow the flows that ship")
	c.Get("/flows/b2b-nl").Has(t, 200, "Shipped", "Final reminder", "7 days to pay", "D+18")
	c.Get("/flows/b2b-nl/export.yaml").Has(t, 200, "id: b2b-nl", "from: due")

	t.Run("who is no owner looks only", func(t *testing.T) {
		other := ten.SignIn("collector@vandijk.example")
		other.Get("/flows/b2b-nl").Lacks(t, "Copy this flow")
		other.Post("/flows/b2b-nl/copy", url.Values{"id": {"mine"}, "title": {"Mine"}}).Has(t, 403)
	})
	c.Post("/flows/b2b-nl/copy", url.Values{"id": {"b2b-nl"}, "title": {"Ours"}}).Has(t, 422, "ships with Voldaan")
	c.Post("/flows/b2b-nl/copy", url.Values{"id": {"ours"}, "title": {"Ours"}}).Has(t, 200)
	c.Get("/flows/ours/edit").Has(t, 200, "A draft; nothing follows it yet", "Reminder 2")

	f := policy.Flows()["b2b-nl"]
	c.Post("/flows/ours/edit", stepsForm(f, "publish", func(v url.Values) { v.Set("offset-3", "5") })).Has(t, 200)
	c.Get("/flows/ours/edit").Has(t, 200, "leave at least 7 days between two reminders")
	c.Post("/flows/ours/edit", stepsForm(f, "publish", func(v url.Values) { v.Set("offset-3", "11") })).Has(t, 200)
	c.Get("/flows/ours").Has(t, 200, "Version 1", "D+11")
	c.Post("/flows/ours/edit", stepsForm(f, "remove call_task", func(v url.Values) { v.Set("offset-3", "10") })).Has(t, 200)
	c.Post("/flows/ours/edit", stepsForm(f, "publish", func(v url.Values) {
		v.Set("offset-3", "10")
		v.Set("note", "a day more")
	})).Has(t, 200)
	c.Get("/flows/ours/versions").Has(t, 200, "Version 2", "a day more", "D+11", "D+10")

	t.Run("an invoice follows it and says why", func(t *testing.T) {
		c.Get(invoice).Has(t, 200, "B2B Netherlands, version", "It is the administration&#39;s flow for businesses")
		c.Post(invoice+"/flow", url.Values{"scope": {"invoice"}, "flow": {"ours"}}).Has(t, 200)
		c.Get(invoice).Has(t, 200, "Ours, version 2", "It was chosen for this invoice", "The whole path")
		c.Get("/flows/use").Has(t, 200, "2026-0412", "Take back")
	})
	t.Run("a segment by a rule", func(t *testing.T) {
		c.Post("/segments", url.Values{"title": {"Large"}, "name": {"large"}, "min": {"1000"}}).Has(t, 200)
		c.Post("/segments", url.Values{"title": {"Large"}, "name": {"NOT good"}}).Has(t, 422, "Name a segment with small letters")
		c.Post("/flows/choose", url.Values{"scope": {"segment"}, "subject": {"large"}, "flow": {"key-account"}}).Has(t, 200)
		c.Get("/flows/use").Has(t, 200, "Large", "At least EUR 1000.00")
	})
	t.Run("a rehearsal over the books", func(t *testing.T) {
		adm := strings.Split(strings.Split(c.Get("/flows/rehearse").Body, `id="books" name="books"`)[1], `value="`)[1]
		a := c.Post("/flows/rehearse", url.Values{"flow": {"ours"}, "books": {adm[:36]}, "over": {"books"}})
		a.Has(t, 200)
		at := a.URL.Path
		for range 200 {
			if body := c.Get(at + "/status").Body; !strings.Contains(body, "Rehearsing") {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		c.Get(at).Has(t, 200, "Nobody who had paid would have been asked", "Reminder 1", "Every message")
	})
	t.Run("approvals", func(t *testing.T) {
		c.Get("/approvals").Has(t, 200, "Nothing waits")
		c.Post("/approvals", url.Values{"do": {"approve"}}).Has(t, 422, "Pick at least one invoice")
	})
	t.Run("an import that is no flow says so", func(t *testing.T) {
		c.Post("/flows/import", url.Values{"text": {"mood: good"}}).Has(t, 422, "This is no flow")
		c.Post("/flows/import", url.Values{"text": {strings.Replace(string(f.YAML()), "id: b2b-nl", "id: brought", 1)}}).Has(t, 200)
		c.Get("/flows/brought").Has(t, 200, "Draft, not published")
	})
}
