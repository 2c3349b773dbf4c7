package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/date"
)

// Bailiff is who cases may go to.
type Bailiff struct {
	ID uuid.UUID `json:"id" format:"uuid"`
	BailiffSettings
	PublicKey  string `json:"public_key,omitempty" doc:"SFTP: the key of ours that the server of the bailiff must let in"`
	Registered bool   `json:"registered" doc:"It may get cases: no registration is needed, or it is on record and valid today (R110)"`
	TermsText  string `json:"terms_text" doc:"What was agreed on, in words"`
}

// BailiffSettings are what a person decides about a bailiff.
type BailiffSettings struct {
	Name           string `json:"name" minLength:"1" maxLength:"200"`
	Kind           string `json:"kind" enum:"bailiff,collector"`
	Country        string `json:"country" minLength:"2" maxLength:"2" example:"NL"`
	NoCureNoPay    bool   `json:"no_cure_no_pay" doc:"A collector without own risk for you: paid only from what it brings in"`
	FeeBp          int    `json:"fee_bp" minimum:"0" maximum:"10000" doc:"What it keeps of what comes in, in hundredths of a per cent"`
	Terms          string `json:"terms" maxLength:"2000"`
	PaysTo         string `json:"pays_to" enum:"creditor,bailiff" doc:"To whom the debtor pays while it has the case (R109)"`
	RegisterNumber string `json:"register_number" maxLength:"100"`
	RegisterUntil  string `json:"register_until,omitempty" format:"date"`
	Transport      string `json:"transport" enum:"email,sftp,api"`
	Email          string `json:"email" maxLength:"254"`
	Endpoint       string `json:"endpoint" maxLength:"500"`
	Folder         string `json:"folder" maxLength:"300"`
	Username       string `json:"username" maxLength:"200"`
	HostKey        string `json:"host_key" maxLength:"200" doc:"SFTP: fingerprint of the server, SHA256:…"`
	Standard       bool   `json:"standard" doc:"Gets the cases for which nobody else was chosen"`
}

// CaseRules are how cases of an administration are handled.
type CaseRules struct {
	Ordering       string     `json:"ordering" enum:"statutory,principal_first"`
	CostsLeft      string     `json:"costs_left" enum:"pause,pursue,waive"`
	WaiveAfterDays int        `json:"waive_after_days" minimum:"0" maximum:"365"`
	GraceDays      int        `json:"grace_days" minimum:"0" maximum:"31"`
	MonitorMonths  int        `json:"monitor_months" minimum:"1" maximum:"24"`
	Automatic      bool       `json:"automatic" doc:"Cases that are ready leave without a further approval (R108)"`
	Bailiff        *uuid.UUID `json:"bailiff,omitempty" format:"uuid" doc:"Of these books; without one, the standard one"`
	WatchAfter     bool       `json:"watch_after" doc:"A claim that a bailiff gives back is watched by itself"`
}

type (
	bailiffsOut struct {
		Body struct {
			Bailiffs []Bailiff `json:"bailiffs"`
		}
	}
	bailiffOut struct{ Body Bailiff }
	bailiffIn  struct {
		ByID
		Body struct {
			BailiffSettings
			Secret string `json:"secret,omitempty" maxLength:"10000" doc:"Key of the interface, password, or private key. Without one what is stored stays, and SFTP gets a key of ours"`
		}
	}
	rulesOut struct{ Body CaseRules }
	rulesIn  struct {
		ByID
		Body CaseRules
	}
	chooseIn struct {
		ByID
		Body struct {
			Bailiff *uuid.UUID `json:"bailiff,omitempty" format:"uuid" doc:"Without one, that of its books"`
		}
	}
)

