package emulator

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/dossier"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Config of a bailiff that keeps its files and works on its cases by itself.
type Config struct {
	Token    string
	Now      func() time.Time
	StateDir string // keeps what it knows; "" keeps nothing
	// Works lets it do what a bailiff would: it serves a writ, asks and answers, and
	// when the debtor pays there collects the claim in two parts and hands them on.
	Works bool
}

// New opens a bailiff, with what it knew before.
func New(c Config) (*Bailiff, error) {
	b := &Bailiff{Token: c.Token, Now: c.Now, works: c.Works}
	b.begin()
	if c.StateDir == "" {
		return b, nil
	}
	if err := os.MkdirAll(c.StateDir, 0o755); err != nil {
		return nil, fmt.Errorf("keep the files of a bailiff: %w", err)
	}
	b.path = filepath.Join(c.StateDir, "bailiff.json")
	raw, err := os.ReadFile(b.path)
	if errors.Is(err, os.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the files of a bailiff: %w", err)
	}
	var s state
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("read the files of a bailiff: %w", err)
	}
	if s.Cases != nil {
		b.cases, b.refs, b.told, b.order, b.replies, b.taken = s.Cases, s.Refs, s.Told, s.Order, s.Replies, s.Taken
	}
	return b, nil
}

// Close ends it; everything is kept already.
func (b *Bailiff) Close() {}

// state is what a bailiff knows, as it is kept.
type state struct {
	Cases   map[string]bailiff.Parcel `json:"cases"`
	Refs    map[string]string         `json:"references"`
	Told    map[string]bailiff.Note   `json:"told"`
	Order   []string                  `json:"order"`
	Replies []bailiff.Note            `json:"replies"`
	Taken   map[string]time.Time      `json:"taken"`
}

func (b *Bailiff) begin() {
	b.cases, b.refs, b.told, b.taken = map[string]bailiff.Parcel{}, map[string]string{}, map[string]bailiff.Note{}, map[string]time.Time{}
}

// keep writes what is known under another name first, so that a kill leaves it
// whole.
func (b *Bailiff) keep() error {
	if b.path == "" {
		return nil
	}
	raw, err := json.Marshal(state{b.cases, b.refs, b.told, b.order, b.replies, b.taken})
	if err != nil {
		return err
	}
	if err := os.WriteFile(b.path+".new", raw, 0o644); err != nil {
		return err
	}
	return os.Rename(b.path+".new", b.path)
}

// work does what became due in each case; each thing is said once, by its id.
func (b *Bailiff) work() {
	if !b.works {
		return
	}
	ids := make([]string, 0, len(b.cases))
	for id := range b.cases {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		p, since := b.cases[id], b.taken[id]
		for _, act := range acts {
			at := since.AddDate(0, 0, act.after)
			known := slices.ContainsFunc(b.replies, func(n bailiff.Note) bool { return n.ID == act.key+"-"+id })
			if known || b.now().Before(at) || act.key != handedOn && b.over(p.Case) {
				continue
			}
			n := act.does(b, id, p, date.Of(at))
			if n.Kind == "" {
				continue
			}
			n.ID, n.Case, n.At = act.key+"-"+id, p.Case, at
			b.say(n)
		}
	}
}

// acts are what it does in a case, some days after it took it. It collects a quarter
// first, and when its question was answered what is left, with the interest of the
// days between.
var acts = []struct {
	after int
	key   string
	does  func(b *Bailiff, id string, p bailiff.Parcel, on date.Date) bailiff.Note
}{
	{2, "served", says("status", "The writ was served.")},
	{3, "asked", says("question", "Does the debtor still have the same employer?")},
	{5, "paid", func(b *Bailiff, id string, p bailiff.Parcel, on date.Date) bailiff.Note {
		c := claimOf(p)
		return b.receipt(id, p, c, c.total/4, on, "The debtor paid a part to us.")
	}},
	{7, "rest", func(b *Bailiff, id string, p bailiff.Parcel, on date.Date) bailiff.Note {
		at, answered := b.answered(p.Case)
		if !answered {
			return bailiff.Note{} // it waits for that
		}
		on, c := date.Later(on, date.Of(at)), claimOf(p)
		return b.receipt(id, p, c, b.rest(id, p, c, on), on, "The debtor paid the rest to us, with the interest through today.")
	}},
	{8, handedOn, func(b *Bailiff, id string, p bailiff.Parcel, _ date.Date) bailiff.Note {
		sum, refs := int64(0), []string{}
		for _, n := range b.received(id) {
			sum, refs = sum+n.Minor, append(refs, n.Reference)
		}
		if sum == 0 {
			return bailiff.Note{}
		}
		return bailiff.Note{Kind: "status", Text: fmt.Sprintf("We transferred what we received to your account: %s, as %s.", money.Of(sum, claimOf(p).currency), strings.Join(refs, " and "))}
	}},
}

