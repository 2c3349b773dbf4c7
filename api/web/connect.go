package web

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/market"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/marketplace"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync/inbox/pginbox"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"golang.org/x/oauth2"
)

const (
	callbackPath = "/connections/callback"
	// connectAge is how long a person may take on the package's page.
	connectAge = 15 * time.Minute
)

// pending is a connection on its way through the package's own page. It lies in
// a cookie that only this browser has, so that nobody can end it elsewhere.
type pending struct {
	Connection uuid.UUID
	State      string
	Verifier   string
	// Again says that the connection was there before: it stays when this ends
	// without access.
	Again bool
}

func (v *visit) connect() error {
	if v.Host == nil || v.Connections == nil {
		return errNoConnectors
	}
	p, err := v.Host.Package(v.r.Context(), connect.Connection{Tenant: v.member.Tenant, Connector: v.r.PathValue("connector")})
	if err != nil {
		return err
	}
	form := answersOf(v.r, p.Manifest.Form)
	switch {
	case p.Manifest.Kind == manifest.Files:
		err = v.connectFiles(p.Manifest, form)
	case v.pasted(p.Manifest, form):
		err = v.connectPasted(p.Manifest, form)
	default:
		err = v.connectOAuth(p.Manifest, form)
	}
	f := faultOf(err)
	if err == nil || f.Kind == fault.Internal && f.Code == "internal" {
		return err
	}
	m, err := v.detailModel()
	if err != nil {
		return err
	}
	m.Connect = connectForm(p.Manifest, form)
	m.Connect.Error = f.Message
	return v.showDetail(http.StatusUnprocessableEntity, m)
}

// pasted reports whether the form holds a secret, or the package knows no other
// way.
func (v *visit) pasted(m *manifest.Manifest, form map[string]string) bool {
	secret := slices.ContainsFunc(m.Form, func(f manifest.Field) bool { return f.Secret && form[f.Name] != "" })
	return secret || !slices.ContainsFunc(m.Auth, func(a manifest.Auth) bool { return a.Type == manifest.OAuth2 })
}

func methodOf(m *manifest.Manifest, oauth bool) string {
	for _, a := range m.Auth {
		if (a.Type == manifest.OAuth2) == oauth {
			return a.Name
		}
	}
	return ""
}

func (v *visit) connectPasted(m *manifest.Manifest, form map[string]string) error {
	ctx := v.r.Context()
	id, err := v.Connections.Begin(ctx, v.member.Tenant, m.Name, methodOf(m, false), form)
	if err != nil {
		return err
	}
	if err := v.Connections.Use(ctx, v.member.Tenant, id, form); err != nil {
		return v.abandon(id, err)
	}
	if err := v.Market.Note(ctx, v.actor(), id, marketplace.Connected); err != nil {
		return err
	}
	if m.Kind == manifest.CreditReport {
		return v.done("/credit", component.Flash{Tone: component.Green, Text: m.Title + " is connected. Ask for a report on the credit page of a debtor."})
	}
	if m.Kind == manifest.Messaging {
		return v.done("/settings/channels", component.Flash{Tone: component.Green, Text: m.Title + " is connected. Choose what it carries."})
	}
	return v.done("/connections/"+id.String()+"/administrations", component.Flash{Tone: component.Green, Text: m.Title + " is connected."})
}

// abandon removes a connection that could not be made, and returns why.
func (v *visit) abandon(id uuid.UUID, why error) error {
	if err := v.Connections.Remove(v.r.Context(), v.member.Tenant, id); err != nil {
		v.log.WarnContext(v.r.Context(), "connection not removed", "connection", id, "error", err)
	}
	return why
}

func (v *visit) connectOAuth(m *manifest.Manifest, form map[string]string) error {
	ctx := v.r.Context()
	id, err := v.Connections.Begin(ctx, v.member.Tenant, m.Name, methodOf(m, true), form)
	if err != nil {
		return err
	}
	return v.signInAt(pending{Connection: id}, m.Title)
}

