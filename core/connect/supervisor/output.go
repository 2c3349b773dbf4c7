package supervisor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"time"
)

// Bounds of what is kept and passed on of a connector's output.
const (
	maxLine      = 4 << 10
	maxTail      = 30
	outputWindow = 10 * time.Second
	logWindow    = 256 << 10 // bytes per outputWindow that reach the log
	lineCost     = 100       // what a line costs in the log beside its text
)

// output takes what a connector prints: it keeps the last lines, passes a
// bounded part on to the log and calls flood when there is no end to it.
type output struct {
	log   *slog.Logger
	limit int64
	flood func()

	mu      sync.Mutex // protects what follows
	line    []byte
	cut     bool
	tail    [maxTail]string // a ring: the next line goes to tail[seen%maxTail]
	seen    int
	panic   string    // the line that a Go program dies with
	start   time.Time // of the window
	written int64     // bytes in the window
	passed  int64     // bytes of the window that reached the log
	dropped int64     // bytes of the window that did not
	flooded bool
}

// Write implements io.Writer and never fails: a connector must not stumble over
// our bookkeeping.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	flood := o.account(int64(len(p)))
	for rest := p; len(rest) > 0; {
		i := bytes.IndexByte(rest, '\n')
		part := rest
		if i >= 0 {
			part = rest[:i]
		}
		if room := maxLine - len(o.line); len(part) > room {
			part, o.cut = part[:room], true
		}
		o.line = append(o.line, part...)
		if i < 0 {
			break
		}
		o.take()
		rest = rest[i+1:]
	}
	o.mu.Unlock()
	if flood {
		o.flood()
	}
	return len(p), nil
}

// count takes account of bytes that are not kept.
func (o *output) count(n int) {
	o.mu.Lock()
	flood := o.account(int64(n))
	o.mu.Unlock()
	if flood {
		o.flood()
	}
}

// account reports whether this write makes it a flood.
func (o *output) account(n int64) bool {
	if now := time.Now(); now.Sub(o.start) > outputWindow {
		if o.dropped > 0 {
			o.log.Warn("output of the connector left out", "bytes", o.dropped)
		}
		o.start, o.written, o.passed, o.dropped = now, 0, 0, 0
	}
	o.written += n
	if o.written <= o.limit || o.flooded {
		return false
	}
	o.flooded = true
	return true
}

// take handles a complete line.
func (o *output) take() {
	if len(o.line) == 0 {
		return
	}
	if cost := int64(len(o.line)) + lineCost; o.passed+cost > logWindow {
		o.dropped += int64(len(o.line))
	} else {
		o.passed += cost
		o.pass(o.line)
	}
	if o.cut {
		o.line = append(o.line, " ..."...)
	}
	for _, start := range []string{"panic: ", "fatal error: "} {
		if bytes.HasPrefix(o.line, []byte(start)) {
			o.panic = string(o.line)
		}
	}
	o.tail[o.seen%maxTail] = string(o.line)
	o.seen++
	o.line, o.cut = o.line[:0], false
}

// pass sends a line to the log: one of the connector's own log as what it is,
// anything else as text.
func (o *output) pass(line []byte) {
	var entry map[string]any
	if line[0] != '{' || json.Unmarshal(line, &entry) != nil {
		o.log.Info("connector printed", "line", redact(string(line)))
		return
	}
	var level slog.Level
	if text, _ := entry[slog.LevelKey].(string); level.UnmarshalText([]byte(text)) != nil {
		level = slog.LevelInfo
	}
	message, _ := entry[slog.MessageKey].(string)
	attrs := make([]slog.Attr, 0, len(entry))
	for k, v := range entry {
		if k != slog.LevelKey && k != slog.MessageKey && k != slog.TimeKey {
			attrs = append(attrs, slog.String(k, redact(fmt.Sprint(v))))
		}
	}
	o.log.LogAttrs(context.Background(), level, redact(message), attrs...)
}

// panicLine returns what a Go program died of, redacted, or nothing.
func (o *output) panicLine() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return redact(o.panic)
}

// lines returns the last lines, redacted.
func (o *output) lines() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := make([]string, 0, maxTail+1)
	for i := max(0, o.seen-maxTail); i < o.seen; i++ {
		out = append(out, redact(o.tail[i%maxTail]))
	}
	if len(o.line) > 0 {
		out = append(out, redact(string(o.line)))
	}
	return out
}

// sensitive matches what may not be in a log: values of secrets, e-mail
// addresses and bank accounts.
var sensitive = regexp.MustCompile(`(?i)((?:authorization|bearer|token|secret|password|api[_-]?key)["']?\s*[:= ]\s*["']?(?:bearer )?)[^\s"',;&]{4,}|[\w.+-]+@[\w-]+\.[\w.-]+|\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b`)

func redact(s string) string {
	return sensitive.ReplaceAllString(s, "$1***")
}
