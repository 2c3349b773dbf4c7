package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// Play is a package that is played for a connector: one connection's worth of
// books behind its HTTP interface.
type Play struct {
	// On says what plays it, such as "emulator".
	On string
	// Answer is the package.
	Answer http.Handler
	// Hosts are the names that it answers to, beside those of connector.yaml.
	Hosts []string
	// Grant gives access, each time of its own: a refresh token works once.
	Grant func() (Access, error)
	// Administration is the set of books to use; the first when empty.
	Administration string
	// Books changes what is in the books; nil when nobody can, as in a cassette.
	Books Keeper
	// Outbox is what the package was handed to deliver; nil when it delivers nothing.
	Outbox Outbox
	// Agency is what the package knows of companies; nil when it reports on none.
	Agency Agency
	// Shift has the next answer to a request show the page after the one that is
	// asked for (1) or before it (-1); it may be nil.
	Shift func(r *http.Request, by int) bool
	// Fresh returns an Answer for one connection only, in place of the common one;
	// it may be nil. Where it has the methods of a Tape, they are used.
	Fresh func() http.Handler
	Close func()

	gate sync.RWMutex // held alone while the next answer is being arranged
}

// Tape is a recording that plays.
type Tape interface {
	http.Handler
	// Phase is told what comes next.
	Phase(name string)
	// Unanswered returns the requests that are not in the recording.
	Unanswered() []string
}

// Opener opens a play with books of its own. Books that can be changed begin
// with what Keeper.Begin plants.
type Opener func(c *Clock) (*Play, error)

// Clock is the time in played books: two hours behind ours, so that everything
// in them has happened, until it is told to pass.
type Clock struct{ passed atomic.Int64 }

// Now returns the time.
func (c *Clock) Now() time.Time {
	return time.Now().UTC().Add(time.Duration(c.passed.Load()) - 2*time.Hour)
}

// Pass moves the time.
func (c *Clock) Pass(d time.Duration) { c.passed.Add(int64(d)) }

// Keeper changes played books, as a user of the package does. Invoices go by
// their numbers.
type Keeper interface {
	// Begin plants debtors and n invoices, some of them paid.
	Begin(n int) error
	// Add plants n more.
	Add(n int) error
	Invoices() ([]Entry, error)
	Pay(number, amount string) error
	SetDue(number string, due date.Date) error
	// Delete returns errors.ErrUnsupported where nothing can be deleted.
	Delete(number string) error
}

// Entry is an invoice as the played books have it.
type Entry struct {
	Number string `json:"number"`
	State  string `json:"state"`
	Total  string `json:"total"`
	Open   string `json:"open"`
}

// Control is a Keeper over the control API that emulators of this project have
// in common; see sdk/emulator/ledger.
type Control struct {
	Handler http.Handler
	// Administration is its id in the control API.
	Administration string
	clock          *Clock
	contacts       []string
	planted        int
}

// NewControl returns a Keeper for one administration of an emulator.
func NewControl(h http.Handler, c *Clock, administration string) *Control {
	return &Control{Handler: h, Administration: administration, clock: c}
}

func (k *Control) do(method, path string, in, out any) error {
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return err
		}
	}
	target := "/_control/administrations/" + url.PathEscape(k.Administration) + path
	r := httptest.NewRequest(method, "http://emulator"+target, &body)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	k.Handler.ServeHTTP(w, r)
	if w.Code >= 300 {
		return fmt.Errorf("the emulator answers %d on %s %s: %s", w.Code, method, target, strings.TrimSpace(w.Body.String()))
	}
	k.clock.Pass(90 * time.Second)
	if out == nil {
		return nil
	}
	return json.Unmarshal(w.Body.Bytes(), out)
}

// amounts are such that binary fractions get some of them wrong.
var amounts = []string{"1.15", "4.35", "8.20", "1.10", "1005.10", "19.99", "1.01", "2.67", "0.29", "64.10", "128.70", "9000.57", "4.18", "16.08", "33.33", "73.14"}

