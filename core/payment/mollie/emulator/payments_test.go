package emulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/payment/mollie/emulator"
	kit "github.com/voldaan/voldaan/sdk/emulator"
)

func TestCheckout(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	id, at := s.create(nil)
	p := s.get(id)
	s.want(p["status"], "open")
	s.want(p["method"], "<nil>")
	s.want(p["mode"], "test")
	s.want(p["expiresAt"], "2026-03-02T09:15:00+00:00")
	page := s.page(at)
	for _, part := range []string{"€ 12.10", "2026-0042", `value="ideal"`, `value="banktransfer"`} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	s.page(at + "?action=pay")
	s.want(s.get(id)["status"], "open") // looking changes nothing
	if resp := s.click(at, "action=pay"); resp.StatusCode != 422 {
		t.Errorf("paid without a method: %d", resp.StatusCode)
	}
	s.click(at, "action=choose&method=ideal")
	if page := s.page(at); !strings.Contains(page, "<option>Rabobank</option>") {
		t.Error("no bank to choose")
	}
	resp := s.click(at, "action=pay&bank=Rabobank")
	s.want(fmt.Sprint(resp.StatusCode, resp.Header.Get("Location")), "303https://hub.example/back")
	s.called(id)
	p = s.get(id)
	s.want(p["status"], "paid")
	s.want(p["method"], "ideal")
	s.want(p["paidAt"], "2026-03-02T09:00:00+00:00")
	s.want(p["amountRemaining"], "map[currency:EUR value:12.10]")
	s.want(p["metadata"], "map[invoice:7]")
	s.want(p["details"].(map[string]any)["consumerAccount"], "NL71ABNA0825509440")
	if page := s.page(at); !strings.Contains(page, "Paid") || strings.Contains(page, "<button") {
		t.Error("a paid payment can be paid again")
	}
	s.click(at, "action=fail")
	s.want(s.get(id)["status"], "paid")
	s.silent()
	if resp, _ := http.Get(s.url + "/checkout/unknown"); resp.StatusCode != 404 {
		t.Errorf("an unknown page: %d", resp.StatusCode)
	}
}

