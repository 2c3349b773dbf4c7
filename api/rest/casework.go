package rest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dossier"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Standing is what a case owes at the end of a day.
type Standing struct {
	On        string `json:"on" format:"date"`
	Principal Amount `json:"principal"`
	Costs     Amount `json:"costs"`
	Interest  Amount `json:"interest"`
	Total     Amount `json:"total"`
}

// Waiver is what a creditor gives up of a case.
type Waiver struct {
	Costs    int64  `json:"costs,omitempty" minimum:"0" doc:"Minor units; with neither, all that is open"`
	Interest int64  `json:"interest,omitempty" minimum:"0" doc:"Minor units"`
	Reason   string `json:"reason" minLength:"1" maxLength:"500"`
	Plan     string `json:"plan,omitempty" doc:"The plan that it depends on"`
	Until    string `json:"until,omitempty" format:"date" doc:"The day by which the rest is to be paid, else it is owed again; with neither it is final"`
}

// NewClaim is a claim that is in no accounting package.
type NewClaim struct {
	Law    string `json:"law,omitempty" maxLength:"2" example:"BE" doc:"Country whose law the claim follows: BE, DE, FR, GB or NL; left out for that of your books"`
	Debtor struct {
		Name       string `json:"name" minLength:"1"`
		Kind       string `json:"kind" enum:"business,consumer"`
		Email      string `json:"email,omitempty"`
		Line1      string `json:"line1" minLength:"1"`
		PostalCode string `json:"postal_code"`
		City       string `json:"city" minLength:"1"`
		Country    string `json:"country" example:"NL"`
		Language   string `json:"language,omitempty" example:"nl"`
	} `json:"debtor"`
	Number      string `json:"number" minLength:"1"`
	Issued      string `json:"issued" format:"date"`
	Due         string `json:"due" format:"date"`
	AmountMinor int64  `json:"amount_minor" minimum:"1" doc:"What is still open"`
	Currency    string `json:"currency" example:"EUR" doc:"Of another currency than the law's, costs are converted by a rate (R123)"`
	Subject     string `json:"subject,omitempty" maxLength:"80" example:"bread and pastry" doc:"What was supplied; needed where the law wants the notice to name it"`
	Invoice     Upload `json:"invoice"`
	Contract    Upload `json:"contract" doc:"The contract, order or terms"`
	Notices     []struct {
		On    string `json:"on" format:"date"`
		Proof Upload `json:"proof"`
	} `json:"notices" minItems:"1" doc:"Earlier notices with their proof"`
}

// Upload is a file in a request.
type Upload struct {
	Name    string `json:"name" minLength:"1" maxLength:"120"`
	Media   string `json:"media_type" example:"application/pdf"`
	Content []byte `json:"content" doc:"Base64"`
}

func (u Upload) file() casework.File {
	return casework.File{Name: u.Name, Media: u.Media, Content: u.Content}
}

// DossierVersion is a dossier as it was made.
type DossierVersion struct {
	Version int               `json:"version"`
	AsOf    string            `json:"as_of" format:"date"`
	Missing []dossier.Missing `json:"missing" doc:"What a bailiff needs and is not there; with anything here the case cannot be handed over"`
}

type (
	standingOut struct{ Body Standing }
	dossierOut  struct{ Body DossierVersion }
	fileOut     struct {
		Type string `header:"Content-Type"`
		Name string `header:"Content-Disposition"`
		Body []byte
	}
	standingIn struct {
		ByID
		On   string `query:"on" doc:"The day; without it, today" format:"date"`
		Lang string `query:"language" enum:"nl,en" default:"nl"`
	}
	waiveIn struct {
		ByID
		Repeatable
		Body Waiver
	}
	repeatByID struct {
		ByID
		Repeatable
	}
	handOverIn struct {
		ByID
		Repeatable
		Body struct {
			Bailiff uuid.UUID `json:"bailiff" format:"uuid"`
		}
	}
	whyIn struct {
		ByID
		Repeatable
		Body struct {
			Reason string `json:"reason" minLength:"1" maxLength:"500"`
		}
	}
	invoiceIn struct {
		ByID
		Repeatable
		Body struct {
			Invoice uuid.UUID `json:"invoice" format:"uuid"`
			Reason  string    `json:"reason,omitempty" maxLength:"500"`
		}
	}
	noteIn struct {
		ByID
		Repeatable
		Body struct {
			Kind string `json:"kind" enum:"question,answer,status"`
			Text string `json:"text" minLength:"1" maxLength:"5000"`
		}
	}
	claimIn struct {
		Repeatable
		Body NewClaim
	}
	claimOut struct {
		Body struct {
			Invoice uuid.UUID `json:"invoice" format:"uuid" doc:"In our own books"`
		}
	}
	evidenceIn struct {
		ByID
		Repeatable
		Body struct {
			Kind    string `json:"kind" enum:"contract,terms,delivery,notice,other"`
			Name    string `json:"name" minLength:"1" maxLength:"120"`
			Media   string `json:"media_type" example:"application/pdf"`
			Content []byte `json:"content" doc:"Base64"`
		}
	}
)