// signInAt leads to the page of the package where a person gives access.
func (v *visit) signInAt(p pending, title string) error {
	ctx := v.r.Context()
	p.State, p.Verifier = tenant.NewToken(), oauth2.GenerateVerifier()
	to, err := v.Connections.AuthorizeURL(ctx, v.member.Tenant, p.Connection, v.Public+callbackPath, p.State, p.Verifier)
	if err != nil {
		cause := fault.New(fault.Unavailable, "authorize_url", "%s cannot be signed in to from here yet: %s", title, "this installation is not registered there. Paste a token instead, or ask your operator.").Because(err)
		if p.Again {
			return v.refusedAccess(cause)
		}
		return v.abandon(p.Connection, cause)
	}
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	v.keep(v.w, oauthCookie, base64.RawURLEncoding.EncodeToString(b), callbackPath, connectAge)
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// authorized is where the package sends the person back to. It takes the code
// in only when its state is the one that the POST of this browser made (W1).
func (v *visit) authorized() error {
	var p pending
	b, err := base64.RawURLEncoding.DecodeString(cookie(v.r, oauthCookie))
	if err != nil || json.Unmarshal(b, &p) != nil || p.State == "" {
		return fault.New(fault.Denied, "connect_expired", "This sign-in took too long or was begun in another browser. Start again on the marketplace page.")
	}
	q := v.r.URL.Query()
	if subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(p.State)) != 1 {
		return fault.New(fault.Denied, "connect_state", "This answer does not belong to the sign-in that you began. Start again on the marketplace page.")
	}
	if v.member.Role != tenant.Owner {
		return errRole
	}
	v.drop(v.w, oauthCookie, callbackPath)
	if q.Get("error") != "" || q.Get("code") == "" {
		return v.abandonTo(p, "You did not give access, so nothing was connected.")
	}
	if err := v.Connections.Authorize(v.r.Context(), v.member.Tenant, p.Connection, v.Public+callbackPath, q, p.Verifier); err != nil {
		f := fault.Of(err)
		if f.Kind == fault.Internal {
			return err
		}
		return v.abandonTo(p, f.Message)
	}
	if p.Again {
		if err := v.Market.Note(v.r.Context(), v.actor(), p.Connection, marketplace.Reauthorised); err != nil {
			return err
		}
		if err := v.syncAll(v.r.Context(), p.Connection); err != nil {
			return err
		}
		return v.careDone(p.Connection, "The new access works.", nil)
	}
	if err := v.Market.Note(v.r.Context(), v.actor(), p.Connection, marketplace.Connected); err != nil {
		return err
	}
	return v.done("/connections/"+p.Connection.String()+"/administrations", component.Flash{Tone: component.Green, Text: "Connected."})
}

func (v *visit) abandonTo(p pending, said string) error {
	if p.Again {
		return v.done("/connections/"+p.Connection.String(), component.Flash{Tone: component.Amber, Text: said + " The connection is as it was."})
	}
	_ = v.abandon(p.Connection, nil)
	return v.done("/marketplace", component.Flash{Tone: component.Amber, Text: said})
}

// connectFiles keeps an uploaded file and takes the books in it into use.
func (v *visit) connectFiles(m *manifest.Manifest, form map[string]string) error {
	ctx := v.r.Context()
	name, content, err := v.file("file")
	if err != nil {
		return err
	}
	id, fresh, err := v.filesConnection(ctx, m, form)
	if err != nil {
		return err
	}
	boxes := pginbox.Boxes{Store: v.Store, Now: func(ctx context.Context, tx store.Tx) (time.Time, error) { return tx.Now(ctx, v.Real) }}
	if _, _, err := boxes.Of(v.member.Tenant, id).Put(ctx, name, bytes.NewReader(content)); err != nil {
		return err
	}
	if !fresh {
		if err := v.syncAll(ctx, id); err != nil {
			return err
		}
		return v.done("/connections/"+id.String()+"/sync", component.Flash{Tone: component.Green, Text: name + " was received."})
	}
	list, err := v.Connections.Administrations(ctx, v.member.Tenant, id)
	if err != nil {
		return err
	}
	for _, a := range list {
		if _, err := v.Connections.Choose(ctx, v.member.Tenant, id, a); err != nil {
			return err
		}
	}
	return v.done("/connections/"+id.String()+"/sync", component.Flash{Tone: component.Green, Text: name + " was received."})
}

