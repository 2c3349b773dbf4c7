package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/web"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func TestPause(t *testing.T) {
	t.Parallel()
	ten := open(t)
	c := ten.SignIn(ten.Email)
	page := "/invoices/" + ten.Invoice("1").String()
	t.Run("a day that has passed is refused at its field", func(t *testing.T) {
		c.Post(page+"/pause", url.Values{"reason": {"promise"}, "until": {"2026-03-01"}}).Has(t, 422, "This day has passed")
		c.Post(page+"/pause", url.Values{"reason": {"nonsense"}}).Has(t, 422, "Choose a reason")
	})
	t.Run("R64 a pause holds, says why, and ends", func(t *testing.T) {
		c.Post(page+"/pause", url.Values{"reason": {"promise"}, "note": {"by phone"}, "until": {"2026-03-20"}}).Has(t, 200,
			"is paused through Fri 20 Mar", "Debtor promised to pay: by phone", "Ends by itself Sat 21 Mar 00:00", "No step while it is held", "Undo")
		c.Get("/invoices?tab=held").Has(t, 200, "2026-0412", "paused")
		c.Post(page+"/resume", nil).Has(t, 200, "Resumed", "Preview reminder 1")
	})
	t.Run("undo takes back what was paused", func(t *testing.T) {
		a := c.Post("/invoices/pause", url.Values{"id": {ten.Invoice("1").String(), ten.Invoice("3").String()}, "reason": {"checking"}, "back": {"/invoices?tab=held"}})
		a.Has(t, 200, "2 invoices are paused until you resume it", "2026-0412", "2026-0440")
		token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(a.Body)
		if token == nil {
			t.Fatal("nothing to undo")
		}
		c.Post("/undo", url.Values{"token": {token[1]}}).Has(t, 200, "Taken back: 2 pauses")
		c.Get("/invoices?tab=held").Lacks(t, "2026-0412")
	})
	t.Run("nothing picked is said", func(t *testing.T) {
		c.Post("/invoices/pause", url.Values{"reason": {"checking"}}).Has(t, 200, "Pick at least one invoice")
	})
	t.Run("bulk resume", func(t *testing.T) {
		ids := []string{ten.Invoice("1").String(), ten.Invoice("3").String()}
		c.Post("/invoices/pause", url.Values{"id": ids, "reason": {"checking"}})
		c.Post("/invoices/resume", url.Values{"id": ids}).Has(t, 200, "2 pauses ended")
	})
	t.Run("R115 a pause of a program stays", func(t *testing.T) {
		ten.In(ten.ID, func(tx store.Tx) error {
			return tx.AddHold(t.Context(), db.AddHoldParams{ID: ten.Invoice("hold"), TenantID: ten.ID, Scope: "invoice", ScopeID: ten.Invoice("1"), Reason: "paused", CreatedBy: "api:erp", CreatedAt: ten.Now()})
		})
		c.Get(page).Has(t, 200, "the program erp", "Only the program that set it can lift it")
		c.Post(page+"/resume", nil).Has(t, 200, "There was nothing to resume")
		c.Get(page).Has(t, 200, "the program erp")
	})
}

