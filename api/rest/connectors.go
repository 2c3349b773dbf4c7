package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/marketplace"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Connector is one on the shelf, in its newest version.
type Connector struct {
	Name         string   `json:"name" example:"moneybird"`
	Title        string   `json:"title" example:"Moneybird"`
	Summary      string   `json:"summary"`
	Kind         string   `json:"kind" enum:"accounting,crm,bank,messaging,credit_report,bailiff,files"`
	Countries    []string `json:"countries" doc:"ISO 3166-1; empty for anywhere"`
	Capabilities []string `json:"capabilities"`
	Version      string   `json:"version"`
	Publisher    string   `json:"publisher"`
	Badge        Badge    `json:"badge"`
}

// Badge follows from who published a version and from its conformance report.
type Badge struct {
	Level   string `json:"level" enum:"community,verified,certified"`
	Score   *int   `json:"score,omitempty" doc:"How many of a hundred scenarios of the conformance kit passed; absent without a report"`
	Passed  int    `json:"passed"`
	Failed  int    `json:"failed"`
	Skipped int    `json:"skipped"`
	Ours    bool   `json:"ours" doc:"The report is of our own run, rather than the publisher's"`
}

func badgeOf(b marketplace.Badge) Badge {
	out := Badge{Level: string(b.Level)}
	if s := b.Score; s != nil {
		out.Score, out.Passed, out.Failed, out.Skipped, out.Ours = &s.Percent, s.Passed, s.Failed, s.Skipped, s.Ours
	}
	return out
}

// ConnectorDetail is a connector with all that a user may want to know first.
type ConnectorDetail struct {
	Connector
	Description string             `json:"description" doc:"Markdown"`
	Website     string             `json:"website,omitempty"`
	Reads       []string           `json:"reads"`
	Writes      []string           `json:"writes"`
	Hosts       []string           `json:"hosts" doc:"The only servers that it talks to with your access"`
	Downloads   []string           `json:"downloads" doc:"Servers that it fetches files from, without your access"`
	Versions    []ConnectorVersion `json:"versions" doc:"The newest first"`
	Mine        MyConnector        `json:"mine"`
}

// ConnectorVersion is one version.
type ConnectorVersion struct {
	Version     string     `json:"version"`
	PublishedAt *time.Time `json:"published_at,omitempty" doc:"Absent when it came with the installation"`
	Badge       Badge      `json:"badge"`
	Changelog   string     `json:"changelog,omitempty" doc:"Markdown"`
	Changes     []Change   `json:"changes" doc:"Since the version before"`
	State       string     `json:"state" enum:"offered,halted,yanked,revoked"`
	Why         string     `json:"why,omitempty" doc:"It is halted or yanked"`
}

// MyConnector is what the caller's organisation has of a connector.
type MyConnector struct {
	Installed bool         `json:"installed"`
	Version   string       `json:"version,omitempty" doc:"In use, or the one that would be"`
	Why       string       `json:"why,omitempty" doc:"It is that version"`
	Held      *HeldVersion `json:"held,omitempty" doc:"The version that is held on to"`
	Update    *Update      `json:"update,omitempty" doc:"A newer version, if there is one"`
	Problem   string       `json:"problem,omitempty" doc:"Why no version can be used now, and what to do"`
}