func (h *hub) bailiffs() {
	const tag = "Cases"
	gone, clash, none := http.StatusNotFound, http.StatusConflict, http.StatusNoContent
	op := func(id, method, path, summary string, scope tenant.Scope, status int) operation {
		return operation{id: id, method: method, path: path, tag: tag, scope: scope, status: status, summary: summary, errors: []int{gone, clash}}
	}
	register(h, op("list-bailiffs", http.MethodGet, "/bailiffs", "List bailiffs and collectors", tenant.Read, 0), func(ctx context.Context, who actor, _ *struct{}) (*bailiffsOut, error) {
		out := &bailiffsOut{}
		out.Body.Bailiffs = []Bailiff{}
		return out, h.read(ctx, who, func(tx store.Tx) error {
			list, err := tx.Bailiffs(ctx)
			if err != nil {
				return fmt.Errorf("list bailiffs: %w", err)
			}
			today, _, err := h.caseDay(ctx, tx)
			for _, b := range list {
				out.Body.Bailiffs = append(out.Body.Bailiffs, bailiffOf(b, today))
			}
			return err
		})
	})
	put := op("put-bailiff", http.MethodPut, "/bailiffs/{id}", "Add a bailiff under an id of your own, or change one", tenant.Write, 0)
	put.description = "A collector in the Netherlands needs its number in the register of the Wki and the day through which it is registered (R110)."
	put.settings = true
	register(h, put, h.putBailiff)
	end := op("end-bailiff", http.MethodDelete, "/bailiffs/{id}", "Take a bailiff off the list; cases that it has stay with it", tenant.Write, none)
	end.settings = true
	register(h, end, func(ctx context.Context, who actor, in *ByID) (*struct{}, error) {
		return nil, h.write(ctx, who, func(tx store.Tx) error {
			_, now, err := h.caseDay(ctx, tx)
			if err != nil {
				return err
			}
			return bailiff.End(ctx, tx, in.ID, now, who.by)
		})
	})
	register(h, op("get-case-rules", http.MethodGet, "/administrations/{id}/case-rules", "How cases of an administration are handled", tenant.Read, 0), func(ctx context.Context, who actor, in *ByID) (*rulesOut, error) {
		out := &rulesOut{}
		return out, h.read(ctx, who, func(tx store.Tx) error {
			if _, err := tx.Administration(ctx, in.ID); err != nil {
				return err
			}
			p, err := claim.PolicyOf(ctx, tx, in.ID)
			out.Body = CaseRules{Ordering: string(p.Ordering), CostsLeft: string(p.CostsLeft), WaiveAfterDays: p.WaiveAfterDays, GraceDays: p.GraceDays, MonitorMonths: p.MonitorMonths, Automatic: p.Automatic, WatchAfter: p.WatchAfter}
			if p.Bailiff != uuid.Nil {
				out.Body.Bailiff = &p.Bailiff
			}
			return err
		})
	})
	rules := op("put-case-rules", http.MethodPut, "/administrations/{id}/case-rules", "Say how cases of an administration are handled", tenant.Write, none)
	rules.settings = true
	register(h, rules, func(ctx context.Context, who actor, in *rulesIn) (*struct{}, error) {
		b := in.Body
		p := claim.Policy{Ordering: law.Order(b.Ordering), CostsLeft: claim.CostsLeft(b.CostsLeft), WaiveAfterDays: b.WaiveAfterDays, GraceDays: b.GraceDays, MonitorMonths: b.MonitorMonths, Automatic: b.Automatic, WatchAfter: b.WatchAfter}
		if b.Bailiff != nil {
			p.Bailiff = *b.Bailiff
		}
		return nil, h.write(ctx, who, func(tx store.Tx) error {
			if _, err := tx.Administration(ctx, in.ID); err != nil {
				return err
			}
			_, now, err := h.caseDay(ctx, tx)
			if err != nil {
				return err
			}
			return claim.SetPolicy(ctx, tx, in.ID, p, now, who.by)
		})
	})
	register(h, op("choose-case-bailiff", http.MethodPut, "/cases/{id}/bailiff", "Choose the bailiff of a case, for when it goes", tenant.Write, none), func(ctx context.Context, who actor, in *chooseIn) (*struct{}, error) {
		to := uuid.Nil
		if in.Body.Bailiff != nil {
			to = *in.Body.Bailiff
		}
		return nil, h.Cases.Choose(ctx, who.tenant, in.ID, to, who.by)
	})
}

// caseDay is the tenant's day and moment.
func (h *hub) caseDay(ctx context.Context, tx store.Tx) (date.Date, time.Time, error) {
	now, err := tx.Now(ctx, h.Real)
	if err != nil {
		return date.Date{}, now, err
	}
	today, err := tx.Today(ctx, h.Real)
	return today, now, err
}

func bailiffOf(b db.Bailiff, today date.Date) Bailiff {
	out := Bailiff{ID: b.ID, PublicKey: b.PublicKey, Registered: casework.Registered(b, today) == nil, TermsText: bailiff.Terms(b), BailiffSettings: BailiffSettings{
		Name: b.Name, Kind: b.Kind, Country: b.Country, NoCureNoPay: b.NoCureNoPay, FeeBp: int(b.FeeBp), Terms: b.Terms, PaysTo: b.PaysTo, RegisterNumber: b.RegisterNumber,
		Transport: b.Transport, Email: b.Email, Endpoint: b.Endpoint, Folder: b.Folder, Username: b.Username, HostKey: b.HostKey, Standard: b.Standard,
	}}
	if !b.RegisterUntil.IsZero() {
		out.RegisterUntil = b.RegisterUntil.String()
	}
	return out
}

func (h *hub) putBailiff(ctx context.Context, who actor, in *bailiffIn) (*bailiffOut, error) {
	b := in.Body
	p := db.PutBailiffParams{
		ID: in.ID, Name: b.Name, Kind: b.Kind, Country: b.Country, NoCureNoPay: b.NoCureNoPay, FeeBp: int32(b.FeeBp), Terms: b.Terms, PaysTo: b.PaysTo, RegisterNumber: b.RegisterNumber,
		Transport: b.Transport, Email: b.Email, Endpoint: b.Endpoint, Folder: b.Folder, Username: b.Username, HostKey: b.HostKey, Standard: b.Standard,
	}
	if b.RegisterUntil != "" {
		var err error
		if p.RegisterUntil, err = date.Parse(b.RegisterUntil); err != nil {
			return nil, fault.New(fault.Invalid, "register_until", "Write the day as 2027-01-31.")
		}
	}
	out := &bailiffOut{}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		today, now, err := h.caseDay(ctx, tx)
		if err != nil {
			return err
		}
		if err := h.Bailiffs.Put(ctx, tx, p, b.Secret, now, today, who.by); err != nil {
			return err
		}
		stored, err := tx.Bailiff(ctx, in.ID)
		out.Body = bailiffOf(stored, today)
		return err
	})
}