func TestStepNow(t *testing.T) {
	t.Parallel()
	ten := open(t)
	c := ten.SignIn(ten.Email)
	page := "/invoices/" + ten.Invoice("1").String()
	preview := c.Get(page + "/step")
	preview.Has(t, 200, "Reminder 1, before it is sent", "noor@debtor.example", "€1,210.00 is open", "No payment is under way", "No unread message")
	key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(preview.Body)
	if key == nil {
		t.Fatalf("no key in the preview:\n%s", preview.Text())
	}
	html := c.Get(page + "/step/html")
	html.Has(t, 200, "2026-0412")
	if p := html.Header.Get("Content-Security-Policy"); !strings.Contains(p, "sandbox") {
		t.Errorf("the copy is not sandboxed: %s", p)
	}
	t.Run("what changed since it was shown is shown again and not sent", func(t *testing.T) {
		before := ten.Dump()
		c.Post(page+"/step", url.Values{"key": {"another"}}).Has(t, 409, "Something changed since you looked")
		same(t, before, ten.Dump())
	})
	c.Post(page+"/step", url.Values{"key": {key[1]}}).Has(t, 200, "Reminder 1 is on its way")
	if _, err := ten.Services.Steps.Take(t.Context(), ten.ID, ten.Invoice("1")); err != nil {
		t.Fatal(err)
	}
	sent := ten.Sent()
	if len(sent) != 1 {
		t.Fatalf("%d messages, want 1", len(sent))
	}
	t.Run("the copy is what was sent", func(t *testing.T) {
		shown := c.Get(page)
		shown.Has(t, 200, "Reminder 1 sent by e-mail", "Asked €1,210.00", "Taken by the mail server")
		href := regexp.MustCompile(page + `/messages/[0-9a-f-]{36}`).FindString(shown.Body)
		c.Get(href).Has(t, 200, "as sent", sent[0].Subject, "noor@debtor.example", "This copy never changes")
		c.Get(href+"/html").Has(t, 200, "2026-0412", "/p/")
		other := strings.Replace(href, ten.Invoice("1").String(), ten.Invoice("3").String(), 1)
		c.Get(other).Has(t, 404)
	})
	t.Run("what was previewed is what was sent", func(t *testing.T) {
		text := regexp.MustCompile(`(?s)<div class="paper[^"]*">(.*?)</div>`).FindStringSubmatch(preview.Body)
		if text == nil {
			t.Fatal("no text in the preview")
		}
		line := strings.TrimSpace(strings.SplitN(strings.TrimSpace(text[1]), "\n", 2)[0])
		if !strings.Contains(unfold(ten.Mail(sent[0])), line) {
			t.Errorf("the message lacks %q", line)
		}
	})
}

func upload(t *testing.T, c *apitest.Client, path, name, content string) apitest.Answer {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return c.Do("POST", path, b.String(), map[string]string{"Content-Type": w.FormDataContentType(), "Sec-Fetch-Site": "same-origin"})
}

func TestBank(t *testing.T) {
	t.Parallel()
	ten := open(t)
	c := ten.SignIn(ten.Email)
	day := date.Of(apitest.Start).AddDays(-1)
	s, err := statement.Compose("NL91ABNA0417164300", "2026-068", "68", day, money.EUR(1_000_00),
		statement.Line{Amount: money.EUR(121000), CounterpartyName: "N YILMAZ", CounterpartyIBAN: "NL02RABO0123456789", Text: "factuur 2026-0412", BankReference: "1"},
		statement.Line{Amount: money.EUR(15125), CounterpartyName: "N YILMAZ", CounterpartyIBAN: "NL02RABO0123456789", Text: "betaling", BankReference: "2"},
		statement.Line{Amount: money.EUR(204300), CounterpartyName: "BELASTINGDIENST", CounterpartyIBAN: "NL86INGB0002445588", Text: "teruggaaf", BankReference: "3"},
	)
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	if err := statement.WriteCAMT053(&file, day.At(23, 0, time.UTC), s); err != nil {
		t.Fatal(err)
	}
	t.Run("a file that is no statement is refused in words", func(t *testing.T) {
		before := ten.Dump()
		upload(t, c, "/bank/statements", "page.xml", "<html>not a statement</html>").Has(t, 422, "This file was not read", "page.xml")
		c.Post("/bank/statements", nil).Has(t, 422, "This file was not read")
		same(t, before, ten.Dump())
	})
	a := upload(t, c, "/bank/statements", "march.xml", file.String())
	a.Has(t, 200, "march.xml is in", "3 payments", "1 matched")
	c.Get("/invoices/"+ten.Invoice("1").String()).Has(t, 200, "Paid in full", "received by bank")
	upload(t, c, "/bank/statements", "march.xml", file.String()).Has(t, 200, "were there already")
	lines := c.Get("/bank")
	lines.Has(t, 200, "BELASTINGDIENST", "€2,043.00")
	open := regexp.MustCompile(`/bank/lines/[0-9a-f-]{36}/ignore`).FindAllString(lines.Body, -1)
	if len(open) != 2 {
		t.Fatalf("%d lines wait, want 2:\n%s", len(open), lines.Text())
	}
	t.Run("a person assigns a line", func(t *testing.T) {
		var id string
		ten.In(ten.ID, func(tx store.Tx) error {
			return tx.QueryRow(t.Context(), "select id::text from bank_line where text = 'betaling'").Scan(&id)
		})
		c.Post("/bank/lines/"+id+"/confirm", url.Values{"invoice": {"2099-1"}}).Has(t, 200, "There is no invoice or open case 2099-1")
		c.Post("/bank/lines/"+id+"/confirm", url.Values{"invoice": {"2026-0430"}}).Has(t, 200, "Booked")
		c.Get("/invoices/"+ten.Invoice("2").String()).Has(t, 200, "Paid in full")
		c.Post("/bank/lines/"+id+"/confirm", url.Values{"invoice": {"2026-0430"}}).Has(t, 200, "is matched already")
	})
	t.Run("or says that it is for no invoice", func(t *testing.T) {
		var id string
		ten.In(ten.ID, func(tx store.Tx) error {
			return tx.QueryRow(t.Context(), "select id::text from bank_line where text = 'teruggaaf'").Scan(&id)
		})
		c.Post("/bank/lines/"+id+"/ignore", nil).Has(t, 200, "not for an invoice")
		c.Get("/bank").Lacks(t, "BELASTINGDIENST")
		c.Get("/bank?tab=ignored").Has(t, 200, "BELASTINGDIENST")
	})
}

