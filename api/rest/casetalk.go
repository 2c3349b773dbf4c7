package rest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/date"
)

// Handover is a case that went, or goes, to a bailiff.
type Handover struct {
	Bailiff     uuid.UUID  `json:"bailiff" format:"uuid"`
	BailiffName string     `json:"bailiff_name"`
	State       string     `json:"state" enum:"proposed,approved,sent,recalled,ended,refused"`
	PaysTo      string     `json:"pays_to" enum:"creditor,bailiff"`
	Terms       string     `json:"terms"`
	ApprovedBy  string     `json:"approved_by"`
	SentAt      *time.Time `json:"sent_at,omitempty"`
	FetchedAt   *time.Time `json:"fetched_at,omitempty" doc:"When the archive was fetched that was too large for e-mail"`
	Reference   string     `json:"reference"`
	Unknown     bool       `json:"unknown" doc:"Nobody can tell whether it left: settle it"`
	LastError   string     `json:"last_error,omitempty"`
	EndedWhy    string     `json:"ended_why,omitempty"`
}

// CaseNote is a word between the creditor and the bailiff.
type CaseNote struct {
	ID        uuid.UUID `json:"id" format:"uuid"`
	Direction string    `json:"direction" enum:"in,out"`
	Kind      string    `json:"kind" enum:"status,question,answer,payment,correction,recall,closed,costs"`
	Text      string    `json:"text"`
	Amount    *Amount   `json:"amount,omitempty"`
	On        string    `json:"on,omitempty" format:"date"`
	At        time.Time `json:"at"`
	Delivered bool      `json:"delivered"`
	Booking   string    `json:"booking,omitempty" enum:",booked,waiting,refused" doc:"Of a payment that the bailiff reports"`
	Why       string    `json:"booking_why,omitempty"`
}

type (
	talkOut struct {
		Body struct {
			Handovers []Handover `json:"handovers"`
			Notes     []CaseNote `json:"notes"`
		}
	}
	settleIn struct {
		ByID
		Repeatable
		Body struct {
			Arrived bool `json:"arrived" doc:"The bailiff has it; otherwise it is sent again"`
		}
	}
	moneyIn struct {
		ByID
		Repeatable
		Note uuid.UUID `path:"note" format:"uuid"`
		Body struct {
			Do          string `json:"do" enum:"book,refuse,take_back"`
			AmountMinor int64  `json:"amount_minor,omitempty" minimum:"0" doc:"Without one, as reported"`
			On          string `json:"on,omitempty" format:"date"`
			Reason      string `json:"reason,omitempty" maxLength:"500" doc:"Needed to refuse or take back"`
		}
	}
	heardIn struct {
		ByID
		Repeatable
		Body struct {
			Kind string `json:"kind" enum:"status,question,closed" default:"status" doc:"closed gives the case back"`
			Text string `json:"text" minLength:"1" maxLength:"2000"`
		}
	}
	watchIn struct {
		ByID
		Repeatable
		Body struct {
			On     string `json:"on" format:"date"`
			Reason string `json:"reason" minLength:"1" maxLength:"500"`
		}
	}
)

