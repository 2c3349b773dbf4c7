package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
	"github.com/voldaan/voldaan/core/event"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

func (s *site) webhookSettingRoutes() {
	s.look("GET /settings/webhooks", (*visit).webhooksPage)
	s.own("POST /settings/webhooks", (*visit).addWebhook)
	s.look("GET /settings/webhooks/{id}", (*visit).webhookPage)
	s.own("POST /settings/webhooks/{id}", (*visit).changeWebhook)
	s.own("POST /settings/webhooks/{id}/state", (*visit).switchWebhook)
	s.own("POST /settings/webhooks/{id}/rotate", (*visit).rotateWebhook)
	s.own("POST /settings/webhooks/{id}/test", (*visit).testWebhook)
	s.own("POST /settings/webhooks/{id}/replay", (*visit).replayWebhook)
	s.own("POST /settings/webhooks/{id}/remove", (*visit).removeWebhook)
}

// machine is the machine's own clock: deliveries run by it, also where a demo's
// days are shorter.
func (v *visit) machine(f component.Frame) time.Time { return v.Real.Now().In(f.Now.Location()) }

func webhookHref(id uuid.UUID) string { return "/settings/webhooks/" + id.String() }

func (v *visit) webhooksPage() error {
	m, err := v.webhooksModel(event.Wish{}, true)
	if err != nil {
		return err
	}
	return v.show(settings.Webhooks(m))
}

func (v *visit) webhooksModel(typed event.Wish, all bool) (m settings.WebhooksModel, err error) {
	m.Look, m.Form = !v.owner(), endpointForm(typed, all)
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Settings, "Webhooks"); err != nil {
			return err
		}
		rows, err := tx.Webhooks(ctx)
		if err != nil {
			return err
		}
		health, err := v.webhookHealth(ctx, tx)
		for _, r := range rows {
			m.Endpoints = append(m.Endpoints, v.endpointOf(m.Frame, r, health[r.ID]))
		}
		return err
	})
	return m, err
}

func (v *visit) webhookHealth(ctx context.Context, tx store.Tx) (map[uuid.UUID]db.WebhookHealthRow, error) {
	rows, err := tx.WebhookHealth(ctx, v.Real.Now().Add(-24*time.Hour))
	if err != nil {
		return nil, fmt.Errorf("load how deliveries fare: %w", err)
	}
	out := map[uuid.UUID]db.WebhookHealthRow{}
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, nil
}

// endpointForm is the form with what was typed, or what is kept.
func endpointForm(w event.Wish, all bool) settings.EndpointForm {
	f := settings.EndpointForm{
		All:  all,
		Name: component.TextInput{ID: "name", Name: "name", Label: "Name", Value: w.Name, Required: true, Autocomplete: "off", Placeholder: "our ERP"},
		URL:  component.TextInput{ID: "url", Name: "url", Label: "Address", Type: "url", Value: w.URL, Required: true, Autocomplete: "off", Placeholder: "https://erp.example/voldaan"},
	}
	types := event.Types()
	for _, thing := range slices.Sorted(maps.Keys(types)) {
		t := settings.Thing{Name: thing, Label: upperFirst(strings.ReplaceAll(thing, "_", " "))}
		for _, verb := range types[thing] {
			o := component.Option{Value: thing + "." + verb, Label: upperFirst(strings.ReplaceAll(verb, "_", " "))}
			if o.Selected = slices.Contains(w.Types, o.Value) || slices.Contains(w.Types, thing+".*"); o.Selected {
				t.Chosen++
			}
			t.Types = append(t.Types, o)
		}
		f.Things = append(f.Things, t)
	}
	return f
}