func (h *hub) casework() {
	const tag = "Cases"
	gone, clash := http.StatusNotFound, http.StatusConflict
	op := func(id, method, path, summary string, scope tenant.Scope, status int) operation {
		return operation{id: id, method: method, path: path, tag: tag, scope: scope, status: status, summary: summary, errors: []int{gone, clash}}
	}
	none := http.StatusNoContent
	register(h, op("get-case-standing", http.MethodGet, "/cases/{id}/standing", "What a case owes on a day", tenant.Read, 0), h.standing)
	register(h, op("get-case-statement", http.MethodGet, "/cases/{id}/statement", "The statement of a case as PDF", tenant.Read, 0), h.statement)
	register(h, op("make-dossier", http.MethodPost, "/cases/{id}/dossier", "Make the dossier of a case, or get the last one when nothing changed", tenant.Write, http.StatusCreated), h.makeDossier)
	register(h, op("get-dossier", http.MethodGet, "/cases/{id}/dossier", "The archive of the last dossier", tenant.Read, 0), h.getDossier)
	evidence := op("add-evidence", http.MethodPost, "/cases/{id}/evidence", "Add a file to the dossier of a case", tenant.Write, none)
	evidence.maxBody = 20 << 20
	register(h, evidence, func(ctx context.Context, who actor, in *evidenceIn) (*struct{}, error) {
		b := in.Body
		return nil, h.Cases.AddEvidence(ctx, who.tenant, in.ID, casework.Evidence{Kind: b.Kind, Name: b.Name, Media: b.Media, Content: b.Content}, who.by)
	})
	register(h, op("waive-case", http.MethodPost, "/cases/{id}/waive", "Waive costs or interest of a case", tenant.Write, none), func(ctx context.Context, who actor, in *waiveIn) (*struct{}, error) {
		w := claim.Waiver{Costs: in.Body.Costs, Interest: in.Body.Interest, Reason: in.Body.Reason, By: who.by, Scope: claim.Final, Plan: in.Body.Plan}
		if w.Plan != "" {
			w.Scope = claim.Conditional
		}
		if err := h.read(ctx, who, func(tx store.Tx) error {
			c, err := tx.CaseByID(ctx, in.ID)
			if err != nil {
				return err
			}
			return arrangement.MayWaive(ctx, tx, c.DebtorID, who.owner || who.program)
		}); err != nil {
			return nil, err
		}
		return nil, h.Cases.Waive(ctx, who.tenant, in.ID, w)
	})
	register(h, op("confirm-case", http.MethodPost, "/cases/{id}/confirm", "Let a case follow the books on an invoice that they changed", tenant.Write, none), func(ctx context.Context, who actor, in *invoiceIn) (*struct{}, error) {
		return nil, h.Cases.Confirm(ctx, who.tenant, in.ID, in.Body.Invoice, who.by)
	})
	register(h, op("take-out-of-case", http.MethodPost, "/cases/{id}/take-out", "Take an invoice out of a case", tenant.Write, none), func(ctx context.Context, who actor, in *invoiceIn) (*struct{}, error) {
		return nil, h.Cases.TakeOut(ctx, who.tenant, in.ID, in.Body.Invoice, in.Body.Reason, who.by)
	})
	register(h, op("pause-case", http.MethodPost, "/cases/{id}/pause", "Pause a case", tenant.Write, none), func(ctx context.Context, who actor, in *repeatByID) (*struct{}, error) {
		return nil, h.Cases.Pause(ctx, who.tenant, in.ID, "", time.Time{}, who.by)
	})
	register(h, op("resume-case", http.MethodPost, "/cases/{id}/resume", "End the pause of a case", tenant.Write, none), func(ctx context.Context, who actor, in *repeatByID) (*struct{}, error) {
		return nil, h.Cases.Resume(ctx, who.tenant, in.ID, who.by)
	})
	register(h, op("end-case", http.MethodPost, "/cases/{id}/end", "Give a case up", tenant.Write, none), func(ctx context.Context, who actor, in *whyIn) (*struct{}, error) {
		return nil, h.Cases.End(ctx, who.tenant, in.ID, in.Body.Reason, who.by)
	})
	hand := op("hand-over-case", http.MethodPost, "/cases/{id}/handover", "Approve that a bailiff gets a case", tenant.Write, none)
	hand.description = "The dossier must be complete, and a collector registered; otherwise nothing leaves and the answer lists what is missing."
	register(h, hand, func(ctx context.Context, who actor, in *handOverIn) (*struct{}, error) {
		return nil, h.Cases.HandOver(ctx, who.tenant, in.ID, in.Body.Bailiff, who.by)
	})
	register(h, op("recall-case", http.MethodPost, "/cases/{id}/recall", "Take a case back from its bailiff", tenant.Write, none), func(ctx context.Context, who actor, in *whyIn) (*struct{}, error) {
		return nil, h.Cases.Recall(ctx, who.tenant, in.ID, in.Body.Reason, who.by)
	})
	start := op("start-claim", http.MethodPost, "/claims", "Start a claim that is in no accounting package", tenant.Write, http.StatusCreated)
	start.maxBody = 30 << 20
	start.description = "All of it is needed. A consumer first gets the statutory letter, before which no costs are owed; a business goes on to the case."
	register(h, start, h.startClaim)
	register(h, op("write-to-bailiff", http.MethodPost, "/cases/{id}/notes", "Write to the bailiff of a case", tenant.Write, none), func(ctx context.Context, who actor, in *noteIn) (*struct{}, error) {
		return nil, h.Cases.Write(ctx, who.tenant, in.ID, in.Body.Kind, in.Body.Text, who.by)
	})
}