// Begin implements Keeper.
func (k *Control) Begin(n int) error {
	for _, c := range []map[string]string{
		{"company_name": "Bakkerij Zoet B.V.", "email": "administratie@zoet.example", "address": "Kade 7", "zipcode": "3511 EJ", "city": "Utrecht", "country": "NL", "chamber_of_commerce": "30123456", "phone": "030 123 45 67"},
		{"company_name": "Garage Löwe & Zn.", "email": "info@loewe.example", "address": "Ringweg 12 a", "zipcode": "1017 AB", "city": "Amsterdam", "country": "NL", "chamber_of_commerce": "34567890"},
		{"firstname": "Ada", "lastname": "de Vries", "email": "ada@vries.example", "address": "Laan 3", "zipcode": "9712 CD", "city": "Groningen", "country": "NL"},
	} {
		var made struct {
			ID string `json:"id"`
		}
		if err := k.do(http.MethodPost, "/contacts", c, &made); err != nil {
			return err
		}
		k.contacts = append(k.contacts, made.ID)
	}
	if err := k.Add(n); err != nil {
		return err
	}
	list, err := k.Invoices()
	if err != nil {
		return err
	}
	for i := 3; i < len(list) && i < 30; i += 9 {
		if err := k.Pay(list[i].Number, ""); err != nil {
			return err
		}
		if err := k.Pay(list[i+1].Number, "0.10"); err != nil {
			return err
		}
	}
	return nil
}

// Add implements Keeper.
func (k *Control) Add(n int) error {
	day := date.Of(k.clock.Now()).AddDays(-40)
	seeds := make([]map[string]any, n)
	for i := range seeds {
		// The price is without tax, at 0%, so that it is the total.
		price := amounts[(k.planted+i)%len(amounts)]
		seeds[i] = map[string]any{
			"contact": k.contacts[(k.planted+i)%len(k.contacts)], "date": day.AddDays((k.planted + i) % 30).String(),
			"lines": []map[string]string{{"description": "Brood", "price": price, "tax": "0"}},
		}
	}
	k.planted += n
	return k.do(http.MethodPost, "/invoices", seeds, nil)
}

// Invoices implements Keeper; drafts are left out.
func (k *Control) Invoices() (out []Entry, err error) {
	var all []Entry
	err = k.do(http.MethodGet, "/invoices", nil, &all)
	for _, e := range all {
		if e.State != "draft" && e.Number != "" {
			out = append(out, e)
		}
	}
	return out, err
}

// Pay implements Keeper; an empty amount pays what is open.
func (k *Control) Pay(number, amount string) error {
	in := map[string]string{}
	if amount != "" {
		in["price"] = amount
	}
	return k.do(http.MethodPost, "/invoices/"+url.PathEscape(number)+"/pay", in, nil)
}

// SetDue implements Keeper.
func (k *Control) SetDue(number string, due date.Date) error {
	return k.do(http.MethodPost, "/invoices/"+url.PathEscape(number)+"/due_date", map[string]string{"due": due.String()}, nil)
}

// Delete implements Keeper.
func (k *Control) Delete(number string) error {
	return k.do(http.MethodDelete, "/invoices/"+url.PathEscape(number), nil, nil)
}

// ShiftPages returns a Shift by the faults of an emulator made with sdk/emulator.
func ShiftPages(h http.Handler) func(*http.Request, int) bool {
	return func(r *http.Request, by int) bool {
		do := map[int]string{1: "drop_page", -1: "repeat_page"}[by]
		body, err := json.Marshal(map[string]string{"method": r.Method, "path": strings.ReplaceAll(r.URL.Path, "*", "?"), "query": r.URL.RawQuery, "do": do})
		if err != nil {
			return false
		}
		q := httptest.NewRequest(http.MethodPost, "http://emulator/_control/faults", bytes.NewReader(body))
		q.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, q)
		return w.Code == http.StatusCreated
	}
}

// ClientID and ClientSecret are our registration at played packages that know
// applications.
const (
	ClientID     = "conformance"
	ClientSecret = "conformance-secret"
)
