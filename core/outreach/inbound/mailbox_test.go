package inbound_test

import (
	"bytes"
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/voldaan/voldaan/core/outreach/inbound"
	"github.com/voldaan/voldaan/core/outreach/token"
)

func TestMailbox(t *testing.T) {
	t.Parallel()
	keys, err := token.NewKeys('a', map[byte][]byte{'a': []byte(strings.Repeat("k", 32))})
	if err != nil {
		t.Fatal(err)
	}
	user := imapmemserver.NewUser("answers", "secret")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })

	reply, bounce := keys.Address(token.Reply, message, "in.voldaan.example"), keys.Address(token.Bounce, message, "in.voldaan.example")
	for _, raw := range [][]byte{
		crlf("Return-Path: <zoe@example.org>\nDelivered-To: " + reply + "\nFrom: zoe@example.org\nTo: x@y.example\n\nBetaald.\n"),
		append([]byte("Return-Path: <>\r\nX-Original-To: "+bounce+"\r\n"), notification("failed", "5.1.1", "x")...),
		crlf("From: news@example.org\nTo: info@in.voldaan.example\n\nKoop nu\n"),
		crlf("From: evil@example.org\nTo: " + strings.Replace(reply, "+a", "+b", 1) + "\n\nnee\n"),
	} {
		if _, err := user.Append("INBOX", literal{bytes.NewReader(raw)}, &imap.AppendOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	h := &inbox{fail: errors.New("database away")}
	box := inbound.Mailbox{
		Address: l.Addr().String(), Plaintext: true, Username: "answers", Password: "secret",
		Domains: []string{"in.voldaan.example"}, Keys: keys, Handler: h,
	}
	if n, err := box.Fetch(t.Context()); err == nil || n != 0 {
		t.Errorf("handled %d although nothing could be stored: %v", n, err)
	}
	h.fail = nil
	if n, err := box.Fetch(t.Context()); err != nil || n != 2 {
		t.Errorf("handled %d, %v", n, err)
	}
	if len(h.replies) != 1 || h.replies[0].Text != "Betaald." || h.replies[0].AutoSubmitted || len(h.bounces) != 1 || h.bounces[0].Kind != inbound.Hard {
		t.Errorf("%+v %+v", h.replies, h.bounces)
	}
	if n, err := box.Fetch(t.Context()); err != nil || n != 0 {
		t.Errorf("handled %d a second time, %v", n, err)
	}
	box.Password = "wrong"
	if _, err := box.Fetch(t.Context()); err == nil {
		t.Error("a wrong password was taken")
	}
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }
