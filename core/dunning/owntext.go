package dunning

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// TextOf names the words of a message.
type TextOf struct {
	Administration uuid.NullUUID // none for the whole organisation
	Language       outreach.Language
	Step           outreach.Step
	Form           outreach.Form
}

// OwnText returns the words that a message is written with at this moment, nil
// for those that Voldaan ships. They are looked up when a message is composed at
// its gate, so that a change counts from the next one on (R118).
func OwnText(ctx context.Context, tx store.Tx, of TextOf) (*outreach.Own, error) {
	rows, err := tx.OwnText(ctx, db.OwnTextParams{
		Language: string(of.Language), Step: string(of.Step), Form: string(cmp.Or(of.Form, outreach.Formal)), Administration: of.Administration.UUID,
	})
	if err != nil {
		return nil, fmt.Errorf("load the words of %s: %w", of.Step, err)
	}
	for _, r := range rows {
		if r.Body != "" {
			return &outreach.Own{Version: int(r.Version), Subject: r.Subject, Body: r.Body}, nil
		}
	}
	return nil, nil
}

// Reword keeps other words for a message, and returns their version. It refuses
// what would lose a protected block (R95).
func (p Planner) Reword(ctx context.Context, tx store.Tx, of TextOf, o outreach.Own, by string) (int, error) {
	if err := o.Check(of.Language, of.Step); err != nil {
		return 0, err
	}
	return p.reword(ctx, tx, of, o, by, "text.changed")
}

// Unword goes back to the words of the organisation, or to those that are
// shipped.
func (p Planner) Unword(ctx context.Context, tx store.Tx, of TextOf, by string) error {
	_, err := p.reword(ctx, tx, of, outreach.Own{}, by, "text.reset")
	return err
}

func (p Planner) reword(ctx context.Context, tx store.Tx, of TextOf, o outreach.Own, by, action string) (int, error) {
	if of.Administration.Valid {
		if _, err := tx.Administration(ctx, of.Administration.UUID); err != nil {
			return 0, fmt.Errorf("find the administration: %w", err)
		}
	}
	form := string(cmp.Or(of.Form, outreach.Formal))
	old, err := tx.OwnTextVersions(ctx, db.OwnTextVersionsParams{Language: string(of.Language), Step: string(of.Step), Form: form, Administration: of.Administration})
	if err != nil {
		return 0, fmt.Errorf("load earlier words: %w", err)
	}
	if o.Body == "" && (len(old) == 0 || old[0].Body == "") {
		return 0, nil
	}
	version := int32(1)
	if len(old) > 0 {
		version = old[0].Version + 1
	}
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return 0, err
	}
	if err := tx.AddOwnText(ctx, db.AddOwnTextParams{
		TenantID: tx.Tenant, AdministrationID: of.Administration, Language: string(of.Language), Step: string(of.Step), Form: form, Version: version,
		Subject: o.Subject, Body: o.Body, MadeBy: by, MadeAt: now,
	}); err != nil {
		return 0, fmt.Errorf("keep the words: %w", err)
	}
	return int(version), audit(ctx, tx, now, by, action, "text/"+string(of.Language)+"/"+string(of.Step))
}

// TextVersion is one wording of a message, as it was kept.
type TextVersion struct {
	outreach.Own // without a body for a return to the words above it
	By           string
	At           time.Time
}

// TextHistory returns the versions of a message's words, newest first.
func TextHistory(ctx context.Context, tx store.Tx, of TextOf) ([]TextVersion, error) {
	rows, err := tx.OwnTextVersions(ctx, db.OwnTextVersionsParams{Language: string(of.Language), Step: string(of.Step), Form: string(cmp.Or(of.Form, outreach.Formal)), Administration: of.Administration})
	if err != nil {
		return nil, fmt.Errorf("load earlier words: %w", err)
	}
	out := make([]TextVersion, len(rows))
	for i, r := range rows {
		out[i] = TextVersion{outreach.Own{Version: int(r.Version), Subject: r.Subject, Body: r.Body}, r.MadeBy, r.MadeAt}
	}
	return out, nil
}

// Restore brings an earlier version of a message's words back, as a new version.
func (p Planner) Restore(ctx context.Context, tx store.Tx, of TextOf, version int, by string) (int, error) {
	history, err := TextHistory(ctx, tx, of)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(history, func(v TextVersion) bool { return v.Version == version })
	switch {
	case i < 0:
		return 0, fault.New(fault.NotFound, "no_text_version", "There is no version %d of these words.", version)
	case history[i].Body == "":
		return p.reword(ctx, tx, of, outreach.Own{}, by, "text.reset")
	}
	return p.Reword(ctx, tx, of, history[i].Own, by)
}

// reworded puts the creditor's own words in place: those of the message, and those
// for what others may see.
func (f *fence) reworded(ctx context.Context, o *outgoing, c *outreach.Content) error {
	of := TextOf{uuid.NullUUID{UUID: f.led.adm.ID, Valid: true}, c.Language, c.Step, c.Form}
	if c.Own == nil {
		own, err := OwnText(ctx, f.tx, of)
		if err != nil {
			return err
		}
		c.Own = own
	}
	for ch, s := range map[policy.Channel]outreach.Step{policy.SMS: outreach.TextMessage, policy.Voice: outreach.Call} {
		if _, given := c.Said[s]; given || !o.by(ch) {
			continue
		}
		of.Step = s
		own, err := OwnText(ctx, f.tx, of)
		if err != nil {
			return err
		}
		if own != nil {
			if c.Said == nil {
				c.Said = map[outreach.Step]outreach.Own{}
			}
			c.Said[s] = *own
		}
	}
	return nil
}
