package inbox_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/sync/inbox"
	"github.com/voldaan/voldaan/core/sync/inbox/inboxtest"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

// noon is a clock that stands still.
type noon struct{}

func (noon) Now() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

func TestMemory(t *testing.T) {
	t.Parallel()
	inboxtest.Run(t, func(*testing.T) inbox.Files { return inbox.NewMemory(noon{}) }, nil)
}

// kept is a store in a folder that can be opened again.
type kept struct {
	*inbox.Directory
	root string
}

func openKept(t *testing.T, root string) inbox.Files {
	t.Helper()
	d, err := inbox.OpenDirectory(root, noon{})
	if err != nil {
		t.Fatal(err)
	}
	return kept{d, root}
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	inboxtest.Run(t,
		func(t *testing.T) inbox.Files { return openKept(t, t.TempDir()) },
		func(t *testing.T, f inbox.Files) inbox.Files { return openKept(t, f.(kept).root) })
}

func TestHandler(t *testing.T) {
	t.Parallel()
	files := inbox.NewMemory(noon{})
	f, _, err := files.Put(t.Context(), "a.csv", strings.NewReader("content"))
	if err != nil {
		t.Fatal(err)
	}
	other := inbox.NewMemory(noon{})
	srv := httptest.NewServer(inbox.Handler(func(ctx context.Context) (inbox.Files, error) {
		return files, nil
	}))
	defer srv.Close()
	c := filebox.NewClient(toServer(srv))
	list, err := c.List(t.Context(), "", 10, true)
	if err != nil || len(list) != 1 || list[0].Name != "a.csv" {
		t.Fatalf("%+v %v", list, err)
	}
	if b, err := c.Content(t.Context(), f.ID); err != nil || string(b) != "content" {
		t.Errorf("%q %v", b, err)
	}
	key := "invoice:2026/0042 & more"
	if claimed, err := c.Claim(t.Context(), f.ID, []filebox.Claim{{Key: key, Digest: "x"}}); err != nil || len(claimed.Conflicts) != 0 {
		t.Errorf("%v %v", claimed, err)
	}
	if h, err := c.Holders(t.Context(), key); err != nil || h.Owner.ID != f.ID {
		t.Errorf("%+v %v", h, err)
	}
	if err := c.Settle(t.Context(), f.ID, filebox.Outcome{State: filebox.Taken, Kind: filebox.List}); err != nil {
		t.Error(err)
	}
	if l, err := c.LatestList(t.Context(), ""); err != nil || l.ID != f.ID {
		t.Errorf("%+v %v", l, err)
	}
	if list, err := c.List(t.Context(), "", 10, true); err != nil || len(list) != 0 {
		t.Errorf("%+v %v", list, err)
	}
	if err := c.Settle(t.Context(), f.ID, filebox.Outcome{State: filebox.Waiting}); err == nil {
		t.Error("waiting is no outcome")
	}
	if _, err := c.Content(t.Context(), "000000000099"); !errors.Is(err, sdk.ErrGone) {
		t.Errorf("not there: %v", err)
	}
	denied := httptest.NewServer(inbox.Handler(func(context.Context) (inbox.Files, error) { return other, errors.New("no connection") }))
	defer denied.Close()
	if _, err := filebox.NewClient(toServer(denied)).List(t.Context(), "", 1, false); err == nil {
		t.Error("a request of no connection was answered")
	}
}

// toServer is a client that takes every request to a test server.
func toServer(srv *httptest.Server) *http.Client {
	return &http.Client{Transport: redirect(srv.Listener.Addr().String())}
}

type redirect string

func (to redirect) RoundTrip(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host = "http", string(to)
	return http.DefaultTransport.RoundTrip(out)
}
