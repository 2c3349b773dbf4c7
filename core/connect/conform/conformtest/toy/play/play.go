// Package play plays Toy: small books behind a small interface.
package play

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Open returns an opener whose connector does one thing wrong; nothing when empty.
func Open(broken string) conformance.Opener {
	return func(c *conformance.Clock) (*conformance.Play, error) {
		b := &books{clock: c}
		return &conformance.Play{
			On: "toy", Answer: b.handler(), Books: b,
			Grant: func() (conformance.Access, error) {
				return conformance.Access{Config: map[string]string{"broken": broken}, Secrets: map[string]string{"key": "sesam"}}, nil
			},
		}, nil
	}
}

type payment struct{ ID, Amount, Date, Key string }

type invoice struct {
	ID, Customer, Number, Date, Due, Total, Open string
	Payments                                     []payment

	seq     int64
	deleted bool
}

type books struct {
	clock *conformance.Clock

	mu   sync.Mutex // protects what follows
	seq  int64
	list []*invoice
}

const perPage = 50

func (b *books) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/me", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]string{"id": "1", "name": "Toy B.V."})
	})
	mux.HandleFunc("GET /v1/customers", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"customers": []map[string]string{{"id": "a", "name": "Ada"}, {"id": "b", "name": "Bram de Boer"}}})
	})
	mux.HandleFunc("GET /v1/invoices", b.page)
	mux.HandleFunc("GET /v1/invoices/{id}", b.one(func(w http.ResponseWriter, _ *http.Request, v *invoice) { reply(w, v) }))
	mux.HandleFunc("GET /v1/invoices/{id}/pdf", b.one(func(w http.ResponseWriter, _ *http.Request, v *invoice) { reply(w, "%PDF-1.4 "+v.Number) }))
	mux.HandleFunc("POST /v1/invoices/{id}/payments", b.one(func(w http.ResponseWriter, r *http.Request, v *invoice) {
		var p payment
		if json.NewDecoder(r.Body).Decode(&p) != nil {
			http.Error(w, "unreadable", http.StatusBadRequest)
			return
		}
		b.pay(v, p)
		reply(w, map[string]string{"id": v.Payments[len(v.Payments)-1].ID})
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		mux.ServeHTTP(w, r)
	})
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (b *books) page(w http.ResponseWriter, r *http.Request) {
	since, _ := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	n, _ := strconv.Atoi(r.URL.Query().Get("page"))
	out, deleted := []*invoice{}, []string{}
	for _, v := range b.list {
		switch {
		case v.seq <= since:
		case v.deleted:
			deleted = append(deleted, v.ID)
		default:
			out = append(out, v)
		}
	}
	total := len(out)
	from, to := min((n-1)*perPage, total), min(n*perPage, total)
	reply(w, map[string]any{"invoices": out[from:to], "deleted": deleted, "total": total, "seq": b.seq, "page": n, "more": to < total})
}

func (b *books) one(do func(http.ResponseWriter, *http.Request, *invoice)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, v := range b.list {
			if v.ID == r.PathValue("id") && !v.deleted {
				do(w, r, v)
				return
			}
		}
		http.NotFound(w, r)
	}
}

func (b *books) pay(v *invoice, p payment) {
	open, _ := money.Parse(v.Open, "EUR")
	paid, _ := money.Parse(p.Amount, "EUR")
	b.seq++
	p.ID = fmt.Sprintf("p%d", b.seq)
	v.Open, v.Payments, v.seq = money.EUR(open.Minor-paid.Minor).Decimal(), append(v.Payments, p), b.seq
}

// Begin implements conformance.Keeper.
func (b *books) Begin(n int) error {
	if err := b.Add(n); err != nil {
		return err
	}
	return b.Pay(b.list[3].Number, "")
}

// Add implements conformance.Keeper.
func (b *books) Add(n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	day := date.Of(b.clock.Now())
	for range n {
		b.seq++
		i := len(b.list)
		total := money.EUR(int64(115 + 1013*i)).Decimal()
		b.list = append(b.list, &invoice{
			ID: fmt.Sprint(i + 1), Customer: string(rune('a' + i%2)), Number: fmt.Sprintf("T%04d", i+1), Date: day.AddDays(-30).String(), Due: day.AddDays(-16).String(),
			Total: total, Open: total, Payments: []payment{}, seq: b.seq,
		})
	}
	return nil
}

// Invoices implements conformance.Keeper.
func (b *books) Invoices() (out []conformance.Entry, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, v := range b.list {
		if !v.deleted {
			out = append(out, conformance.Entry{Number: v.Number, State: "open", Total: v.Total, Open: v.Open})
		}
	}
	return out, nil
}

func (b *books) change(number string, do func(*invoice)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.list, func(v *invoice) bool { return strings.EqualFold(v.Number, number) })
	if i < 0 {
		return fmt.Errorf("there is no invoice %s", number)
	}
	b.seq++
	b.list[i].seq = b.seq
	do(b.list[i])
	return nil
}

// Pay implements conformance.Keeper.
func (b *books) Pay(number, amount string) error {
	return b.change(number, func(v *invoice) {
		if amount == "" {
			amount = v.Open
		}
		b.pay(v, payment{Amount: amount, Date: date.Of(b.clock.Now()).String()})
	})
}

// SetDue implements conformance.Keeper.
func (b *books) SetDue(number string, due date.Date) error {
	return b.change(number, func(v *invoice) { v.Due = due.String() })
}

// Delete implements conformance.Keeper.
func (b *books) Delete(number string) error {
	return b.change(number, func(v *invoice) { v.deleted = true })
}
