package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/assets"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/market"
	"github.com/voldaan/voldaan/core/connect/supervisor"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/marketplace"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	books "github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// eventsShown is how many events of its history a connection shows at once.
const eventsShown = 12

// framed fills in the frame of a page of the marketplace.
func (v *visit) framed(f *component.Frame, title string) func(context.Context, store.Tx) error {
	return func(_ context.Context, tx store.Tx) (err error) {
		*f, err = v.frame(tx, component.Marketplace, title)
		return err
	}
}

var stateLooks = map[string]struct {
	word string
	tone component.Tone
}{
	"new": {"Not signed in", component.Amber}, "connected": {"Connected", component.Green}, "broken": {"Does not work", component.Red},
	"paused": {"Paused", component.Amber}, "removed": {"Removed", component.Plain},
}

// careOf shows how a connection does and what can be done with it.
func (v *visit) careOf(m *market.ConnectionModel, row db.Connection) error {
	ctx := v.r.Context()
	look := stateLooks[row.State]
	m.Care = market.Care{
		Connector: row.Connector, State: look.word, Tone: look.tone, Paused: row.State == "paused", Removed: row.State == "removed", Broken: row.State == "broken", Reason: row.StateReason,
	}
	h, err := v.Market.Health(ctx, v.member.Tenant, row.ID)
	if err != nil {
		return err
	}
	m.Care.Failed, m.Care.Syncs, m.Care.NextTry = h.Failed, h.All, h.NextTry
	m.Care.Troubles = h.Troubles
	for _, r := range h.Runs {
		m.Care.Runs = append(m.Care.Runs, runOf(m.Frame, r))
	}
	if h.Process != nil {
		m.Care.Process, m.Care.Unwell = processOf(m.Frame, h.Process)
	}
	return v.eventsOf(m, row.ID)
}

func (v *visit) eventsOf(m *market.ConnectionModel, id uuid.UUID) error {
	before, _ := strconv.ParseInt(v.r.URL.Query().Get("before"), 10, 64) // from the last on, otherwise
	events, err := v.Market.Events(v.r.Context(), v.member.Tenant, id, before, eventsShown+1)
	if err != nil {
		return err
	}
	if len(events) > eventsShown {
		events = events[:eventsShown]
		m.Care.More = fmt.Sprintf("/connections/%s?before=%d#history", id, events[eventsShown-1].ID)
	}
	for _, e := range events {
		m.Care.Events = append(m.Care.Events, eventOf(e))
	}
	return nil
}

func runOf(f component.Frame, r db.ConnectionRunsRow) market.Run {
	s := r.SyncRun
	out := market.Run{Books: r.Administration, At: s.StartedAt, Problem: s.Problem, Text: fmt.Sprintf("%s read, %s new, %s changed", f.Number(int(s.Read)), f.Number(int(s.Added)), f.Number(int(s.Changed)))}
	switch s.State {
	case "running":
		out.State, out.Icon = "Reading now", "refresh-cw"
	case "failed":
		out.State, out.Icon, out.Tone = "Failed", "circle-alert", component.Amber
	case "waiting":
		out.State, out.Icon, out.Tone = "Waits", "timer", component.Planned
	default:
		out.State, out.Icon, out.Tone = "Read", "circle-check", component.Green
	}
	if s.Held > 0 {
		out.Text += fmt.Sprintf(", %s held", f.Number(int(s.Held)))
	}
	return out
}

// processOf says in a sentence how the process of a connector does.
func processOf(f component.Frame, p *marketplace.Process) (text string, unwell bool) {
	switch p.State {
	case supervisor.Ready:
		return "Its process runs.", false
	case supervisor.Starting:
		return "Its process is being started.", false
	case supervisor.Draining:
		return "Its process is being replaced; calls under way end first.", false
	case supervisor.Backoff:
		text = "Its process stopped: " + cmp.Or(p.Cause, "the cause is not known") + "."
		if !p.Until.IsZero() {
			text += " It is started again " + f.Moment(p.Until) + ", by itself."
		}
		return text, true
	case supervisor.Quarantined:
		return "Its process stopped too often (" + cmp.Or(p.Cause, "the cause is not known") + ") and was put aside. Go back to another version, or ask the operator to look.", true
	}
	return "Its process is started when it is needed.", false
}

var eventLooks = map[string]struct{ text, icon string }{
	marketplace.Connected: {"Connected", "plug"}, marketplace.Reauthorised: {"Given new access", "key-round"}, marketplace.Changed: {"Settings changed", "settings"},
	marketplace.Paused: {"Paused", "pause"}, marketplace.Resumed: {"Resumed", "play"}, marketplace.Removed: {"Removed; its access was destroyed", "unplug"},
	marketplace.Installed: {"Taken into use", "plus"}, marketplace.Uninstalled: {"Taken out of use", "x"}, marketplace.Released: {"New versions come by themselves again", "refresh-cw"},
}