func says(kind, text string) func(*Bailiff, string, bailiff.Parcel, date.Date) bailiff.Note {
	return func(*Bailiff, string, bailiff.Parcel, date.Date) bailiff.Note {
		return bailiff.Note{Kind: kind, Text: text}
	}
}

// handedOn is the act that is done also in a case that is over.
const handedOn = "handed_on"

// over reports whether the creditor took a case back or closed it.
func (b *Bailiff) over(number string) bool {
	return slices.ContainsFunc(b.order, func(id string) bool {
		return b.told[id].Case == number && (b.told[id].Kind == "recall" || b.told[id].Kind == "closed")
	})
}

// answered is when the creditor answered what it asked.
func (b *Bailiff) answered(number string) (at time.Time, yes bool) {
	for _, n := range b.told {
		if n.Case == number && n.Kind == "answer" {
			return n.At, true
		}
	}
	return at, false
}

// receipt is money of the debtor, with a reference of its own; none when the debtor
// pays the creditor.
func (b *Bailiff) receipt(id string, p bailiff.Parcel, c owed, minor int64, on date.Date, text string) bailiff.Note {
	if p.PaysTo != "bailiff" || minor <= 0 {
		return bailiff.Note{}
	}
	return bailiff.Note{Kind: "payment", Text: text, Minor: minor, Currency: string(c.currency), On: on, Reference: fmt.Sprintf("%s/%d", b.refs[id], len(b.received(id))+1)}
}

// received is the money of a case, in its order.
func (b *Bailiff) received(id string) (out []bailiff.Note) {
	for _, n := range b.replies {
		if n.Kind == "payment" && (n.ID == "paid-"+id || n.ID == "rest-"+id) {
			out = append(out, n)
		}
	}
	return out
}

// rest is what is owed on a day after the parts that came in, each of which went to
// costs, then interest, then principal. It is not known when the creditor changed
// the claim meanwhile.
func (b *Bailiff) rest(id string, p bailiff.Parcel, c owed, on date.Date) int64 {
	for _, n := range b.told {
		if n.Case == p.Case && (n.Kind == "payment" || n.Kind == "correction" || n.Kind == "closed") {
			return 0
		}
	}
	for _, n := range b.received(id) {
		c = c.at(n.On)
		left := n.Minor
		for _, part := range []*int64{&c.costs, &c.interest, &c.principal} {
			paid := min(left, *part)
			*part, left = *part-paid, left-paid
		}
	}
	c = c.at(on)
	return c.costs + c.interest + c.principal
}

// owed is what a claim comes to on a day.
type owed struct {
	on                                date.Date
	principal, costs, interest, total int64
	rate                              *big.Rat // per cent a year
	currency                          money.Currency
}

// claimOf reads the claim from the manifest of its dossier, as any bailiff can.
func claimOf(p bailiff.Parcel) (c owed) {
	var m dossier.Manifest
	z, err := zip.NewReader(bytes.NewReader(p.Archive), int64(len(p.Archive)))
	if err != nil {
		return c
	}
	f, err := z.Open("manifest.json")
	if err != nil {
		return c
	}
	defer func() { _ = f.Close() }()
	if json.NewDecoder(f).Decode(&m) != nil {
		return c
	}
	c = owed{on: m.Case.AsOf, principal: m.Sum.Principal.Minor, costs: m.Sum.Costs.Minor, interest: m.Sum.Interest.Minor, total: m.Sum.Total.Minor, rate: new(big.Rat), currency: m.Sum.Total.Currency}
	for _, l := range m.Lines {
		for _, run := range l.Runs {
			c.rate.SetString(run.Rate)
		}
	}
	return c
}

// at is the claim with the simple interest of the days through another one, rounded
// down: it never asks more than the law.
func (c owed) at(on date.Date) owed {
	days := int64(max(0, on.DaysSince(c.on)))
	n := new(big.Rat).Mul(c.rate, big.NewRat(c.principal*days, 36500))
	c.interest += new(big.Int).Quo(n.Num(), n.Denom()).Int64()
	c.on = on
	return c
}
