package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// KindReplan is the outbox kind of debtors whose open invoices are planned again,
// because their flow changed or another one was chosen.
const KindReplan = "debtors.replan"

// Act is who changes something, when in the tenant's time.
type Act struct {
	By string
	At time.Time
}

// Current returns the flow with an id as it is followed now; a flow without
// steps when there is none of that name.
func Current(ctx context.Context, tx store.Tx, id string) (policy.Flow, error) {
	if f, ok := policy.Flows()[id]; ok {
		return f, nil
	}
	row, err := tx.FlowRow(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && row.Version == 0 {
		return policy.Flow{ID: id, Title: id}, nil
	}
	if err != nil {
		return policy.Flow{}, fmt.Errorf("load flow %s: %w", id, err)
	}
	return Version(ctx, tx, id, row.Version)
}

// Version returns a published version of a tenant's flow.
func Version(ctx context.Context, tx store.Tx, id string, version int32) (policy.Flow, error) {
	v, err := tx.FlowVersion(ctx, db.FlowVersionParams{Flow: id, Version: version})
	if errors.Is(err, pgx.ErrNoRows) {
		return policy.Flow{}, fault.New(fault.NotFound, "flow_version_not_found", "Flow %s has no version %d.", id, version)
	}
	if err != nil {
		return policy.Flow{}, fmt.Errorf("load version %d of flow %s: %w", version, id, err)
	}
	return read(v.Body, id, v.Version)
}

// Draft returns what is being worked on: the draft, else the published flow.
func Draft(ctx context.Context, tx store.Tx, id string) (f policy.Flow, isDraft bool, err error) {
	row, err := tx.FlowRow(ctx, id)
	if err != nil {
		return f, false, notFound(id, err)
	}
	if row.Draft != nil {
		f, err = read(row.Draft, id, row.Version)
		return f, true, err
	}
	f, err = Version(ctx, tx, id, row.Version)
	return f, false, err
}

func notFound(id string, err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.NotFound, "flow_not_found", "There is no flow %s of yours; copy a shipped one to have it.", id)
	}
	return fmt.Errorf("load flow %s: %w", id, err)
}

// Copy begins a flow of the tenant's own as a draft of another one.
func Copy(ctx context.Context, tx store.Tx, from policy.Flow, id, title string, act Act) error {
	from.ID, from.Version, from.Title = strings.TrimSpace(id), 0, strings.TrimSpace(title)
	if from.Title == "" {
		from.Title = "Our " + from.ID
	}
	return Import(ctx, tx, from, act)
}

// Import begins a flow as a draft, or puts a draft on a flow that is there.
func Import(ctx context.Context, tx store.Tx, f policy.Flow, act Act) error {
	if _, shipped := policy.Flows()[f.ID]; shipped {
		return fault.New(fault.Conflict, "flow_shipped", "%s ships with Voldaan and is never changed; give yours another name.", f.ID)
	}
	for _, p := range policy.Check(f) {
		if p.Step == "" && p.Field == "id" {
			return policy.Refusal([]policy.Problem{p})
		}
	}
	n, err := tx.AddFlow(ctx, db.AddFlowParams{TenantID: tx.Tenant, ID: f.ID, Draft: f.JSON(), DraftBy: act.By, DraftAt: &act.At})
	if err != nil {
		return fmt.Errorf("add flow %s: %w", f.ID, err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "flow_exists", "You have a flow named %s already; open that one, or choose another name.", f.ID)
	}
	return audit(ctx, tx, act, "flow.created", "flow/"+f.ID)
}

// Save keeps a draft. It may be unsound; publishing it is refused then.
func Save(ctx context.Context, tx store.Tx, f policy.Flow, act Act) error {
	n, err := tx.SetFlowDraft(ctx, db.SetFlowDraftParams{ID: f.ID, Draft: f.JSON(), DraftBy: act.By, DraftAt: &act.At})
	if err != nil {
		return fmt.Errorf("save the draft of flow %s: %w", f.ID, err)
	}
	if n == 0 {
		return notFound(f.ID, pgx.ErrNoRows)
	}
	return audit(ctx, tx, act, "flow.draft_saved", "flow/"+f.ID)
}

