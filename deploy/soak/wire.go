package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
)

// wire is the line to the database. While it is armed it is cut now and then:
// before a statement reaches the server, or after the server carried it out and
// before its answer is heard, which makes a commit uncertain.
type wire struct {
	seed   uint64
	server string
	listen net.Listener
	armed  atomic.Bool
	cuts   atomic.Int64

	mu   sync.Mutex
	seen map[string]int // how often a statement went over the line
}

// newWire opens a line to the database of an address, and returns the address
// that leads over it.
func newWire(seed uint64, dsn string) (*wire, string, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, "", fmt.Errorf("read the database address: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", fmt.Errorf("open a line to the database: %w", err)
	}
	w := &wire{seed: seed, server: u.Host, listen: l, seen: map[string]int{}}
	u.Host = l.Addr().String()
	go w.serve()
	return w, u.String(), nil
}

func (w *wire) close() { _ = w.listen.Close() }

func (w *wire) serve() {
	for {
		c, err := w.listen.Accept()
		if err != nil {
			return
		}
		go w.carry(c)
	}
}

// carry carries one connection until either side ends it or it is cut.
func (w *wire) carry(client net.Conn) {
	server, err := net.Dial("tcp", w.server)
	if err != nil {
		_ = client.Close()
		return
	}
	var deaf atomic.Bool // the answer is swallowed, and then the line is dead
	end := sync.OnceFunc(func() { _ = client.Close(); _ = server.Close() })
	go func() {
		defer end()
		answers(server, client, &deaf)
	}()
	defer end()
	if startup(client, server) != nil {
		return
	}
	for {
		kind, body, err := message(client)
		if err != nil {
			return
		}
		switch w.luck(kind, body) {
		case before:
			return
		case after:
			deaf.Store(true)
		}
		if err := send(server, kind, body); err != nil {
			return
		}
	}
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
	name := string(body[:min(len(body), 80)])
	if kind == 'B' { // portal, then the name of the prepared statement
		name = cString(body[len(cString(body))+1:])
	}
	w.mu.Lock()
	w.seen[name]++
	n := w.seen[name]
	w.mu.Unlock()
	c := none
	switch dice(w.seed, fmt.Sprintf("wire %s %d", name, n)).IntN(4000) {
	case 0:
		c = before
	case 1:
		if kind == 'Q' { // such as a commit
			c = after
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

// startup carries the first message of a connection, which has no type.
func startup(from io.Reader, to io.Writer) error {
	var head [4]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return err
	}
	body := make([]byte, binary.BigEndian.Uint32(head[:])-4)
	if _, err := io.ReadFull(from, body); err != nil {
		return err
	}
	_, err := to.Write(append(head[:], body...))
	return err
}

func message(from io.Reader) (kind byte, body []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return 0, nil, err
	}
	body = make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	_, err = io.ReadFull(from, body)
	return head[0], body, err
}

func send(to io.Writer, kind byte, body []byte) error {
	b := make([]byte, 5, 5+len(body))
	b[0] = kind
	binary.BigEndian.PutUint32(b[1:], uint32(len(body)+4))
	_, err := to.Write(append(b, body...))
	return err
}

// answers carries what the server says, until it is ready again on a deaf line.
func answers(server io.Reader, client io.Writer, deaf *atomic.Bool) {
	for {
		kind, body, err := message(server)
		if err != nil {
			return
		}
		if deaf.Load() {
			if kind == 'Z' {
				return
			}
			continue
		}
		if send(client, kind, body) != nil {
			return
		}
	}
}
