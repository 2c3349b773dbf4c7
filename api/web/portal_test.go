package web_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/store"
)

var codeIn = regexp.MustCompile(`\b(\d{6})\b`)

// enter opens the portal behind a token with the code that is e-mailed.
func enter(t *testing.T, ten *apitest.Tenant, token string) *apitest.Client {
	t.Helper()
	c := ten.Client()
	before := len(ten.Sent())
	c.Post("/p/"+token+"/code", nil).Has(t, 200, "6-digit code")
	sent := ten.Sent()
	if len(sent) != before+1 {
		t.Fatalf("%d messages, want %d", len(sent), before+1)
	}
	code := codeIn.FindString(strings.SplitN(unfold(ten.Mail(sent[0])), "\r\n\r\n", 2)[1])
	a := c.Post("/p/"+token+"/verify", url.Values{"code": {code[:3] + " " + code[3:]}})
	if a.URL.Path != "/p/"+token || a.Status != 200 {
		t.Fatalf("the code %q led to %s with %d:\n%s", code, a.URL, a.Status, a.Text())
	}
	return c
}

func TestPortal(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("1")
	token := portalToken(t, ten)
	t.Run("R112 the link shows nothing of the debtor before the code", func(t *testing.T) {
		for _, path := range []string{"", "/pay", "/ask", "/dispute", "/pdf/" + ten.Invoice("1").String(), "/paid/" + ten.Invoice("1").String()} {
			a := ten.Client().Get("/p/" + token + path)
			a.Has(t, 200, "Van Dijk Installaties BV", "Send me a code")
			a.Lacks(t, "Noor", "1,210", "1.210", "2026-0412", "noor@debtor.example")
		}
	})
	t.Run("R112 a wrong code opens nothing, and not for ever", func(t *testing.T) {
		c := ten.Client()
		c.Post("/p/"+token+"/code", nil)
		for range 5 {
			c.Post("/p/"+token+"/verify", url.Values{"code": {"000000"}}).Has(t, 422, "not right")
		}
		c.Post("/p/"+token+"/verify", url.Values{"code": {"000000"}}).Has(t, 422, "too often")
		c.Get("/p/"+token).Lacks(t, "2026-0412")
	})
	c := enter(t, ten, token)
	t.Run("after the code all invoices of this creditor are there", func(t *testing.T) {
		a := c.Get("/p/" + token)
		a.Has(t, 200, "2026-0412", "2026-0430", "€1,361.25", "Dear Noor Yilmaz")
		a.Lacks(t, "2026-0440", "Koster")
		c.Get("/p/"+token+"/pdf/"+ten.Invoice("1").String()).Has(t, 200, "%PDF-1.4 2026-0412")
	})
	t.Run("an invoice of another debtor is not", func(t *testing.T) {
		if a := c.Get("/p/" + token + "/pdf/" + ten.Invoice("3").String()); a.Status != 404 {
			t.Errorf("status %d", a.Status)
		}
		before := ten.Dump()
		c.Post("/p/"+token+"/pay", url.Values{"invoice": {ten.Invoice("3").String()}, "method": {"ideal"}}).Has(t, 200, "Your open invoices")
		same(t, before, ten.Dump())
	})
	t.Run("a session of one debtor opens no link of another", func(t *testing.T) {
		ten.Take("3")
		other := portalToken(t, ten)
		if other == token {
			t.Fatal("the same token")
		}
		base, err := url.Parse(c.Base + "/p/" + token)
		if err != nil {
			t.Fatal(err)
		}
		thief := ten.Client()
		cookies := c.HTTP.Jar.Cookies(base)
		for _, k := range cookies {
			k.Path = "/"
		}
		there, err := url.Parse(c.Base)
		if err != nil {
			t.Fatal(err)
		}
		thief.HTTP.Jar.SetCookies(there, cookies)
		thief.Get("/p/"+token).Has(t, 200, "2026-0412") // the cookie works where it belongs
		a := thief.Get("/p/" + other)
		a.Lacks(t, "2026-0440", "12,493")
		if a.Status != 200 || !strings.Contains(a.Body, "/code") {
			t.Errorf("status %d, no door:\n%s", a.Status, a.Text())
		}
	})
	t.Run("a tampered or expired link tells nothing", func(t *testing.T) {
		for _, bad := range []string{token + "x", token[:len(token)-1], strings.ToUpper(token), "../../invoices", "%00"} {
			a := ten.Client().Get("/p/" + bad)
			if a.Status != 404 && a.URL.Path != "/sign-in" && a.URL.Path != "/invoices" {
				t.Errorf("%q: %d", bad, a.Status)
			}
			a.Lacks(t, "Noor", "Van Dijk Installaties")
		}
	})
	t.Run("the language is the debtor's choice", func(t *testing.T) {
		nl := enter(t, ten, token)
		nl.Post("/p/"+token+"/language", url.Values{"lang": {"nl"}}).Has(t, 200, `lang="nl"`, "Noor Yilmaz")
		nl.Post("/p/"+token+"/language", url.Values{"lang": {"de"}}).Has(t, 200, `lang="de"`, "Ihre offenen Rechnungen", "1.361,25\u00a0€", "Kostenlose Hilfe bei Geldsorgen", "Geldfit")
		nl.Post("/p/"+token+"/language", url.Values{"lang": {"fr"}}).Has(t, 200, `lang="fr"`, "Vos factures ouvertes", "1\u00a0361,25\u00a0€")
		nl.Get("/p/"+token+"/pay").Has(t, 200, "Comment souhaitez-vous payer")
		nl.Post("/p/"+token+"/language", url.Values{"lang": {"pl"}}).Has(t, 200, `lang="fr"`)
	})
	t.Run("an expired link", func(t *testing.T) {
		ten.Advance(130 * 24 * time.Hour)
		defer ten.Advance(-130 * 24 * time.Hour)
		ten.Client().Get("/p/"+token).Has(t, 410)
	})
}

