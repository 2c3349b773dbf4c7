package sdktest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/sdktest"
)

func TestSession(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/base/file":
			http.Redirect(w, r, "https://files.acme.example/x?sig=1", http.StatusFound)
		case "/base/away":
			http.Redirect(w, r, "https://evil.example/", http.StatusFound)
		default:
			fmt.Fprintf(w, "%s%s auth=%q", r.Host, r.URL, r.Header.Get("Authorization"))
		}
	}))
	t.Cleanup(server.Close)
	s := sdktest.NewSession(t, sdktest.Options{
		Hosts:     map[string]string{"api.acme.example": server.URL + "/base", "files.acme.example": server.URL},
		Downloads: []string{"files.acme.example"},
		Authorize: sdktest.Bearer("t"),
	})
	for url, want := range map[string]string{
		"https://api.acme.example/v1?a=1": `api.acme.example/base/v1?a=1 auth="Bearer t"`,
		"https://api.acme.example/file":   `files.acme.example/x?sig=1 auth=""`,
		"https://api.acme.example/away":   "",
		"https://other.example/":          "",
	} {
		resp, err := s.HTTP.Get(url)
		if want == "" {
			if err == nil {
				t.Errorf("%s was let through", url)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if string(body) != want {
			t.Errorf("%s: %s, want %s", url, body, want)
		}
	}
}

func TestRecorder(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	r := &sdktest.Recorder{Known: map[sdk.Stream]map[string]string{sdk.Invoices: {"a": "1", "b": "1"}}, Stop: enough, StopAfter: 2}
	wanted, err := r.Compare(sdk.Invoices, []sdk.Revision{{ID: "a", Revision: "1"}, {ID: "b", Revision: "2"}, {ID: "c", Revision: "1"}})
	if err != nil || fmt.Sprint(wanted) != "[b c]" {
		t.Errorf("wanted %v, %v", wanted, err)
	}
	if err := errors.Join(r.Invoice(sdk.Invoice{ID: "b", Number: "1"}), r.Invoice(sdk.Invoice{ID: "b", Number: "2"}), r.Checkpoint([]byte("x"))); err != nil {
		t.Fatal(err)
	}
	if err := r.Party(sdk.Party{ID: "p"}); err != enough {
		t.Errorf("after two records: %v", err)
	}
	if v, ok := r.Got.Invoice("b"); !ok || v.Number != "2" || string(r.Got.Cursor()) != "x" {
		t.Errorf("got %+v", r.Got)
	}
}