func TestCheckoutRefusesOtherSites(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	id, at := s.create(map[string]any{"method": "ideal"})
	req, _ := http.NewRequest("POST", s.url+at, strings.NewReader("action=pay"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	s.want(fmt.Sprint(resp.StatusCode, s.get(id)["status"]), "403open")
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	for _, tc := range []struct {
		method, action, status, back string
		hook                         bool
	}{
		{"ideal", "fail", "failed", "https://hub.example/back", true},
		{"paypal", "cancel", "canceled", "https://hub.example/cancelled", true},
		{"creditcard", "expire", "expired", "https://hub.example/back", true},
		{"paypal", "pend", "pending", "https://hub.example/back", false},
		{"creditcard", "pay", "paid", "https://hub.example/back", true},
		{"paypal", "pay", "paid", "https://hub.example/back", true},
	} {
		id, at := s.create(map[string]any{"method": tc.method, "cancelUrl": "https://hub.example/cancelled"})
		s.want(s.click(at, "action="+tc.action).Header.Get("Location"), tc.back)
		if tc.hook {
			s.called(id)
		} else {
			s.silent()
		}
		s.want(s.get(id)["status"], tc.status)
	}
}

func TestPendingEndsLater(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	id, at := s.create(map[string]any{"method": "paypal"})
	s.click(at, "action=pend")
	s.passWall(100 * time.Hour)
	s.want(s.get(id)["status"], "pending")
	if err := s.Pay(id, emulator.PayerSeed{}); err != nil {
		t.Fatal(err)
	}
	s.called(id)
	s.want(s.get(id)["status"], "paid")
}

func TestBankTransfer(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	id, at := s.create(map[string]any{"method": "banktransfer", "dueDate": "2026-03-20", "billingAddress": map[string]any{"email": "p@jansen.example"}})
	d := s.get(id)["details"].(map[string]any)
	s.want(d["bankAccount"], "NL53ABNA0627535577")
	ref := fmt.Sprint(d["transferReference"])
	if len(ref) != 19 || !strings.HasPrefix(ref, "RF") || !strings.Contains(s.page(at), ref) {
		t.Errorf("reference %q", ref)
	}
	s.passWall(1000 * time.Hour) // no one sits at a screen
	s.pass(18 * 24 * time.Hour)
	s.want(s.get(id)["status"], "open")
	if err := s.Pay(id, emulator.PayerSeed{Name: "Acme B.V.", IBAN: "NL02RABO0123456789"}); err != nil {
		t.Fatal(err)
	}
	s.called(id)
	d = s.get(id)["details"].(map[string]any)
	s.want(d["consumerName"], "Acme B.V.")
	s.want(d["transferReference"], ref)

	late, _ := s.create(map[string]any{"method": "banktransfer"})
	s.pass(13 * 24 * time.Hour)
	s.called(late)
	s.want(s.get(late)["status"], "expired")

	gone, _ := s.create(map[string]any{"method": "banktransfer"})
	status, p := s.do("DELETE", "/v2/payments/"+gone, nil)
	s.want(fmt.Sprint(status, p["status"]), "200canceled")
	s.called(gone)
	status, p = s.do("DELETE", "/v2/payments/"+gone, nil)
	s.want(fmt.Sprint(status, p["detail"]), "422The payment cannot be cancelled")
}

func TestExpiryOfACheckoutRunsByTheWall(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	id, _ := s.create(map[string]any{"method": "ideal"})
	s.pass(30 * 24 * time.Hour) // a fast clock of the books
	s.want(s.get(id)["status"], "open")
	s.passWall(15*time.Minute + time.Second)
	s.called(id) // without anyone asking
	s.want(s.get(id)["status"], "expired")
}

func TestManualCapture(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	id, at := s.create(map[string]any{"method": "creditcard", "captureMode": "manual"})
	s.click(at, "action=pay")
	s.called(id)
	s.want(s.get(id)["status"], "authorized")
	if err := s.Pay(id, emulator.PayerSeed{}); err != nil {
		t.Fatal(err)
	}
	s.called(id)
	s.want(s.get(id)["status"], "paid")
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *emulator.Config) { c.RefuseLocalWebhooks = true })
	ok := map[string]any{"webhookUrl": "https://hub.example/hook"}
	if status, p := s.do("POST", "/v2/payments", s.request(ok)); status != 201 {
		t.Fatalf("%d %v", status, p)
	}
	for field, change := range map[string]map[string]any{
		"description":     {"description": nil},
		"amount":          {"amount": nil},
		"amount.value":    {"amount": eur("12.1")},
		"amount.currency": {"amount": map[string]any{"currency": "eur", "value": "1.00"}},
		"redirectUrl":     {"redirectUrl": nil},
		"webhookUrl":      {"webhookUrl": "http://localhost/hook"},
		"method":          {"method": "bitcoin"},
		"locale":          {"locale": "nl"},
		"dueDate":         {"method": "banktransfer", "dueDate": "2026-03-02"},
		"customerId":      {"sequenceType": "first"},
		"metadata":        {"metadata": strings.Repeat("x", 2000)},
	} {
		request := s.request(ok)
		for k, v := range change {
			if v == nil {
				delete(request, k)
			} else {
				request[k] = v
			}
		}
		status, p := s.do("POST", "/v2/payments", request)
		if status != 422 || p["field"] != field || p["title"] != "Unprocessable Entity" {
			t.Errorf("%s: %d %v", field, status, p)
		}
	}
	for amount, method := range map[string]string{"0.00": "ideal", "-1.00": "ideal", "60000.00": "ideal"} {
		request := s.request(map[string]any{"webhookUrl": nil, "amount": eur(amount), "method": method})
		if status, p := s.do("POST", "/v2/payments", request); status != 422 {
			t.Errorf("%s: %d %v", amount, status, p)
		}
	}
	status, p := s.do("GET", "/v2/payments/tr_unknown", nil)
	s.want(fmt.Sprint(status, p["detail"]), "404No payment exists with token tr_unknown.")
	status, _ = s.do("GET", "/v2/nothing", nil)
	s.want(status, "404")
}