func TestPortalPay(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("1")
	token := portalToken(t, ten)
	c := enter(t, ten, token)
	form := c.Get("/p/" + token + "/pay")
	form.Has(t, 200, "€1,361.25", "iDEAL", "NL91 ABNA 0417 1643 00")
	if policy := form.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https:") {
		t.Errorf("the form may not end at the provider: %s", policy)
	}
	c.Get("/p/"+token+"/pay?invoice="+ten.Invoice("2").String()).Has(t, 200, "€151.25")

	a := c.Post("/p/"+token+"/pay", url.Values{"invoice": {ten.Invoice("1").String()}, "method": {"ideal"}})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("status %d:\n%s", a.Status, a.Text())
	}
	checkout := a.Header.Get("Location")
	var id, provider string
	ten.In(ten.ID, func(tx store.Tx) error {
		return tx.QueryRow(t.Context(), "select id::text, provider_id from checkout").Scan(&id, &provider)
	})
	c.Get("/p/"+token+"/paid/"+id).Has(t, 200, "not confirmed")
	pay(t, checkout)
	c.Get("/p/"+token+"/paid/"+id).Has(t, 200, "€1,210.00", "voldaan")
	ten.SignIn(ten.Email).Get("/invoices/"+ten.Invoice("1").String()).Has(t, 200, "Paid in full", "through the pay link")
	if a := c.Get("/p/" + token); strings.Contains(a.Text(), "To pay now €1,361.25") {
		t.Error("the portal still asks what was paid")
	}

	t.Run("R113 a webhook that comes twice or late changes nothing more", func(t *testing.T) {
		hook := ten.Client()
		hook.Post("/webhooks/mollie", url.Values{"id": {provider}}).Has(t, 200)
		before := booked(t, ten)
		for range 3 {
			hook.Do("POST", "/webhooks/mollie", "id="+provider, map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "cross-site"}).Has(t, 200)
		}
		if after := booked(t, ten); after != before {
			t.Errorf("payments and allocations were %s, are %s", before, after)
		}
	})
	t.Run("R113 a forged webhook is no payment", func(t *testing.T) {
		before := ten.Dump()
		for _, id := range []string{"tr_unknown", "", "../../x", "tr_" + strings.Repeat("a", 100), "tr_'; drop table payment"} {
			ten.Client().Post("/webhooks/mollie", url.Values{"id": {id}, "status": {"paid"}}).Has(t, 200)
		}
		same(t, before, ten.Dump())
	})
}

