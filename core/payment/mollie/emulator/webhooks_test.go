package emulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/payment/mollie/emulator"
)

func (s *shop) control(method, path, body string) string {
	s.t.Helper()
	req, _ := http.NewRequest(method, s.url+"/_control"+path, strings.NewReader(body))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw := make([]byte, 1<<16)
	n, _ := resp.Body.Read(raw)
	return fmt.Sprint(resp.StatusCode, " ", string(raw[:n]))
}

func TestWebhookIsRepeatedUntilAnswered(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	id, _ := s.create(nil)
	s.mu.Lock()
	s.fail = 2
	s.mu.Unlock()
	s.want(s.control("POST", "/payments/"+id+"/pay", `{}`), "204 ")
	s.called(id)
	s.silent()
	if a := s.Webhooks().Attempts(); len(a) != 3 || a[0].Status != 500 || a[2].Number != 3 {
		t.Errorf("attempts %+v", a)
	}
}

func TestWebhooksDoubledReorderedForged(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	one, _ := s.create(map[string]any{"description": "one"})
	two, _ := s.create(map[string]any{"description": "two"})
	s.control("POST", "/deliveries", `{"double":1}`)
	s.control("POST", "/payments/one/pay", `{}`)
	s.called(one)
	s.called(one)
	s.control("POST", "/deliveries", `{"hold":true}`)
	s.control("POST", "/payments/one/webhook", "")
	s.control("POST", "/payments/two/fail", `{}`)
	s.silent()
	s.control("POST", "/deliveries", `{"release":"reverse"}`)
	got := map[string]bool{}
	for range 2 {
		select {
		case c := <-s.calls:
			got[c[len(c)-len(one):]] = true
		case <-time.After(5 * time.Second):
			t.Fatal("held webhooks never came")
		}
	}
	if !got[one] || !got[two] {
		t.Errorf("released %v", got)
	}
	s.want(s.control("POST", "/webhooks/forge", fmt.Sprintf(`{"url":%q,"id":"tr_neverMade"}`, s.hook)), "204 ")
	s.called("tr_neverMade")
	s.control("POST", "/deliveries", `{"drop":1}`)
	s.control("POST", "/payments/two/webhook", "")
	s.silent()
}

func TestStoryFromAnotherProcess(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	outcomes := map[string]string{"pay": "paid", "fail": "failed", "cancel": "canceled", "expire": "expired", "pend": "pending", "authorize": "authorized"}
	for action, want := range outcomes {
		id, _ := s.create(map[string]any{"description": action})
		s.want(s.control("POST", "/payments/"+action+"/"+action, `{}`), "204 ")
		s.want(s.get(id)["status"], want)
	}
	if list := s.control("GET", "/payments", ""); strings.Count(list, `"checkout":"/checkout/`) != 6 {
		t.Error(list)
	}
	cb := s.control("POST", "/payments/pay/chargeback", `{"value":"2.10"}`)
	if !strings.HasPrefix(cb, `201 {"id":"chb_`) {
		t.Fatal(cb)
	}
	s.want(s.control("POST", "/chargebacks/"+strings.Split(cb, `"`)[3]+"/reverse", ""), "204 ")
	_, r := s.do("POST", "/v2/payments/"+s.find("pay")+"/refunds", map[string]any{"amount": eur("1.00")})
	s.want(s.control("POST", fmt.Sprint("/refunds/", r["id"]), `{"status":"failed"}`), "204 ")
	for _, bad := range [][2]string{{"/payments/none/pay", `{}`}, {"/payments/fail/pay", `{}`}, {"/payments/fail/chargeback", `{}`}, {"/payments/pay/pay", `{"colour":1}`}, {"/refunds/re_1", `{"status":"x"}`}} {
		if out := s.control("POST", bad[0], bad[1]); !strings.HasPrefix(out, "4") || !strings.Contains(out, `"error"`) {
			t.Errorf("%v: %s", bad, out)
		}
	}
}

func (s *shop) find(description string) string {
	for _, p := range s.Payments() {
		if p.Description == description {
			return p.ID
		}
	}
	return ""
}

func TestKilledInMidStory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, func(c *emulator.Config) { c.StateDir = dir })
	id, at := s.create(map[string]any{"method": "ideal"})
	_, kept := s.do("POST", "/v2/payments", s.request(nil), "Idempotency-Key", "k")
	s.Webhooks().Hold() // the process dies before it could call
	s.click(at, "action=pay")

	again := open(t, func(c *emulator.Config) { c.StateDir = dir })
	again.want(again.get(id)["status"], "paid")
	s.called(id) // the first shop still listens
	_, repeated := again.do("POST", "/v2/payments", s.request(nil), "Idempotency-Key", "k")
	again.want(repeated["id"], fmt.Sprint(kept["id"]))
}