func TestKeys(t *testing.T) {
	t.Parallel()
	const live, other = "live_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM", "test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	s := open(t, func(c *emulator.Config) { c.Keys = []string{testKey, live, other} })
	id, _ := s.create(nil)
	for key, want := range map[string]int{testKey: 200, live: 404, other: 404, "": 401, "test_short": 401, "test_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb": 401} {
		s.key = key
		if status, _ := s.do("GET", "/v2/payments/"+id, nil); status != want {
			t.Errorf("%q: %d, want %d", key, status, want)
		}
	}
	s.key = live
	lid, _ := s.create(nil)
	s.want(s.get(lid)["mode"], "live")
	if strings.Contains(fmt.Sprint(s.Payments()), "dHar4") {
		t.Error("a key is kept in the clear")
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	_, first := s.do("POST", "/v2/payments", s.request(nil), "Idempotency-Key", "k1")
	_, again := s.do("POST", "/v2/payments", s.request(nil), "Idempotency-Key", "k1")
	if fmt.Sprint(first) != fmt.Sprint(again) || len(s.Payments()) != 1 {
		t.Errorf("%d payments; %v and %v", len(s.Payments()), first["id"], again["id"])
	}
	if status, p := s.do("POST", "/v2/payments", s.request(map[string]any{"description": "other"}), "Idempotency-Key", "k1"); status != 422 {
		t.Errorf("another request under the key: %d %v", status, p)
	}
	if status, _ := s.do("POST", "/v2/payments", s.request(map[string]any{"amount": nil}), "Idempotency-Key", "k2"); status != 422 {
		t.Error("a bad request was accepted")
	}
	if status, _ := s.do("POST", "/v2/payments", s.request(nil), "Idempotency-Key", "k2"); status != 201 {
		t.Error("a refusal was kept under the key")
	}
	// The answer of the third is lost; the repetition gets it.
	s.Kit().MustInject(kit.Fault{Method: "POST", Path: "/v2/payments", Do: kit.Status, After: true, Status: 504})
	if status, _ := s.do("POST", "/v2/payments", s.request(nil), "Idempotency-Key", "k3"); status != 504 {
		t.Errorf("the fault did not fire: %d", status)
	}
	n := len(s.Payments())
	if status, p := s.do("POST", "/v2/payments", s.request(nil), "Idempotency-Key", "k3"); status != 201 || p["id"] != s.Payments()[0].ID || len(s.Payments()) != n {
		t.Errorf("%d %v", status, p)
	}
	s.passWall(61 * time.Minute)
	s.do("POST", "/v2/payments", s.request(nil), "Idempotency-Key", "k1")
	if len(s.Payments()) != n+1 {
		t.Error("a key was kept for more than an hour")
	}
}

func TestRefunds(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	id, at := s.create(map[string]any{"method": "ideal"})
	refund := func(value, text string) (int, map[string]any) {
		return s.do("POST", "/v2/payments/"+id+"/refunds", map[string]any{"amount": eur(value), "description": text})
	}
	if status, _ := refund("1.00", ""); status != 422 {
		t.Errorf("refund of an open payment: %d", status)
	}
	s.click(at, "action=pay")
	s.called(id)
	status, r := refund("5.00", "half")
	s.want(fmt.Sprint(status, r["status"], r["paymentId"]), "201pending"+id)
	s.called(id)
	if status, _ := refund("5.00", "half"); status != 409 {
		t.Errorf("the same refund twice: %d", status)
	}
	s.passWall(time.Minute)
	if status, p := refund("8.00", "too much"); status != 422 || p["field"] != "amount" {
		t.Errorf("more than was paid: %d %v", status, p)
	}
	p := s.get(id)
	s.want(p["status"], "paid")
	s.want(p["amountRefunded"], "map[currency:EUR value:5.00]")
	s.want(p["amountRemaining"], "map[currency:EUR value:7.10]")
	s.pass(25 * time.Hour)
	s.called(id)
	path := fmt.Sprintf("/v2/payments/%s/refunds/%s", id, r["id"])
	_, r = s.do("GET", path, nil)
	s.want(r["status"], "refunded")
	if status, _ := s.do("DELETE", path, nil); status != 422 {
		t.Errorf("cancelled after it was done: %d", status)
	}
	_, r = refund("1.00", "second")
	s.called(id)
	if status, _ := s.do("DELETE", fmt.Sprintf("/v2/payments/%s/refunds/%s", id, r["id"]), nil); status != 204 {
		t.Errorf("cancel: %d", status)
	}
	s.want(s.get(id)["amountRefunded"], "map[currency:EUR value:5.00]")
	_, all := s.do("GET", "/v2/refunds", nil)
	s.want(all["count"], "2")
}

func TestChargebacks(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	id, at := s.create(map[string]any{"method": "creditcard"})
	if _, err := s.ChargeBack(id, emulator.ChargebackSeed{}); err == nil {
		t.Error("charged back before it was paid")
	}
	s.click(at, "action=pay")
	s.called(id)
	cb, err := s.ChargeBack("2026-0042", emulator.ChargebackSeed{Code: "AC04", Reason: "Account closed"})
	if err != nil {
		t.Fatal(err)
	}
	s.called(id)
	p := s.get(id)
	s.want(fmt.Sprint(p["status"], p["amountChargedBack"]), "paidmap[currency:EUR value:12.10]")
	_, list := s.do("GET", "/v2/payments/"+id+"/chargebacks", nil)
	b := list["_embedded"].(map[string]any)["chargebacks"].([]any)[0].(map[string]any)
	s.want(fmt.Sprint(b["id"], b["reason"]), cb+"map[code:AC04 description:Account closed]")
	if _, err := s.ChargeBack(id, emulator.ChargebackSeed{Value: "0.01"}); err == nil {
		t.Error("more was charged back than was paid")
	}
	if err := s.ReverseChargeBack(cb); err != nil {
		t.Fatal(err)
	}
	s.called(id)
	s.want(s.get(id)["amountChargedBack"], "<nil>")
}

func TestListsAreHAL(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	var ids []string
	for range 5 {
		id, _ := s.create(nil)
		ids = append(ids, id)
	}
	var seen []string
	path, pages := "/v2/payments?limit=2", 0
	for ; path != "" && pages < 9; pages++ {
		_, list := s.do("GET", path, nil)
		for _, p := range list["_embedded"].(map[string]any)["payments"].([]any) {
			seen = append(seen, p.(map[string]any)["id"].(string))
		}
		path = ""
		if next, ok := list["_links"].(map[string]any)["next"].(map[string]any); ok {
			path = strings.TrimPrefix(next["href"].(string), s.url)
		}
	}
	if pages != 3 || strings.Join(seen, " ") != strings.Join([]string{ids[4], ids[3], ids[2], ids[1], ids[0]}, " ") {
		t.Errorf("%d pages: %v", pages, seen)
	}
	s.Kit().MustInject(kit.Fault{Do: kit.DropPage})
	_, list := s.do("GET", "/v2/payments?limit=2", nil)
	s.want(list["_embedded"].(map[string]any)["payments"].([]any)[0].(map[string]any)["id"], ids[2])
	for query, field := range map[string]string{"from=tr_none": "from", "limit=251": "limit", "limit=0": "limit", "sort=up": "sort"} {
		if status, p := s.do("GET", "/v2/payments?"+query, nil); status != 400 || p["field"] != field {
			t.Errorf("%s: %d %v", query, status, p)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	names := func(query string) string {
		_, list := s.do("GET", "/v2/methods"+query, nil)
		var out []string
		for _, m := range list["_embedded"].(map[string]any)["methods"].([]any) {
			out = append(out, m.(map[string]any)["description"].(string))
		}
		return strings.Join(out, ", ")
	}
	s.want(names("?locale=nl_NL"), "iDEAL, Kaart, PayPal, Bancontact, Overboeking")
	s.want(names("?amount[value]=60000.00&amount[currency]=EUR"), "Bank transfer")
	s.want(names("?amount[value]=10.00&amount[currency]=USD"), "Card, PayPal")
	if status, p := s.do("GET", "/v2/methods?sequenceType=once", nil); status != 400 || p["field"] != "sequenceType" {
		t.Errorf("%d %v", status, p)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *emulator.Config) { c.Rate = kit.Rate{Limit: 1, Window: time.Minute} })
	s.do("GET", "/v2/methods", nil)
	resp, raw := s.raw("GET", "/v2/methods", nil)
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "61" || !strings.Contains(string(raw), "exceeded the rate limit") {
		t.Errorf("%d %q %s", resp.StatusCode, resp.Header.Get("Retry-After"), raw)
	}
}
