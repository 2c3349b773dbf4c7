package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/assets"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/market"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/manifest"
)

func (s *site) marketRoutes() {
	s.look("GET /marketplace", (*visit).shelf)
	s.look("GET /marketplace/{connector}", (*visit).connector)
	s.own("POST /marketplace/{connector}/connect", (*visit).connect)
	s.act("POST /marketplace/{connector}/want", (*visit).want)
	s.look("GET /connections/callback", (*visit).authorized)
	s.look("GET /connections/{id}", (*visit).connectionPage)
	s.upload("POST /connections/{id}/files", (*visit).addFile)
	s.own("POST /connections/{id}/settings", (*visit).changeConnection)
	s.act("POST /connections/{id}/problems/dismiss", (*visit).dismiss)
	s.look("GET /connections/{id}/administrations", (*visit).administrations)
	s.own("POST /connections/{id}/administrations", (*visit).chooseAdministrations)
	s.look("GET /connections/{id}/sync", (*visit).sync)
	s.look("GET /connections/{id}/sync/status", (*visit).syncStatus)
	s.act("POST /connections/{id}/sync", (*visit).syncNow)
	s.look("GET /connections/{id}/go-live", (*visit).goLiveForm)
	s.own("POST /connections/{id}/go-live", (*visit).goLive)
}

// wanted are packages that people ask for and nobody has built a connector for.
var wanted = []market.Tile{
	{ID: "afas-profit", Name: "AFAS Profit", Line: "Debtors, invoices and payments of an AFAS environment.", Country: "NL"},
	{ID: "e-boekhouden", Name: "e-Boekhouden", Line: "Open items and relations.", Country: "NL"},
	{ID: "exact-online", Name: "Exact Online", Line: "Invoices, payments and documents of all divisions.", Country: "NL, BE, DE, GB"},
	{ID: "snelstart", Name: "SnelStart", Line: "Sales invoices and their payments.", Country: "NL"},
	{ID: "twinfield", Name: "Twinfield", Line: "Sales invoices and the matching of open items.", Country: "NL"},
}

var kindTitles = map[manifest.Kind]string{
	manifest.Accounting: "Accounting", manifest.CRM: "CRM", manifest.Bank: "Bank", manifest.Messaging: "Messaging",
	manifest.CreditReport: "Credit report", manifest.Bailiff: "Bailiff", manifest.Files: "Files",
}

var countryTitles = map[string]string{"NL": "Netherlands", "BE": "Belgium", "DE": "Germany", "FR": "France", "GB": "United Kingdom"}

// packages are the connectors that are installed.
func (s *site) packages() []*catalog.Package {
	if s.Host == nil {
		return nil
	}
	return s.Host.Catalog().List()
}

func tileOf(p *catalog.Package) market.Tile {
	t := market.Tile{
		ID: p.Manifest.Name, Name: p.Manifest.Title, Line: p.Manifest.Summary, Kind: kindTitles[p.Manifest.Kind], Country: strings.Join(p.Manifest.Countries, ", "),
		State: market.Connectable, Level: market.Community,
	}
	if t.Country == "" {
		t.Country = "Anywhere"
	}
	if p.Manifest.Kind == manifest.Files {
		t.State = market.ByFile
	}
	return t
}

func (v *visit) shelf() error {
	q := v.r.URL.Query()
	m := market.ShelfModel{Query: strings.TrimSpace(q.Get("q")), Kind: q.Get("kind"), Country: q.Get("country")}
	wishes, err := v.wishes()
	if err != nil {
		return err
	}
	tiles := v.tiles(wishes)
	m.Total = len(tiles)
	kinds, countries := map[string]bool{}, map[string]bool{}
	for _, t := range tiles {
		kinds[t.Kind] = true
		for _, c := range strings.Split(t.Country, ", ") {
			countries[c] = countryTitles[c] != ""
		}
		if fits(t, m) {
			m.Tiles = append(m.Tiles, t)
		}
	}
	for kind, title := range kindTitles {
		if kinds[title] {
			m.Kinds = append(m.Kinds, component.Option{Value: string(kind), Label: title, Selected: m.Kind == string(kind)})
		}
	}
	for code, title := range countryTitles {
		if countries[code] {
			m.Countries = append(m.Countries, component.Option{Value: code, Label: title, Selected: m.Country == code})
		}
	}
	byLabel := func(a, b component.Option) int { return strings.Compare(a.Label, b.Label) }
	slices.SortFunc(m.Kinds, byLabel)
	slices.SortFunc(m.Countries, byLabel)
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Marketplace, "Marketplace"); err != nil {
			return err
		}
		m.Connected, err = connectionsOf(ctx, tx, m.Frame, "")
		return err
	}); err != nil {
		return err
	}
	return v.show(market.Shelf(m))
}

