package interpret

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// Push makes a write. It looks first: what is there already is not made twice.
func (c *Connector) Push(ctx context.Context, s *sdk.Session, w sdk.Write) (sdk.Outcome, error) {
	if w.Key == "" {
		return sdk.Outcome{}, fmt.Errorf("%w: a write needs a key", sdk.ErrInvalid)
	}
	r, b, sc, err := c.writing(ctx, s, w)
	if err != nil {
		return sdk.Outcome{}, err
	}
	defer r.done()
	if b.Look != nil {
		o, err := r.look(b.Look, sc)
		if err != nil || o.State == sdk.Applied || o.ExternalID == missing {
			o.ExternalID = strings.TrimPrefix(o.ExternalID, missing)
			return o, err
		}
	}
	if b.Refuse != nil {
		why, err := r.text(b.Refuse, sc, sc[recipe.VarLook])
		if err != nil {
			return sdk.Outcome{}, err
		}
		if why != "" {
			return sdk.Outcome{State: sdk.Rejected, Message: why}, nil
		}
	}
	begun := false
	for i := range b.Steps {
		begun = begun || b.Steps[i].Value.Request.Method != http.MethodGet && !b.Steps[i].Value.Repeatable
	}
	if err := r.steps(b.Steps, sc, nil); err != nil {
		return r.settled(err, begun)
	}
	a, err := r.do(&b.Call, sc, nil)
	if err != nil {
		return r.settled(err, begun)
	}
	a.into(sc)
	if err := r.steps(b.Finish, sc, a.value); err != nil {
		return sdk.Outcome{State: sdk.Uncertain, Message: recipe.Clean(err.Error())}, nil
	}
	id, err := r.text(b.Made, sc, a.value)
	if !a.applied && b.Made != nil && (err != nil || id == "") {
		return sdk.Outcome{State: sdk.Uncertain, Message: c.title + " confirmed it without a number."}, nil
	}
	return sdk.Outcome{State: sdk.Applied, ExternalID: id}, nil
}

// Find looks for an earlier write.
func (c *Connector) Find(ctx context.Context, s *sdk.Session, w sdk.Write) (sdk.Outcome, error) {
	r, b, sc, err := c.writing(ctx, s, w)
	if err != nil {
		return sdk.Outcome{}, err
	}
	defer r.done()
	if b.Look == nil {
		return sdk.Outcome{State: sdk.Rejected, Message: "Sending it again is harmless."}, nil
	}
	o, err := r.look(b.Look, sc)
	o.ExternalID = strings.TrimPrefix(o.ExternalID, missing)
	return o, err
}

// missing marks an outcome of look where what is written to is gone.
const missing = "\x00missing"

// writing prepares a write of either kind.
func (c *Connector) writing(ctx context.Context, s *sdk.Session, w sdk.Write) (*run, *recipe.WriteBack, *recipe.Scope, error) {
	var b *recipe.WriteBack
	if c.r.Writes != nil {
		if w.Payment != nil {
			b = c.r.Writes.Payment
		} else if w.Note != nil {
			b = c.r.Writes.Note
		} else if w.Message != nil {
			b = c.r.Writes.Messages()[string(w.Message.Kind)]
		}
	}
	if b == nil {
		return nil, nil, nil, fmt.Errorf("%w: %s takes no such writes from this connector", sdk.ErrInvalid, c.title)
	}
	r := c.run(ctx, s, w.Administration)
	sc := r.scope
	m := map[string]any{"key": w.Key}
	if p := w.Payment; p != nil {
		bare, source := c.origin(p.Invoice)
		m["invoice"], m["amount"], m["currency"] = bare, p.Amount.Decimal(), string(p.Amount.Currency)
		m["reference"], m["date"] = p.Reference, nil
		if !p.ValueDate.IsZero() {
			m["date"] = p.ValueDate.String()
		}
		sc[recipe.VarSource] = source
	} else if v := w.Message; v != nil {
		message(m, v)
	} else {
		bare, source := c.origin(w.Note.Invoice)
		m["party"], m["invoice"], m["text"], m["moment"] = w.Note.Party, nil, w.Note.Text, recipe.Moment(w.Note.Moment)
		if w.Note.Invoice != "" {
			m["invoice"], sc[recipe.VarSource] = bare, source
		}
	}
	sc[recipe.VarWrite] = m
	return r, b, &sc, nil
}

// look reads what is there; Rejected means that the write is not.
func (r *run) look(l *recipe.LookUp, sc *recipe.Scope) (sdk.Outcome, error) {
	in, err := r.read(&l.Fetch, sc)
	if errors.Is(err, sdk.ErrGone) {
		message := l.Missing
		if message == "" {
			message = "What it belongs to is not in " + r.c.title + " any more."
		}
		return sdk.Outcome{State: sdk.Rejected, Message: message, ExternalID: missing}, nil
	}
	if err != nil {
		return sdk.Outcome{}, fmt.Errorf("look for an earlier write: %w", err)
	}
	sc[recipe.VarLook] = in
	id, err := r.text(l.Found, sc, in)
	if err != nil {
		return sdk.Outcome{}, fmt.Errorf("look for an earlier write: %w", err)
	}
	if id != "" {
		return sdk.Outcome{State: sdk.Applied, ExternalID: id}, nil
	}
	return sdk.Outcome{State: sdk.Rejected, Message: "It is not in " + r.c.title + " yet."}, nil
}

// read is one answer, or the items of all pages.
func (r *run) read(f *recipe.Fetch, sc *recipe.Scope) (any, error) {
	if f.Each == nil && f.Paging == nil {
		a, err := r.do(&f.Call, sc, nil)
		if err != nil {
			return nil, err
		}
		return a.value, nil
	}
	all := []any{}
	err := r.pages(f, sc, nil, func(_ *answer, items []any) error {
		all = append(all, items...)
		return nil
	})
	return all, err
}

// settled judges a request that did not succeed. Only a refusal before anything
// was done may be tried again without looking.
func (r *run) settled(err error, begun bool) (sdk.Outcome, error) {
	var f *refusal
	open := sdk.Outcome{State: sdk.Uncertain, Message: recipe.Clean(err.Error())}
	if !errors.As(err, &f) {
		if !begun && (errors.Is(err, sdk.ErrAuth) || errors.Is(err, sdk.ErrInvalid)) {
			return sdk.Outcome{}, err
		}
		return open, nil
	}
	switch {
	case begun:
		return open, nil
	case f.meaning == recipe.MeansAuth, f.meaning == recipe.MeansResync, f.meaning == recipe.MeansWait && (f.ruled || f.status == http.StatusTooManyRequests):
		return sdk.Outcome{}, err
	case f.meaning == recipe.MeansWait, f.meaning == recipe.MeansUncertain, f.meaning == recipe.MeansPassing:
		return open, nil
	}
	return sdk.Outcome{State: sdk.Rejected, Message: recipe.Clean(err.Error())}, nil
}
