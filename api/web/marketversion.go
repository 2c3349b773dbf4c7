package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/market"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/marketplace"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/pack"
)

// iconPolicy lets a package's picture be looked at and nothing more.
const iconPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

// icon is the package's own.
func (v *visit) icon() error {
	item, err := v.Market.Item(v.r.Context(), v.r.PathValue("connector"))
	if err != nil || !item.HasIcon {
		return errNotHere
	}
	b, err := item.Package.File(pack.Icon)
	if err != nil {
		return errNotHere
	}
	h := v.w.Header()
	h.Set("Content-Security-Policy", iconPolicy)
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "private, max-age=3600")
	_, err = v.w.Write(b)
	return ignoreGone(err)
}

func changesOf(list []registry.Change) []market.Change {
	out := make([]market.Change, len(list))
	for i, c := range list {
		out[i] = market.Change{Sentence: c.Sentence, Ask: c.Weight == registry.Major}
	}
	return out
}

// usingOf is what a tenant has of a connector; the forms of it return to back.
func usingOf(f component.Frame, item *marketplace.Item, mine marketplace.Mine, owner bool, back string) market.Using {
	u := market.Using{
		Connector: item.Name(), Version: mine.Using, Why: mine.Why, Registered: item.Registered, Owner: owner, Installed: mine.Installed, Problem: mine.Problem, Back: back,
	}
	if h := mine.Hold; h != nil {
		u.Held, u.HeldWhy = fmt.Sprintf("%s, %s", actorName(h.By), f.Date(date.Of(h.At.In(f.Now.Location())))), h.Why
	}
	if up := mine.Update; up != nil {
		u.Update = &market.Update{Version: up.Version, Ask: up.Ask, Changes: changesOf(up.Changes)}
	}
	return u
}

// listVersions fills in the versions, and the report on the newest.
func listVersions(m *market.DetailModel, item *marketplace.Item, versions []marketplace.Version, mine marketplace.Mine) {
	for i := range versions {
		v := &versions[i]
		number := v.Version.String()
		row := market.Version{
			Number: number, Published: v.PublishedAt, Level: market.Level(v.Badge.Level), Score: scoreText(v.Badge), Changelog: lines(v.Changelog), Changes: changesOf(v.Changes),
			Using: number == mine.Using, Choose: item.Registered && v.Offered && number != mine.Using,
		}
		switch {
		case v.YankedAt != nil:
			row.Gone = "Withdrawn by its publisher: " + v.YankedWhy
		case v.Revoked:
			row.Gone = "The key that signed it is not trusted any more."
		case v.HaltedAt != nil:
			row.Gone = "Taken back from those who had it: " + v.HaltedWhy
		}
		m.Versions = append(m.Versions, row)
		if number == item.Manifest().Version {
			m.Report = reportOn(v)
		}
	}
}

