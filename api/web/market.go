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
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/marketplace"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/manifest"
)

func (s *site) marketRoutes() {
	s.look("GET /marketplace", (*visit).shelf)
	s.look("GET /marketplace/{connector}", (*visit).connector)
	s.look("GET /marketplace/{connector}/icon", (*visit).icon)
	s.own("POST /marketplace/{connector}/version", (*visit).chooseVersion)
	s.own("POST /marketplace/{connector}/release", (*visit).releaseVersion)
	s.look("GET /partner", (*visit).partner)
	s.own("POST /marketplace/{connector}/connect", (*visit).connect)
	s.act("POST /marketplace/{connector}/want", (*visit).want)
	s.look("GET /connections/callback", (*visit).authorized)
	s.look("GET /connections/{id}", (*visit).connectionPage)
	s.own("POST /connections/{id}/pause", (*visit).pauseConnection)
	s.own("POST /connections/{id}/resume", (*visit).resumeConnection)
	s.own("POST /connections/{id}/authorize", (*visit).reauthorise)
	s.own("POST /connections/{id}/remove", (*visit).removeConnection)
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

func tileOf(i *marketplace.Item) market.Tile {
	m := i.Manifest()
	t := market.Tile{
		ID: m.Name, Name: m.Title, Line: m.Summary, Kind: kindTitles[m.Kind], Country: strings.Join(m.Countries, ", "),
		State: market.Connectable, Level: market.Level(i.Badge.Level), Score: scoreText(i.Badge),
	}
	if i.HasIcon {
		t.Icon = "/marketplace/" + m.Name + "/icon"
	}
	if t.Country == "" {
		t.Country = "Anywhere"
	}
	if m.Kind == manifest.Files {
		t.State = market.ByFile
	}
	return t
}

func scoreText(b marketplace.Badge) string {
	if b.Score == nil {
		return ""
	}
	return fmt.Sprintf("%d%%", b.Score.Percent)
}

var capabilityTitles = []component.Option{
	{Value: string(manifest.Documents), Label: "Sends PDFs along"}, {Value: string(manifest.Payments), Label: "Books payments"}, {Value: string(manifest.Notes), Label: "Keeps notes"},
	{Value: string(manifest.SendSMS), Label: "Sends text messages"}, {Value: string(manifest.SendVoice), Label: "Calls"}, {Value: string(manifest.SendLetter), Label: "Sends letters"},
	{Value: string(manifest.SendDocument), Label: "Delivers electronic documents"}, {Value: string(manifest.CreditReports), Label: "Reports on companies"},
	{Value: string(manifest.Webhooks), Label: "Tells of changes"}, {Value: string(manifest.Subscriptions), Label: "Tells of changes by itself"},
}

var levelTitles = []component.Option{
	{Value: string(registry.Verified), Label: "Verified or certified"}, {Value: string(registry.Certified), Label: "Certified"},
}

func (v *visit) shelf() error {
	q := v.r.URL.Query()
	m := market.ShelfModel{Query: strings.TrimSpace(q.Get("q")), Kind: q.Get("kind"), Country: q.Get("country"), Capability: q.Get("capability"), Level: q.Get("level"), After: q.Get("after")}
	found, err := v.Market.Find(v.r.Context(), marketplace.Query{
		Text: m.Query, Kind: manifest.Kind(m.Kind), Country: m.Country, Capability: manifest.Capability(m.Capability), Level: registry.Level(m.Level), After: m.After,
	})
	if err != nil {
		return err
	}
	m.Total, m.Found, m.Next = found.All, found.Total, found.Next
	for _, i := range found.Items {
		m.Tiles = append(m.Tiles, tileOf(i))
	}
	if m.Next == "" {
		if err := v.wantedToo(&m); err != nil {
			return err
		}
	}
	for _, kind := range found.Kinds {
		m.Kinds = append(m.Kinds, component.Option{Value: string(kind), Label: cmp.Or(kindTitles[kind], string(kind))})
	}
	for _, code := range found.Countries {
		m.Countries = append(m.Countries, component.Option{Value: code, Label: cmp.Or(countryTitles[code], code), Selected: m.Country == code})
	}
	m.Capabilities, m.Levels = chosen(capabilityTitles, m.Capability), chosen(levelTitles, m.Level)
	byLabel := func(a, b component.Option) int { return strings.Compare(a.Label, b.Label) }
	slices.SortFunc(m.Kinds, byLabel)
	slices.SortFunc(m.Countries, byLabel)
	mine, err := v.Market.PublisherOf(v.r.Context(), v.member.Tenant)
	if err != nil {
		return err
	}
	m.Partner = mine != ""
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

func chosen(options []component.Option, value string) []component.Option {
	out := slices.Clone(options)
	for i := range out {
		out[i].Selected = out[i].Value == value
	}
	return out
}

// wantedToo puts what nobody has built yet behind what there is.
func (v *visit) wantedToo(m *market.ShelfModel) error {
	wishes, err := v.wishes()
	if err != nil {
		return err
	}
	for _, t := range wanted {
		t.State, t.Kind, t.Votes = market.Wanted, kindTitles[manifest.Accounting], wishes[t.ID]
		if _, err := v.Market.Item(v.r.Context(), strings.ReplaceAll(t.ID, "-", "")); err == nil || m.Capability != "" || m.Level != "" || !fits(t, *m) {
			continue
		}
		if _, err := v.Market.Item(v.r.Context(), t.ID); err == nil {
			continue
		}
		m.Tiles, m.Found, m.Total = append(m.Tiles, t), m.Found+1, m.Total+1
	}
	return nil
}

func fits(t market.Tile, m market.ShelfModel) bool {
	text := strings.ToLower(t.Name + " " + t.Line)
	return strings.Contains(text, strings.ToLower(m.Query)) &&
		(m.Kind == "" || t.Kind == kindTitles[manifest.Kind(m.Kind)]) &&
		(m.Country == "" || strings.Contains(t.Country, m.Country))
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
		case r.State == "paused":
			c.State, c.Tone, c.Href = "Paused", component.Amber, "/connections/"+r.ID.String()
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
	m.Owner = v.owner()
	item, err := v.Market.Item(v.r.Context(), name)
	if fault.Is(err, fault.NotFound) {
		return v.wantedModel(name)
	}
	if err != nil {
		return m, err
	}
	versions, err := v.Market.Versions(v.r.Context(), item)
	if err != nil {
		return m, err
	}
	m.Tile = tileOf(item)
	describe(&m, item)
	for _, l := range v.Contained {
		m.Contained = append(m.Contained, market.LevelReason{OK: l.InForce, Text: l.Text})
	}
	if !m.Owner {
		m.Connect.Why = "Only an owner of your organisation may connect a package."
	}
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Marketplace, m.Tile.Name); err != nil {
			return err
		}
		mine, err := v.Market.Of(ctx, tx, item, versions)
		if err != nil {
			return err
		}
		m.Using = usingOf(m.Frame, item, mine, m.Owner, "/marketplace/"+name)
		listVersions(&m, item, versions, mine)
		m.Mine, err = connectionsOf(ctx, tx, m.Frame, name)
		return err
	})
	return m, err
}