// pay ends a payment on the provider's page as paid.
func pay(t *testing.T, page string) {
	t.Helper()
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	c := &apitest.Client{T: t, HTTP: http.DefaultClient}
	a := c.Get(page)
	action := regexp.MustCompile(`action="([^"]*)"`).FindStringSubmatch(a.Body)
	if !strings.Contains(a.Body, "emulated") {
		t.Fatalf("%s is not the provider's page:\n%s", page, a.Body)
	}
	to := page
	if action != nil && action[1] != "" {
		next, err := u.Parse(action[1])
		if err != nil {
			t.Fatal(err)
		}
		to = next.String()
	}
	stop := &apitest.Client{T: t, HTTP: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if got := stop.Do("POST", to, "action=pay&bank=ING", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}); got.Status >= 400 {
		t.Fatalf("the provider's page answered %d:\n%s\n%s", got.Status, a.Body, got.Body)
	}
}

func booked(t *testing.T, ten *apitest.Tenant) (out string) {
	t.Helper()
	ten.In(ten.ID, func(tx store.Tx) error {
		return tx.QueryRow(context.Background(), "select (select count(*) from payment)::text || ' payments, ' || (select coalesce(sum(amount_minor), 0) from allocation where reversed_at is null)::text").Scan(&out)
	})
	return out
}

func TestPortalTalk(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("1")
	token := portalToken(t, ten)
	c := enter(t, ten, token)
	member := ten.SignIn(ten.Email)

	t.Run("an empty question is refused in words", func(t *testing.T) {
		c.Post("/p/"+token+"/ask", url.Values{"text": {"  "}}).Has(t, 422, "Write here what you would like to know.")
	})
	t.Run("R61 a question holds the flow until it is answered", func(t *testing.T) {
		c.Post("/p/"+token+"/ask", url.Values{"text": {"Which <b>hours</b> are these?"}, "invoice": {ten.Invoice("1").String()}}).Has(t, 200, "Your message is sent")
		page := member.Get("/invoices/" + ten.Invoice("1").String())
		page.Has(t, 200, "the debtor wrote and waits for an answer", "Which &lt;b&gt;hours&lt;/b&gt; are these?", "R61")
		page.Lacks(t, "<b>hours</b>")
		member.Get("/inbox").Has(t, 200, "Noor Yilmaz", "2026-0412")
		member.Get("/debtors/"+ten.DebtorID("noor").String()).Has(t, 200, "What the debtor said", "On their page", "Which &lt;b&gt;hours&lt;/b&gt; are these?", "Not answered", "a final notice or a step of a case waits until it is read")
		before := len(ten.Sent())
		member.Post("/invoices/"+ten.Invoice("1").String()+"/reply", url.Values{"text": {"Those of March."}}).Has(t, 200, "Your answer was sent")
		sent := ten.Sent()
		if len(sent) != before+1 || !strings.Contains(unfold(ten.Mail(sent[0])), "Those of March.") {
			t.Fatal("the answer was not sent")
		}
		page = member.Get("/invoices/" + ten.Invoice("1").String())
		page.Lacks(t, "Ends when you answer")
		page.Has(t, 200, "Answered by Sanne van Dijk", "Those of March.")
	})
	t.Run("R70 a disputed invoice is held, and decided by a person", func(t *testing.T) {
		c.Post("/p/"+token+"/dispute", url.Values{"invoice": {ten.Invoice("1").String()}, "reason": {"price"}, "amount": {"twelve"}, "text": {"Too much."}}).Has(t, 422, "Give an amount")
		c.Post("/p/"+token+"/dispute", url.Values{"invoice": {ten.Invoice("1").String()}, "reason": {"price"}, "amount": {"210,00"}, "text": {"Too much."}}).Has(t, 200, "received your objection")
		c.Get("/p/"+token).Has(t, 200, "Being discussed", "€1,000.00")
		box := member.Get("/inbox?tab=disputes")
		box.Has(t, 200, "Dispute", "Noor Yilmaz")
		thread := member.Get("/inbox/" + ten.DebtorID("noor").String())
		thread.Has(t, 200, "the amount is not right", "€210.00", "Too much.")
		action := regexp.MustCompile(`/disputes/[0-9a-f-]{36}`).FindString(thread.Body)
		member.Post(action, url.Values{"decision": {"reject"}, "text": {"The rate was agreed."}}).Has(t, 200, "Decided. The debtor is told")
		page := member.Get("/invoices/" + ten.Invoice("1").String())
		page.Lacks(t, "Ends when the dispute is decided")
		page.Has(t, 200, "The dispute was not accepted")
		member.Post(action, url.Values{"decision": {"accept"}, "text": {"Again."}}).Has(t, 409, "decided already")
	})
}

