package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Mutation is one way in which an answer can be spoilt.
type Mutation struct {
	Name string
	// Sentence says what a connector must do about it.
	Sentence string
	// Times is how often the same request is spoilt; below zero for good.
	Times int
	// Fail lists the classes of an honest failure; none means that there is no
	// reason to fail.
	Fail []Class
	// Late allows books that lack records until the next pull.
	Late bool
	// Contained allows that a single record differs in what is no money, or cannot
	// be read.
	Contained bool
	// Renewed leaves no reason to fail where the host can renew the token.
	Renewed bool
	// Most bounds how often the connector may send the request; 0 for no bound.
	Most int
	// Least is the shortest wait that it may ask for, when it asks for one.
	Least time.Duration
	// Brief mutations are tried also when time is short.
	Brief bool
	// Lists limits it to answers that hold a list of at least two records.
	Lists bool

	variant string // tells mutations of one name apart
	every   bool   // spoil each request from the first on, whatever it is
	play    func(*scene) answer
}

// transient are honest words for what may be over in a moment.
var transient = []Class{Wait, Passing}

// unclear are honest words for an answer that makes no sense.
var unclear = []Class{Wait, Passing, Invalid}

func status(code int, header map[string]string, body string) func(*scene) answer {
	return func(*scene) answer {
		h := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
		for k, v := range header {
			h.Set(k, v)
		}
		return answer{status: code, header: h, body: []byte(body)}
	}
}

// changed lets the package answer and changes what it said.
func changed(do func(a *answer)) func(*scene) answer {
	return func(s *scene) answer {
		a := s.answer()
		do(&a)
		return a
	}
}

const maintenance = "<!doctype html><html><head><title>Maintenance</title></head><body><p>We are working on it. Please come back later.</p></body></html>"

// Elsewhere is the host that a spoilt redirect leads to.
const Elsewhere = "elsewhere.invalid"

