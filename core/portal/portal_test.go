package portal_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/portal"
)

type post struct {
	sent atomic.Int64
	mu   sync.Mutex
	last string
}

func (p *post) PortalCode(_ context.Context, _ portal.Debtor, code string, _ int) error {
	p.sent.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = code
	return nil
}

func door(t *testing.T) (*portal.Gatekeeper, *post, portal.Debtor) {
	t.Helper()
	w, p := dunningtest.New(t, "2026-03-02 09:00"), &post{}
	return &portal.Gatekeeper{Store: w.Store, Real: w.Clock, Courier: p}, p, portal.Debtor{Tenant: w.Tenant, Debtor: uuid.New()}
}

// Whoever has a link cannot fill the debtor's mailbox with it, however fast.
func TestCodesAreFewEvenAtOnce(t *testing.T) {
	t.Parallel()
	g, p, d := door(t)
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			if err := g.SendCode(t.Context(), d); err != nil && fault.Of(err).Code != "too_many_codes" {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := p.sent.Load(); n != 5 {
		t.Errorf("%d codes were sent, want 5", n)
	}
	if err := g.SendCode(t.Context(), portal.Debtor{Tenant: d.Tenant, Debtor: uuid.New()}); err != nil {
		t.Errorf("another debtor: %v", err)
	}
}

// A code may be tried five times in all, also when the tries come at once.
func TestCodeCannotBeGuessed(t *testing.T) {
	t.Parallel()
	g, p, d := door(t)
	if err := g.SendCode(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	var wrong, locked atomic.Int64
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			code := fmt.Sprintf("%06d", i)
			if code == p.last {
				return
			}
			session, err := g.Enter(t.Context(), d, code)
			switch fault.Of(err).Code {
			case "code_wrong":
				wrong.Add(1)
			case "code_tries":
				locked.Add(1)
			default:
				t.Errorf("%q, %v", session, err)
			}
		})
	}
	wg.Wait()
	if wrong.Load() != 5 {
		t.Errorf("%d guesses were judged, %d refused", wrong.Load(), locked.Load())
	}
	if _, err := g.Enter(t.Context(), d, p.last); fault.Of(err).Code != "code_tries" {
		t.Errorf("the right code after five wrong ones: %v", err)
	}
}

func TestCodeWorksOnceForItsDebtor(t *testing.T) {
	t.Parallel()
	g, p, d := door(t)
	if err := g.SendCode(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Enter(t.Context(), portal.Debtor{Tenant: d.Tenant, Debtor: uuid.New()}, p.last); fault.Of(err).Code != "code_expired" {
		t.Errorf("the code of another debtor: %v", err)
	}
	session, err := g.Enter(t.Context(), d, p.last)
	if err != nil {
		t.Fatal(err)
	}
	if who, err := g.Session(t.Context(), session); err != nil || who != d {
		t.Errorf("%+v, %v", who, err)
	}
	if _, err := g.Enter(t.Context(), d, p.last); fault.Of(err).Code != "code_expired" {
		t.Errorf("the code a second time: %v", err)
	}
	for _, bad := range []string{"", session + "x", session[1:], "' or true --"} {
		if who, err := g.Session(t.Context(), bad); !fault.Is(err, fault.SignIn) {
			t.Errorf("session %q is of %+v, %v", bad, who, err)
		}
	}
}
