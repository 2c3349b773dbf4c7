package mailsink_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/outreach/inbound"
	"github.com/voldaan/voldaan/core/outreach/mailsink"
	"github.com/voldaan/voldaan/core/outreach/token"
)

type inbox struct {
	bounces chan inbound.Bounce
	replies chan inbound.Reply
}

func (i inbox) Bounce(_ context.Context, b inbound.Bounce) error { i.bounces <- b; return nil }
func (i inbox) Reply(_ context.Context, r inbound.Reply) error   { i.replies <- r; return nil }

type world struct {
	keys  token.Keys
	inbox inbox
	sink  *mailsink.Sink
	smtp  email.Server
	page  *httptest.Server
	dir   string
}

// start runs a sink and the inbound listener its answers go to.
func start(t *testing.T, rules ...mailsink.Rule) *world {
	t.Helper()
	keys, err := token.NewKeys('a', map[byte][]byte{'a': []byte(strings.Repeat("k", 32))})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{keys: keys, inbox: inbox{make(chan inbound.Bounce, 10), make(chan inbound.Reply, 10)}, dir: t.TempDir()}
	in, err := inbound.New(inbound.Config{Domains: []string{"in.voldaan.example"}, Keys: keys, Handler: w.inbox})
	if err != nil {
		t.Fatal(err)
	}
	inAt, sinkAt := listen(t), listen(t)
	go func() { _ = in.Serve(inAt) }()
	t.Cleanup(func() { _ = in.Close() })
	w.sink, err = mailsink.New(mailsink.Config{Dir: w.dir, Rules: rules, Inbound: inAt.Addr().String(), Delay: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = w.sink.ServeSMTP(sinkAt) }()
	t.Cleanup(func() { _ = w.sink.Close() })
	w.smtp = email.Server{Address: sinkAt.Addr().String(), Security: email.NoTLS}
	w.page = httptest.NewServer(w.sink)
	t.Cleanup(w.page.Close)
	return w
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// post delivers a message of ours to an address.
func (w *world) post(t *testing.T, id uuid.UUID, to string) email.Receipt {
	t.Helper()
	e, err := email.Compose(email.Draft{
		MessageID: email.MessageID(id, "mail.voldaan.example"), Date: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC),
		From: mail.Address{Name: "Café via Voldaan", Address: "berichten@mail.voldaan.example"}, To: mail.Address{Address: to},
		ReplyTo: mail.Address{Address: w.keys.Address(token.Reply, id, "in.voldaan.example")},
		Bounce:  w.keys.Address(token.Bounce, id, "in.voldaan.example"),
		Subject: "Factuur 7 van Café", Text: "Nog te betalen: € 12,00", HTML: "<html><head></head><body><script>alert(1)</script><a href=\"https://x.example\">betaal</a></body></html>",
		Attachments: []email.Attachment{{Name: "factuur 7.pdf", ContentType: "application/pdf", Bytes: []byte("%PDF-1.4")}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.smtp.Deliver(t.Context(), e)
}

func (w *world) copies(t *testing.T, id uuid.UUID) int {
	t.Helper()
	list, err := mailsink.Log{URL: w.page.URL}.List(t.Context(), url.Values{"messageId": {email.MessageID(id, "mail.voldaan.example")}})
	if err != nil {
		t.Fatal(err)
	}
	return list.Total
}

func TestSinkBehaves(t *testing.T) {
	t.Parallel()
	w := start(t,
		mailsink.Rule{Recipient: "refuse@*", Do: mailsink.Refuse}, mailsink.Rule{Recipient: "grey@*", Do: mailsink.Greylist},
		mailsink.Rule{Recipient: "stored@*", Do: mailsink.DieStored}, mailsink.Rule{Recipient: "lost@*", Do: mailsink.DieLost},
		mailsink.Rule{Recipient: "slow@*", Do: mailsink.Slow},
	)
	for to, want := range map[string][]struct {
		outcome email.Outcome
		copies  int
	}{
		"zoe@example.org":    {{email.Accepted, 1}},
		"slow@example.org":   {{email.Accepted, 1}},
		"refuse@example.org": {{email.Refused, 0}, {email.Refused, 0}},
		"grey@example.org":   {{email.Temporary, 0}, {email.Accepted, 1}},
		"stored@example.org": {{email.Uncertain, 1}},
		"lost@example.org":   {{email.Uncertain, 0}, {email.Accepted, 1}},
	} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			id := uuid.New()
			for i, step := range want {
				if r := w.post(t, id, to); r.Outcome != step.outcome {
					t.Errorf("attempt %d: %v", i, r)
				}
				if n := w.copies(t, id); n != step.copies {
					t.Errorf("attempt %d: %d copies, want %d", i, n, step.copies)
				}
			}
		})
	}
}

func TestR9DeliveryLogDecides(t *testing.T) {
	t.Parallel()
	w := start(t, mailsink.Rule{Recipient: "stored@*", Do: mailsink.DieStored}, mailsink.Rule{Recipient: "lost@*", Do: mailsink.DieLost})
	for to, want := range map[string]bool{"stored@example.org": true, "lost@example.org": false} {
		id := uuid.New()
		if r := w.post(t, id, to); r.Outcome != email.Uncertain {
			t.Fatalf("%s: %v", to, r)
		}
		got, err := mailsink.Log{URL: w.page.URL}.Delivered(t.Context(), email.MessageID(id, "mail.voldaan.example"))
		if err != nil || got != want {
			t.Errorf("%s: delivered %v, %v", to, got, err)
		}
	}
}

func TestSinkBounces(t *testing.T) {
	t.Parallel()
	w := start(t, mailsink.Rule{Recipient: "*@bounce.example", Do: mailsink.Bounce}, mailsink.Rule{Recipient: "*@full.example", Do: mailsink.SoftFail})
	for to, kind := range map[string]inbound.Kind{"a@bounce.example": inbound.Hard, "a@full.example": inbound.Soft} {
		id := uuid.New()
		if r := w.post(t, id, to); r.Outcome != email.Accepted {
			t.Fatal(r)
		}
		select {
		case b := <-w.inbox.bounces:
			if b.Kind != kind || b.Message != id || b.Recipient != to || b.Original != email.MessageID(id, "mail.voldaan.example") {
				t.Errorf("%s: %+v", to, b)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: no bounce came", to)
		}
	}
}

func TestReplyButton(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := uuid.New()
	w.post(t, id, "zoe@example.org")
	list, err := mailsink.Log{URL: w.page.URL}.List(t.Context(), url.Values{"to": {"ZOE@example.org"}, "limit": {"1"}})
	if err != nil || list.Total != 1 || list.Messages[0].Copies != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	res, err := http.PostForm(w.page.URL+"/messages/"+list.Messages[0].ID+"/reply", url.Values{"text": {"Ik betaal vrijdag, beloofd é."}})
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	select {
	case r := <-w.inbox.replies:
		if r.Message != id || r.Text != "Ik betaal vrijdag, beloofd é." || r.From.Address != "zoe@example.org" || r.InReplyTo != list.Messages[0].MessageID || r.AutoSubmitted || r.Subject != "Re: Factuur 7 van Café" {
			t.Errorf("%+v", r)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no reply came")
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, w.page.URL+"/messages/"+list.Messages[0].ID+"/reply", strings.NewReader("text=x"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err = http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("a page elsewhere sent a reply: %s", res.Status)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := start(t)
	get := func(path string) (*http.Response, string) {
		t.Helper()
		res, err := http.Get(w.page.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(body)
	}
	if _, body := get("/"); !strings.Contains(body, "No mail yet") {
		t.Error("an empty sink does not say so")
	}
	w.post(t, uuid.New(), "zoe@example.org")
	var list mailsink.List
	_, body := get("/api/messages")
	if err := json.Unmarshal([]byte(body), &list); err != nil || list.Total != 1 {
		t.Fatalf("%s: %v", body, err)
	}
	base := "/messages/" + list.Messages[0].ID
	for path, want := range map[string]string{
		"/": "Factuur 7 van Café", "/?q=zoe": "zoe@example.org", "/?q=nobody": "Nothing matches", base: "sandbox=", base + "/raw": "Auto-Submitted: auto-generated",
		base + "/html": `<base target="_blank">`, base + "/attachments/0": "%PDF-1.4", "/static/sink.css": "--ground", "/api" + base: "Nog te betalen",
	} {
		res, body := get(path)
		if res.StatusCode != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %s lacks %q", path, res.Status, want)
		}
		policy := res.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.HasSuffix(path, "/html") && (!strings.Contains(policy, "sandbox allow-popups") || strings.Contains(policy, "script")) {
			t.Errorf("%s: policy %q", path, policy)
		}
	}
	for _, path := range []string{"/messages/..%2f..%2fetc%2fpasswd", "/messages/nope", base + "/attachments/9", base + "/attachments/x", "/nope"} {
		if res, _ := get(path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

// TestKilledSinkKeepsWhatItConfirmed kills a sink in a process of its own, in
// the middle of a burst, and counts what the next one finds.
func TestKilledSinkKeepsWhatItConfirmed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSinkProcess$")
	cmd.Env = append(os.Environ(), "VOLDAAN_TEST_SINK_DIR="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	server := email.Server{Address: strings.TrimSpace(address), Security: email.NoTLS, FinalTimeout: 2 * time.Second}

	outcomes := map[string]email.Outcome{}
	var mu sync.Mutex
	var senders sync.WaitGroup
	for n := range 4 {
		senders.Go(func() {
			for i := range 100 {
				id := fmt.Sprintf("<%d.%d@x.example>", n, i)
				r := server.Deliver(t.Context(), email.Envelope{
					MessageID: id, From: "a@x.example", To: "b@x.example",
					Raw: []byte("Message-ID: " + id + "\r\nSubject: x\r\n\r\n" + strings.Repeat("text\r\n", 500)),
				})
				mu.Lock()
				outcomes[id] = r.Outcome
				enough := len(outcomes) == 60
				mu.Unlock()
				if enough {
					_ = cmd.Process.Kill()
				}
			}
		})
	}
	senders.Wait()
	_ = cmd.Wait()

	s, err := mailsink.New(mailsink.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	page := httptest.NewServer(s)
	t.Cleanup(page.Close)
	list, err := mailsink.Log{URL: page.URL}.List(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	copies := map[string]int{}
	for _, m := range list.Messages {
		copies[m.MessageID]++
	}
	counts := map[email.Outcome]int{}
	for id, outcome := range outcomes {
		counts[outcome]++
		if outcome == email.Accepted && copies[id] != 1 || outcome == email.Temporary && copies[id] != 0 || copies[id] > 1 {
			t.Errorf("%s is %s and was kept %d times", id, outcome, copies[id])
		}
	}
	if counts[email.Accepted] == 0 || counts[email.Temporary] == 0 {
		t.Errorf("the sink was not killed in the middle: %v", counts)
	}
}

// TestSinkProcess is the process that TestKilledSinkKeepsWhatItConfirmed kills.
func TestSinkProcess(t *testing.T) {
	dir := os.Getenv("VOLDAAN_TEST_SINK_DIR")
	if dir == "" {
		t.Skip("runs only as the process of another test")
	}
	s, err := mailsink.New(mailsink.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t)
	fmt.Println(l.Addr().String())
	if err := s.ServeSMTP(l); err != nil {
		t.Fatal(err)
	}
}

func TestNewRefusesForeignFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/x.mail", []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := mailsink.New(mailsink.Config{Dir: dir}); err == nil {
		t.Error("a foreign file was taken for a message")
	}
	if _, err := mailsink.New(mailsink.Config{Dir: t.TempDir(), Rules: []mailsink.Rule{{Recipient: "[", Do: mailsink.Refuse}}}); err == nil {
		t.Error("a broken rule was taken")
	}
}