// Publish makes the draft the next version, which counts for every invoice of
// the flow from its next gate (R118). A fault of kind Invalid says what is wrong
// with it; one of kind Conflict that there is nothing to publish.
func Publish(ctx context.Context, tx store.Tx, id, note string, act Act) (version int32, err error) {
	row, err := tx.LockFlow(ctx, id)
	if err != nil {
		return 0, notFound(id, err)
	}
	if row.Draft == nil {
		return row.Version, fault.New(fault.Conflict, "flow_no_draft", "Nothing changed since version %d.", row.Version)
	}
	f, err := read(row.Draft, id, row.Version)
	if err != nil {
		return 0, err
	}
	if err := policy.Refusal(policy.Check(f)); err != nil {
		return 0, err
	}
	f.Version = int(row.Version) + 1
	if err := tx.AddFlowVersion(ctx, db.AddFlowVersionParams{
		TenantID: tx.Tenant, Flow: id, Version: int32(f.Version), Body: f.JSON(), Note: note, PublishedBy: act.By, PublishedAt: act.At,
	}); err != nil {
		return 0, fmt.Errorf("publish flow %s: %w", id, err)
	}
	if err := tx.SetFlowVersion(ctx, db.SetFlowVersionParams{ID: id, Version: int32(f.Version)}); err != nil {
		return 0, fmt.Errorf("publish flow %s: %w", id, err)
	}
	if err := audit(ctx, tx, act, fmt.Sprintf("flow.published %d", f.Version), "flow/"+id); err != nil {
		return 0, err
	}
	return int32(f.Version), replan(ctx, tx, db.QueueReplansParams{Flow: id})
}

// Discard drops the draft; a flow that was never published goes with it.
func Discard(ctx context.Context, tx store.Tx, id string, act Act) error {
	row, err := tx.LockFlow(ctx, id)
	if err != nil {
		return notFound(id, err)
	}
	if row.Version == 0 {
		_, err = tx.DeleteFlowDraft(ctx, id)
	} else {
		err = tx.SetFlowVersion(ctx, db.SetFlowVersionParams{ID: id, Version: row.Version})
	}
	if err != nil {
		return fmt.Errorf("discard the draft of flow %s: %w", id, err)
	}
	return audit(ctx, tx, act, "flow.draft_discarded", "flow/"+id)
}

// Choose makes a segment, debtor or invoice follow a flow; an empty flow takes
// the choice back. What is open is planned again.
func Choose(ctx context.Context, tx store.Tx, scope Scope, subject, flow string, act Act) error {
	if flow == "" {
		n, err := tx.DropFlowChoice(ctx, db.DropFlowChoiceParams{Scope: string(scope), Subject: subject})
		if err != nil || n == 0 {
			return err
		}
	} else {
		f, err := Current(ctx, tx, flow)
		if err != nil {
			return err
		}
		if len(f.Steps) == 0 {
			return fault.New(fault.Invalid, "flow_unknown", "There is no published flow %s; publish it first, or choose another.", flow)
		}
		if err := tx.PutFlowChoice(ctx, db.PutFlowChoiceParams{TenantID: tx.Tenant, Scope: string(scope), Subject: subject, Flow: flow, ChosenBy: act.By, ChosenAt: act.At}); err != nil {
			return fmt.Errorf("choose flow %s: %w", flow, err)
		}
	}
	if err := audit(ctx, tx, act, strings.TrimSpace("flow.chosen "+flow), string(scope)+"/"+subject); err != nil {
		return err
	}
	q, err := touched(ctx, tx, scope, subject)
	if err != nil {
		return err
	}
	return replan(ctx, tx, q)
}

// touched are the debtors that a choice is about; everybody for a segment, whose
// rule is judged when they are planned.
func touched(ctx context.Context, tx store.Tx, scope Scope, subject string) (q db.QueueReplansParams, err error) {
	if scope == OfSegment {
		return q, nil
	}
	id, err := uuid.Parse(subject)
	if err != nil {
		return q, fault.New(fault.Invalid, "flow_subject", "%q is no id of a %s.", subject, scope)
	}
	q.Debtors = []uuid.UUID{id}
	if scope == OfInvoice {
		if q.Debtors, err = tx.DebtorsOfInvoices(ctx, q.Debtors); err != nil {
			return q, fmt.Errorf("find the debtor of invoice %s: %w", subject, err)
		}
	}
	return q, nil
}

// replan leaves the planning of what is open to the carrier, in batches.
func replan(ctx context.Context, tx store.Tx, q db.QueueReplansParams) error {
	q.TenantID = tx.Tenant
	if q.Debtors == nil {
		q.Debtors = []uuid.UUID{}
	}
	if _, err := tx.QueueReplans(ctx, q); err != nil {
		return fmt.Errorf("ask for new plans: %w", err)
	}
	return nil
}

