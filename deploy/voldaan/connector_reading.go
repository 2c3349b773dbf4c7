package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/sdk"
)

// reading is what one run of a connector gave. It is a sink.
type reading struct {
	Title, Version, Books string
	Records               []shown
	Problems              []string
	Took                  time.Duration
	Requests              int

	began time.Time
	mu    sync.Mutex // protects seen
	seen  []broker.Seen
}

// shown is a record beside what it was made of.
type shown struct {
	Kind   string // party, invoice, payment or gone
	ID     string
	Mapped []fact
	// Raw is the object of the package's answer with this id, and From the request;
	// empty when no answer in JSON has one.
	Raw  string
	From string
}

// fact is a field of a record that is not empty.
type fact struct{ Name, Value string }

var _ sdk.Sink = (*reading)(nil)

func (r *reading) add(kind, id string, record any) error {
	s := shown{Kind: kind, ID: id}
	if record != nil {
		s.Mapped = facts("", reflect.ValueOf(record))
	}
	r.Records = append(r.Records, s)
	return nil
}

func (r *reading) Party(p sdk.Party) error     { return r.add("party", p.ID, p) }
func (r *reading) Invoice(v sdk.Invoice) error { return r.add("invoice", v.ID, v) }
func (r *reading) Payment(p sdk.Payment) error { return r.add("payment", p.ID, p) }

func (r *reading) Unreadable(s sdk.Stream, id, reason string) error {
	r.Problems = append(r.Problems, fmt.Sprintf("%s %s cannot be read: %s", s, id, reason))
	return nil
}

func (r *reading) Gone(s sdk.Stream, id string) error { return r.add("gone", string(s)+" "+id, nil) }
func (r *reading) Complete(sdk.Stream) error          { return nil }
func (r *reading) Checkpoint([]byte) error            { return nil }
func (r *reading) Progress(sdk.Stream, int) error     { return nil }

// Compare wants everything.
func (r *reading) Compare(_ sdk.Stream, list []sdk.Revision) ([]string, error) {
	ids := make([]string, len(list))
	for i, v := range list {
		ids[i] = v.ID
	}
	return ids, nil
}

// saw keeps what was exchanged.
func (r *reading) saw(x broker.Seen) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Requests++
	if len(r.seen) < 2000 && len(x.Answer) <= 4<<20 {
		r.seen = append(r.seen, x)
	}
}

// failure is what a script is told.
func (r *reading) failure() error {
	if len(r.Problems) == 0 {
		return nil
	}
	return errors.New(strings.Join(r.Problems, "\n"))
}

// problemLines gives each mistake in a file a line of its own.
func problemLines(err error) []string { return strings.Split(strings.TrimSpace(err.Error()), "\n") }

// facts lists the fields of a record that are not empty.
func facts(prefix string, v reflect.Value) (out []fact) {
	for i := range v.NumField() {
		field := v.Field(i)
		name := prefix + small(v.Type().Field(i).Name)
		switch x := field.Interface(); {
		case field.IsZero():
		case field.Kind() == reflect.Struct && !isText(x):
			out = append(out, facts(name+".", field)...)
		default:
			out = append(out, fact{name, fmt.Sprint(x)})
		}
	}
	return out
}

// small writes VATNumber as vatNumber and ID as id.
func small(name string) string {
	out := []rune(name)
	for i, c := range out {
		if i > 0 && i+1 < len(out) && unicode.IsLower(out[i+1]) || !unicode.IsUpper(c) {
			break
		}
		out[i] = unicode.ToLower(c)
	}
	return string(out)
}

func isText(x any) bool {
	_, ok := x.(fmt.Stringer)
	return ok
}

// source is an object of an answer.
type source struct {
	from string
	raw  any
	keys int // how many fields it has
}

// match finds for each record the object of an answer that has its id: the one
// with most fields, since lists of ids and references are smaller.
func (r *reading) match() {
	r.mu.Lock()
	defer r.mu.Unlock()
	by := map[string]source{}
	for _, x := range r.seen {
		dec := json.NewDecoder(bytes.NewReader(x.Answer))
		dec.UseNumber()
		var v any
		if dec.Decode(&v) == nil {
			index(by, x.Method+" "+x.URL, v)
		}
	}
	for i := range r.Records {
		s := &r.Records[i]
		for _, id := range []string{s.ID, s.ID[strings.LastIndexAny(s.ID, "-: ")+1:]} {
			if found, ok := by[id]; ok {
				s.From, s.Raw = found.from, pretty(found.raw)
				break
			}
		}
	}
}

var idKeys = []string{"id", "uuid", "guid", "key", "code", "number"}

func index(by map[string]source, from string, v any) {
	switch x := v.(type) {
	case []any:
		for _, one := range x {
			index(by, from, one)
		}
	case map[string]any:
		for k, one := range x {
			if slices.Contains(idKeys, strings.ToLower(k)) {
				if id := fmt.Sprint(one); by[id].keys < len(x) {
					by[id] = source{from, x, len(x)}
				}
			}
			index(by, from, one)
		}
	}
}

func pretty(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// print shows the first records of each kind, and the counts.
func (r *reading) print(w io.Writer, most int) {
	if r.Title == "" {
		return
	}
	count, printed := map[string]int{}, map[string]int{}
	for _, s := range r.Records {
		count[s.Kind]++
		if printed[s.Kind] == most {
			continue
		}
		printed[s.Kind]++
		fmt.Fprintf(w, "%s %s\n", s.Kind, s.ID)
		sideBySide(w, s)
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s %s, %s: %d parties, %d invoices, %d payments, %d gone; %d requests in %s\n",
		r.Title, r.Version, r.Books, count["party"], count["invoice"], count["payment"], count["gone"], r.Requests, r.Took)
}

// sideBySide puts what was made on the left and what it was made of on the right.
func sideBySide(w io.Writer, s shown) {
	const width = 46
	raw := strings.Split(s.Raw, "\n")
	if s.Raw == "" {
		raw = []string{"(no object of an answer in JSON has this id)"}
	} else {
		raw[0] = s.From
		raw = raw[:len(raw)-1]
	}
	for i := range max(len(s.Mapped), len(raw)) {
		left, right := "", ""
		if i < len(s.Mapped) {
			left = s.Mapped[i].Name + ": " + s.Mapped[i].Value
		}
		if i < len(raw) {
			right = raw[i]
		}
		if r := []rune(left); len(r) > width {
			left = string(r[:width-1]) + "…"
		}
		fmt.Fprintf(w, "  %-*s | %.110s\n", width, left, right)
	}
}