// TestScanners holds R112: a mail filter that opens every link of every message
// changes nothing.
func TestScanners(t *testing.T) {
	t.Parallel()
	t.Run("R112 opening every link of every message changes nothing", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		ten.Take("1")
		ten.Take("3")
		links := map[string]bool{}
		for _, m := range ten.Sent() {
			for _, link := range regexp.MustCompile(regexp.QuoteMeta(ten.Server.URL)+`[^\s"'<>)]*`).FindAllString(unfold(ten.Mail(m)), -1) {
				links[strings.ReplaceAll(link, "&amp;", "&")] = true
			}
		}
		if len(links) < 3 {
			t.Fatalf("only %d links in the messages", len(links))
		}
		before := ten.Dump()
		for link := range links {
			for _, method := range []string{"GET", "HEAD"} {
				if a := ten.Client().Do(method, link, "", nil); a.Status != 200 {
					t.Errorf("%s %s: %d", method, link, a.Status)
				}
			}
		}
		same(t, before, ten.Dump())
	})
	t.Run("R112 opening every page of a tenant changes nothing", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		ten.Take("1")
		c := ten.SignIn(ten.Email)
		before := ten.Dump()
		seen, queue := map[string]bool{}, []string{"/", "/search?q=2026"}
		for len(queue) > 0 && len(seen) < 200 {
			path := queue[0]
			queue = queue[1:]
			if seen[path] {
				continue
			}
			seen[path] = true
			a := c.Get(path)
			if a.Status != 200 {
				t.Errorf("%s: %d", path, a.Status)
			}
			for _, m := range regexp.MustCompile(`(?:href|src|hx-get)="(/[^"#]*)`).FindAllStringSubmatch(a.Body, -1) {
				if !strings.HasPrefix(m[1], "/assets/") {
					queue = append(queue, strings.ReplaceAll(m[1], "&amp;", "&"))
				}
			}
		}
		if len(seen) < 25 {
			t.Errorf("only %d pages were found", len(seen))
		}
		same(t, before, ten.Dump())
	})
}

func TestGenuine(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("1")
	var id string
	ten.In(ten.ID, func(tx store.Tx) error {
		return tx.QueryRow(t.Context(), "select id::text from message where channel = 'email'").Scan(&id)
	})
	c := ten.Client()
	a := c.Get("/genuine/" + id)
	a.Has(t, 200, "Van Dijk Installaties BV", "vandijk.example")
	a.Lacks(t, "Noor", "2026-0412", "1,210")
	c.Get("/genuine?reference=nonsense").Lacks(t, "Van Dijk")
	c.Get("/genuine/00000000-0000-0000-0000-000000000001").Lacks(t, "Van Dijk")
}
