package interpret

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// Webhook verifies a call and names the records that may have changed.
func (c *Connector) Webhook(ctx context.Context, s *sdk.Session, call sdk.WebhookCall) ([]sdk.Hint, error) {
	w := c.r.Webhook
	if w == nil {
		return nil, fmt.Errorf("%w: %s does not call", sdk.ErrInvalid, c.title)
	}
	r := c.run(ctx, s, "")
	defer r.done()
	value, sc, broken := r.incoming(call)
	if err := r.verify(w.Signature, s.WebhookSecret, call, sc, value); err != nil {
		return nil, err
	}
	if broken != nil {
		return nil, fmt.Errorf("%w: the call of %s cannot be read: %w", sdk.ErrInvalid, c.title, broken)
	}
	events := []any{value}
	if w.Each != nil {
		v, err := r.eval(w.Each, sc, value)
		list, ok := v.([]any)
		if err != nil || !ok {
			return nil, fmt.Errorf("%w: the call of %s has another shape than documented", sdk.ErrInvalid, c.title)
		}
		events = list
	}
	digest := sha256.Sum256(call.Body)
	var hints []sdk.Hint
	for i, event := range events {
		err := r.records(&w.Hint, sc, event, func(f *fields) error {
			h := sdk.Hint{
				Administration: f.id(recipe.HintAdministration), Stream: sdk.Stream(f.enum(recipe.HintStream)),
				ID: f.id(recipe.HintID), Event: f.id(recipe.HintEvent), Account: f.id(recipe.HintAccount),
			}
			if h.ID == "" || h.Stream == "" {
				return nil
			}
			if h.Event == "" {
				h.Event = hex.EncodeToString(digest[:16])
				if len(events) > 1 {
					h.Event += fmt.Sprintf("-%d", i)
				}
			}
			hints = append(hints, h)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%w: the call of %s has another shape than documented: %w", sdk.ErrInvalid, c.title, err)
		}
	}
	return hints, nil
}

// Handshake answers a call that only asks whether we are there. It returns false
// for any other call.
func (c *Connector) Handshake(ctx context.Context, s *sdk.Session, call sdk.WebhookCall) (string, bool, error) {
	w := c.r.Webhook
	if w == nil || w.Handshake == nil {
		return "", false, nil
	}
	r := c.run(ctx, s, "")
	defer r.done()
	value, sc, _ := r.incoming(call)
	yes, err := r.holds(w.Handshake.When, sc, value)
	if err != nil || !yes {
		return "", false, err
	}
	text, _, err := w.Handshake.Answer.Render(r.think, sc, value, nil)
	return text, true, err
}

func (r *run) incoming(call sdk.WebhookCall) (any, *recipe.Scope, error) {
	sc := r.scope
	sc[recipe.VarHeaders], sc[recipe.VarText] = headers(call.Header), string(call.Body)
	sc[recipe.VarMethod], sc[recipe.VarURL], sc[recipe.VarQuery] = call.Method, call.URL, query(call.URL)
	a := &answer{body: call.Body}
	value, err := a.decode(&recipe.Call{Decode: r.c.r.Webhook.Decode})
	return value, &sc, err
}

// query gives the parameters of an address; none where it is not one.
func query(address string) map[string]any {
	out := map[string]any{}
	u, err := url.Parse(address)
	if err != nil {
		return out
	}
	for name, values := range u.Query() {
		out[name] = values[0]
	}
	return out
}