// Mutations are all ways to spoil an answer.
func Mutations() []Mutation {
	out := []Mutation{
		{
			Name: "429 with Retry-After", Sentence: "Too many requests, once: it waits as long as it is told.", Times: 1, Fail: []Class{Wait},
			play: status(429, map[string]string{"Retry-After": "7"}, "Too many requests"),
		},
		{
			Name: "429 without Retry-After", Sentence: "Too many requests, once and without a time: it waits a while.", Times: 1, Fail: []Class{Wait},
			play: status(429, nil, "Too many requests"),
		},
		{
			Name: "429 for good", Sentence: "Too many requests, again and again: it says when to come back and does not hammer.", Times: -1, Fail: []Class{Wait}, Most: 8, Least: 100 * time.Second, Brief: true,
			play: status(429, map[string]string{"Retry-After": "120"}, "Too many requests"),
		},
		{
			Name: "token expired", Sentence: "The token expires in the middle: it is renewed, or where it cannot be, the user is asked to sign in.", Times: 1, Fail: []Class{Auth}, Brief: true, Renewed: true,
			play: status(401, map[string]string{"WWW-Authenticate": `Bearer error="invalid_token"`}, "Unauthorized"),
		},
		{
			Name: "access taken back", Sentence: "The user took the access back: a person is told to sign in again.", Times: -1, Fail: []Class{Auth},
			play: status(401, map[string]string{"WWW-Authenticate": `Bearer error="invalid_token"`}, "Unauthorized"),
		},
		{
			Name: "5xx once", Sentence: "Out of order for a moment: it is tried again.", Times: 1, Fail: transient, Brief: true,
			play: status(503, nil, "Service Unavailable"),
		},
		{
			Name: "5xx for good", Sentence: "Out of order: it fails as something that passes, and keeps what it has.", Times: -1, Fail: transient, Brief: true,
			play: status(500, nil, "Internal Server Error"),
		},
		{
			Name: "answer cut off", Sentence: "The connection breaks in the middle of an answer: no half of it is believed.", Times: 1, Fail: transient,
			play: changed(func(a *answer) { a.body, a.cut = a.body[:len(a.body)/2], true }),
		},
		{
			Name: "answer shortened", Sentence: "Half an answer comes as if it were whole: no half of it is believed.", Times: 1, Fail: unclear, Brief: true,
			play: changed(func(a *answer) { a.body = a.body[:len(a.body)/2] }),
		},
		{
			Name: "empty body", Sentence: "An answer without a body is no empty list.", Times: 1, Fail: unclear, Brief: true,
			play: changed(func(a *answer) { a.body = nil }),
		},
		{
			Name: "error page with 200", Sentence: "A page that says that the package is out of order is no empty list.", Times: 1, Fail: unclear, Brief: true,
			play: func(*scene) answer {
				return answer{status: 200, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, body: []byte(maintenance)}
			},
		},
		{
			Name: "wrong content type", Sentence: "The right answer under a wrong name is the right answer, or refused.", Times: 1, Fail: unclear,
			play: changed(func(a *answer) { a.header.Set("Content-Type", "text/html; charset=utf-8") }),
		},
		{
			Name: "redirect away", Sentence: "It is not led to a host that its manifest does not name.", Times: 1, Fail: []Class{Wait, Passing, Invalid, Denied},
			play: func(s *scene) answer {
				return answer{status: http.StatusFound, header: http.Header{"Location": {"https://" + Elsewhere + s.r.URL.Path}}}
			},
		},
		{
			Name: "slow answer", Sentence: "An answer that takes its time is waited for.", Times: 1, Fail: nil,
			play: func(s *scene) answer { s.sleep(400 * time.Millisecond); return s.answer() },
		},
		{
			Name: "clock ahead", Sentence: "The package's clock is seven hours ahead.", Times: -1, Fail: nil,
			play: changed(func(a *answer) { skew(a, 7*time.Hour) }),
		},
		{
			Name: "clock behind", Sentence: "The package's clock is seven hours behind.", Times: -1, Fail: nil,
			play: changed(func(a *answer) { skew(a, -7*time.Hour) }),
		},
		{
			Name: "page dropped", Sentence: "A page that never came is noticed, or comes with the next pull; what is on it is not taken as deleted.", Times: 1, Fail: transient, Late: true, Brief: true, Lists: true,
			play: func(s *scene) answer { return s.shift(1) },
		},
		{
			Name: "page twice", Sentence: "A page that comes twice brings nothing twice and costs no other page.", Times: 1, Fail: transient, Late: true, Brief: true, Lists: true,
			play: func(s *scene) answer { return s.shift(-1) },
		},
		{
			Name: "records twice and out of order", Sentence: "Records that come twice, and in another order, are the same records.", Times: 1, Lists: true, Brief: true,
			play: changed(func(a *answer) { a.records(shuffle) }),
		},
		{
			Name: "unknown fields", Sentence: "Fields that nobody has heard of are left alone.", Times: -1, Lists: true,
			play: changed(func(a *answer) { a.records(unknownFields) }),
		},
		{
			Name: "huge text", Sentence: "A text of 200 KB does no harm beyond its own record.", Times: 1, Contained: true, Fail: unclear, Lists: true,
			play: changed(func(a *answer) { a.records(hugeText) }),
		},
	}
	for i := range nullFields {
		out = append(out, Mutation{
			Name: "null", variant: fmt.Sprintf("field %d", i+1), Sentence: "A field without a value leaves its record out, or as it is; an amount does not become zero.",
			Times: -1, Contained: true, Fail: unclear, Lists: true,
			play: changed(func(a *answer) { a.records(nullField(i)) }),
		})
	}
	return out
}

// nullFields is how many fields of a record are tried without a value, evenly
// spread over those that it has.
const nullFields = 10

func skew(a *answer, d time.Duration) {
	at, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		at = time.Now()
	}
	a.header.Set("Date", at.Add(d).UTC().Format(http.TimeFormat))
}

// shift answers with the page after the one that is asked for, or before it.
func (s *scene) shift(by int) answer {
	if p := s.d.play; p.Shift != nil {
		p.gate.Lock() // nobody else may ask in between
		defer p.gate.Unlock()
		p.Shift(s.r, by)
		return s.d.ask(s.r, s.body)
	}
	if by < 0 && s.before.status == http.StatusOK {
		return s.before
	}
	return s.answer()
}

func (m *Mutation) allows(c Class) bool { return slices.Contains(m.Fail, c) }
