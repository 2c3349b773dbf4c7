package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// wire is the line to the database. While it is armed it is cut now and then:
// before a statement reaches the server, or after the server carried it out and
// before its answer is heard, which makes a commit uncertain.
type wire struct {
	seed   string
	rough  int
	faults *faults
	armed  atomic.Bool
	cuts   atomic.Int64

	mu   sync.Mutex
	seen map[string]int // how often a statement went over the line
}

func newWire(seed string, rough int, f *faults) *wire {
	return &wire{seed: seed, rough: max(1, rough), faults: f, seen: map[string]int{}}
}

// dial opens a line for store.Dial.
func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &line{Conn: c, wire: w}, nil
}

// line is one connection.
type line struct {
	net.Conn
	wire    *wire
	started bool        // the first message was sent, which has no type
	deaf    atomic.Bool // the answer is swallowed, and then the line is dead
	rest    []byte      // of what is swallowed, the beginning of a message
}

// Write sends whole messages, unless the line is cut before one of them.
func (l *line) Write(b []byte) (int, error) {
	if !l.started {
		l.started = true
		return l.Conn.Write(b)
	}
	for left := b; len(left) >= 5; {
		n := 1 + int(binary.BigEndian.Uint32(left[1:]))
		if n > len(left) {
			break
		}
		switch l.wire.luck(left[0], left[5:n]) {
		case before:
			_ = l.Conn.Close()
			return 0, net.ErrClosed
		case after:
			l.deaf.Store(true)
		}
		left = left[n:]
	}
	return l.Conn.Write(b)
}

// Read hears the server, until it is ready again on a deaf line.
func (l *line) Read(b []byte) (int, error) {
	for {
		n, err := l.Conn.Read(b)
		if err != nil || !l.deaf.Load() {
			return n, err
		}
		if l.swallow(b[:n]) {
			_ = l.Conn.Close()
			return 0, io.ErrUnexpectedEOF
		}
	}
}

// swallow reports whether the server has said that it is ready.
func (l *line) swallow(b []byte) bool {
	l.rest = append(l.rest, b...)
	for len(l.rest) >= 5 {
		if l.rest[0] == 'Z' {
			return true
		}
		n := 1 + int(binary.BigEndian.Uint32(l.rest[1:]))
		if n > len(l.rest) {
			return false
		}
		l.rest = l.rest[n:]
	}
	return false
}

type cut int

const (
	none cut = iota
	before
	after
)

// luck decides about a statement by what it says and how often it was said, so
// that it hangs on nothing but the seed.
func (w *wire) luck(kind byte, body []byte) cut {
	if kind != 'Q' && kind != 'B' || !w.armed.Load() {
		return none
	}
	name := string(body[:min(len(body), 60)])
	if kind == 'B' { // portal, then the name of the prepared statement
		name = cString(body[len(cString(body))+1:])
	}
	w.mu.Lock()
	w.seen[name]++
	n := w.seen[name]
	w.mu.Unlock()
	c := none
	switch dice(w.seed, fmt.Sprintf("wire %s %d", name, n)).IntN(4000 / w.rough) {
	case 0:
		c = before
		w.faults.fire(lineLost)
	case 1:
		if kind == 'Q' { // such as a commit
			c = after
			w.faults.fire(lineDeaf)
		}
	}
	if c != none {
		w.cuts.Add(1)
	}
	return c
}

func cString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