// wantedModel is the page of a connector that nobody has built yet.
func (v *visit) wantedModel(name string) (m market.DetailModel, err error) {
	i := slices.IndexFunc(wanted, func(t market.Tile) bool { return t.ID == name })
	if i < 0 {
		return m, errNotHere
	}
	wishes, err := v.wishes()
	if err != nil {
		return m, err
	}
	m.Tile = wanted[i]
	m.Tile.State, m.Tile.Kind, m.Tile.Votes = market.Wanted, kindTitles[manifest.Accounting], wishes[name]
	return m, v.read(func(_ context.Context, tx store.Tx) error {
		m.Frame, err = v.frame(tx, component.Marketplace, m.Tile.Name)
		return err
	})
}

var dataWords = map[manifest.Data]string{
	manifest.DataAdministrations: "Administrations", manifest.DataParties: "Debtors: name, address, e-mail", manifest.DataInvoices: "Sales invoices and credit notes",
	manifest.DataPayments: "Payments", manifest.DataDocuments: "PDFs of invoices",
	manifest.DataCreditReports: "Credit reports on companies, one at a time, when a person asks; the number, VAT number or name of the company is told to the agency",
}

var writeWords = map[manifest.Data]string{
	manifest.DataPayments: "A payment that came in through Voldaan, on its invoice",
	manifest.DataNotes:    "A note of what was sent and answered, on the company",
}

