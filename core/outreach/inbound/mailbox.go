package inbound

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/outreach/token"
)

// Mailbox is an IMAP folder that answers arrive in, for an installation that
// cannot receive SMTP itself. The mail server has to put reply+… and bounce+…
// of the domains in this folder.
type Mailbox struct {
	Address   string // host:port
	Plaintext bool   // no TLS: for a server on the same machine
	TLS       *tls.Config
	Username  string
	Password  string
	Folder    string // default INBOX

	Domains  []string
	Keys     token.Keys
	Handler  Handler
	Clock    clock.Clock // default the real one
	MaxBytes int64       // larger mail is left for a person, default 15 MiB
}

// LogValue keeps the password out of logs.
func (m Mailbox) LogValue() slog.Value {
	return slog.GroupValue(slog.String("address", m.Address), slog.String("folder", m.Folder))
}

// skipped marks mail that is not for us, so that it stays unread for a person
// and is not looked at again.
const skipped imap.Flag = "$VoldaanSkipped"

// Fetch hands over what is unread and marks it read, one mail at a time, only
// after the Handler stored it. It stops at the first error; the next call goes
// on there. A crash in between brings the same mail again, with the same ID.
func (m Mailbox) Fetch(ctx context.Context) (handled int, err error) {
	if m.Clock == nil {
		m.Clock = clock.Real
	}
	c, err := m.dial(ctx)
	if err != nil {
		return 0, fmt.Errorf("open mailbox: %w", err)
	}
	defer func() { _ = c.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	if err := c.Login(m.Username, m.Password).Wait(); err != nil {
		return 0, fmt.Errorf("open mailbox: sign in: %w", err)
	}
	folder := cmp.Or(m.Folder, "INBOX")
	if _, err := c.Select(folder, nil).Wait(); err != nil {
		return 0, fmt.Errorf("open mailbox: folder %s: %w", folder, err)
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{
		NotFlag: []imap.Flag{imap.FlagSeen, imap.FlagDeleted, skipped}, Smaller: cmp.Or(m.MaxBytes, 15<<20),
	}, nil).Wait()
	if err != nil {
		return 0, fmt.Errorf("search mailbox: %w", err)
	}
	for _, uid := range found.AllUIDs() {
		ours, err := m.one(ctx, c, uid)
		if err != nil {
			return handled, err
		}
		flag := skipped
		if ours {
			flag = imap.FlagSeen
			handled++
		}
		if err := c.Store(imap.UIDSetNum(uid), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag}}, nil).Close(); err != nil {
			return handled, fmt.Errorf("mark mail: %w", err)
		}
	}
	return handled, c.Logout().Wait()
}

func (m Mailbox) dial(ctx context.Context) (*imapclient.Client, error) {
	if m.Plaintext {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", m.Address)
		if err != nil {
			return nil, err
		}
		return imapclient.New(conn, nil), nil
	}
	conn, err := (&tls.Dialer{Config: m.TLS}).DialContext(ctx, "tcp", m.Address)
	if err != nil {
		return nil, err
	}
	return imapclient.New(conn, nil), nil
}

func (m Mailbox) one(ctx context.Context, c *imapclient.Client, uid imap.UID) (bool, error) {
	section := &imap.FetchItemBodySection{Peek: true}
	list, err := c.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		return false, fmt.Errorf("fetch mail: %w", err)
	}
	if len(list) == 0 {
		return false, nil
	}
	raw := list[0].FindBodySection(section)
	t, from, ok := m.target(raw)
	if !ok {
		return false, nil
	}
	b, r := Parse(raw, t.purpose, t.message, from, m.Clock.Now())
	if b != nil {
		err = m.Handler.Bounce(ctx, *b)
	} else {
		err = m.Handler.Reply(ctx, *r)
	}
	if err != nil {
		return false, fmt.Errorf("store mail: %w", err)
	}
	return true, nil
}

// target finds our address among the fields that may hold the recipient, the
// envelope's first, and the envelope sender.
func (m Mailbox) target(raw []byte) (target, string, bool) {
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return target{}, "", false
	}
	from := strings.Trim(strings.TrimSpace(msg.Header.Get("Return-Path")), "<>")
	if _, given := msg.Header["Return-Path"]; !given {
		if a, err := mail.ParseAddress(msg.Header.Get("From")); err == nil {
			from = a.Address
		}
	}
	for _, field := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"} {
		for _, value := range msg.Header[field] {
			for _, address := range addresses(value) {
				domain := address[strings.LastIndexByte(address, '@')+1:]
				for _, d := range m.Domains {
					if !strings.EqualFold(d, domain) {
						continue
					}
					if purpose, id, err := m.Keys.Parse(address); err == nil {
						return target{purpose, id}, from, true
					}
				}
			}
		}
	}
	return target{}, "", false
}

func addresses(value string) []string {
	list, err := mail.ParseAddressList(value)
	if err != nil {
		return []string{strings.Trim(strings.TrimSpace(value), "<>")}
	}
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.Address
	}
	return out
}
