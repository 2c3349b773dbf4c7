package moneybird

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
)

// The largest answers that are read. A list of ids is about 50 bytes a record,
// a hundred full invoices with their lines and events are a few megabytes.
const (
	maxAnswer = 64 << 20
	maxError  = 16 << 10
)

// caller carries out requests of one session.
type caller struct {
	http *http.Client
	now  func() time.Time
}

func (c *Connector) call(s *sdk.Session) caller {
	// A redirect is an answer here: only downloads follow one, by hand.
	client := *s.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return caller{http: &client, now: c.now}
}

// answer is what came back, read whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do sends one request and reads the answer up to limit bytes.
func (c caller) do(ctx context.Context, method, address string, body any, limit int64) (answer, error) {
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		payload = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, payload)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", sdk.ErrInvalid, err)
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("reach Moneybird: %w", err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return answer{status: resp.StatusCode}, fmt.Errorf("the answer of Moneybird broke off: %w", err)
	}
	if int64(len(b)) > limit {
		return answer{status: resp.StatusCode}, fmt.Errorf("the answer of Moneybird is larger than %d MiB", limit>>20)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: b}, nil
}

// ok sends a request whose only good answers are 200 and 201.
func (c caller) ok(ctx context.Context, method, address string, body any) (answer, error) {
	a, err := c.do(ctx, method, address, body, maxAnswer)
	if err != nil {
		return a, err
	}
	if a.status != http.StatusOK && a.status != http.StatusCreated {
		return a, c.fault(a)
	}
	return a, nil
}

// getArray gets a JSON array and hands over its elements after all of it was
// read, so that an answer that breaks off leaves no half of a page behind.
func (c caller) getArray(ctx context.Context, address string, each func(raw []byte) error) error {
	a, err := c.ok(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return eachElement(a.body, each)
}

func eachElement(body []byte, each func(raw []byte) error) error {
	var list []json.RawMessage
	if err := json.Unmarshal(body, &list); err != nil {
		return fmt.Errorf("the answer of Moneybird is not the list that was asked for: %w", err)
	}
	for _, raw := range list {
		if err := each(raw); err != nil {
			return err
		}
	}
	return nil
}

// fault turns a refusal into what the host must do about it.
func (c caller) fault(a answer) error {
	words := reason(a.body)
	switch {
	case a.status == http.StatusUnauthorized:
		return fmt.Errorf("%w: Moneybird does not accept the access any more%s; connect Moneybird again", sdk.ErrAuth, words)
	case a.status == http.StatusForbidden:
		return fmt.Errorf("%w: the access to Moneybird does not cover this%s; connect again and allow sales invoices, bank and settings", sdk.ErrAuth, words)
	case a.status == http.StatusNotFound:
		return fmt.Errorf("%w: not found in Moneybird%s", sdk.ErrGone, words)
	case a.status == http.StatusTooManyRequests:
		return &sdk.RetryAfter{Wait: c.wait(a.header, 30*time.Second), Why: "Moneybird asks to slow down"}
	case a.status >= 500:
		return &sdk.RetryAfter{Wait: c.wait(a.header, time.Minute), Why: fmt.Sprintf("Moneybird is out of order (%d)", a.status)}
	case a.status == http.StatusPaymentRequired:
		return fmt.Errorf("%w: the Moneybird subscription does not allow this%s", sdk.ErrInvalid, words)
	case a.status >= 300 && a.status < 400:
		return fmt.Errorf("answer of Moneybird: it sent us elsewhere (%d)", a.status)
	}
	return fmt.Errorf("%w: Moneybird refused (%d)%s", sdk.ErrInvalid, a.status, words)
}

// wait reads Retry-After. The contract shows it as epoch seconds, the standard
// says seconds or a date; all three are understood, up to an hour.
func (c caller) wait(h http.Header, otherwise time.Duration) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	var d time.Duration
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n > 1_000_000_000 {
			d = time.Unix(n, 0).Sub(c.now())
		} else {
			d = time.Duration(n) * time.Second
		}
	} else if t, err := http.ParseTime(text); err == nil {
		d = t.Sub(c.now())
	} else {
		return otherwise
	}
	return min(max(d, time.Second), time.Hour)
}

// reason finds the package's own words in an error body, as ": words".
func reason(body []byte) string {
	var e struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body[:min(len(body), maxError)], &e) != nil || len(e.Error) == 0 {
		return ""
	}
	var text string
	if json.Unmarshal(e.Error, &text) == nil && text != "" {
		return ": " + clip(text)
	}
	var fields map[string][]string
	if json.Unmarshal(e.Error, &fields) == nil {
		var parts []string
		for _, field := range sortedKeys(fields) {
			parts = append(parts, field+" "+strings.Join(fields[field], ", "))
		}
		return ": " + clip(strings.Join(parts, "; "))
	}
	return ""
}

// noAnswer reports whether an error leaves open what the other side did.
func noAnswer(err error) bool {
	var retry *sdk.RetryAfter
	return err != nil && !errors.Is(err, sdk.ErrInvalid) && !errors.Is(err, sdk.ErrAuth) &&
		!errors.Is(err, sdk.ErrGone) && !errors.As(err, &retry)
}

func escape(s string) string { return url.PathEscape(s) }
