package interpret

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

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
	old := strings.Split(req.Renew, ",")
	if len(old) != len(topics) {
		old = make([]string, len(topics))
	}
	var ids []string
	var out sdk.Subscription
	for i, topic := range topics {
		sc := r.scope
		sc[recipe.VarURL], sc[recipe.VarTopic] = req.URL, topic
		got, err := r.standing(b, &sc, old[i])
		if err != nil {
			return sdk.Subscription{}, fmt.Errorf("subscribe: %w", err)
		}
		ids = append(ids, got.ID)
		if len(got.Secret) > 0 {
			out.Secret = got.Secret
		}
		if !got.Expires.IsZero() && (out.Expires.IsZero() || got.Expires.Before(out.Expires)) {
			out.Expires = got.Expires
		}
	}
	out.ID = strings.Join(ids, ",")
	return out, nil
}

// standing prolongs a subscription, or makes one where there is none to prolong.
func (r *run) standing(b *recipe.Subscriptions, sc *recipe.Scope, old string) (out sdk.Subscription, err error) {
	if old != "" && b.Renew != nil {
		sc[recipe.VarID] = old
		a, err := r.do(&b.Renew.Call, sc, nil)
		if err == nil {
			a.into(sc)
			out.ID = old
			out.Expires, err = r.ends(b, b.Renew.Ends, sc, a.value)
			return out, err
		}
		if !errors.Is(err, sdk.ErrGone) {
			return out, err
		}
	} else if old != "" {
		if err := r.unsubscribe(b, sc, old); err != nil {
			return out, err
		}
	}
	return r.subscribe(b, sc)
}

// ends is when a subscription ends that was made or prolonged just now.
func (r *run) ends(b *recipe.Subscriptions, said *recipe.Expr, sc *recipe.Scope, answer any) (time.Time, error) {
	v, err := r.eval(said, sc, answer)
	if err != nil {
		return time.Time{}, err
	}
	if v != nil {
		return recipe.ParseMoment(v, r.c.r.TimeZone)
	}
	if b.Lifetime > 0 {
		return r.c.now().Add(b.Lifetime), nil
	}
	return time.Time{}, nil
}

func (r *run) subscribe(b *recipe.Subscriptions, sc *recipe.Scope) (out sdk.Subscription, err error) {
	if b.Look != nil {
		there, err := r.read(&b.Look.Fetch, sc)
		if err != nil && !errors.Is(err, sdk.ErrGone) {
			return out, err
		}
		v, err := r.eval(b.Look.Found, sc, there)
		if err != nil {
			return out, err
		}
		old, many := v.([]any)
		if !many && v != nil {
			old = []any{v}
		}
		for _, v := range old {
			id, _ := recipe.TextOf(v)
			if b.Subscribe.Secret == nil && b.Lifetime == 0 && b.Subscribe.Ends == nil {
				return sdk.Subscription{ID: id}, nil
			}
			if err := r.unsubscribe(b, sc, id); err != nil {
				return out, err
			}
		}
	}
	a, err := r.do(&b.Subscribe.Call, sc, nil)
	if err != nil {
		return out, err
	}
	a.into(sc)
	if out.ID, err = r.text(b.Subscribe.ID, sc, a.value); err != nil {
		return out, err
	}
	if out.ID == "" {
		return out, fmt.Errorf("%s made a subscription without saying its id", r.c.title)
	}
	v, err := r.eval(b.Subscribe.Secret, sc, a.value)
	if err != nil {
		return out, err
	}
	secret, _ := recipe.TextOf(v)
	if secret == "" && b.Subscribe.Secret != nil {
		return out, fmt.Errorf("%s made a subscription without a secret", r.c.title)
	}
	out.Secret = []byte(secret)
	out.Expires, err = r.ends(b, b.Subscribe.Ends, sc, a.value)
	return out, err
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
