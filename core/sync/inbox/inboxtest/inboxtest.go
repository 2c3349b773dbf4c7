// Package inboxtest proves that a store of received files keeps the promises of
// inbox.Files. Every implementation runs it.
package inboxtest

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/sync/inbox"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

// Run exercises an empty store. Reopen, when not nil, returns the same store as
// a new process would see it.
func Run(t *testing.T, open func(t *testing.T) inbox.Files, reopen func(t *testing.T, f inbox.Files) inbox.Files) {
	t.Helper()
	t.Run("files", func(t *testing.T) { t.Parallel(); files(t, open(t), reopen) })
	t.Run("claims", func(t *testing.T) { t.Parallel(); claims(t, open(t)) })
	t.Run("again", func(t *testing.T) { t.Parallel(); again(t, open(t)) })
	t.Run("limits", func(t *testing.T) { t.Parallel(); limits(t, open(t)) })
}

func put(t *testing.T, s inbox.Files, name, content string) filebox.File {
	t.Helper()
	f, _, err := s.Put(t.Context(), name, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func ids(t *testing.T, s inbox.Files, after string, limit int, open bool) []string {
	t.Helper()
	list, err := s.List(t.Context(), after, limit, open)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, f := range list {
		out = append(out, f.ID)
	}
	return out
}

func equal(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: %s", what, d)
	}
}

func files(t *testing.T, s inbox.Files, reopen func(*testing.T, inbox.Files) inbox.Files) {
	ctx := t.Context()
	a, b, c := put(t, s, "a.xml", "aaa"), put(t, s, `C:\x\..\b.csv`, "bbb"), put(t, s, "c.csv", "ccc")
	if a.State != filebox.Waiting || a.Size != 3 || len(a.Digest) != 64 || a.Received.IsZero() || b.Name != "b.csv" {
		t.Errorf("%+v %+v", a, b)
	}
	again, fresh, err := s.Put(ctx, "other.xml", strings.NewReader("aaa"))
	if err != nil || fresh || again.ID != a.ID {
		t.Errorf("the same content again: %+v %v %v", again, fresh, err)
	}
	equal(t, "order", []string{a.ID, b.ID, c.ID}, ids(t, s, "", 10, false))
	equal(t, "page", []string{b.ID}, ids(t, s, a.ID, 1, false))
	o := filebox.Outcome{State: filebox.Partly, Kind: filebox.List, Documents: 2, Problems: []invoicefile.Problem{{Code: "x", Row: 3, Sentence: "No."}}}
	if err := s.Settle(ctx, b.ID, o); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(ctx, c.ID, filebox.Outcome{State: filebox.Refused, Kind: filebox.List}); err != nil {
		t.Fatal(err)
	}
	if reopen != nil {
		s = reopen(t, s)
	}
	equal(t, "open", []string{a.ID}, ids(t, s, "", 10, true))
	got, err := s.Outcome(ctx, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "outcome", o, got)
	if got, err := s.Outcome(ctx, a.ID); err != nil || got.State != filebox.Waiting {
		t.Errorf("outcome of a waiting file: %+v %v", got, err)
	}
	if f, err := s.LatestList(ctx, c.ID); err != nil || f.ID != b.ID {
		t.Errorf("latest list: %+v %v", f, err)
	}
	if f, err := s.LatestList(ctx, ""); err != nil || f.ID != b.ID {
		t.Errorf("a refused list counts for nothing: %+v %v", f, err)
	}
	if _, err := s.LatestList(ctx, b.ID); !errors.Is(err, inbox.ErrNotFound) {
		t.Errorf("no list before the first: %v", err)
	}
	content, err := s.Open(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if text, err := io.ReadAll(content); err != nil || string(text) != "ccc" {
		t.Errorf("content %q %v", text, err)
	}
	_, err1 := s.Get(ctx, "nope")
	_, err2 := s.Open(ctx, "../index.json")
	_, err3 := s.Claim(ctx, "nope", nil)
	for _, err := range []error{err1, err2, err3, s.Settle(ctx, "nope", o)} {
		if !errors.Is(err, inbox.ErrNotFound) {
			t.Errorf("a file that is not there: %v", err)
		}
	}
}

func claims(t *testing.T, s inbox.Files) {
	ctx := t.Context()
	a, b, list := put(t, s, "a", "a"), put(t, s, "b", "b"), put(t, s, "list", "list")
	claim := func(f filebox.File, c filebox.Claim) []filebox.Conflict {
		t.Helper()
		out, err := s.Claim(ctx, f.ID, []filebox.Claim{c})
		if err != nil {
			t.Fatal(err)
		}
		if c.Shared && c.Key == "invoice:1" {
			equal(t, "owned", []string{"invoice:1"}, out.Owned)
		} else {
			equal(t, "owned", 0, len(out.Owned))
		}
		return out.Conflicts
	}
	equal(t, "first", 0, len(claim(a, filebox.Claim{Key: "invoice:1", Digest: "x"})))
	equal(t, "the same again", 0, len(claim(a, filebox.Claim{Key: "invoice:1", Digest: "x"})))
	equal(t, "same contents in another file", 0, len(claim(b, filebox.Claim{Key: "invoice:1", Digest: "x"})))
	conflicts := claim(b, filebox.Claim{Key: "invoice:1", Digest: "y"})
	if len(conflicts) != 1 || conflicts[0].File.ID != a.ID || conflicts[0].Key != "invoice:1" {
		t.Errorf("other contents: %+v", conflicts)
	}
	equal(t, "a list may say more", 0, len(claim(list, filebox.Claim{Key: "invoice:1", Digest: "z", Shared: true})))
	if h, err := s.Holders(ctx, "invoice:1"); err != nil || h.Owner.ID != a.ID || h.Latest.ID != list.ID {
		t.Errorf("holders %+v %v", h, err)
	}
	equal(t, "a list alone", 0, len(claim(list, filebox.Claim{Key: "invoice:2", Digest: "z", Shared: true})))
	if h, err := s.Holders(ctx, "invoice:2"); err != nil || h.Owner.ID != "" || h.Latest.ID != list.ID {
		t.Errorf("holders %+v %v", h, err)
	}
	if _, err := s.Holders(ctx, "invoice:3"); !errors.Is(err, inbox.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}

func again(t *testing.T, s inbox.Files) {
	ctx := t.Context()
	a, b := put(t, s, "a", "a"), put(t, s, "b", "b")
	if f, err := s.Again(ctx, a.ID); err != nil || f.ID != a.ID {
		t.Errorf("a file that waits: %+v %v", f, err)
	}
	if _, err := s.Claim(ctx, a.ID, []filebox.Claim{{Key: "invoice:1", Digest: "x"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(ctx, a.ID, filebox.Outcome{State: filebox.Taken, Kind: filebox.List, Documents: 1}); err != nil {
		t.Fatal(err)
	}
	f, err := s.Again(ctx, a.ID)
	if err != nil || f.ID <= b.ID || f.State != filebox.Waiting || f.Kind != "" || f.Digest != a.Digest {
		t.Errorf("once more: %+v %v", f, err)
	}
	equal(t, "order", []string{b.ID, f.ID}, ids(t, s, "", 10, true))
	if o, err := s.Outcome(ctx, f.ID); err != nil || o.State != filebox.Waiting || o.Documents != 0 {
		t.Errorf("outcome: %+v %v", o, err)
	}
	if h, err := s.Holders(ctx, "invoice:1"); err != nil || h.Owner.ID != f.ID || h.Latest.ID != f.ID {
		t.Errorf("holders: %+v %v", h, err)
	}
	content, err := s.Open(ctx, f.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if text, err := io.ReadAll(content); err != nil || string(text) != "a" {
		t.Errorf("content %q %v", text, err)
	}
	if _, err := s.Get(ctx, a.ID); !errors.Is(err, inbox.ErrNotFound) {
		t.Errorf("the old id: %v", err)
	}
	if c := put(t, s, "c", "c"); c.ID <= f.ID {
		t.Errorf("%s does not follow %s", c.ID, f.ID)
	}
	if _, err := s.Again(ctx, "nope"); !errors.Is(err, inbox.ErrNotFound) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func limits(t *testing.T, s inbox.Files) {
	_, _, err := s.Put(t.Context(), "empty", strings.NewReader(""))
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty file: %v", err)
	}
	_, _, err = s.Put(t.Context(), "huge", bytes.NewReader(make([]byte, filebox.MaxBytes+1)))
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("a huge file: %v", err)
	}
	_, _, err = s.Put(t.Context(), "broken", io.MultiReader(strings.NewReader("half"), broken{}))
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("a broken line: %v", err)
	}
	if list := ids(t, s, "", 10, false); len(list) != 0 {
		t.Errorf("something was kept: %v", list)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("line broken") }
