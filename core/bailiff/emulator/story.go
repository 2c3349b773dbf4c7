package emulator

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/sdk/date"
)

// Config of a bailiff that keeps its files and works on its cases by itself.
type Config struct {
	Token    string
	Now      func() time.Time
	StateDir string // keeps what it knows; "" keeps nothing
	// Works lets it do what a bailiff would: it serves a writ, asks, and receives a
	// quarter of the claim when the debtor pays there.
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
		for _, act := range []struct {
			after int // days
			key   string
			note  bailiff.Note
		}{
			{2, "served", bailiff.Note{Kind: "status", Text: "The writ was served."}},
			{4, "asked", bailiff.Note{Kind: "question", Text: "Does the debtor still have the same employer?"}},
			{9, "paid", payment(p, date.Of(since.AddDate(0, 0, 9)))},
		} {
			at := since.AddDate(0, 0, act.after)
			known := slices.ContainsFunc(b.replies, func(n bailiff.Note) bool { return n.ID == act.key+"-"+id })
			if known || act.note.Kind == "" || b.now().Before(at) || b.recalled(p.Case) {
				continue
			}
			act.note.ID, act.note.Case, act.note.At = act.key+"-"+id, p.Case, at
			b.say(act.note)
		}
	}
}

func (b *Bailiff) recalled(number string) bool {
	return slices.ContainsFunc(b.order, func(id string) bool {
		return b.told[id].Case == number && (b.told[id].Kind == "recall" || b.told[id].Kind == "closed")
	})
}

// payment is a quarter of the claim, by the manifest of its dossier; none when the
// debtor pays the creditor.
func payment(p bailiff.Parcel, on date.Date) bailiff.Note {
	var m struct {
		Sum struct {
			Total struct {
				Minor    int64  `json:"minor"`
				Currency string `json:"currency"`
			} `json:"total"`
		} `json:"sum"`
	}
	z, err := zip.NewReader(bytes.NewReader(p.Archive), int64(len(p.Archive)))
	if p.PaysTo != "bailiff" || err != nil {
		return bailiff.Note{}
	}
	f, err := z.Open("manifest.json")
	if err != nil {
		return bailiff.Note{}
	}
	defer func() { _ = f.Close() }()
	if json.NewDecoder(f).Decode(&m) != nil || m.Sum.Total.Minor < 4 {
		return bailiff.Note{}
	}
	return bailiff.Note{Kind: "payment", Text: "The debtor paid a part to us.", Minor: m.Sum.Total.Minor / 4, Currency: m.Sum.Total.Currency, On: on}
}
