package interpret

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// Subscribe asks for calls, once per topic.
func (c *Connector) Subscribe(ctx context.Context, s *sdk.Session, req sdk.SubscribeRequest) (sdk.Subscription, error) {
	b := c.r.Subscriptions
	if b == nil {
		return sdk.Subscription{}, fmt.Errorf("%w: %s cannot be asked to call", sdk.ErrInvalid, c.title)
	}
	r := c.run(ctx, s, req.Administration)
	defer r.done()
	topics := b.Topics
	if len(topics) == 0 {
		topics = []string{""}
	}
	var ids []string
	var out sdk.Subscription
	for _, topic := range topics {
		sc := r.scope
		sc[recipe.VarURL], sc[recipe.VarTopic] = req.URL, topic
		id, secret, err := r.subscribe(b, &sc)
		if err != nil {
			return sdk.Subscription{}, fmt.Errorf("subscribe: %w", err)
		}
		ids = append(ids, id)
		if secret != "" {
			out.Secret = []byte(secret)
		}
	}
	out.ID = strings.Join(ids, ",")
	return out, nil
}

func (r *run) subscribe(b *recipe.Subscriptions, sc *recipe.Scope) (id, secret string, err error) {
	if b.Look != nil {
		there, err := r.read(&b.Look.Fetch, sc)
		if err != nil && !errors.Is(err, sdk.ErrGone) {
			return "", "", err
		}
		v, err := r.eval(b.Look.Found, sc, there)
		if err != nil {
			return "", "", err
		}
		old, many := v.([]any)
		if !many && v != nil {
			old = []any{v}
		}
		for _, v := range old {
			id, _ := recipe.TextOf(v)
			if b.Subscribe.Secret == nil {
				return id, "", nil
			}
			if err := r.unsubscribe(b, sc, id); err != nil {
				return "", "", err
			}
		}
	}
	a, err := r.do(&b.Subscribe.Call, sc, nil)
	if err != nil {
		return "", "", err
	}
	a.into(sc)
	if id, err = r.text(b.Subscribe.ID, sc, a.value); err != nil {
		return "", "", err
	}
	if id == "" {
		return "", "", fmt.Errorf("%s made a subscription without saying its id", r.c.title)
	}
	v, err := r.eval(b.Subscribe.Secret, sc, a.value)
	if err != nil {
		return "", "", err
	}
	if secret, _ = recipe.TextOf(v); secret == "" && b.Subscribe.Secret != nil {
		return "", "", fmt.Errorf("%s made a subscription without a secret", r.c.title)
	}
	return id, secret, nil
}

// Unsubscribe ends a subscription with all its topics.
func (c *Connector) Unsubscribe(ctx context.Context, s *sdk.Session, administration, id string) error {
	b := c.r.Subscriptions
	if b == nil {
		return nil
	}
	r := c.run(ctx, s, administration)
	defer r.done()
	for one := range strings.SplitSeq(id, ",") {
		sc := r.scope
		if err := r.unsubscribe(b, &sc, one); err != nil {
			return fmt.Errorf("unsubscribe: %w", err)
		}
	}
	return nil
}

func (r *run) unsubscribe(b *recipe.Subscriptions, sc *recipe.Scope, id string) error {
	sc[recipe.VarID] = id
	_, err := r.do(b.End, sc, nil)
	if errors.Is(err, sdk.ErrGone) {
		return nil
	}
	return err
}