func (s *site) tiles(wishes map[string]int) (tiles []market.Tile) {
	for _, p := range s.packages() {
		tiles = append(tiles, tileOf(p))
	}
	for _, t := range wanted {
		if !slices.ContainsFunc(tiles, func(have market.Tile) bool { return have.ID == t.ID }) {
			t.State, t.Kind, t.Votes = market.Wanted, kindTitles[manifest.Accounting], wishes[t.ID]
			tiles = append(tiles, t)
		}
	}
	return tiles
}

func fits(t market.Tile, m market.ShelfModel) bool {
	text := strings.ToLower(t.Name + " " + t.Line)
	return strings.Contains(text, strings.ToLower(m.Query)) &&
		(m.Kind == "" || t.Kind == kindTitles[manifest.Kind(m.Kind)]) &&
		(m.Country == "" || t.Country == "Anywhere" || strings.Contains(t.Country, m.Country))
}

func (v *visit) wishes() (map[string]int, error) {
	rows, err := v.Store.Door().DoorWishes(v.r.Context())
	if err != nil {
		return nil, fmt.Errorf("count wishes: %w", err)
	}
	out := map[string]int{}
	for _, r := range rows {
		out[r.Connector] = int(r.Tenants)
	}
	return out, nil
}

// connectionsOf are the tenant's connections, of one connector or of all.
func connectionsOf(ctx context.Context, tx store.Tx, f component.Frame, connector string) (out []market.Connection, err error) {
	rows, err := tx.Connections(ctx)
	if err != nil {
		return nil, fmt.Errorf("list connections: %w", err)
	}
	fresh, err := tx.Freshness(ctx)
	if err != nil {
		return nil, fmt.Errorf("list administrations: %w", err)
	}
	for _, r := range rows {
		if connector != "" && r.Connector != connector {
			continue
		}
		c := market.Connection{ID: r.ID.String(), Name: r.Title, Href: "/connections/" + r.ID.String() + "/administrations"}
		var names []string
		for _, a := range fresh {
			if a.ConnectionID.UUID != r.ID {
				continue
			}
			names = append(names, a.Name)
			c.Href = "/connections/" + r.ID.String()
			c.State, c.Tone = "Not read yet", component.Planned
			if a.ConfirmedAt != nil {
				c.State, c.Tone = "Read "+f.Ago(*a.ConfirmedAt), component.Green
			}
			if p := syncProblem(f, a); p != "" {
				c.State, c.Tone = "Needs a look", component.Amber
			}
		}
		c.Account, c.Administering = strings.Join(names, ", "), len(names)
		switch {
		case r.State == "broken":
			c.State, c.Tone = "Does not work", component.Red
		case r.State == "new":
			c.State, c.Tone, c.Href = "Not signed in", component.Amber, "/marketplace/"+r.Connector
		case len(names) == 0:
			c.State, c.Tone = "Waits for an administration", component.Amber
		}
		out = append(out, c)
	}
	return out, nil
}

func (v *visit) connector() error {
	m, err := v.detailModel()
	if err != nil {
		return err
	}
	return v.showDetail(http.StatusOK, m)
}

// showDetail lets the form end on the package's own page, and wherever that
// leads for signing in.
func (v *visit) showDetail(code int, m market.DetailModel) error {
	v.w.Header().Set("Content-Security-Policy", assets.PagePolicy(v.elsewhere()...))
	return v.site.show(v.w, v.r, code, market.Detail(m))
}

func (v *visit) detailModel() (m market.DetailModel, err error) {
	name := v.r.PathValue("connector")
	wishes, err := v.wishes()
	if err != nil {
		return m, err
	}
	tiles := v.tiles(wishes)
	i := slices.IndexFunc(tiles, func(t market.Tile) bool { return t.ID == name })
	if i < 0 {
		return m, errNotHere
	}
	m.Tile = tiles[i]
	if m.Tile.State != market.Wanted {
		p, err := v.Host.Catalog().Get(name, "")
		if err != nil {
			return m, err
		}
		describe(&m, p)
		if v.member.Role != "owner" {
			m.Connect.Why = "Only an owner of your organisation may connect a package."
		}
	}
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Marketplace, m.Tile.Name); err != nil {
			return err
		}
		m.Mine, err = connectionsOf(ctx, tx, m.Frame, name)
		return err
	})
	return m, err
}