// endpointOf is an address as its page shows it, by the machine's clock.
func (v *visit) endpointOf(f component.Frame, w db.WebhookEndpoint, h db.WebhookHealthRow) settings.Endpoint {
	now := v.machine(f)
	e := settings.Endpoint{
		ID: w.ID.String(), Name: w.Name, URL: w.Url, On: w.State == "active", Gets: "Everything", Delivered: int(h.Delivered), Waiting: int(h.Waiting),
		By: actorName(w.CreatedBy), At: f.Lang().Moment(w.CreatedAt, now), State: "Works", Tone: component.Green,
	}
	if len(w.Types) > 0 {
		e.Gets = strings.Join(w.Types, ", ")
		if n := len(w.Types); n > 6 {
			e.Gets = strings.Join(w.Types[:6], ", ") + fmt.Sprintf(" and %d more", n-6)
		}
	}
	if w.PreviousUntil != nil && now.Before(*w.PreviousUntil) {
		e.OldUntil = f.Lang().Moment(*w.PreviousUntil, now)
	}
	switch {
	case !e.On && w.FailingSince == nil && w.DisabledAt != nil && strings.HasPrefix(w.Why, "Switched off"):
		e.State, e.Tone = "Paused", component.Planned
		e.Trouble = &settings.EndpointTrouble{Title: "Paused by a person.", Text: "Since " + f.Lang().Moment(*w.DisabledAt, now) + ". Nothing is sent.", Todo: "Switch it on when the program is ready; then send again what it missed."}
	case !e.On:
		e.State, e.Tone = "Stopped", component.Red
		e.Trouble = &settings.EndpointTrouble{Tone: component.Red, Title: "Stopped.", Text: w.Why, Todo: endpointAdvice(int(h.Status)) + " Then switch it on, and send again what it missed."}
	case w.FailingSince != nil:
		e.State, e.Tone = "Fails", component.Amber
		t := &settings.EndpointTrouble{Tone: component.Amber, Title: "It fails since " + f.Lang().Moment(*w.FailingSince, now) + ".", Text: h.Problem, Todo: endpointAdvice(int(h.Status))}
		if h.NextAt.After(now) {
			t.Text += " We try again " + f.Lang().Moment(h.NextAt, now) + ","
		} else {
			t.Text += " We try again in a moment,"
		}
		t.Text += " and stop on " + f.Lang().Moment(w.FailingSince.Add(event.GiveUp), now) + " if nothing gets through."
		e.Trouble = t
	case h.Delivered == 0 && h.Status == 0:
		e.State, e.Tone = "Waits for its first event", component.Ink
	}
	return e
}

// endpointAdvice is what to do about the status of an answer; 0 is no answer.
func endpointAdvice(status int) string {
	switch {
	case status == 0:
		return "Look whether the program runs, whether its name and certificate are right, and whether its firewall lets us in."
	case status >= 300 && status < 400:
		return "It sends us elsewhere, and we do not follow: put the address in here that it points to."
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return "It does not believe that the call is ours: look whether it checks with the present secret, and reads Voldaan-Signature."
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusGone:
		return "Nothing takes a POST at this address: correct the address, or the route in the program."
	case status == http.StatusTooManyRequests:
		return "It is called more often than it takes: ask for fewer kinds of events, or let it take more."
	case status >= 500:
		return "The program broke on the call: its own log says why. Let it answer 200 as soon as it has stored the event."
	}
	return "Look in the program's own log why it refuses the call. Let it answer 200 as soon as it has stored the event."
}

// endpointWish reads the form. What was chosen without "everything" must be
// something: nothing chosen would be everything.
func (v *visit) endpointWish() (w event.Wish, all bool, err error) {
	all = v.r.FormValue("all") != "no"
	w = event.Wish{Name: cutText(v.r.FormValue("name"), 200), URL: cutText(v.r.FormValue("url"), 600)}
	if all {
		return w, all, nil
	}
	if w.Types = v.r.PostForm["type"]; len(w.Types) == 0 {
		return w, all, fault.New(fault.Invalid, "webhook_types", "Choose at least one kind of event, or everything.")
	}
	return w, all, nil
}

func (v *visit) addWebhook() error {
	w, all, err := v.endpointWish()
	var id uuid.UUID
	var secret string
	if err == nil {
		err = v.write(func(ctx context.Context, tx store.Tx) (err error) {
			id, secret, err = v.Events.Add(ctx, tx, w, v.member.Name)
			return err
		})
	}
	if err != nil && !mendable(err) {
		return err
	}
	if err != nil {
		m, merr := v.webhooksModel(w, all)
		if merr != nil {
			return merr
		}
		m.Form.Error = fault.Of(err).Message
		return v.again(settings.Webhooks(m))
	}
	m, err := v.webhookModel(id, nil, false)
	if err != nil {
		return err
	}
	m.Secret = &settings.EndpointSecret{Name: m.Endpoint.Name, Value: secret, Back: webhookHref(id)}
	return v.site.show(v.w, v.r, http.StatusOK, settings.Webhook(m))
}

