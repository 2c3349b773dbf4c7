package supervisor

import (
	"bytes"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
)

func TestOutput(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var floods atomic.Int64
	o := &output{log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), limit: 1 << 20, flood: func() { floods.Add(1) }}
	for _, s := range []string{
		"half a li", "ne\n\n", `{"level":"WARN","msg":"page 3","connection":"c1","time":"x"}` + "\n",
		strings.Repeat("x", 3*maxLine) + "\n", "panic: boom\n", "the end",
	} {
		if n, err := o.Write([]byte(s)); n != len(s) || err != nil {
			t.Fatal(n, err)
		}
	}
	for _, want := range []string{`"line":"half a line"`, `"level":"WARN","msg":"page 3","connection":"c1"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %s in %s", want, log.String())
		}
	}
	lines := o.lines()
	if len(lines) != 5 || len(lines[2]) > maxLine+10 || lines[4] != "the end" || o.panicLine() != "panic: boom" {
		t.Errorf("kept %d lines, panic %q", len(lines), o.panicLine())
	}

	before := log.Len()
	for range 40 {
		_, _ = o.Write([]byte(strings.Repeat("spam\n", 10_000)))
	}
	if floods.Load() != 1 {
		t.Errorf("%d floods were called", floods.Load())
	}
	if n := log.Len() - before; n > 2*logWindow {
		t.Errorf("%d bytes of spam reached the log", n)
	}
	if len(o.lines()) > maxTail+1 {
		t.Errorf("kept %d lines", len(o.lines()))
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	for in, secret := range map[string]string{
		"Authorization: Bearer abcdef123":   "abcdef123",
		`{"access_token":"abcdef123"}`:      "abcdef123",
		"password=hunter22 next":            "hunter22",
		"api_key: abcdef123":                "abcdef123",
		"mail to piet.jansen@klant.example": "piet.jansen",
		"iban NL91ABNA0417164300 unpaid":    "0417164300",
	} {
		if out := redact(in); strings.Contains(out, secret) {
			t.Errorf("%q became %q", in, out)
		}
	}
	if out := redact("page 3 of 12 took 40ms"); out != "page 3 of 12 took 40ms" {
		t.Errorf("harmless text became %q", out)
	}
}

func TestUsersAreOnePerConnector(t *testing.T) {
	t.Parallel()
	var u users
	a, b := u.get("a"), u.get("b")
	if a == b || u.get("a") != a || a < firstUser || b > lastUser {
		t.Errorf("users %d and %d", a, b)
	}
}