func (h *hub) startClaim(ctx context.Context, who actor, in *claimIn) (*claimOut, error) {
	b := in.Body
	q := casework.OneOff{Law: b.Law, Subject: b.Subject, Number: b.Number, Amount: money.Of(b.AmountMinor, money.Currency(b.Currency)), Invoice: b.Invoice.file(), Contract: b.Contract.file(), Debtor: sdk.Party{
		Name: b.Debtor.Name, Kind: sdk.PartyKind(b.Debtor.Kind), Email: b.Debtor.Email, Language: b.Debtor.Language,
		Address: sdk.Address{Line1: b.Debtor.Line1, PostalCode: b.Debtor.PostalCode, City: b.Debtor.City, Country: b.Debtor.Country},
	}}
	var err error
	if q.Issued, err = date.Parse(b.Issued); err == nil {
		q.Due, err = date.Parse(b.Due)
	}
	for _, n := range b.Notices {
		on, perr := date.Parse(n.On)
		err = errors.Join(err, perr)
		q.Notices = append(q.Notices, casework.EarlierNotice{On: on, Proof: n.Proof.file()})
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "day", "Write each day as 2026-11-24.")
	}
	out := &claimOut{}
	out.Body.Invoice, err = h.Cases.Start(ctx, who.tenant, q, who.by)
	return out, err
}

func (h *hub) standing(ctx context.Context, who actor, in *standingIn) (*standingOut, error) {
	out := &standingOut{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		f, on, err := h.caseOn(ctx, tx, in)
		if err != nil {
			return err
		}
		s, err := f.Today(on)
		cur := f.Case.Currency
		out.Body = Standing{On: on.String(), Principal: amountOf(s.Principal, cur), Costs: amountOf(s.Costs, cur), Interest: amountOf(s.Interest, cur), Total: amountOf(s.Total(), cur)}
		return err
	})
}

func (h *hub) caseOn(ctx context.Context, tx store.Tx, in *standingIn) (*claim.File, date.Date, error) {
	f, err := claim.Load(ctx, tx, in.ID)
	if err != nil {
		return nil, date.Date{}, err
	}
	if in.On != "" {
		on, err := date.Parse(in.On)
		if err != nil {
			return nil, on, fault.New(fault.Invalid, "day", "Write the day as 2026-11-24.")
		}
		return f, on, nil
	}
	now, err := tx.Now(ctx, h.Real)
	return f, date.Of(now.In(f.Zone)), err
}

func (h *hub) statement(ctx context.Context, who actor, in *standingIn) (*fileOut, error) {
	out := &fileOut{Type: "application/pdf"}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		_, on, err := h.caseOn(ctx, tx, in)
		if err != nil {
			return err
		}
		doc, err := dossier.Statement(ctx, tx, in.ID, on, in.Lang)
		out.Body, out.Name = doc.Bytes, `attachment; filename="statement.pdf"`
		return err
	})
}

func (h *hub) makeDossier(ctx context.Context, who actor, in *repeatByID) (*dossierOut, error) {
	v, err := h.Cases.MakeDossier(ctx, who.tenant, in.ID)
	if err != nil {
		return nil, err
	}
	out := &dossierOut{Body: DossierVersion{Version: v.Number, AsOf: v.AsOf.String(), Missing: []dossier.Missing{}}}
	out.Body.Missing = append(out.Body.Missing, v.Missing...)
	return out, nil
}

func (h *hub) getDossier(ctx context.Context, who actor, in *ByID) (*fileOut, error) {
	out := &fileOut{Type: "application/zip", Name: `attachment; filename="dossier.zip"`}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		v, err := tx.LastDossier(ctx, in.ID)
		if err != nil {
			return err
		}
		doc, err := tx.Document(ctx, v.ArchiveID)
		out.Body = doc.Content
		return err
	})
}