// lines are those of a text that say something, without the marks of Markdown.
func lines(text string) (out []string) {
	for line := range strings.Lines(text) {
		if line = strings.Trim(plain(line), "#-* \n"); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// reportOn reads the conformance report on a version. Numbers are counted anew.
func reportOn(v *marketplace.Version) *market.Report {
	s := v.Badge.Score
	if s == nil {
		return nil
	}
	out := &market.Report{Percent: s.Percent, Passed: s.Passed, Failed: s.Failed, Skipped: s.Skipped, Short: s.Short, At: s.At, By: v.PublisherTitle}
	if s.Ours {
		out.By = "us"
	}
	var r conformance.Report
	if json.Unmarshal(v.Report, &r) != nil {
		return out // the numbers are known
	}
	out.On = r.On
	if r.CallsPer10k > 0 {
		out.Cost = fmt.Sprintf("About %d requests for 10,000 invoices, %d when nothing has changed.", r.CallsPer10k, r.CallsIdle)
	}
	for _, x := range r.Results {
		i := slices.IndexFunc(out.Areas, func(a market.Area) bool { return a.Name == string(x.Area) })
		if i < 0 {
			i = len(out.Areas)
			out.Areas = append(out.Areas, market.Area{Name: string(x.Area)})
		}
		a := &out.Areas[i]
		switch x.State {
		case conformance.Passed:
			a.Passed++
		case conformance.Failed:
			a.Failed++
		default:
			a.Skipped++
		}
		a.Results = append(a.Results, market.Result{State: string(x.State), Name: x.Name, Sentence: x.Sentence, Note: cutText(x.Note, 600)})
	}
	return out
}

func (v *visit) actor() marketplace.Actor {
	return marketplace.Actor{Tenant: v.member.Tenant, By: v.member.Name}
}

// chooseVersion brings the organisation to a version, also an older one.
func (v *visit) chooseVersion() error {
	name, version := v.r.PathValue("connector"), cutText(v.r.FormValue("version"), 24)
	err := v.Market.Choose(v.r.Context(), v.actor(), name, version, cutText(v.r.FormValue("why"), 300), v.r.FormValue("follow") == "")
	return v.versionDone(name, "Version "+version+" is in use from the next call on.", err)
}

func (v *visit) releaseVersion() error {
	name := v.r.PathValue("connector")
	return v.versionDone(name, "New versions come by themselves again.", v.Market.Release(v.r.Context(), v.actor(), name))
}

// versionDone returns to where the form was, with what can be done about a
// refusal.
func (v *visit) versionDone(name, said string, err error) error {
	f := component.Flash{Tone: component.Green, Text: said}
	switch wrong := fault.Of(err); {
	case err == nil:
	case wrong.Kind == fault.Invalid || wrong.Kind == fault.Conflict:
		f = component.Flash{Tone: component.Amber, Text: wrong.Message + " Choose another version."}
	case wrong.Code == "connector_not_pinned":
		f = component.Flash{Tone: component.Plain, Text: "New versions came by themselves already."}
	default:
		return err
	}
	return v.done(back(v.r, "/marketplace/"+name), f)
}

// partner shows a publisher how its connectors do.
func (v *visit) partner() error {
	mine, err := v.Market.PublisherOf(v.r.Context(), v.member.Tenant)
	if err != nil {
		return err
	}
	if mine == "" {
		return fault.New(fault.NotFound, "no_publisher", "Your organisation publishes no connectors here. When it does, ask the operator of this hub to note that.")
	}
	p, err := v.Market.Partner(v.r.Context(), mine)
	if err != nil {
		return err
	}
	m := market.PartnerModel{Title: p.Title, Verified: p.Verified}
	for _, c := range p.Connectors {
		row := market.PartnerConnector{Name: c.Name, Installs: c.Installs}
		for i := range c.Versions {
			row.Versions = append(row.Versions, partnerVersion(&c.Versions[i]))
		}
		m.Connectors = append(m.Connectors, row)
	}
	if err := v.read(v.framed(&m.Frame, "How our connectors do")); err != nil {
		return err
	}
	return v.site.show(v.w, v.r, http.StatusOK, market.Partner(m))
}

// worthALook is the failure rate, in hundredths of a percent, from which a
// publisher should look.
const worthALook = 200

func partnerVersion(p *marketplace.PartnerVersion) market.PartnerVersion {
	rate := p.FailureRate()
	out := market.PartnerVersion{
		Number: p.Version.Version.String(), Published: p.PublishedAt, Level: market.Level(p.Badge.Level), Installs: p.Installs, Calls: p.Calls, Failures: p.Failures,
		Rate: fmt.Sprintf("%d.%d%%", rate/100, rate%100/10), High: rate >= worthALook, State: "For everybody", Tone: component.Green,
	}
	if p.Calls == 0 {
		out.Rate = "–"
	}
	switch {
	case p.YankedAt != nil:
		out.State, out.Why, out.Tone = "Withdrawn", p.YankedWhy, component.Plain
	case p.Revoked:
		out.State, out.Tone = "Its key was revoked", component.Red
	case p.HaltedAt != nil:
		out.State, out.Why, out.Tone = "Taken back", p.HaltedWhy, component.Amber
	case p.Percent < 100:
		out.State, out.Tone = fmt.Sprintf("For %d%% so far", p.Percent), component.Planned
	}
	return out
}