var dataWords = map[manifest.Data]string{
	manifest.DataAdministrations: "Administrations", manifest.DataParties: "Debtors: name, address, e-mail", manifest.DataInvoices: "Sales invoices and credit notes",
	manifest.DataPayments: "Payments", manifest.DataDocuments: "PDFs of invoices",
}

var writeWords = map[manifest.Data]string{
	manifest.DataPayments: "A payment that came in through Voldaan, on its invoice",
	manifest.DataNotes:    "A note of what was sent and answered, on the company",
}

func describe(m *market.DetailModel, p *catalog.Package) {
	mf := p.Manifest
	m.About, m.Publisher, m.Version, m.Docs, m.Hosts = plain(mf.Description), mf.Publisher, mf.Version, webLink(mf.Website), mf.Hosts
	for _, d := range mf.Reads {
		m.Reads = append(m.Reads, cmp.Or(dataWords[d], string(d)))
	}
	for _, d := range mf.Writes {
		m.Writes = append(m.Writes, cmp.Or(writeWords[d], string(d)))
	}
	m.LevelWhy = []market.LevelReason{
		{OK: true, Text: "Its program is the one that was installed; its hash is checked at every start"},
		{OK: true, Text: "It has no password of yours and reaches no other server than those listed"},
		{Text: "A report of the conformance kit"},
		{Text: "Signed by a registered publisher"},
	}
	m.Connect = connectForm(mf, nil)
}

// plain takes the marks of Markdown out of a description.
func plain(s string) string {
	return strings.NewReplacer("**", "", "`", "", "\n  - ", "\n", "\n- ", "\n").Replace(strings.TrimSpace(s))
}

// connectForm is how to connect: by the package's own page where there is one,
// with a pasted secret as the other way.
func connectForm(mf *manifest.Manifest, typed map[string]string) market.Connect {
	c := market.Connect{Label: "Connect " + mf.Title}
	c.OAuth = slices.ContainsFunc(mf.Auth, func(a manifest.Auth) bool { return a.Type == manifest.OAuth2 })
	for _, f := range mf.Form {
		if f.Type == manifest.Choice || f.Type == manifest.File || f.Type == manifest.Boolean {
			continue // their defaults hold until there is a form for settings
		}
		in := component.TextInput{ID: "field-" + f.Name, Name: f.Name, Label: f.Title, Hint: f.Help, Value: f.Default, Required: f.Required && !(c.OAuth && f.Auth != "")}
		if v, ok := typed[f.Name]; ok && !f.Secret {
			in.Value = v
		}
		switch {
		case f.Secret:
			in.Type, in.Autocomplete, in.Value = "password", "off", ""
		case f.Type == manifest.Number:
			in.InputMode = "numeric"
		case f.Type == manifest.URL:
			in.Type = "url"
		}
		if c.OAuth && f.Secret {
			in.Label, in.Hint = f.Title+" (optional)", "Only when you would rather not sign in at "+mf.Title+". "+f.Help
		}
		c.Fields = append(c.Fields, in)
	}
	if mf.Kind == manifest.Files {
		c.Label = "Upload and read"
		c.Upload = &market.FileForm{Accept: ".xml,.csv,.xlsx,.txt", Hint: "UBL invoices, or open items as CSV or Excel. You can add more files later."}
	}
	return c
}

func (v *visit) want() error {
	name := v.r.PathValue("connector")
	if !slices.ContainsFunc(wanted, func(t market.Tile) bool { return t.ID == name }) {
		return errNotHere
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		return tx.Wish(ctx, db.WishParams{TenantID: tx.Tenant, Connector: name})
	}); err != nil {
		return err
	}
	return v.done("/marketplace/"+name, component.Flash{Tone: component.Green, Text: "Noted. Thank you, it counts."})
}

var errNoConnectors = fault.New(fault.Unavailable, "no_connectors", "No connectors are installed here.")

// connectionID reads the connection of the path and its title.
func (v *visit) connection(ctx context.Context, tx store.Tx) (db.Connection, error) {
	id, err := uuid.Parse(v.r.PathValue("id"))
	if err != nil {
		return db.Connection{}, errNotHere
	}
	return tx.Connection(ctx, id)
}
