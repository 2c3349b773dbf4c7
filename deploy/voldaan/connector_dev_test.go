package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk/examples/examplestest"
)

// screen is a terminal that another goroutine reads.
type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// begun is a new connector of the default kind, in a folder of its own.
func begun(t *testing.T) {
	t.Helper()
	t.Setenv("VOLDAAN_RECIPES", examplestest.Go(t, "plugins/recipes"))
	t.Chdir(t.TempDir())
	if out := must(t, "connector", "new", "acme-books"); !strings.Contains(out, "12 invoices") || !strings.Contains(out, "voldaan connector dev acme-books") {
		t.Errorf("new says %s", out)
	}
}

func TestANewConnectorBearsItsName(t *testing.T) {
	begun(t)
	text, err := os.ReadFile(filepath.Join("acme-books", "connector.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nname: acme-books ", "\ntitle: Acme Books ", "\npublisher: acme-books "} {
		if !strings.Contains(string(text), want) {
			t.Errorf("connector.yaml lacks %q:\n%s", want, text)
		}
	}
	for name, want := range map[string]string{"acme-books": "there is a acme-books already", "Acme": "lower-case letters"} {
		if _, err := voldaan(t, "connector", "new", name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("new %s: %v, want %q", name, err, want)
		}
	}
}

func TestDevSaysWhatIsWrongAndWhere(t *testing.T) {
	begun(t)
	file := filepath.Join("acme-books", "connector.yaml")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		old, new, want string
		args           []string
	}{
		"a typo":           {"number: .number", "nummer: .number", "acme-books/connector.yaml:", nil},
		"another typo":     {"base: https", "bass: https", "did you mean base?", nil},
		"unreadable":       {"currency: .currency\n        total", "currency: .date\n        total", "invoices inv_6 cannot be read", nil},
		"a wrong key":      {"", "", "The API key is not valid", []string{"--secret", "api_key=wrong"}},
		"a missing answer": {"", "", "--secret and --config", []string{"--secret", "api_key=$NOT_SET_ANYWHERE"}},
		"no such field":    {"", "", `no form field "key"`, []string{"--secret", "key=x"}},
		"no such emulator": {"", "", `there is no emulator "acme"; there are acmebooks`, []string{"--emulator", "acme"}},
	} {
		if err := os.WriteFile(file, bytes.Replace(good, []byte(c.old), []byte(c.new), 1), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := voldaan(t, append([]string{"connector", "dev", "acme-books", "--once"}, c.args...)...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q\n%s", name, err, c.want, out)
		}
	}
}

// TestDevShowsRecordsBesideTheirSourceAndReloads edits a connector while it runs.
func TestDevShowsRecordsBesideTheirSourceAndReloads(t *testing.T) {
	begun(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var out screen
	cmd := root()
	cmd.SetArgs([]string{"connector", "dev", "acme-books", "--listen", address})
	cmd.SetOut(&out)
	ended := make(chan error, 1)
	go func() { ended <- cmd.ExecuteContext(ctx) }()

	shows := func(what string, good func(*reading) bool) {
		t.Helper()
		var last reading
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
			resp, err := http.Get("http://" + address + "/reading")
			if err != nil {
				continue
			}
			last.Records, last.Problems = nil, nil
			_ = json.NewDecoder(resp.Body).Decode(&last)
			_ = resp.Body.Close()
			if good(&last) {
				return
			}
		}
		t.Fatalf("%s: the page shows %d records and %q\n%s", what, len(last.Records), last.Problems, out.String())
	}
	name := func(r *reading, want string) bool {
		for _, s := range r.Records {
			if s.ID == "cus_1" {
				for _, f := range s.Mapped {
					if f.Name == "name" {
						return f.Value == want && strings.Contains(s.Raw, `"name": "Hotel Zeezicht B.V."`) && strings.HasSuffix(s.From, "/customers")
					}
				}
			}
		}
		return false
	}
	shows("at first", func(r *reading) bool { return name(r, "Hotel Zeezicht B.V.") })
	file := filepath.Join("acme-books", "connector.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(to string) {
		t.Helper()
		if err := os.WriteFile(file, bytes.Replace(text, []byte("        name: .name\n"), []byte(to), 1), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	edit("        name: .name | ascii_upcase\n")
	shows("edited", func(r *reading) bool { return name(r, "HOTEL ZEEZICHT B.V.") })
	edit("        nom: .name\n")
	shows("broken", func(r *reading) bool { return strings.Contains(strings.Join(r.Problems, "\n"), "connector.yaml:") })
	edit("        name: .name\n")
	shows("mended", func(r *reading) bool { return name(r, "Hotel Zeezicht B.V.") })

	req, err := http.NewRequest(http.MethodGet, "http://"+address+"/reading", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "evil.example"
	if resp, err := http.DefaultClient.Do(req); err != nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("another name leads to the page: %v", err)
	}
	cancel()
	if err := <-ended; err != nil || !strings.Contains(out.String(), "party cus_1") {
		t.Errorf("ended with %v\n%s", err, out.String())
	}
}