func describe(m *market.DetailModel, item *marketplace.Item) {
	mf := item.Manifest()
	m.About, m.Publisher, m.Version, m.Docs, m.Hosts, m.Downloads, m.Unsure = plain(mf.Description), item.Publisher, mf.Version, webLink(mf.Website), mf.Hosts, mf.Downloads, mf.Unsure
	for _, d := range mf.Reads {
		m.Reads = append(m.Reads, cmp.Or(dataWords[d], string(d)))
	}
	for _, d := range mf.Writes {
		m.Writes = append(m.Writes, cmp.Or(writeWords[d], string(d)))
	}
	m.LevelWhy = levelWhy(item.Badge)
	m.Connect = connectForm(mf, nil)
}

// levelWhy are the facts that a level follows from.
func levelWhy(b marketplace.Badge) []market.LevelReason {
	clean := b.Score != nil && !b.Score.Short && b.Score.Passed > 0 && b.Score.Failed == 0
	kit := "A full run of the conformance kit in which nothing failed"
	switch {
	case b.Score != nil && b.Score.Short:
		kit += "; the report is of a short run"
	case b.Score != nil && !clean:
		kit += fmt.Sprintf("; %d of %d checks failed", b.Score.Failed, b.Score.Passed+b.Score.Failed+b.Score.Skipped)
	case b.Score == nil:
		kit += "; there is no report"
	}
	return []market.LevelReason{
		{OK: true, Text: "It is signed by a registered publisher, and its hash is checked at every start"},
		{OK: true, Text: "It has no password of yours and reaches no other server than those listed"},
		{OK: b.Known, Text: "Somebody made sure who the publisher is"},
		{OK: clean, Text: kit},
		{OK: clean && b.Score.Ours && b.Score.Skipped == 0, Text: "Our own run of it, in which nothing was left out either"},
	}
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
		value, given := typed[f.Name]
		if !given {
			value = f.Default
		}
		in := fieldOf(f, value)
		in.Text.Required = f.Required && !(c.OAuth && f.Auth != "")
		if c.OAuth && f.Secret {
			in.Text.Label, in.Text.Hint = f.Title+" (optional)", "Only when you would rather not sign in at "+mf.Title+". "+f.Help
		}
		c.Fields = append(c.Fields, in)
	}
	if mf.Kind == manifest.Files {
		c.Label = "Upload and read"
		c.Upload = &market.FileForm{Accept: ".xml,.csv,.xlsx,.txt", Hint: "UBL invoices, or open items as CSV or Excel. You can add more files later."}
	}
	return c
}

// fieldOf is a question of a form with its answer; a secret one is not shown.
func fieldOf(f manifest.Field, value string) market.Field {
	in := market.Field{Text: component.TextInput{ID: "field-" + f.Name, Name: f.Name, Label: f.Title, Hint: f.Help, Value: value, Required: f.Required}}
	switch f.Type {
	case manifest.Choice:
		known := false
		for _, c := range f.Choices {
			in.Options = append(in.Options, component.Option{Value: c.Value, Label: c.Title, Selected: c.Value == value})
			known = known || c.Value == value
		}
		if !known { // nothing is chosen for anyone
			in.Options = slices.Insert(in.Options, 0, component.Option{Label: "Choose one", Selected: true})
		}
	case manifest.Boolean:
		in.Tick = true
	case manifest.Number:
		in.Text.InputMode = "decimal"
	case manifest.URL:
		in.Text.Type = "url"
	case manifest.File:
		in.Text.Rows = 4
	}
	if f.Secret {
		in.Secret, in.Text.Value, in.Text.Autocomplete = true, "", "off"
		if f.Type != manifest.File {
			in.Text.Type = "password"
		}
	}
	return in
}

// answersOf reads the answers to a form. A box that is not ticked is not sent, and
// is an answer too.
func answersOf(r *http.Request, form []manifest.Field) map[string]string {
	out := map[string]string{}
	for _, f := range form {
		out[f.Name] = cutText(r.FormValue(f.Name), 8000)
		if f.Type == manifest.Boolean {
			out[f.Name] = cmp.Or(out[f.Name], "false")
		}
	}
	return out
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