func eventOf(e marketplace.Event) market.Event {
	look := eventLooks[e.Action]
	out := market.Event{At: e.At, Text: cmp.Or(look.text, e.Action), By: actorName(e.By), Why: e.Detail["why"], Icon: cmp.Or(look.icon, "history")}
	switch e.Action {
	case marketplace.Moved:
		out.Text, out.Icon = "Version "+e.Detail["to"]+" in use", "refresh-cw"
		if from := e.Detail["from"]; from != "" {
			out.Text += " instead of " + from
		}
	case marketplace.Held:
		out.Text, out.Icon = "Version "+e.Detail["to"]+" chosen", "lock"
	case marketplace.Removed:
		if e.Detail["left"] != "" {
			out.Why = "the package did not confirm it; take the access back there too"
		}
	}
	return out
}

// accessForm is how a connection gets new access.
func accessForm(c *market.Care, mf *manifest.Manifest, method string) {
	a, _ := mf.Method(method)
	c.SignIn = a.Type == manifest.OAuth2
	if c.SignIn || books.TakesFiles(mf) {
		return
	}
	for _, f := range mf.Form {
		if f.Secret && (f.Auth == "" || f.Auth == method) && f.Type != manifest.File {
			c.Fields = append(c.Fields, component.TextInput{ID: "access-" + f.Name, Name: f.Name, Label: "New " + f.Title, Hint: f.Help, Type: "password", Autocomplete: "off", Required: f.Required})
		}
	}
}

// careDone returns to the connection, with what can be done about a refusal.
func (v *visit) careDone(id uuid.UUID, said string, err error) error {
	f := component.Flash{Tone: component.Green, Text: said}
	if wrong := fault.Of(err); err != nil {
		if wrong.Kind != fault.Conflict && wrong.Kind != fault.Invalid {
			return err
		}
		f = component.Flash{Tone: component.Amber, Text: wrong.Message}
	}
	return v.done("/connections/"+id.String(), f)
}

func (v *visit) pauseConnection() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return v.careDone(id, "Paused. Reminders of its books wait.", v.Market.Pause(v.r.Context(), v.actor(), id, cutText(v.r.FormValue("why"), 300)))
}

func (v *visit) resumeConnection() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return v.careDone(id, "Resumed. What changed meanwhile is being read.", v.Market.Resume(v.r.Context(), v.actor(), id))
}

func (v *visit) removeConnection() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if v.r.FormValue("sure") != "true" {
		return v.done("/connections/"+id.String(), component.Flash{Tone: component.Amber, Text: "Nothing was removed. Tick that you want it, and try again."})
	}
	ended, err := v.Market.Remove(v.r.Context(), v.actor(), id)
	if err != nil {
		return err
	}
	f := component.Flash{Tone: component.Green, Text: ended.Title + " is removed, and its access destroyed."}
	if ended.Left {
		f = component.Flash{Tone: component.Amber, Text: fmt.Sprintf("%s is removed here and its access destroyed, but it did not confirm that. Sign in to %s and take the access of Voldaan back there too.", ended.Title, ended.Title)}
	}
	return v.done("/marketplace", f)
}

// reauthorise gives a connection new access: at the package's own page, or by
// secrets that were typed.
func (v *visit) reauthorise() error {
	m, row, err := v.connectionModel()
	if err != nil {
		return err
	}
	if m.Care.Removed {
		return errNotHere
	}
	if m.Care.SignIn {
		return v.signInAt(pending{Connection: row.ID, Again: true}, row.Title)
	}
	form := map[string]string{}
	for _, f := range m.Care.Fields {
		form[f.Name] = cutText(v.r.FormValue(f.Name), 8000)
	}
	if !slices.ContainsFunc(m.Care.Fields, func(f component.TextInput) bool { return form[f.Name] != "" }) {
		m.Care.Error = "Fill in the new access first."
		return v.showConnection(http.StatusUnprocessableEntity, m)
	}
	if err := v.Connections.Use(v.r.Context(), v.member.Tenant, row.ID, form); err != nil {
		return v.refusedAccess(err)
	}
	if err := v.Market.Note(v.r.Context(), v.actor(), row.ID, marketplace.Reauthorised); err != nil {
		return err
	}
	if !m.Care.Paused {
		if err := v.syncAll(v.r.Context(), row.ID); err != nil {
			return err
		}
	}
	return v.careDone(row.ID, "The new access works.", nil)
}

// refusedAccess shows the connection as it is now, with what went wrong.
func (v *visit) refusedAccess(err error) error {
	f := faultOf(err)
	if f.Kind == fault.Internal {
		return err
	}
	m, _, merr := v.connectionModel()
	if merr != nil {
		return merr
	}
	m.Care.Error = f.Message
	return v.showConnection(http.StatusUnprocessableEntity, m)
}

// showConnection lets its forms end on the package's own page.
func (v *visit) showConnection(code int, m market.ConnectionModel) error {
	v.w.Header().Set("Content-Security-Policy", assets.PagePolicy(v.elsewhere()...))
	return v.site.show(v.w, v.r, code, market.Show(m))
}
