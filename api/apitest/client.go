package apitest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/outreach/mailsink"
)

// Client is a browser without scripts: it keeps cookies and follows redirects
// within the hub.
type Client struct {
	T    testing.TB
	Base string
	HTTP *http.Client
}

// Client returns a browser without any cookie.
func (b *Bench) Client() *Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.T.Fatal(err)
	}
	return &Client{T: b.T, Base: b.Server.URL, HTTP: &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), b.Server.URL) {
			return http.ErrUseLastResponse
		}
		return nil
	}}}
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	URL    *url.URL // after redirects
}

// SignIn returns a browser in which a member is signed in.
func (t *Tenant) SignIn(email string) *Client {
	t.T.Helper()
	c := t.Client()
	a := c.Post("/sign-in", url.Values{"email": {email}, "password": {Password}})
	if a.Status != http.StatusOK || a.URL.Path != "/" {
		t.T.Fatalf("sign-in of %s ended at %s with %d:\n%s", email, a.URL, a.Status, a.Body)
	}
	return c
}

// Get opens a page.
func (c *Client) Get(path string) Answer {
	c.T.Helper()
	return c.Do("GET", path, "", nil)
}

// Post sends a form.
func (c *Client) Post(path string, form url.Values) Answer {
	c.T.Helper()
	return c.Do("POST", path, form.Encode(), map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"})
}

// Do sends a request with a body and headers.
func (c *Client) Do(method, path, body string, header map[string]string) Answer {
	c.T.Helper()
	if !strings.HasPrefix(path, "http") {
		path = c.Base + path
	}
	r, err := http.NewRequestWithContext(c.T.Context(), method, path, strings.NewReader(body))
	if err != nil {
		c.T.Fatal(err)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	resp, err := c.HTTP.Do(r)
	if err != nil {
		c.T.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.T.Fatal(err)
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(b), URL: resp.Request.URL}
}

// Has fails the test unless the page holds every text.
func (a Answer) Has(t testing.TB, status int, texts ...string) {
	t.Helper()
	if a.Status != status {
		t.Fatalf("%s: status %d, want %d:\n%s", a.URL, a.Status, status, a.Body)
	}
	for _, text := range texts {
		if !strings.Contains(a.Body, text) {
			t.Errorf("%s does not hold %q:\n%s", a.URL, text, visible(a.Body))
		}
	}
}

// Lacks fails the test when the page holds one of the texts.
func (a Answer) Lacks(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.Body, text) {
			t.Errorf("%s holds %q", a.URL, text)
		}
	}
}

var (
	tags  = regexp.MustCompile(`(?s)<(script|style|svg)\b.*?</(script|style|svg)>|<[^>]*>`)
	space = regexp.MustCompile(`\s+`)
)

func visible(body string) string {
	return space.ReplaceAllString(tags.ReplaceAllString(body, " "), " ")
}

// Text is what a reader of the page sees.
func (a Answer) Text() string { return visible(a.Body) }

// Mail returns the source of a message that the mail server has.
func (b *Bench) Mail(m mailsink.Message) string {
	b.T.Helper()
	c := &Client{T: b.T, HTTP: http.DefaultClient}
	return c.Get(b.MailURL + "/messages/" + m.ID + "/raw").Body
}
