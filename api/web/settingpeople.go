package web

import (
	"context"
	"net/http"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

// roles are the roles in the order of what they may do.
func roles(now tenant.Role) []component.Option {
	return []component.Option{
		{Value: string(tenant.Owner), Label: "Owner", Hint: "Everything, settings too", Selected: now == tenant.Owner},
		{Value: string(tenant.Collector), Label: "Collector", Hint: "Everything but settings: pauses, sends, answers, decides", Selected: now == tenant.Collector},
		{Value: string(tenant.Viewer), Label: "Viewer", Hint: "Looks only", Selected: now == tenant.Viewer},
	}
}

func roleTitle(r tenant.Role) string {
	for _, o := range roles(r) {
		if o.Selected {
			return o.Label
		}
	}
	return string(r)
}

func (v *visit) peoplePage() error {
	m, err := v.peopleModel()
	if err != nil {
		return err
	}
	return v.show(settings.People(m))
}

func (v *visit) peopleModel() (m settings.PeopleModel, err error) {
	m = settings.PeopleModel{
		Look: !v.owner(), Roles: roles(tenant.Collector),
		Name:  component.TextInput{ID: "name", Name: "name", Label: "Name", Required: true, Autocomplete: "off"},
		Email: component.TextInput{ID: "email", Name: "email", Label: "E-mail", Type: "email", Required: true, Autocomplete: "off"},
		First: component.TextInput{ID: "password", Name: "password", Label: "First password", Type: "password", Required: true, Autocomplete: "new-password", Hint: "At least 10 characters. Give it to them in person or by phone."},
	}
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Settings, "People"); err != nil {
			return err
		}
		people, err := v.Directory.People(ctx, tx)
		for _, p := range people {
			m.People = append(m.People, settings.Person{
				ID: p.ID.String(), Name: p.Name, Email: p.Email, Role: roleTitle(p.Role), You: p.ID == v.member.ID, Since: p.Since, Left: p.Left, Roles: roles(p.Role),
			})
		}
		return err
	})
	return m, err
}

// invite lets somebody new sign in.
func (v *visit) invite() error {
	name, email, role := cutText(v.r.FormValue("name"), 200), cutText(v.r.FormValue("email"), 200), tenant.Role(v.r.FormValue("role"))
	err := v.Directory.Invite(v.r.Context(), v.member.Tenant, email, name, role, v.r.FormValue("password"), v.member.Name)
	if f := fault.Of(err); err != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		m, err := v.peopleModel()
		if err != nil {
			return err
		}
		m.Name.Value, m.Email.Value, m.Roles = name, email, roles(role)
		switch f.Code {
		case "member_email", "member_known":
			m.Email.Error = f.Message
		case "member_name":
			m.Name.Error = f.Message
		case "password_short":
			m.First.Error = f.Message
		}
		m.Error = f.Message
		return v.again(settings.People(m))
	}
	if err != nil {
		return err
	}
	return v.done("/settings/people", component.Flash{Tone: component.Green, Text: name + " can sign in now."})
}

func (v *visit) setMember() error {
	id, err := v.id("member")
	if err != nil {
		return err
	}
	if id == v.member.ID {
		return fault.New(fault.Denied, "own_role", "Another owner changes your role.")
	}
	role, said := tenant.Role(v.r.FormValue("role")), "Saved."
	if v.r.FormValue("end") != "" {
		role, said = "", "Their access has ended, also where they were signed in."
	}
	f := component.Flash{Tone: component.Green, Text: said}
	if err := v.Directory.SetMember(v.r.Context(), v.member.Tenant, id, role, v.member.Name); err != nil {
		wrong := fault.Of(err)
		if wrong.Kind != fault.Invalid && wrong.Kind != fault.Conflict {
			return err
		}
		f = component.Flash{Tone: component.Amber, Text: wrong.Message}
	}
	return v.done("/settings/people", f)
}

func (v *visit) keysPage() error {
	m, err := v.keysModel()
	if err != nil {
		return err
	}
	return v.show(settings.Keys(m))
}

// keyScopes are what a program may be allowed.
func keyScopes(write bool) []component.Option {
	return []component.Option{
		{Value: "read", Label: "Read", Hint: "Look at everything, change nothing", Selected: !write},
		{Value: "write", Label: "Read and write", Hint: "Also pause, resume, send and upload", Selected: write},
	}
}

func (v *visit) keysModel() (m settings.KeysModel, err error) {
	m = settings.KeysModel{Look: !v.owner(), Scopes: keyScopes(false), Name: component.TextInput{ID: "name", Name: "name", Label: "Name of the program", Required: true, Autocomplete: "off", Placeholder: "our ERP"}}
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Settings, "API keys"); err != nil {
			return err
		}
		rows, err := tx.ApiKeys(ctx)
		for _, r := range rows {
			k := settings.Key{ID: r.ID.String(), Name: r.Name, Prefix: r.Prefix, Scope: "Reads", By: actorName(r.CreatedBy), At: r.CreatedAt}
			for _, s := range r.Scopes {
				if s == string(tenant.Write) {
					k.Scope = "Reads and writes"
				}
			}
			if r.LastUsedAt != nil {
				k.Used = *r.LastUsedAt
			}
			if r.RevokedAt != nil {
				k.Revoked = *r.RevokedAt
			}
			m.Keys = append(m.Keys, k)
		}
		return err
	})
	return m, err
}

// makeKey answers with the page itself: the secret is in no other place.
func (v *visit) makeKey() error {
	name, write := cutText(v.r.FormValue("name"), 200), v.r.FormValue("scope") == "write"
	scopes := []tenant.Scope{tenant.Read}
	if write {
		scopes = append(scopes, tenant.Write)
	}
	made, secret, err := v.Directory.NewKey(v.r.Context(), v.member.Tenant, name, scopes, v.member.Name)
	if err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	m, merr := v.keysModel()
	if merr != nil {
		return merr
	}
	if err != nil {
		m.Name.Value, m.Name.Error, m.Scopes = name, fault.Of(err).Message, keyScopes(write)
		return v.again(settings.Keys(m))
	}
	m.Secret, m.Made = secret, made.Name
	return v.site.show(v.w, v.r, http.StatusOK, settings.Keys(m))
}

func (v *visit) revokeKey() error {
	id, err := v.id("key")
	if err != nil {
		return err
	}
	f := component.Flash{Tone: component.Green, Text: "Revoked. The program is refused from now on."}
	if err := v.Directory.RevokeKey(v.r.Context(), v.member.Tenant, id, v.member.Name); err != nil {
		wrong := fault.Of(err)
		if wrong.Kind != fault.NotFound {
			return err
		}
		f = component.Flash{Tone: component.Amber, Text: wrong.Message}
	}
	return v.done("/settings/keys", f)
}