func (v *visit) webhookPage() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	m, err := v.webhookModel(id, nil, false)
	if err != nil {
		return err
	}
	return v.show(settings.Webhook(m))
}

// webhookModel is one address; typed is what a refused form held.
func (v *visit) webhookModel(id uuid.UUID, typed *event.Wish, all bool) (m settings.WebhookModel, err error) {
	m.Look = !v.owner()
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		w, err := tx.Webhook(ctx, id)
		if err != nil {
			return err
		}
		if m.Frame, err = v.frame(tx, component.Settings, w.Name); err != nil {
			return err
		}
		health, err := v.webhookHealth(ctx, tx)
		if err != nil {
			return err
		}
		m.Endpoint = v.endpointOf(m.Frame, w, health[id])
		m.Form = endpointForm(event.Wish{Name: w.Name, URL: w.Url, Types: w.Types}, len(w.Types) == 0)
		if typed != nil {
			m.Form = endpointForm(*typed, all)
		}
		now := v.machine(m.Frame)
		m.Since = component.TextInput{
			ID: "since", Name: "since", Label: "From", Type: "datetime-local", Required: true, Value: now.Add(-time.Hour).Format(localMoment), Max: now.Format(localMoment), Min: now.AddDate(0, 0, -30).Format(localMoment),
			Hint: "At most 30 days back. The ids stay the same, so a program that tells repeats is safe.",
		}
		return v.webhookLog(ctx, tx, &m, id, now)
	})
	return m, err
}

// localMoment is how a browser writes a moment without its zone.
const localMoment = "2006-01-02T15:04"

var deliveryLooks = map[string]struct {
	words string
	tone  component.Tone
}{"pending": {"On its way", component.Amber}, "delivered": {"Delivered", component.Green}, "given_up": {"Given up", component.Red}}

// webhookLog is a page of what was sent, the newest first.
func (v *visit) webhookLog(ctx context.Context, tx store.Tx, m *settings.WebhookModel, id uuid.UUID, now time.Time) error {
	before, _ := strconv.ParseInt(v.r.URL.Query().Get("before"), 10, 64)
	rows, err := tx.DeliveriesPage(ctx, db.DeliveriesPageParams{Endpoint: id, Before: max(before, 0), Most: pageSize + 1})
	if err != nil {
		return fmt.Errorf("list deliveries: %w", err)
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		m.Pager.Next = webhookHref(id) + "?before=" + strconv.FormatInt(rows[pageSize-1].ID, 10)
	}
	if before > 0 {
		m.Pager.Previous = webhookHref(id)
	}
	for _, r := range rows {
		look := deliveryLooks[r.State]
		d := settings.Delivery{Event: r.Key, Type: r.Type, State: look.words, Tone: look.tone, At: r.CreatedAt, When: m.Frame.Lang().Moment(r.CreatedAt, now), Again: r.Replay}
		tried := fmt.Sprintf("%d %s", r.Attempts, plural(int(r.Attempts), "attempt", "attempts"))
		switch {
		case r.State == "delivered":
			d.Detail = fmt.Sprintf("Answered %d, %s", r.Status, tried)
		case r.State == "given_up":
			d.Detail = joinNonEmpty(" ", r.Problem, upperFirst(tried)+".")
		case r.Attempts == 0:
			d.State, d.Tone, d.Detail = "Waits", component.Planned, "Not tried yet"
			if m.Endpoint.On {
				d.Detail = "Goes out in a moment"
			}
		default:
			d.Detail = joinNonEmpty(" ", r.Problem, upperFirst(tried)+"; next "+m.Frame.Lang().Moment(r.NextAt, now)+".")
		}
		m.Deliveries = append(m.Deliveries, d)
	}
	return nil
}

