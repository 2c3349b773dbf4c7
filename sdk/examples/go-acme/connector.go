package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/voldaan/voldaan/sdk"
)

// Connector speaks Acme Books v1. It keeps no state: one process serves all
// connections at once.
type Connector struct{ sdk.Base }

// What the connector can do beside reading; connector.yaml names the same.
var (
	_ sdk.DocumentReader = Connector{}
	_ sdk.Writer         = Connector{}
	_ sdk.WebhookReader  = Connector{}
	_ sdk.Subscriber     = Connector{}
)

// Config is the form of connector.yaml, without its secrets.
type Config struct {
	Drafts bool `form:"drafts"`
}

// Check makes one cheap call.
func (c Connector) Check(ctx context.Context, s *sdk.Session) error {
	_, err := c.Administrations(ctx, s)
	return err
}

// Administrations lists the companies.
func (Connector) Administrations(ctx context.Context, s *sdk.Session) ([]sdk.Administration, error) {
	var page struct{ Data []company }
	if err := get(ctx, s, "/companies", &page); err != nil {
		return nil, fmt.Errorf("list companies: %w", err)
	}
	out := make([]sdk.Administration, len(page.Data))
	for i, a := range page.Data {
		out[i] = sdk.Administration{ID: a.ID, Name: a.Name, Country: a.Country, Currency: a.Currency, TimeZone: a.TimeZone}
	}
	return out, nil
}

// cursor is where the last pull ended: in each list, the version up to which it
// was read.
type cursor struct{ Customers, Invoices, Deletions int64 }

// Pull sends what changed since the cursor.
func (c Connector) Pull(ctx context.Context, s *sdk.Session, req sdk.PullRequest, sink sdk.Sink) error {
	var cfg Config
	if err := s.Decode(&cfg); err != nil {
		return err
	}
	base := "/companies/" + url.PathEscape(req.Administration)
	if len(req.Invoices) > 0 {
		return c.only(ctx, s, base, req.Invoices, sink)
	}
	var at cursor
	if len(req.Cursor) > 0 && json.Unmarshal(req.Cursor, &at) != nil {
		return fmt.Errorf("%w: it was not made by this connector", sdk.ErrResync)
	}
	first := at == cursor{}

	// The cursor is handed over after each page, so that a pull that breaks off goes
	// on there.
	l := lists{ctx: ctx, s: s, sink: sink, at: &at}
	if err := read(l, base+"/customers", sdk.Parties, &at.Customers, func(v customer) error { return sink.Party(v.party()) }); err != nil {
		return err
	}
	if err := read(l, base+"/invoices", sdk.Invoices, &at.Invoices, func(v invoice) error {
		if v.State == "draft" && !cfg.Drafts {
			return nil
		}
		return send(v, sink)
	}); err != nil {
		return err
	}
	if err := read(l, base+"/deletions", sdk.Invoices, &at.Deletions, func(v deletion) error {
		stream, ok := streams[v.Type]
		if !ok {
			return nil
		}
		return sink.Gone(stream, v.ID)
	}); err != nil || !first {
		return err
	}
	return errors.Join(sink.Complete(sdk.Parties), sink.Complete(sdk.Invoices), sink.Complete(sdk.Payments))
}

// only reads single invoices, just before a reminder is sent.
func (Connector) only(ctx context.Context, s *sdk.Session, base string, ids []string, sink sdk.Sink) error {
	for _, id := range ids {
		var v invoice
		err := get(ctx, s, base+"/invoices/"+url.PathEscape(id), &v)
		if errors.Is(err, sdk.ErrGone) {
			err = sink.Gone(sdk.Invoices, id)
		} else if err == nil {
			err = send(v, sink)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lists is what reading one takes.
type lists struct {
	ctx  context.Context
	s    *sdk.Session
	sink sdk.Sink
	at   *cursor
}

// read goes through a list, page by page. A record that cannot be read is reported,
// and the others go on.
func read[T interface{ version() int64 }](l lists, path string, stream sdk.Stream, since *int64, each func(T) error) error {
	for next, more := "", true; more; {
		var page struct {
			Data []json.RawMessage
			Next string
		}
		q := url.Values{"since": {fmt.Sprint(*since)}}
		if next != "" {
			q.Set("cursor", next)
		}
		if err := get(l.ctx, l.s, path+"?"+q.Encode(), &page); err != nil {
			return fmt.Errorf("list %s: %w", path, err)
		}
		for _, raw := range page.Data {
			var v T
			err := json.Unmarshal(raw, &v)
			if err == nil {
				err = each(v)
			} else {
				var known struct{ ID string }
				_ = json.Unmarshal(raw, &known) // as far as it goes
				err = l.sink.Unreadable(stream, known.ID, err.Error())
			}
			if err != nil {
				return err
			}
			*since = max(*since, v.version())
		}
		b, err := json.Marshal(l.at)
		if err != nil {
			return err
		}
		if err := l.sink.Checkpoint(b); err != nil {
			return err
		}
		if more = page.Next != ""; more && page.Next == next {
			return errors.New("the same page of Acme Books came twice")
		}
		next = page.Next
	}
	return nil
}
