package flow

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Voice is how a debtor is written to. An empty field follows the books.
type Voice struct {
	Language string // of the texts: nl, en, de or fr
	Form     string // outreach.Formal or outreach.Informal
}

// Profile is what was chosen for one debtor by hand. Empty fields were not
// chosen: the books, the rules of segments and the administration decide.
type Profile struct {
	Risk     policy.Risk
	Segments []string
	Flow     string
	Voice
}

// ProfileOf returns what was chosen for a debtor. A fault of kind NotFound says
// that there is no such debtor.
func ProfileOf(ctx context.Context, tx store.Tx, debtor uuid.UUID) (Profile, error) {
	row, err := tx.DebtorProfile(ctx, debtor)
	if err != nil {
		return Profile{}, fmt.Errorf("load what was chosen for debtor %s: %w", debtor, err)
	}
	return Profile{Risk: policy.Risk(row.Risk), Segments: row.Segments, Flow: row.Flow, Voice: Voice{row.Language, row.Form}}, nil
}

// check refuses what is not there to choose.
func (p Profile) check(ctx context.Context, tx store.Tx) error {
	if p.Risk != "" && !slices.Contains(policy.Risks(), p.Risk) {
		return fault.New(fault.Invalid, "risk", "A risk is low, medium or high.")
	}
	if p.Language != "" && !slices.Contains(outreach.Languages(), outreach.Language(p.Language)) {
		return fault.New(fault.Invalid, "language", "There are no texts in the language %q.", p.Language)
	}
	if p.Form != "" && p.Form != string(outreach.Formal) && p.Form != string(outreach.Informal) {
		return fault.New(fault.Invalid, "form", "A debtor is addressed formally or informally.")
	}
	rows, err := tx.Segments(ctx)
	if err != nil {
		return fmt.Errorf("list segments: %w", err)
	}
	for _, name := range p.Segments {
		if !slices.ContainsFunc(rows, func(r db.SegmentsRow) bool { return r.Name == name }) {
			return fault.New(fault.Invalid, "segment_not_found", "There is no segment %s.", name)
		}
	}
	return nil
}

// SetProfile changes what is chosen for a debtor, as far as it differs, and
// returns what was chosen before, which taken as a wish undoes it. What is open
// is planned again. A fault of kind Invalid says what cannot be chosen.
func SetProfile(ctx context.Context, tx store.Tx, debtor uuid.UUID, want Profile, act Act) (before Profile, err error) {
	if before, err = ProfileOf(ctx, tx, debtor); err != nil {
		return before, err
	}
	if err := want.check(ctx, tx); err != nil {
		return before, err
	}
	if want.Risk != before.Risk {
		if err := SetRisk(ctx, tx, debtor, want.Risk, act); err != nil {
			return before, err
		}
	}
	for _, name := range want.Segments {
		if !slices.Contains(before.Segments, name) {
			if err := Tag(ctx, tx, debtor, name, true, act); err != nil {
				return before, err
			}
		}
	}
	for _, name := range before.Segments {
		if !slices.Contains(want.Segments, name) {
			if err := Tag(ctx, tx, debtor, name, false, act); err != nil {
				return before, err
			}
		}
	}
	if want.Flow != before.Flow {
		if err := Choose(ctx, tx, OfDebtor, debtor.String(), want.Flow, act); err != nil {
			return before, err
		}
	}
	if want.Voice != before.Voice {
		err = setVoice(ctx, tx, debtor, want.Voice, act)
	}
	return before, err
}

func setVoice(ctx context.Context, tx store.Tx, debtor uuid.UUID, v Voice, act Act) error {
	var err error
	if v == (Voice{}) {
		_, err = tx.DropVoice(ctx, debtor)
	} else {
		err = tx.PutVoice(ctx, db.PutVoiceParams{TenantID: tx.Tenant, DebtorID: debtor, Language: v.Language, Form: v.Form, SetBy: act.By, SetAt: act.At})
	}
	if err != nil {
		return fmt.Errorf("note how debtor %s is written to: %w", debtor, err)
	}
	return audit(ctx, tx, act, "debtor.voice", "debtor/"+debtor.String())
}