func (v *visit) changeWebhook() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	w, all, err := v.endpointWish()
	if err == nil {
		err = v.write(func(ctx context.Context, tx store.Tx) error {
			row, err := tx.Webhook(ctx, id)
			if err != nil {
				return err
			}
			return v.Events.Change(ctx, tx, id, w, row.State == "active", v.member.Name)
		})
	}
	if mendable(err) {
		m, merr := v.webhookModel(id, &w, all)
		if merr != nil {
			return merr
		}
		m.Form.Error = fault.Of(err).Message
		return v.again(settings.Webhook(m))
	}
	if err != nil {
		return err
	}
	return v.done(webhookHref(id), component.Flash{Tone: component.Green, Text: "Saved. The next event follows it."})
}

func (v *visit) switchWebhook() error {
	on := v.r.FormValue("on") == "yes"
	said := "Paused. Nothing is sent until it is switched on."
	if on {
		said = "Switched on. What waited goes out now; send again what happened in between."
	}
	return v.onWebhook(said, func(ctx context.Context, tx store.Tx, id uuid.UUID) error {
		row, err := tx.Webhook(ctx, id)
		if err != nil {
			return err
		}
		return v.Events.Change(ctx, tx, id, event.Wish{Name: row.Name, URL: row.Url, Types: row.Types}, on, v.member.Name)
	})
}

// onWebhook does something with the address of the page and returns to it, with
// what is wrong where it is refused.
func (v *visit) onWebhook(said string, f func(ctx context.Context, tx store.Tx, id uuid.UUID) error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = v.write(func(ctx context.Context, tx store.Tx) error { return f(ctx, tx, id) })
	flash := component.Flash{Tone: component.Green, Text: said}
	if refused(err) {
		flash, err = component.Flash{Tone: component.Amber, Text: fault.Of(err).Message}, nil
	}
	if err != nil {
		return err
	}
	return v.done(webhookHref(id), flash)
}

func (v *visit) testWebhook() error {
	return v.onWebhook("A test is on its way. Open the page again in a moment to see the answer.", func(ctx context.Context, tx store.Tx, id uuid.UUID) error {
		return v.Events.Try(ctx, tx, id, v.member.Name)
	})
}

// rotateWebhook answers with the page itself: the secret is in no other place.
func (v *visit) rotateWebhook() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	var secret string
	if err := v.write(func(ctx context.Context, tx store.Tx) (err error) {
		secret, err = v.Events.Rotate(ctx, tx, id, v.member.Name)
		return err
	}); err != nil {
		return err
	}
	m, err := v.webhookModel(id, nil, false)
	if err != nil {
		return err
	}
	m.Secret = &settings.EndpointSecret{Name: m.Endpoint.Name, Value: secret, Back: webhookHref(id), Rotated: true}
	return v.show(settings.Webhook(m))
}

func (v *visit) replayWebhook() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	key := cutText(v.r.FormValue("event"), 26)
	var n int64
	err = v.write(func(ctx context.Context, tx store.Tx) error {
		f, err := v.frame(tx, component.Settings, "")
		if err != nil {
			return err
		}
		since, err := time.ParseInLocation(localMoment, v.r.FormValue("since"), f.Now.Location())
		if err != nil && key == "" {
			return fault.New(fault.Invalid, "replay_moment", "Choose a moment within the last 30 days.")
		}
		n, err = v.Events.Replay(ctx, tx, id, since, key, v.member.Name)
		return err
	})
	flash := component.Flash{Tone: component.Green, Text: fmt.Sprintf("%d %s again.", n, plural(int(n), "event goes out", "events go out"))}
	if n == 0 {
		flash = component.Flash{Text: "Nothing that this address asks for happened since then."}
	}
	if refused(err) {
		flash, err = component.Flash{Tone: component.Amber, Text: fault.Of(err).Message}, nil
	}
	if err != nil {
		return err
	}
	return v.done(webhookHref(id), flash)
}

func (v *visit) removeWebhook() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error { return v.Events.Remove(ctx, tx, id, v.member.Name) }); err != nil {
		return err
	}
	return v.done("/settings/webhooks", component.Flash{Tone: component.Green, Text: "Removed. Nothing is sent to it any more."})
}