// HeldVersion is a version that an organisation holds on to.
type HeldVersion struct {
	Version string    `json:"version"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Why     string    `json:"why"`
}

// Update is a newer version and what it changes for the organisation.
type Update struct {
	Version string   `json:"version"`
	Ask     bool     `json:"ask" doc:"It is a major change, which waits until the organisation chooses it"`
	Changes []Change `json:"changes"`
}

type listConnectors struct {
	Paged
	Search     string `query:"search" maxLength:"100" doc:"Words of the name, the summary or the publisher"`
	Kind       string `query:"kind" enum:"accounting,crm,bank,messaging,credit_report,bailiff,files"`
	Country    string `query:"country" minLength:"2" maxLength:"2" doc:"ISO 3166-1; connectors for anywhere are in it"`
	Capability string `query:"capability" enum:"documents,write_payments,write_notes,webhooks,subscriptions,send_sms,send_voice,send_letter,send_document,credit_reports"`
	Level      string `query:"level" enum:"community,verified,certified" doc:"At least"`
}

type connectorList struct {
	Body struct {
		Items      []Connector `json:"items"`
		Total      int         `json:"total" doc:"On all pages"`
		NextCursor string      `json:"next_cursor,omitempty"`
	}
}

// ByName is the input of an operation on one connector.
type ByName struct {
	Name string `path:"name" maxLength:"63"`
}

type connectorDetail struct{ Body ConnectorDetail }

type myConnector struct{ Body MyConnector }

type chooseVersion struct {
	ByName
	Body struct {
		Version string `json:"version" maxLength:"24" example:"1.2.0"`
		Follow  bool   `json:"follow,omitempty" doc:"Go on to newer ones that ask nothing; else stay on it until it is let go"`
		Why     string `json:"why,omitempty" maxLength:"300" doc:"For people"`
	}
}

func (h *hub) connectors() {
	const tag = "Marketplace"
	notFound, conflict := []int{http.StatusNotFound}, []int{http.StatusNotFound, http.StatusConflict}
	register(h, operation{id: "list-connectors", method: http.MethodGet, path: "/connectors", tag: tag, scope: tenant.Read, summary: "Search the marketplace"}, h.listConnectors)
	register(h, operation{id: "get-connector", method: http.MethodGet, path: "/connectors/{name}", tag: tag, scope: tenant.Read, summary: "Get a connector", errors: notFound}, h.getConnector)
	register(h, operation{id: "install-connector", method: http.MethodPost, path: "/connectors/{name}/install", tag: tag, scope: tenant.Write, settings: true, summary: "Take a connector into use",
		description: "In the version that is meant for the organisation. Connecting it does the same.", errors: conflict}, h.installConnector)
	register(h, operation{id: "uninstall-connector", method: http.MethodDelete, path: "/connectors/{name}/install", tag: tag, scope: tenant.Write, settings: true, status: http.StatusNoContent, summary: "End the use of a connector",
		description: "When there is no connection left.", errors: conflict}, h.uninstallConnector)
	register(h, operation{id: "choose-connector-version", method: http.MethodPut, path: "/connectors/{name}/version", tag: tag, scope: tenant.Write, settings: true, summary: "Use a version, also an older one",
		description: "It is how an organisation agrees to a version with a major change, and how it goes back.", errors: conflict}, h.chooseVersion)
	register(h, operation{id: "release-connector-version", method: http.MethodDelete, path: "/connectors/{name}/version", tag: tag, scope: tenant.Write, settings: true, summary: "Let go of a version",
		description: "New versions that ask nothing come by themselves again.", errors: conflict}, h.releaseVersion)
}

func connectorOf(i *marketplace.Item) Connector {
	m := i.Manifest()
	c := Connector{
		Name: m.Name, Title: m.Title, Summary: m.Summary, Kind: string(m.Kind), Countries: texts(m.Countries), Capabilities: texts(m.Capabilities),
		Version: m.Version, Publisher: i.Publisher, Badge: badgeOf(i.Badge),
	}
	return c
}

// texts are values as texts, never nil.
func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

func (h *hub) listConnectors(ctx context.Context, _ actor, in *listConnectors) (*connectorList, error) {
	found, err := h.Market.Find(ctx, marketplace.Query{
		Text: in.Search, Kind: manifest.Kind(in.Kind), Country: in.Country, Capability: manifest.Capability(in.Capability), Level: registry.Level(in.Level), After: in.Cursor, Most: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	out := &connectorList{}
	out.Body.Items, out.Body.Total, out.Body.NextCursor = []Connector{}, found.Total, found.Next
	for _, i := range found.Items {
		out.Body.Items = append(out.Body.Items, connectorOf(i))
	}
	return out, nil
}

func (h *hub) getConnector(ctx context.Context, who actor, in *ByName) (*connectorDetail, error) {
	item, err := h.Market.Item(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	versions, err := h.Market.Versions(ctx, item)
	if err != nil {
		return nil, err
	}
	m := item.Manifest()
	out := &connectorDetail{Body: ConnectorDetail{
		Connector: connectorOf(item), Description: m.Description, Website: m.Website, Reads: texts(m.Reads), Writes: texts(m.Writes), Hosts: texts(m.Hosts), Downloads: texts(m.Downloads),
		Versions: []ConnectorVersion{},
	}}
	for i := range versions {
		v := &versions[i]
		c := ConnectorVersion{Version: v.Version.String(), Badge: badgeOf(v.Badge), Changelog: v.Changelog, Changes: changesOf(v.Changes), PublishedAt: moment(&v.PublishedAt)}
		c.State, c.Why = stateOf(v)
		out.Body.Versions = append(out.Body.Versions, c)
	}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		mine, err := h.Market.Of(ctx, tx, item, versions)
		out.Body.Mine = mineOf(mine)
		return err
	})
}

func mineOf(m marketplace.Mine) MyConnector {
	out := MyConnector{Installed: m.Installed, Version: m.Using, Why: m.Why, Problem: m.Problem}
	if m.Hold != nil {
		out.Held = &HeldVersion{Version: m.Hold.Version, By: m.Hold.By, At: m.Hold.At.UTC(), Why: m.Hold.Why}
	}
	if m.Update != nil {
		out.Update = &Update{Version: m.Update.Version, Ask: m.Update.Ask, Changes: changesOf(m.Update.Changes)}
	}
	return out
}

func by(who actor) marketplace.Actor { return marketplace.Actor{Tenant: who.tenant, By: who.by} }

// mine answers with what the organisation has of a connector after a change.
func (h *hub) mine(ctx context.Context, who actor, name string) (*myConnector, error) {
	d, err := h.getConnector(ctx, who, &ByName{name})
	if err != nil {
		return nil, err
	}
	return &myConnector{Body: d.Body.Mine}, nil
}

func (h *hub) installConnector(ctx context.Context, who actor, in *struct {
	ByName
	Repeatable
},
) (*myConnector, error) {
	if _, err := h.Market.Install(ctx, by(who), in.Name); err != nil {
		return nil, err
	}
	return h.mine(ctx, who, in.Name)
}

func (h *hub) uninstallConnector(ctx context.Context, who actor, in *ByName) (*struct{}, error) {
	return nil, h.Market.Uninstall(ctx, by(who), in.Name)
}

func (h *hub) chooseVersion(ctx context.Context, who actor, in *chooseVersion) (*myConnector, error) {
	if err := h.Market.Choose(ctx, by(who), in.Name, in.Body.Version, in.Body.Why, !in.Body.Follow); err != nil {
		return nil, err
	}
	return h.mine(ctx, who, in.Name)
}

func (h *hub) releaseVersion(ctx context.Context, who actor, in *ByName) (*myConnector, error) {
	if err := h.Market.Release(ctx, by(who), in.Name); err != nil {
		return nil, err
	}
	return h.mine(ctx, who, in.Name)
}
