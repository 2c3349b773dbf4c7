package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Kind is a way to misbehave.
type Kind string

// The kinds of misbehaviour.
const (
	// Status answers with Fault.Status and the vendor's error body instead of
	// handling the request; with Fault.After the request takes effect first.
	Status Kind = "status"
	// Delay waits Fault.DelayMS and then handles the request as usual.
	Delay Kind = "delay"
	// Truncate handles the request, announces the whole body and breaks the
	// connection after Fault.Bytes of it (default: half).
	Truncate Kind = "truncate"
	// WrongType handles the request and answers with Fault.Body (default: a
	// maintenance page) as Fault.ContentType (default: text/html), status kept.
	WrongType Kind = "wrong_type"
	// DropPage answers a list with the page after the one asked for, so that
	// one page is never seen.
	DropPage Kind = "drop_page"
	// RepeatPage answers a list with the page before the one asked for.
	RepeatPage Kind = "repeat_page"
	// ExpireToken expires the token of the request before it is handled.
	ExpireToken Kind = "expire_token"
	// Reset breaks the connection without an answer; with Fault.After the
	// request takes effect first.
	Reset Kind = "reset"
)

// Fault is one rule: which requests, how often, and what goes wrong. The rule
// that was injected first and still has shots left wins.
type Fault struct {
	ID string `json:"id,omitempty"` // given by the kit

	// Method is an HTTP method; "" is any.
	Method string `json:"method,omitempty"`
	// Path is the whole path, with * for any run of characters; "" is any.
	Path string `json:"path,omitempty"`
	// Query is a parameter the query must hold ("page=2"), or several of them
	// ("page=2&state=open"); "" is any.
	Query string `json:"query,omitempty"`
	// Skip lets the first matches through.
	Skip int `json:"skip,omitempty"`
	// Times is how often it fires: 0 means once, a negative number means always.
	Times int `json:"times,omitempty"`

	Do     Kind `json:"do"`
	After  bool `json:"after,omitempty"`
	Status int  `json:"status,omitempty"` // default 503
	// RetryAfter is sent as it is in the header Retry-After; "" sends none.
	RetryAfter string `json:"retry_after,omitempty"`
	// DelayMS is a wait in milliseconds before anything else, for every kind.
	DelayMS     int    `json:"delay_ms,omitempty"`
	Bytes       int    `json:"bytes,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	Body        string `json:"body,omitempty"`
}

type armed struct {
	Fault
	path  *regexp.Regexp
	query url.Values
	skip  int
	left  int
}

// Inject arms faults and returns their ids. It returns an error, and arms
// none, when one of them cannot work.
func (k *Kit) Inject(faults ...Fault) ([]string, error) {
	rules := make([]*armed, len(faults))
	for i, f := range faults {
		a, err := arm(f)
		if err != nil {
			return nil, fmt.Errorf("fault %d: %w", i+1, err)
		}
		rules[i] = a
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	ids := make([]string, len(rules))
	for i, a := range rules {
		k.faultSeq++
		a.ID = fmt.Sprintf("f%d", k.faultSeq)
		ids[i] = a.ID
	}
	k.faults = append(k.faults, rules...)
	return ids, nil
}

// MustInject is Inject for tests; it panics on a fault that cannot work.
func (k *Kit) MustInject(faults ...Fault) {
	if _, err := k.Inject(faults...); err != nil {
		panic(err)
	}
}

// Faults returns the faults that have shots left; Skip and Times count down.
func (k *Kit) Faults() []Fault {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := []Fault{}
	for _, a := range k.faults {
		f := a.Fault
		f.Skip, f.Times = a.skip, a.left
		out = append(out, f)
	}
	return out
}

// ClearFaults disarms everything.
func (k *Kit) ClearFaults() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.faults = nil
}

func arm(f Fault) (*armed, error) {
	switch f.Do {
	case Status, Delay, Truncate, WrongType, DropPage, RepeatPage, ExpireToken, Reset:
	default:
		return nil, fmt.Errorf("%q is not a misbehaviour; use status, delay, truncate, wrong_type, drop_page, repeat_page, expire_token or reset", f.Do)
	}
	if f.After && f.Do != Status && f.Do != Reset {
		return nil, fmt.Errorf("after works with status and reset, not with %s", f.Do)
	}
	f.Status = cmp.Or(f.Status, http.StatusServiceUnavailable)
	if f.Status < 200 || f.Status > 599 {
		return nil, fmt.Errorf("%d is not a status between 200 and 599", f.Status)
	}
	if f.DelayMS < 0 || f.Skip < 0 || f.Bytes < 0 {
		return nil, fmt.Errorf("delay_ms, skip and bytes cannot be negative")
	}
	query, err := url.ParseQuery(f.Query)
	if err != nil {
		return nil, fmt.Errorf("query %q: %w", f.Query, err)
	}
	a := &armed{Fault: f, query: query, skip: f.Skip, left: cmp.Or(f.Times, 1)}
	if f.Path != "" {
		parts := strings.Split(f.Path, "*")
		for i, p := range parts {
			parts[i] = regexp.QuoteMeta(p)
		}
		a.path = regexp.MustCompile("^" + strings.Join(parts, ".*") + "$")
	}
	return a, nil
}

func (a *armed) matches(r *http.Request) bool {
	if a.Method != "" && !strings.EqualFold(a.Method, r.Method) || a.path != nil && !a.path.MatchString(r.URL.Path) {
		return false
	}
	have := r.URL.Query()
	for key, values := range a.query {
		for _, v := range values {
			if !slices.Contains(have[key], v) {
				return false
			}
		}
	}
	return true
}

// fire returns the fault for a request and takes one of its shots.
func (k *Kit) fire(r *http.Request) (Fault, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, a := range k.faults {
		if !a.matches(r) {
			continue
		}
		if a.skip > 0 {
			a.skip--
			continue
		}
		if a.left > 0 {
			a.left--
			if a.left == 0 {
				k.faults = append(k.faults[:i:i], k.faults[i+1:]...)
			}
		}
		return a.Fault, true
	}
	return Fault{}, false
}

func (k *Kit) postFaults(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		WriteJSON(w, http.StatusBadRequest, map[string]string{"error": "The list of faults is longer than a megabyte."})
		return
	}
	if raw = bytes.TrimSpace(raw); !bytes.HasPrefix(raw, []byte("[")) {
		raw = append(append([]byte("["), raw...), ']')
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var faults []Fault
	if err = dec.Decode(&faults); err == nil && dec.More() {
		err = errTrailing
	}
	var ids []string
	if err == nil {
		ids, err = k.Inject(faults...)
	}
	if err != nil {
		WriteJSON(w, http.StatusBadRequest, map[string]string{"error": "Send one fault or a list of them: " + err.Error()})
		return
	}
	WriteJSON(w, http.StatusCreated, map[string][]string{"ids": ids})
}
