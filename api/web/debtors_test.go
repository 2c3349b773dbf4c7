package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/store"
)

// takeBack presses the undo of the last action.
func takeBack(t *testing.T, c *apitest.Client, after apitest.Answer) apitest.Answer {
	t.Helper()
	token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(after.Body)
	if token == nil {
		t.Fatalf("%s offers no undo:\n%s", after.URL, after.Text())
	}
	return c.Do("POST", "/undo", url.Values{"token": {token[1]}}.Encode(), map[string]string{
		"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin", "Referer": after.URL.String(),
	})
}

func TestDebtorProfile(t *testing.T) {
	t.Parallel()
	ten := open(t)
	c := ten.SignIn(ten.Email)
	c.Post("/segments", url.Values{"name": {"vip"}, "title": {"Key accounts"}}).Has(t, 200, "Key accounts")
	c.Post("/segments", url.Values{"name": {"shoppers"}, "title": {"Shoppers"}, "debtors": {"consumer"}}).Has(t, 200, "Shoppers")
	debtor := "/debtors/" + ten.DebtorID("noor").String()
	c.Get(debtor).Has(t, 200, "How this debtor is treated", "Medium, as long as nothing says otherwise", "Shoppers, by its rule", "flow for consumers")
	chosen := c.Post(debtor+"/profile", url.Values{"risk": {"high"}, "segment": {"vip"}, "flow": {"b2c-nl"}, "language": {"en"}, "form": {"informal"}})
	chosen.Has(t, 200, "Saved", "Key accounts, by hand", "It was chosen for this debtor.", "<dd>English</dd>", "<dd>Informally</dd>", "<dd>High, by hand</dd>")

	c.Get("/debtors?segment=vip").Has(t, 200, "Noor Yilmaz", "High", "1 debtor")
	c.Get("/debtors?segment=shoppers&risk=high").Has(t, 200, "Noor Yilmaz")
	c.Get("/debtors?risk=low").Has(t, 200, "Nothing matches these filters", "Clear the filters")
	c.Get("/debtors?q=koster").Lacks(t, "Noor Yilmaz")
	csv := c.Get("/debtors.csv?segment=vip")
	csv.Has(t, 200, "id,name,kind", "Noor Yilmaz", "high,vip")
	if n := strings.Count(csv.Body, "\n"); n != 2 {
		t.Errorf("the file has %d lines", n)
	}
	t.Run("messages follow the language that was chosen", func(t *testing.T) {
		ten.Take("1")
		if mail := unfold(ten.Mail(ten.Sent()[0])); !strings.Contains(mail, "Dear ") && !strings.Contains(mail, "Hello ") && !strings.Contains(mail, "Hi ") {
			t.Errorf("not in English:\n%s", mail)
		}
	})
	t.Run("all of it is taken back at once", func(t *testing.T) {
		again := c.Post(debtor+"/profile", url.Values{"risk": {"low"}})
		again.Has(t, 200, "<dd>Low, by hand</dd>", "flow for consumers")
		takeBack(t, c, again).Has(t, 200, "Taken back", "<dd>High, by hand</dd>", "Key accounts, by hand", "It was chosen for this debtor.")
	})
	c.Post(debtor+"/profile", url.Values{"risk": {"dire"}}).Has(t, 422, "low, medium or high")
}

func TestUndo(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("1")
	c := ten.SignIn(ten.Email)
	invoice := "/invoices/" + ten.Invoice("1").String()
	t.Run("R50 an invoice that was left out is put back", func(t *testing.T) {
		out := c.Post(invoice+"/leave-out", nil)
		out.Has(t, 200, "Left out of today")
		takeBack(t, c, out).Has(t, 200, "in today&#39;s messages again")
	})
	t.Run("R64 a pause that was ended is set again", func(t *testing.T) {
		c.Post(invoice+"/pause", url.Values{"reason": {"agreed"}, "note": {"By phone"}, "until": {"2026-03-20"}}).Has(t, 200, "is paused")
		ended := c.Post(invoice+"/resume", nil)
		ended.Has(t, 200, "Resumed")
		takeBack(t, c, ended).Has(t, 200, "Paused again: 1 pause", "By phone")
	})
	t.Run("R63 a pause of a debtor is taken back", func(t *testing.T) {
		debtor := "/debtors/" + ten.DebtorID("noor").String()
		held := c.Post(debtor+"/pause", url.Values{"scope": {"debtor"}, "what": {"reminders_paused"}, "note": {"Talks"}})
		held.Has(t, 200, "Paused.")
		takeBack(t, c, held).Has(t, 200, "Taken back: 1 pause")
	})
	t.Run("R97 a legal stop that was recorded by mistake is taken back, for an hour and by who recorded it", func(t *testing.T) {
		debtor := "/debtors/" + ten.DebtorID("koster").String()
		record := func() apitest.Answer {
			return c.Post(debtor+"/stop", url.Values{"kind": {"bankruptcy"}, "on": {"2026-03-09"}, "source": {"a register"}})
		}
		stopped := record()
		stopped.Has(t, 200, "All pressure on this debtor has stopped", "take it back, until")
		takeBack(t, c, stopped).Has(t, 200, "Taken back. The flow goes on where it was.", "Recorded by mistake and taken back.")
		c.Get(debtor).Lacks(t, "Legal stop</span>", "take it back, until")

		again := record()
		recordedBy := func(name string) {
			ten.In(ten.ID, func(tx store.Tx) error {
				_, err := tx.Exec(t.Context(), "update legal_stop set recorded_by = $1 where lifted_at is null", name)
				return err
			})
		}
		recordedBy("somebody else")
		c.Get(debtor).Lacks(t, "take it back, until")
		takeBack(t, c, again).Has(t, 409, "too late to take this back")
		recordedBy("Sanne van Dijk")
		ten.Advance(61 * time.Minute)
		takeBack(t, c, again).Has(t, 409, "too late to take this back")

		lift := regexp.MustCompile(`/legal-stops/[0-9a-f-]{36}/lift`).FindString(c.Get(debtor).Body)
		lifted := c.Post(lift, url.Values{"why": {"Annulled."}})
		lifted.Has(t, 200, "The legal stop is lifted")
		takeBack(t, c, lifted).Has(t, 200, "on record again", "Legal stop")
	})
}
