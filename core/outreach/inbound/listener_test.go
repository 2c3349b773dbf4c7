package inbound_test

import (
	"context"
	"errors"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/outreach/inbound"
	"github.com/voldaan/voldaan/core/outreach/token"
)

type inbox struct {
	mu      sync.Mutex
	fail    error
	bounces []inbound.Bounce
	replies []inbound.Reply
}

func (i *inbox) Bounce(_ context.Context, b inbound.Bounce) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fail == nil {
		i.bounces = append(i.bounces, b)
	}
	return i.fail
}

func (i *inbox) Reply(_ context.Context, r inbound.Reply) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fail == nil {
		i.replies = append(i.replies, r)
	}
	return i.fail
}

func listen(t *testing.T, h *inbox) (address string, keys token.Keys) {
	t.Helper()
	keys, err := token.NewKeys('a', map[byte][]byte{'a': []byte(strings.Repeat("k", 32))})
	if err != nil {
		t.Fatal(err)
	}
	l, err := inbound.New(inbound.Config{
		Domains: []string{"in.voldaan.example"}, Keys: keys, Handler: h, Clock: clock.At(noon), MaxBytes: 64 << 10, Timeout: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = l.Serve(on) }()
	t.Cleanup(func() { _ = l.Close() })
	return on.Addr().String(), keys
}

func code(err error) int {
	var e *textproto.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

func TestListener(t *testing.T) {
	t.Parallel()
	h := &inbox{}
	address, keys := listen(t, h)
	reply := keys.Address(token.Reply, message, "in.voldaan.example")
	mail := []byte("From: zoe@example.org\r\nSubject: vraag\r\n\r\nWat is dit?\r\n")

	t.Run("R61 a reply lands on its message", func(t *testing.T) {
		if err := smtp.SendMail(address, nil, "zoe@example.org", []string{strings.ToUpper(reply)}, mail); err != nil {
			t.Fatal(err)
		}
		if len(h.replies) != 1 || h.replies[0].Message != message || h.replies[0].Text != "Wat is dit?" {
			t.Errorf("%+v", h.replies)
		}
	})
	t.Run("R52 a bounce lands on its message", func(t *testing.T) {
		bounce := keys.Address(token.Bounce, message, "in.voldaan.example")
		if err := smtp.SendMail(address, nil, "", []string{bounce}, notification("failed", "5.1.1", "x")); err != nil {
			t.Fatal(err)
		}
		if len(h.bounces) != 1 || h.bounces[0].Kind != inbound.Hard || h.bounces[0].Message != message {
			t.Errorf("%+v", h.bounces)
		}
	})
	t.Run("nothing is lost when storing fails", func(t *testing.T) {
		h.mu.Lock()
		h.fail = errors.New("database away")
		h.mu.Unlock()
		if err := smtp.SendMail(address, nil, "zoe@example.org", []string{reply}, mail); code(err) != 451 {
			t.Errorf("%v", err)
		}
		h.mu.Lock()
		h.fail = nil
		h.mu.Unlock()
		if err := smtp.SendMail(address, nil, "zoe@example.org", []string{reply}, mail); err != nil || len(h.replies) != 2 {
			t.Errorf("%v, %d replies", err, len(h.replies))
		}
		if h.replies[0].ID != h.replies[1].ID {
			t.Error("the same mail has two ids")
		}
	})
	t.Run("never a relay", func(t *testing.T) {
		for _, to := range []string{
			"someone@example.org", "info@in.voldaan.example", strings.Replace(reply, "in.voldaan.example", "example.org", 1),
			"reply+abc@in.voldaan.example", strings.Replace(reply, "reply+a", "reply+b", 1), "someone%example.org@in.voldaan.example",
		} {
			if err := smtp.SendMail(address, nil, "zoe@example.org", []string{to}, mail); code(err) != 550 {
				t.Errorf("%s: %v", to, err)
			}
		}
	})
	t.Run("too large", func(t *testing.T) {
		big := append([]byte("Subject: x\r\n\r\n"), strings.Repeat("0123456789abcde\r\n", 5000)...)
		if err := smtp.SendMail(address, nil, "zoe@example.org", []string{reply}, big); code(err) != 552 {
			t.Errorf("%v", err)
		}
	})
	if len(h.replies) != 2 || len(h.bounces) != 1 {
		t.Errorf("%d replies, %d bounces", len(h.replies), len(h.bounces))
	}
}

func TestSlowSenderIsDropped(t *testing.T) {
	t.Parallel()
	address, _ := listen(t, &inbox{})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	b := make([]byte, 512)
	for {
		if _, err := conn.Read(b); err != nil {
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				t.Error("a silent connection stays open")
			}
			return
		}
	}
}
