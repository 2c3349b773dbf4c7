package mollie

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// BaseURL is Mollie's own address.
const BaseURL = "https://api.mollie.com"

// maxAnswer bounds an answer: a page of 250 payments is about half a megabyte.
const maxAnswer = 8 << 20

// Config sets up a Client.
type Config struct {
	Key     APIKey
	BaseURL string        // default: BaseURL
	HTTP    *http.Client  // default: a client of its own; redirects are refused either way
	Timeout time.Duration // of one request; default: 15 s
	// UserAgent names the program; default: "Voldaan".
	UserAgent string
}

// Client talks to Mollie with one API key. It does not retry: a caller that may
// wait decides that, by Error.Retryable and Error.RetryAfter.
type Client struct {
	cfg  Config
	base string
	http http.Client
}

// New returns a client, or an error when the configuration cannot work.
func New(cfg Config) (*Client, error) {
	if cfg.Key.IsZero() {
		return nil, fmt.Errorf("mollie: there is no API key; copy one from the Mollie dashboard")
	}
	base, err := url.Parse(cmp.Or(cfg.BaseURL, BaseURL))
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, fmt.Errorf("mollie: %q is not a base URL such as %s", cfg.BaseURL, BaseURL)
	}
	cfg.UserAgent = cmp.Or(cfg.UserAgent, "Voldaan")
	c := &Client{cfg: cfg, base: strings.TrimRight(base.String(), "/")}
	if cfg.HTTP != nil {
		c.http = *cfg.HTTP
	}
	c.http.Timeout = cmp.Or(cfg.Timeout, 15*time.Second)
	// The API never redirects; following one could carry the key elsewhere.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// call makes one request and decodes the answer into out (nil for none).
func (c *Client) call(ctx context.Context, op, method, path string, query url.Values, key string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("mollie: %s: %w", op, err)
		}
		body = bytes.NewReader(raw)
	}
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return fmt.Errorf("mollie: %s: %w", op, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.cfg.Key.Reveal())
	req.Header.Set("Accept", "application/hal+json")
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return &Error{Op: op, Cause: err}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return refused(op, resp, raw)
	}
	if err == nil && len(raw) > maxAnswer {
		err = fmt.Errorf("the answer is larger than %d MB", maxAnswer>>20)
	}
	if err == nil && out != nil {
		err = decode(resp, raw, out)
	}
	if err != nil {
		return &Error{Op: op, Status: resp.StatusCode, Title: http.StatusText(resp.StatusCode), Cause: err}
	}
	return nil
}

func decode(resp *http.Response, raw []byte, out any) error {
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	if kind = strings.TrimSpace(kind); kind != "application/hal+json" && kind != "application/json" {
		return fmt.Errorf("the answer is %q, not JSON", kind)
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	return nil
}

func refused(op string, resp *http.Response, raw []byte) *Error {
	e := &Error{Op: op, Status: resp.StatusCode, Title: http.StatusText(resp.StatusCode), RetryAfter: retryAfter(resp.Header.Get("Retry-After"))}
	var p struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
		Field  string `json:"field"`
	}
	if json.Unmarshal(raw, &p) == nil {
		e.Title, e.Detail, e.Field = cmp.Or(p.Title, e.Title), p.Detail, p.Field
	}
	return e
}

// retryAfter reads the header in seconds; Mollie sends no dates.
func retryAfter(v string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, 24*time.Hour)
}

func (o ListOptions) query() url.Values {
	q := url.Values{}
	if o.From != "" {
		q.Set("from", o.From)
	}
	if o.Limit > 0 {
		q.Set("limit", strconv.Itoa(min(o.Limit, 250)))
	}
	return q
}

// listJSON is a page of items under one name.
type listJSON[T any] struct {
	Embedded map[string][]T `json:"_embedded"`
	Links    struct {
		Next *linkJSON `json:"next"`
	} `json:"_links"`
}

// page converts a list; convert reports an item that cannot be read, and the
// whole page fails: a payment must not go missing in silence.
func page[T, U any](l listJSON[T], name string, convert func(T) (U, error)) (Page[U], error) {
	out := Page[U]{Items: make([]U, 0, len(l.Embedded[name]))}
	for _, item := range l.Embedded[name] {
		u, err := convert(item)
		if err != nil {
			return Page[U]{}, err
		}
		out.Items = append(out.Items, u)
	}
	if l.Links.Next != nil {
		next, err := url.Parse(l.Links.Next.Href)
		if err != nil || next.Query().Get("from") == "" {
			return Page[U]{}, fmt.Errorf("the link to the next page names no id")
		}
		out.Next = next.Query().Get("from")
	}
	return out, nil
}