func (h *hub) caseTalk() {
	const tag = "Cases"
	none := http.StatusNoContent
	op := func(id, method, path, summary string, scope tenant.Scope, status int) operation {
		return operation{id: id, method: method, path: path, tag: tag, scope: scope, status: status, summary: summary, errors: []int{http.StatusNotFound, http.StatusConflict}}
	}
	register(h, op("get-case-talk", http.MethodGet, "/cases/{id}/notes", "The hand-overs of a case and what was said", tenant.Read, 0), h.caseNotes)
	register(h, op("settle-handover", http.MethodPost, "/cases/{id}/handover/settle", "Say what became of a hand-over of which nobody could tell", tenant.Write, none), func(ctx context.Context, who actor, in *settleIn) (*struct{}, error) {
		return nil, h.Cases.Settle(ctx, who.tenant, in.ID, in.Body.Arrived, who.by)
	})
	register(h, op("decide-bailiff-payment", http.MethodPost, "/cases/{id}/notes/{note}/payment", "Decide on a payment that the bailiff reports", tenant.Write, none), h.decideMoney)
	register(h, op("record-bailiff-note", http.MethodPost, "/cases/{id}/notes/heard", "Record what the bailiff said by letter or in a call", tenant.Write, none), func(ctx context.Context, who actor, in *heardIn) (*struct{}, error) {
		return nil, h.Cases.Hear(ctx, who.tenant, in.ID, bailiff.Note{Kind: cmp.Or(in.Body.Kind, "status"), Text: in.Body.Text}, who.by)
	})
	register(h, op("watch-case", http.MethodPost, "/cases/{id}/watch", "Watch a claim that cannot be collected now", tenant.Write, none), func(ctx context.Context, who actor, in *watchIn) (*struct{}, error) {
		on, err := date.Parse(in.Body.On)
		if err != nil {
			return nil, fault.New(fault.Invalid, "day", "Write the day as 2026-11-24.")
		}
		return nil, h.Cases.Watch(ctx, who.tenant, in.ID, on, in.Body.Reason, who.by)
	})
	register(h, op("interrupt-case", http.MethodPost, "/cases/{id}/interrupt", "Send a notice that interrupts limitation", tenant.Write, none), func(ctx context.Context, who actor, in *repeatByID) (*struct{}, error) {
		return nil, h.Cases.Interrupt(ctx, who.tenant, in.ID, who.by)
	})
	note := op("acknowledge-case", http.MethodPost, "/cases/{id}/acknowledgement", "Note that the debtor acknowledged the debt in writing", tenant.Write, none)
	note.description = "Limitation begins anew as far as the law of the case says. Payments of a part and plans that the debtor proposed are noted by themselves. Add the paper to the evidence of the case."
	register(h, note, func(ctx context.Context, who actor, in *acknowledgedIn) (*struct{}, error) {
		on, err := date.Parse(in.Body.On)
		if err != nil {
			return nil, fault.New(fault.Invalid, "day", "Write the day as 2026-11-24.")
		}
		return nil, h.Cases.Acknowledged(ctx, who.tenant, in.ID, on, in.Body.Reason, who.by)
	})
}

// acknowledgedIn is what the debtor wrote.
type acknowledgedIn struct {
	ByID
	Repeatable
	Body struct {
		On     string `json:"on" format:"date"`
		Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"What the debtor wrote, and where it is"`
	}
}

func (h *hub) caseNotes(ctx context.Context, who actor, in *ByID) (*talkOut, error) {
	out := &talkOut{}
	out.Body.Handovers, out.Body.Notes = []Handover{}, []CaseNote{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		c, err := tx.CaseByID(ctx, in.ID)
		if err != nil {
			return err
		}
		list, err := tx.Handovers(ctx, in.ID)
		if err != nil {
			return fmt.Errorf("load the hand-overs: %w", err)
		}
		for _, x := range list {
			out.Body.Handovers = append(out.Body.Handovers, Handover{
				Bailiff: x.BailiffID, BailiffName: x.Name, State: x.State, PaysTo: x.PaysTo, Terms: x.Terms, ApprovedBy: x.ApprovedBy, SentAt: moment(x.SentAt), FetchedAt: moment(x.FetchedAt),
				Reference: x.Reference, Unknown: x.State == "approved" && x.TriedAt != nil, LastError: x.LastError, EndedWhy: x.EndedWhy,
			})
		}
		notes, err := tx.BailiffNotes(ctx, in.ID)
		for _, n := range notes {
			one := CaseNote{ID: n.ID, Direction: n.Direction, Kind: n.Kind, Text: n.Text, At: n.CreatedAt.UTC(), Delivered: n.SentAt != nil, Booking: n.Booking, Why: n.BookingWhy}
			if n.AmountMinor != 0 && n.Currency == string(c.Currency) {
				a := amountOf(n.AmountMinor, c.Currency)
				one.Amount = &a
			}
			if !n.OnDay.IsZero() {
				one.On = n.OnDay.String()
			}
			out.Body.Notes = append(out.Body.Notes, one)
		}
		return err
	})
}

func (h *hub) decideMoney(ctx context.Context, who actor, in *moneyIn) (*struct{}, error) {
	switch in.Body.Do {
	case "refuse":
		return nil, h.Cases.Refuse(ctx, who.tenant, in.ID, in.Note, in.Body.Reason, who.by)
	case "take_back":
		return nil, h.Cases.TakeBack(ctx, who.tenant, in.ID, in.Note, in.Body.Reason, who.by)
	}
	q := casework.Received{Minor: in.Body.AmountMinor}
	if in.Body.On != "" {
		var err error
		if q.On, err = date.Parse(in.Body.On); err != nil {
			return nil, fault.New(fault.Invalid, "day", "Write the day as 2026-11-24.")
		}
	}
	return nil, h.Cases.Book(ctx, who.tenant, in.ID, in.Note, q, who.by)
}