// Batch is the payload of an outbox row of [KindReplan].
type Batch struct {
	Debtors []uuid.UUID `json:"debtors"`
}

// ReplanAll asks for new plans of everything that is open in an administration.
func ReplanAll(ctx context.Context, tx store.Tx, administration uuid.UUID) error {
	return replan(ctx, tx, db.QueueReplansParams{Administration: uuid.NullUUID{UUID: administration, Valid: true}})
}

// PutSegment adds a segment or changes it. A fault of kind Invalid says what is
// wrong with its name.
func PutSegment(ctx context.Context, tx store.Tx, s Segment, act Act) error {
	if !policy.ValidSegment(s.Name) {
		return fault.New(fault.Invalid, "segment_name", "Name a segment with small letters, digits and dashes, as key-accounts.")
	}
	var rule json.RawMessage
	if s.Rule != nil {
		var err error
		if rule, err = json.Marshal(s.Rule.Form()); err != nil {
			return fmt.Errorf("write the rule of segment %s: %w", s.Name, err)
		}
	}
	if s.Title == "" {
		s.Title = s.Name
	}
	if err := tx.PutSegment(ctx, db.PutSegmentParams{TenantID: tx.Tenant, Name: s.Name, Title: s.Title, Rule: rule, Rank: int32(s.Rank), CreatedAt: act.At}); err != nil {
		return fmt.Errorf("save segment %s: %w", s.Name, err)
	}
	if err := audit(ctx, tx, act, "segment.saved", "segment/"+s.Name); err != nil {
		return err
	}
	return replan(ctx, tx, db.QueueReplansParams{})
}

// DropSegment removes a segment with the choice of its flow.
func DropSegment(ctx context.Context, tx store.Tx, name string, act Act) error {
	n, err := tx.DropSegment(ctx, name)
	if err != nil {
		return fmt.Errorf("remove segment %s: %w", name, err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "segment_not_found", "There is no segment %s.", name)
	}
	if _, err := tx.DropFlowChoice(ctx, db.DropFlowChoiceParams{Scope: string(OfSegment), Subject: name}); err != nil {
		return fmt.Errorf("take the flow of segment %s back: %w", name, err)
	}
	if err := audit(ctx, tx, act, "segment.removed", "segment/"+name); err != nil {
		return err
	}
	return replan(ctx, tx, db.QueueReplansParams{})
}

// Tag puts a debtor in a segment by hand, or takes it out.
func Tag(ctx context.Context, tx store.Tx, debtor uuid.UUID, segment string, in bool, act Act) (err error) {
	if in {
		err = tx.AddToSegment(ctx, db.AddToSegmentParams{TenantID: tx.Tenant, DebtorID: debtor, Segment: segment, AddedBy: act.By, AddedAt: act.At})
	} else {
		_, err = tx.TakeFromSegment(ctx, db.TakeFromSegmentParams{DebtorID: debtor, Segment: segment})
	}
	if err != nil {
		return fmt.Errorf("put debtor %s in segment %s: %w", debtor, segment, err)
	}
	if err := audit(ctx, tx, act, "segment.tagged "+segment, "debtor/"+debtor.String()); err != nil {
		return err
	}
	return replan(ctx, tx, db.QueueReplansParams{Debtors: []uuid.UUID{debtor}})
}

// SetRisk notes how likely a person takes a debtor not to pay; it counts above a risk
// that was computed. The empty risk takes the person's word back.
func SetRisk(ctx context.Context, tx store.Tx, debtor uuid.UUID, r policy.Risk, act Act) error {
	if r == "" {
		if err := tx.DropRisk(ctx, debtor); err != nil {
			return fmt.Errorf("forget the risk of debtor %s: %w", debtor, err)
		}
	} else if err := tx.PutRisk(ctx, db.PutRiskParams{TenantID: tx.Tenant, DebtorID: debtor, Risk: string(r), SetBy: act.By, SetAt: act.At}); err != nil {
		return fmt.Errorf("note the risk of debtor %s: %w", debtor, err)
	}
	if err := audit(ctx, tx, act, strings.TrimSpace("debtor.risk "+string(r)), "debtor/"+debtor.String()); err != nil {
		return err
	}
	return replan(ctx, tx, db.QueueReplansParams{Debtors: []uuid.UUID{debtor}})
}