// filesConnection is the one that the tenant has, or a new one.
func (v *visit) filesConnection(ctx context.Context, m *manifest.Manifest, form map[string]string) (id uuid.UUID, fresh bool, err error) {
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		rows, err := tx.Connections(ctx)
		for _, r := range rows {
			if r.Connector == m.Name && r.State == "connected" {
				id = r.ID
			}
		}
		return err
	}); err != nil || id != uuid.Nil {
		return id, false, err
	}
	if id, err = v.Connections.Begin(ctx, v.member.Tenant, m.Name, methodOf(m, false), form); err != nil {
		return id, true, err
	}
	if err := v.Connections.Use(ctx, v.member.Tenant, id, form); err != nil {
		return id, true, v.abandon(id, err)
	}
	return id, true, v.Market.Note(ctx, v.actor(), id, marketplace.Connected)
}

func (v *visit) administrations() error {
	m, _, err := v.chooseModel()
	if err != nil {
		return err
	}
	return v.show(market.Choose(m))
}

func (v *visit) chooseModel() (m market.ChooseModel, list []sdk.Administration, err error) {
	var row db.Connection
	var have []db.Administration
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if row, err = v.connection(ctx, tx); err != nil {
			return err
		}
		if m.Frame, err = v.frame(tx, component.Marketplace, "Choose books"); err != nil {
			return err
		}
		have, err = tx.AdministrationsOf(ctx, uuid.NullUUID{UUID: row.ID, Valid: true})
		return err
	}); err != nil {
		return m, nil, err
	}
	if v.Connections == nil {
		return m, nil, errNoConnectors
	}
	if list, err = v.Connections.Administrations(v.r.Context(), v.member.Tenant, row.ID); err != nil {
		return m, nil, err
	}
	m.ID, m.Connector = row.ID.String(), row.Title
	for _, a := range list {
		o := component.Option{Value: a.ID, Label: a.Name, Hint: joinNonEmpty(", ", string(a.Currency), countryTitles[a.Country]), Selected: len(list) == 1}
		if slices.ContainsFunc(have, func(h db.Administration) bool { return h.ExternalID == a.ID }) {
			o.Selected, o.Hint = true, joinNonEmpty(", ", o.Hint, "read already")
		}
		m.Administrations = append(m.Administrations, o)
	}
	m.FlowsB2B = []component.Option{{Value: "b2b-nl", Label: "B2B Netherlands", Selected: true}}
	m.FlowsB2C = []component.Option{{Value: "b2c-nl", Label: "B2C Netherlands", Selected: true}}
	return m, list, nil
}

func (v *visit) chooseAdministrations() error {
	m, list, err := v.chooseModel()
	if err != nil {
		return err
	}
	chosen := v.r.Form["administration"]
	if chosen == nil {
		_ = v.r.FormValue("administration")
		chosen = v.r.Form["administration"]
	}
	flows := db.SetFlowsParams{FlowBusiness: flowOf(v.r.FormValue("flow_b2b"), m.FlowsB2B), FlowConsumer: flowOf(v.r.FormValue("flow_b2c"), m.FlowsB2C)}
	connection := uuid.MustParse(m.ID)
	n := 0
	for _, a := range list {
		if !slices.Contains(chosen, a.ID) {
			continue
		}
		id, err := v.Connections.Choose(v.r.Context(), v.member.Tenant, connection, a)
		if err != nil {
			return err
		}
		flows.ID = id
		if err := v.write(func(ctx context.Context, tx store.Tx) error { return tx.SetFlows(ctx, flows) }); err != nil {
			return fmt.Errorf("set the flows: %w", err)
		}
		n++
	}
	if n == 0 {
		m.Error = "Choose at least one administration."
		return v.again(market.Choose(m))
	}
	return v.done("/connections/"+m.ID+"/sync", component.Flash{})
}

func flowOf(value string, allowed []component.Option) string {
	for _, o := range allowed {
		if o.Value == value {
			return value
		}
	}
	return allowed[0].Value
}
