package tenant

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Person is a member as owners see them.
type Person struct {
	Member
	Since time.Time
	// Left is when their access ended, zero while it has not.
	Left time.Time
}

// People lists the members of a tenant, those who left last.
func (d Directory) People(ctx context.Context, tx store.Tx) (out []Person, err error) {
	rows, err := tx.Members(ctx)
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	for _, r := range rows {
		p := Person{Member: Member{ID: r.ID, Tenant: tx.Tenant, Name: r.Name, Email: r.Email, Role: Role(r.Role)}, Since: r.CreatedAt}
		if r.DisabledAt != nil {
			p.Left = *r.DisabledAt
		}
		out = append(out, p)
	}
	return out, nil
}

// known reports whether r is one of the roles.
func (r Role) known() bool { return r == Owner || r == Collector || r == Viewer }

var errPassword = fault.New(fault.SignIn, "password_wrong", "This is not your password.")

// Invite lets somebody new sign in with a first password. An address that signs
// in somewhere already is refused with a fault of kind Conflict.
func (d Directory) Invite(ctx context.Context, tenant uuid.UUID, email, name string, role Role, password, by string) error {
	email, name = strings.ToLower(strings.TrimSpace(email)), strings.TrimSpace(name)
	switch parsed, err := mail.ParseAddress(email); {
	case err != nil || parsed.Address != email:
		return fault.New(fault.Invalid, "member_email", "%q is no e-mail address; write it as anna@example.nl.", email)
	case name == "" || len(name) > 80:
		return fault.New(fault.Invalid, "member_name", "Give a name of at most 80 characters.")
	case !role.known():
		return fault.New(fault.Invalid, "member_role", "Choose a role: owner, collector or viewer.")
	}
	hash, err := hashPassword(password)
	if err != nil {
		return err
	}
	id := uuid.New()
	return d.Store.In(ctx, tenant, func(tx store.Tx) error {
		n, err := tx.NewMember(ctx, db.NewMemberParams{ID: id, TenantID: tenant, Email: email, Name: name, Role: string(role), PasswordHash: hash})
		if err != nil {
			return fmt.Errorf("add a member: %w", err)
		}
		if n == 0 {
			return fault.New(fault.Conflict, "member_known", "Somebody signs in with this address already. Use another one.")
		}
		return note(ctx, tx, by, "add_member", "member/"+id.String())
	})
}

// SetMember gives a member a role, or ends their access when it is empty; what
// they have open ends with it. An organisation keeps at least one owner.
func (d Directory) SetMember(ctx context.Context, tenant, member uuid.UUID, role Role, by string) error {
	if role != "" && !role.known() {
		return fault.New(fault.Invalid, "member_role", "Choose a role: owner, collector or viewer.")
	}
	return d.Store.In(ctx, tenant, func(tx store.Tx) error {
		rows, err := tx.LockMembers(ctx)
		if err != nil {
			return fmt.Errorf("list members: %w", err)
		}
		var row *db.LockMembersRow
		owners := 0
		for i, r := range rows {
			if r.ID == member {
				row = &rows[i]
			} else if r.DisabledAt == nil && Role(r.Role) == Owner {
				owners++
			}
		}
		switch {
		case row == nil:
			return fault.New(fault.NotFound, "member_not_found", "This person is not in your organisation.")
		case role != Owner && owners == 0:
			return fault.New(fault.Conflict, "last_owner", "This is the only owner. Make somebody else an owner first.")
		}
		p, action := db.SetMemberParams{ID: member, Role: row.Role}, "end_access"
		if role == "" {
			now := time.Now()
			p.DisabledAt = &now
		} else {
			p.Role, action = string(role), "set_role "+string(role)
		}
		if err := tx.SetMember(ctx, p); err != nil {
			return fmt.Errorf("change a member: %w", err)
		}
		if role == "" {
			if err := tx.EndSessionsOf(ctx, member); err != nil {
				return fmt.Errorf("end the sessions of a member: %w", err)
			}
		}
		return note(ctx, tx, by, action, "member/"+member.String())
	})
}

// Confirm checks the password of somebody who is signed in, before a change that
// a stolen session must not make.
func (d Directory) Confirm(ctx context.Context, m Member, password string) error {
	var hash string
	if err := d.Store.In(ctx, m.Tenant, func(tx store.Tx) error {
		row, err := tx.Member(ctx, m.ID)
		hash = row.PasswordHash
		return err
	}); err != nil {
		return fmt.Errorf("load the member: %w", err)
	}
	if !checkPassword(hash, password) {
		return errPassword
	}
	return nil
}

// note writes down who changed a setting. Settings are changed by people, so the
// machine's clock is theirs.
func note(ctx context.Context, tx store.Tx, by, action, subject string) error {
	if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: time.Now(), Actor: by, Action: action, Subject: subject, Detail: []byte("{}")}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