// SetComputedRisk notes the risk that follows from figures, with the reason in words;
// the empty risk takes it back. A risk that a person set stays. With anew the open
// invoices are planned again.
func SetComputedRisk(ctx context.Context, tx store.Tx, debtor uuid.UUID, r policy.Risk, why string, anew bool, act Act) error {
	var n int64
	var err error
	if r == "" {
		n, err = tx.DropComputedRisk(ctx, debtor)
	} else {
		n, err = tx.PutComputedRisk(ctx, db.PutComputedRiskParams{TenantID: tx.Tenant, DebtorID: debtor, Risk: string(r), SetAt: act.At, Why: why})
	}
	if err != nil {
		return fmt.Errorf("note the risk of debtor %s: %w", debtor, err)
	}
	if n == 0 || !anew {
		return nil
	}
	if err := audit(ctx, tx, act, "debtor.risk "+string(r), "debtor/"+debtor.String()); err != nil {
		return err
	}
	return replan(ctx, tx, db.QueueReplansParams{Debtors: []uuid.UUID{debtor}})
}

func audit(ctx context.Context, tx store.Tx, act Act, action, subject string) error {
	if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: act.At, Actor: act.By, Action: action, Subject: subject, Detail: []byte("{}")}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// Trial is how friendly reminders are measured; a share of nought until somebody
// chooses one.
func Trial(ctx context.Context, tx store.Tx) (policy.Trial, error) {
	row, err := tx.StepTrial(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return policy.Trial{Days: 5}, nil
	}
	if err != nil {
		return policy.Trial{}, fmt.Errorf("load how steps are measured: %w", err)
	}
	return policy.Trial{Share: int(row.Share), Days: int(row.Days)}, nil
}

// SetTrial sets how friendly reminders are measured; what is held back already stays
// so until its day.
func SetTrial(ctx context.Context, tx store.Tx, t policy.Trial, act Act) error {
	if t.Share < 0 || t.Share > policy.MaxTrialShare || t.Days < 1 || t.Days > policy.MaxTrialDays {
		return fault.New(fault.Invalid, "step_trial", "Choose a share of 0 to %d percent, and 1 to %d days.", policy.MaxTrialShare, policy.MaxTrialDays)
	}
	if err := tx.PutStepTrial(ctx, db.PutStepTrialParams{TenantID: tx.Tenant, Share: int32(t.Share), Days: int32(t.Days), SetBy: act.By, SetAt: act.At}); err != nil {
		return fmt.Errorf("set how steps are measured: %w", err)
	}
	return audit(ctx, tx, act, fmt.Sprintf("steps.measured %d%% %d days", t.Share, t.Days), "steps")
}

// Settings is when messages of an administration leave.
type Settings struct {
	Sending policy.SendingForm
	// Approve is for how many days after go-live a person approves each case.
	Approve int
	// Entry is where items from before go-live enter (R16).
	Entry policy.StepID
}

// SetSending sets when messages of an administration leave, and plans what is
// open again. A fault of kind Invalid says what cannot be.
func SetSending(ctx context.Context, tx store.Tx, administration uuid.UUID, s Settings, act Act) error {
	sending, err := s.Sending.Sending()
	if err != nil {
		return err
	}
	if sending.MinInterval < 1 || sending.MinInterval > 60 {
		return fault.New(fault.Invalid, "minimum_interval", "Choose a minimum interval between 1 and 60 days.")
	}
	// The hours of an administration are judged as those of a flow.
	for _, p := range policy.Check(policy.Flow{ID: "settings", Title: "Settings", Sending: sending, Steps: policy.Shipped()[0].Steps, Debtors: policy.Shipped()[0].Debtors}) {
		if p.Field == "hours" {
			return policy.Refusal([]policy.Problem{p})
		}
	}
	if s.Entry != policy.Reminder1 && s.Entry != policy.Reminder2 {
		return fault.New(fault.Invalid, "entry_step", "Older invoices enter at reminder 1 or 2, never at a final notice (R16).")
	}
	if s.Approve < 0 || s.Approve > 3650 {
		return fault.New(fault.Invalid, "approve_cases_days", "Choose between 0 and 3650 days.")
	}
	form := s.Sending
	form.MinimumInterval = 0 // kept in a column of its own
	body, err := json.Marshal(form)
	if err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	if err := tx.SetSending(ctx, db.SetSendingParams{
		ID: administration, Sending: body, MinimumInterval: int32(sending.MinInterval), ApproveCasesDays: int32(s.Approve), EntryStep: string(s.Entry),
	}); err != nil {
		return fmt.Errorf("save the settings of administration %s: %w", administration, err)
	}
	if err := audit(ctx, tx, act, "administration.sending", "administration/"+administration.String()); err != nil {
		return err
	}
	return ReplanAll(ctx, tx, administration)
}