// walk takes the steps of an invoice until its next one is another; somebody
// approves the figures that they wait for.
func walk(t *testing.T, ten *apitest.Tenant, invoice, until string) {
	t.Helper()
	for range 12 {
		var step string
		var at *time.Time
		ten.Approve()
		ten.In(ten.ID, func(tx store.Tx) error {
			row, err := tx.Collection(t.Context(), ten.Invoice(invoice))
			step, at = row.NextStep, row.NextAt
			return err
		})
		if step == until {
			return
		}
		if at == nil {
			t.Fatalf("nothing is planned before %s; %s waits", until, step)
		}
		ten.Advance(at.Sub(ten.Now()) + time.Second)
		ten.In(ten.ID, func(tx store.Tx) error {
			return tx.ConfirmAdministration(t.Context(), db.ConfirmAdministrationParams{ID: ten.Administration, At: ten.Now()})
		})
		if _, err := ten.Services.Steps.Take(t.Context(), ten.ID, ten.Invoice(invoice)); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("%s never came", until)
}

func TestCase(t *testing.T) {
	t.Parallel()
	ten := open(t)
	walk(t, ten, "1", "contact_attempt")
	c := ten.SignIn(ten.Email)
	list := c.Get("/cases")
	list.Has(t, 200, "Noor Yilmaz", "Consumer")
	href := regexp.MustCompile(`/cases/[0-9a-f-]{36}`).FindString(list.Body)
	page := c.Get(href)
	page.Has(t, 200, "€1,210.00", "14-day letter", "Valid", "Complete", "Contact attempt", "€181.50") // 15% of 1,210.00
	t.Run("the letter and the dossier are files", func(t *testing.T) {
		for _, f := range regexp.MustCompile(href+`/(files/[0-9a-f-]{36}|dossier)`).FindAllString(page.Body, -1) {
			a := c.Get(f)
			if a.Status != 200 || !strings.HasPrefix(a.Body, "%PDF-") || a.Header.Get("Content-Type") != "application/pdf" {
				t.Errorf("%s: %d %s", f, a.Status, a.Header)
			}
		}
		if !strings.Contains(page.Body, href+"/dossier") {
			t.Error("no dossier to download")
		}
	})
	c.Get("/invoices/"+ten.Invoice("1").String()).Has(t, 200, "Collection costs", "Statutory interest", "Case opened")
	t.Run("R107 what a bailiff needs is listed, and blocks", func(t *testing.T) {
		c.Get(href).Has(t, 200, "Owed today", "Missing before it can be handed over", "The contract, order or terms")
		c.Post(href+"/dossier", nil).Has(t, 200, "The dossier is made", "Version 1", "not complete")
	})
	t.Run("R104 a waiver shows at once", func(t *testing.T) {
		c.Post(href+"/waive", url.Values{"costs": {"181.50"}, "why": {""}}).Has(t, 200, "Say why it is waived")
		c.Post(href+"/waive", url.Values{"costs": {"181.50"}, "why": {"A good customer"}}).Has(t, 200, "Waived", "0.00 costs", "A good customer")
	})
	t.Run("R37 the statement is a file", func(t *testing.T) {
		if a := c.Get(href + "/statement?lang=en"); a.Status != 200 || !strings.HasPrefix(a.Body, "%PDF-") {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
	t.Run("R124 a viewer waives nothing, and the try is on record", func(t *testing.T) {
		ten.Member("viewer@vandijk.example", tenant.Viewer)
		viewer := ten.SignIn("viewer@vandijk.example")
		viewer.Post(href+"/waive", url.Values{"costs": {"1"}, "why": {"x"}}).Has(t, 403, "Your role does not include this")
		ten.In(ten.ID, func(tx store.Tx) error {
			var n int
			err := tx.QueryRow(t.Context(), "select count(*) from audit where action = 'refused POST /cases/{id}/waive'").Scan(&n)
			if n != 1 {
				t.Errorf("%d lines of audit", n)
			}
			return err
		})
	})
	t.Run("R124 nor a collector where owners waive, and the try is on record", func(t *testing.T) {
		ten.Member("collector@vandijk.example", tenant.Collector)
		collector := ten.SignIn("collector@vandijk.example")
		ten.In(ten.ID, func(tx store.Tx) error {
			rules := arrangement.Defaults()
			rules.WaiveOwners = true
			return ten.Services.Desk.Save(t.Context(), tx, ten.Administration, rules, "Sanne")
		})
		collector.Post(href+"/waive", url.Values{"costs": {"1"}, "why": {"x"}}).Has(t, 403, "Only an owner")
		ten.In(ten.ID, func(tx store.Tx) error {
			var n int
			err := tx.QueryRow(t.Context(), "select count(*) from audit where action = 'refused POST /cases/{id}/waive' and actor <> ''").Scan(&n)
			if n != 2 {
				t.Errorf("%d lines of audit", n)
			}
			return err
		})
	})
	t.Run("R108 R110 rules and bailiffs are kept", func(t *testing.T) {
		c.Post("/cases/bailiffs", url.Values{"name": {"Incasso X"}, "kind": {"collector"}, "transport": {"email"}, "email": {"x@incasso.test"}, "pays_to": {"creditor"}}).Has(t, 200, "Incasso X", "Registration not valid")
	})
}

func TestConnect(t *testing.T) {
	t.Parallel()
	ten := open(t)
	c := ten.SignIn(ten.Email)
	c.Get("/marketplace").Has(t, 200, "Moneybird", "Invoice files", "Exact Online", "Not built yet")
	c.Get("/marketplace?q=exact").Lacks(t, "Moneybird")
	c.Get("/marketplace/moneybird").Has(t, 200, "Connect Moneybird", "moneybird.com", "Payments")
	t.Run("a wish counts once a tenant", func(t *testing.T) {
		for range 2 {
			c.Post("/marketplace/exact-online/want", nil).Has(t, 200, "1 organisations want it")
		}
	})
	var state, cookie string
	t.Run("connecting leads to the package's own page", func(t *testing.T) {
		a := c.Post("/marketplace/moneybird/connect", nil)
		to, err := url.Parse(a.Header.Get("Location"))
		if a.Status != http.StatusSeeOther || err != nil || to.Host != "moneybird.com" {
			t.Fatalf("%d to %s:\n%s", a.Status, a.Header.Get("Location"), a.Text())
		}
		q := to.Query()
		state, cookie = q.Get("state"), a.Header.Get("Set-Cookie")
		if q.Get("redirect_uri") != ten.Server.URL+"/connections/callback" || len(state) < 20 || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
			t.Errorf("asked %v with cookie %s", q, cookie)
		}
	})
	t.Run("R112 a call-back without the state of this browser changes nothing", func(t *testing.T) {
		before := ten.Dump()
		c.Get("/connections/callback?code=stolen&state=guess").Has(t, 403, "does not belong to the sign-in that you began")
		same(t, before, ten.Dump())
		other := ten.SignIn(ten.Email) // makes a session
		before = ten.Dump()
		other.Get("/connections/callback?code=stolen&state="+state).Has(t, 403, "begun in another browser")
		same(t, before, ten.Dump())
	})
	t.Run("a connector that does not start is said, and nothing is left", func(t *testing.T) {
		a := c.Post("/marketplace/moneybird/connect", url.Values{"api_token": {"secret-token"}})
		a.Has(t, 422, "could not be asked whether the access works")
		a.Lacks(t, "secret-token")
		upload(t, c, "/marketplace/files/connect", "open.csv", "number;amount\n1;10").Has(t, 422, "could not be asked")
		c.Post("/marketplace/files/connect", nil).Has(t, 422, "Choose a file first")
		ten.In(ten.ID, func(tx store.Tx) error {
			rows, err := tx.Connections(t.Context())
			for _, r := range rows {
				if r.State != "new" {
					t.Errorf("connection %s is %s", r.Connector, r.State)
				}
			}
			return err
		})
	})
	t.Run("saying no connects nothing", func(t *testing.T) {
		c.Get("/connections/callback?error=access_denied&state="+state).Has(t, 200, "You did not give access")
		ten.In(ten.ID, func(tx store.Tx) error {
			rows, err := tx.Connections(t.Context())
			if len(rows) != 0 {
				t.Errorf("%d connections are left", len(rows))
			}
			return err
		})
	})
}

func TestGoLive(t *testing.T) {
	t.Parallel()
	b := apitest.New(t)
	ten := b.Tenant("vandijk")
	connection := ten.Invoice("connection")
	ten.In(ten.ID, func(tx store.Tx) error {
		if err := tx.AddConnection(t.Context(), db.AddConnectionParams{ID: connection, TenantID: ten.ID, Connector: "moneybird", Title: "Moneybird", Config: []byte("{}"), Auth: "token", State: "connected"}); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), "update administration set connection_id = $1, go_live_on = null", connection); err != nil {
			return err
		}
		return nil
	})
	ten.Books([]sdk.Party{apitest.Debtor("noor", "Noor Yilmaz"), apitest.Debtor("koster", "Koster & Zonen")},
		apitest.Invoice("1", "noor", "2026-0412", 121000, 5), apitest.Invoice("2", "noor", "2026-0413", 10000, 6), apitest.Invoice("3", "koster", "2026-0440", 5000, 6))
	b.Serve(web.New)
	c := ten.SignIn(ten.Email)
	page := "/connections/" + connection.String()
	c.Post("/segments", url.Values{"name": {"vip"}, "title": {"Key accounts"}}).Has(t, 200, "Key accounts")
	c.Post("/debtors/"+ten.DebtorID("koster").String()+"/profile", url.Values{"segment": {"vip"}}).Has(t, 200, "Saved")
	before := ten.Dump()
	c.Get(page+"/go-live").Has(t, 200, "Noor Yilmaz", "Reminder 1", "and 1 more", "€1,310.00")
	c.Get(page+"/go-live?date=2026-03-16&entry=reminder_2").Has(t, 200, "Reminder 2", "Mon 16 Mar")
	c.Post(page+"/go-live", url.Values{"date": {"2026-03-01"}, "entry": {"reminder_1"}}).Has(t, 422, "This day has passed")
	c.Post(page+"/go-live", url.Values{"date": {"2026-03-16"}, "entry": {"case_opened"}}).Has(t, 422, "not at a final notice or a case")
	same(t, before, ten.Dump())
	noor, koster := ten.DebtorID("noor").String(), ten.DebtorID("koster").String()
	t.Run("R16 the preview shows who is left out, by hand and by segment, and writes nothing", func(t *testing.T) {
		out := c.Get(page + "/go-live?date=2026-03-16&entry=reminder_1&shown=" + noor + "&shown=" + koster + "&in=" + noor)
		out.Has(t, 200, "Left out of the first run", "Koster")
		if sent, _, _ := strings.Cut(out.Body, "Left out of the first run"); strings.Contains(sent, "Koster") || !strings.Contains(sent, "Noor Yilmaz") {
			t.Error("who is left out is still among those who get a message")
		}
		c.Get(page+"/go-live?segment=vip").Has(t, 200, "Left out of the first run", "by its segment", "Koster")
		same(t, before, ten.Dump())
	})
	t.Run("R16 nothing is planned before go-live, everything after, but for who is left out", func(t *testing.T) {
		c.Post(page+"/go-live", url.Values{"date": {"2026-03-16"}, "entry": {"reminder_1"}, "out": {koster}, "shown": {noor}, "in": {noor}}).Has(t, 200, "Live from Mon 16 Mar", "Reminder 1", "1 debtor is left out")
		c.Get("/debtors/"+koster).Has(t, 200, "Reminders paused, the whole debtor", "Left out of the first run", "Resume")
		c.Get("/debtors/"+noor).Lacks(t, "Reminders paused")
		ten.Advance(8 * 24 * time.Hour)
		ten.In(ten.ID, func(tx store.Tx) error {
			sent, err := ten.Services.Steps.Take(t.Context(), ten.ID, ten.Invoice("3"))
			if row, found := tx.Collection(t.Context(), ten.Invoice("3")); found != nil || row.HeldRule == "" {
				t.Errorf("taken %v, held by %q", sent, row.HeldRule)
			}
			return err
		})
		ten.Advance(-8 * 24 * time.Hour)
		ten.In(ten.ID, func(tx store.Tx) error {
			row, err := tx.Collection(t.Context(), ten.Invoice("1"))
			if row.NextAt == nil || row.NextAt.Before(time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("planned at %v", row.NextAt)
			}
			return err
		})
	})
	t.Run("the sync page follows a run", func(t *testing.T) {
		c.Post(page+"/sync", nil).Has(t, 200, "Waiting to begin")
		if got := ten.Synced(); len(got) != 1 || got[0] != ten.Administration {
			t.Errorf("asked for %v", got)
		}
		run := ten.Invoice("run")
		ten.In(ten.ID, func(tx store.Tx) error {
			if _, err := tx.AddSyncRun(t.Context(), db.AddSyncRunParams{ID: run, TenantID: ten.ID, AdministrationID: ten.Administration, FullLoad: true, StartedAt: ten.Now().Add(-time.Minute)}); err != nil {
				return err
			}
			_, err := tx.ProgressSyncRun(t.Context(), db.ProgressSyncRunParams{ID: run, Expected: 8312, Read: 1240, Held: 3})
			return err
		})
		c.Get(page+"/sync/status").Has(t, 200, "1,240", "of 8,312 invoices", "3 held", "about 6 minutes left")
		ten.In(ten.ID, func(tx store.Tx) error {
			at := ten.Now()
			return tx.FinishSyncRun(t.Context(), db.FinishSyncRunParams{ID: run, State: "failed", FinishedAt: &at, Problem: "We could not reach Moneybird at 10:30."})
		})
		c.Get(page+"/sync").Has(t, 200, "We could not reach Moneybird at 10:30.", "1,240 records were read and are kept", "Try now")
	})
}
