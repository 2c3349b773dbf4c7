package web

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/api/web/view/cases"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dossier"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) caseDeskRoutes() {
	s.look("GET /cases/{id}/statement", (*visit).caseStatement)
	s.look("GET /cases/{id}/papers/{file}", (*visit).casePaper)
	s.act("POST /cases/{id}/dossier", (*visit).makeDossier)
	s.upload("POST /cases/{id}/evidence", (*visit).addEvidence)
	s.act("POST /cases/{id}/confirm", (*visit).confirmCase)
	s.act("POST /cases/{id}/take-out", (*visit).takeOut)
	s.act("POST /cases/{id}/waive", (*visit).waiveCase)
	s.act("POST /cases/{id}/pause", (*visit).pauseCase)
	s.act("POST /cases/{id}/watch", (*visit).watchCase)
	s.act("POST /cases/{id}/acknowledged", (*visit).acknowledgedCase)
	s.act("POST /cases/{id}/handover", (*visit).handOverCase)
	s.act("POST /cases/{id}/recall", (*visit).recallCase)
	s.act("POST /cases/{id}/note", (*visit).noteCase)
	s.act("POST /cases/{id}/settle", (*visit).settleHandover)
	s.act("POST /cases/{id}/choose", (*visit).chooseBailiff)
	s.act("POST /cases/{id}/money", (*visit).bailiffMoney)
	s.look("GET /cases/new", (*visit).oneOffForm)
	s.upload("POST /cases/new", (*visit).oneOff)
	s.look("GET /cases/bailiffs", (*visit).bailiffs)
	s.own("POST /cases/bailiffs", (*visit).addBailiff)
	s.own("POST /cases/bailiffs/end", (*visit).endBailiff)
	s.own("POST /cases/policy", (*visit).casePolicy)
}

// desk is what can be done with the case, and what was said about it.
func (f *claimFile) desk(ctx context.Context, tx store.Tx) (*cases.Desk, error) {
	id := f.row.ID
	file, err := claim.Load(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	state, err := file.Today(f.frame.Today())
	if err != nil {
		return nil, err
	}
	of := func(n int64) money.Amount { return money.Of(n, f.row.Currency) }
	d := &cases.Desk{State: f.row.State, Total: of(state.Total()), Principal: of(state.Principal), Costs: of(state.Costs), Interest: of(state.Interest), LetterHelps: file.Pack.InterruptionText("").Interrupts}
	if !file.Rate.IsZero() {
		costs, interest := file.ChargesByLaw(state)
		d.Exchange = fmt.Sprintf("By law the costs are %s and the interest %s; converted at %s, which stays.", f.frame.Amount(costs), f.frame.Amount(interest), file.Rate)
	}
	if f.row.State != "closed" {
		if d.Lapses, err = casework.LimitedOn(ctx, tx, file); err != nil {
			return nil, err
		}
		known, err := tx.Acknowledgements(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, a := range known {
			d.Acknowledged = append(d.Acknowledged, cases.Acknowledged{On: a.OnDay, Why: a.Why})
		}
	}
	conditions, err := file.Conditions(f.frame.Today())
	if err != nil {
		return nil, err
	}
	for _, c := range conditions {
		if !c.Kept {
			d.Until = append(d.Until, cases.Conditional{Amount: of(c.Amount), Pay: of(c.Pay), Until: c.Until})
		}
	}
	for _, i := range file.Invoices {
		if i.LeftAt != nil {
			continue
		}
		d.Invoices = append(d.Invoices, cases.Choice{ID: i.InvoiceID.String(), Label: i.Number})
		switch {
		case i.Status == "void":
		case i.BooksDebtor != f.row.DebtorID:
			d.Changed = append(d.Changed, cases.Changed{ID: i.InvoiceID.String(), Text: "The books have invoice " + i.Number + " on another debtor."})
		case i.BooksTotal != i.TotalMinor:
			d.Changed = append(d.Changed, cases.Changed{ID: i.InvoiceID.String(), Text: fmt.Sprintf("Invoice %s is %s in the books; the case claims %s.", i.Number, f.frame.Amount(of(i.BooksTotal)), f.frame.Amount(of(i.TotalMinor)))})
		}
	}
	m, err := dossier.Look(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	for _, x := range m.Missing {
		d.Missing = append(d.Missing, x.Text)
	}
	versions, err := tx.Dossiers(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		base := "/cases/" + id.String() + "/papers/"
		d.Versions = append(d.Versions, cases.Version{Number: int(v.Version), AsOf: v.AsOf, Complete: string(v.Missing) == "[]", PDF: base + v.PdfID.String(), ZIP: base + v.ArchiveID.String()})
	}
	return d, f.bailiffOf(ctx, tx, d)
}

var noteWords = map[string]string{
	"status": "news", "question": "a question", "answer": "an answer", "payment": "a payment", "correction": "the claim changed", "recall": "give it back", "closed": "closed", "costs": "costs",
}

func (f *claimFile) bailiffOf(ctx context.Context, tx store.Tx, d *cases.Desk) error {
	list, err := tx.Bailiffs(ctx)
	if err != nil {
		return err
	}
	chosen, err := tx.ChosenBailiff(ctx, f.row.ID)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	for _, b := range list {
		d.Bailiffs = append(d.Bailiffs, cases.Office{ID: b.ID.String(), Label: b.Name, Terms: bailiff.Terms(b), Chosen: b.ID == chosen.ID})
	}
	hs, err := tx.Handovers(ctx, f.row.ID)
	if err != nil {
		return err
	}
	for _, h := range hs {
		if h.State == "approved" || h.State == "sent" {
			d.Bailiff, d.Reference, d.Trouble, d.Terms = h.Name, h.Reference, h.LastError, h.Terms
			if h.State == "approved" {
				d.Reference, d.Unknown = "on its way", h.TriedAt != nil && h.LastError != ""
			}
			if h.FetchedAt != nil {
				d.Fetched = *h.FetchedAt
			}
		}
	}
	notes, err := tx.BailiffNotes(ctx, f.row.ID)
	if err != nil {
		return err
	}
	for _, n := range notes {
		one := cases.Note{ID: n.ID.String(), At: n.CreatedAt, In: n.Direction == "in", Kind: noteWords[n.Kind], Text: n.Text, Delivered: n.SentAt != nil, Booking: n.Booking, Why: n.BookingWhy}
		if currency, err := money.ParseCurrency(n.Currency); err == nil && n.AmountMinor != 0 {
			a := money.Of(n.AmountMinor, currency)
			one.Amount, one.Minor = f.frame.Amount(a), a.Decimal()
		}
		if !n.OnDay.IsZero() {
			one.Day = n.OnDay.String()
			one.Amount = joinNonEmpty(" on ", one.Amount, f.frame.Date(n.OnDay))
		}
		d.Notes = append(d.Notes, one)
	}
	events, err := tx.CaseEvents(ctx, f.row.ID)
	for i := len(events) - 1; i >= 0; i-- {
		d.Events = append(d.Events, cases.Event{At: events[i].At, Who: actorName(events[i].Actor), Text: events[i].Text})
	}
	return err
}

func (v *visit) caseStatement() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	lang := "nl"
	if asked := v.r.URL.Query().Get("lang"); languageNames[asked] != "" {
		lang = asked
	}
	var doc dossier.Document
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		frame, err := v.frame(tx, component.Cases, "Statement")
		if err != nil {
			return err
		}
		on := frame.Today()
		if asked, err := date.Parse(v.r.URL.Query().Get("on")); err == nil && !asked.IsZero() {
			on = asked
		}
		doc, err = dossier.Statement(ctx, tx, id, on, lang)
		return err
	}); err != nil {
		return err
	}
	serveDocument(v.w, db.Document{Name: doc.Name, MediaType: "application/pdf", Content: doc.Bytes}, false)
	return nil
}

// casePaper is a version of the dossier.
func (v *visit) casePaper() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	file, err := v.id("file")
	if err != nil {
		return err
	}
	var doc db.Document
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		list, err := tx.Dossiers(ctx, id)
		if err != nil {
			return err
		}
		for _, d := range list {
			if d.PdfID == file || d.ArchiveID == file {
				doc, err = tx.Document(ctx, file)
				return err
			}
		}
		return errNotHere
	}); err != nil {
		return err
	}
	serveDocument(v.w, doc, true)
	return nil
}

// onCase runs f on the case of the path and leads back to its page.
func (v *visit) onCase(said string, f func(ctx context.Context, tenant, id uuid.UUID, by string) error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	to := "/cases/" + id.String()
	err = f(v.r.Context(), v.member.Tenant, id, v.member.Name)
	if x := fault.Of(err); err != nil && (x.Kind == fault.Invalid || x.Kind == fault.Conflict) {
		return v.done(to, component.Flash{Tone: component.Red, Text: x.Message})
	}
	if err != nil {
		return err
	}
	return v.done(to, component.Flash{Tone: component.Green, Text: said})
}

func (v *visit) field(name string) string {
	return cutText(strings.TrimSpace(v.r.FormValue(name)), 2000)
}

func (v *visit) makeDossier() error {
	return v.onCase("The dossier is made.", func(ctx context.Context, tenant, id uuid.UUID, _ string) error {
		_, err := v.Cases.MakeDossier(ctx, tenant, id)
		return err
	})
}

func (v *visit) addEvidence() error {
	return v.onCase("Added to the dossier.", func(ctx context.Context, tenant, id uuid.UUID, by string) error {
		name, content, err := v.file("file")
		if err != nil {
			return err
		}
		return v.Cases.AddEvidence(ctx, tenant, id, casework.Evidence{Kind: v.field("kind"), Name: name, Media: mediaOf(name, content), Content: content}, by)
	})
}

// mediaOf is the type of a file by its name, else by its content.
func mediaOf(name string, content []byte) string {
	if media := mime.TypeByExtension(strings.ToLower(filepath.Ext(name))); media != "" {
		return media
	}
	return http.DetectContentType(content)
}

func (v *visit) confirmCase() error {
	return v.onCase("The case follows the books.", func(ctx context.Context, tenant, id uuid.UUID, by string) error {
		invoice, err := uuid.Parse(v.field("invoice"))
		if err != nil {
			return errNotHere
		}
		return v.Cases.Confirm(ctx, tenant, id, invoice, by)
	})
}

func (v *visit) takeOut() error {
	return v.onCase("The invoice is out of the case, which was computed anew.", func(ctx context.Context, tenant, id uuid.UUID, by string) error {
		invoice, err := uuid.Parse(v.field("invoice"))
		if err != nil {
			return errNotHere
		}
		return v.Cases.TakeOut(ctx, tenant, id, invoice, v.field("why"), by)
	})
}

func (v *visit) waiveCase() error {
	return v.onCase("Waived. The debtor gets a new statement.", func(ctx context.Context, tenant, id uuid.UUID, by string) error {
		w := claim.Waiver{Scope: claim.Final, Reason: v.field("why"), By: by}
		for name, to := range map[string]*int64{"costs": &w.Costs, "interest": &w.Interest} {
			text := strings.ReplaceAll(v.field(name), ",", ".")
			if text == "" {
				continue
			}
			currency, err := v.currencyOf(id)
			if err != nil {
				return err
			}
			a, err := money.Parse(text, currency)
			if err != nil {
				return fault.New(fault.Invalid, "waive_amount", "Write the amount as 12.50.")
			}
			*to = a.Minor
		}
		if until := v.field("until"); until != "" {
			var err error
			if w.Until, err = date.Parse(until); err != nil {
				return fault.New(fault.Invalid, "waive_until", "Choose the day by which the rest is to be paid.")
			}
		}
		if w.Costs == 0 && w.Interest == 0 {
			return fault.New(fault.Invalid, "waive_amount", "Give the amount of costs or of interest to waive.")
		}
		if err := v.read(func(ctx context.Context, tx store.Tx) error {
			c, err := tx.CaseByID(ctx, id)
			if err != nil {
				return err
			}
			return arrangement.MayWaive(ctx, tx, c.DebtorID, v.owner())
		}); err != nil {
			return err
		}
		return v.Cases.Waive(ctx, tenant, id, w)
	})
}

// currencyOf is the currency of a case, in which amounts are written on its page.
func (v *visit) currencyOf(id uuid.UUID) (currency money.Currency, err error) {
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		c, err := tx.CaseByID(ctx, id)
		currency = c.Currency
		return err
	})
	return currency, err
}

func (v *visit) pauseCase() error {
	return v.onCase("Done.", func(ctx context.Context, tenant, id uuid.UUID, by string) error {
		switch v.field("do") {
		case "resume":
			return v.Cases.Resume(ctx, tenant, id, by)
		case "interrupt":
			return v.Cases.Interrupt(ctx, tenant, id, by)
		}
		return v.Cases.Pause(ctx, tenant, id, "", time.Time{}, by)
	})
}

func (v *visit) acknowledgedCase() error {
	return v.onCase("Noted. Limitation begins anew as far as the law of the case says; add the paper to the evidence.", func(ctx context.Context, tenant, id uuid.UUID, by string) error {
		on, err := date.Parse(v.field("on"))
		if err != nil {
			return fault.New(fault.Invalid, "acknowledged_on", "Choose the day on which the debtor wrote it.")
		}
		return v.Cases.Acknowledged(ctx, tenant, id, on, cutText(v.field("why"), 500), by)
	})
}

func (v *visit) watchCase() error {
	return v.onCase("Done.", func(ctx context.Context, tenant, id uuid.UUID, by string) error {
		if v.field("do") == "end" {
			return v.Cases.End(ctx, tenant, id, v.field("why"), by)
		}
		on, err := date.Parse(v.field("on"))
		if err != nil {
			return fault.New(fault.Invalid, "look_on", "Choose the day of the next look.")
		}
		return v.Cases.Watch(ctx, tenant, id, on, v.field("why"), by)
	})
}

func (v *visit) handOverCase() error {
	return v.onCase("Approved. The case goes to the bailiff.", func(ctx context.Context, tenant, id uuid.UUID, by string) error {
		to, err := uuid.Parse(v.field("bailiff"))
		if err != nil {
			return errNotHere
		}
		return v.Cases.HandOver(ctx, tenant, id, to, by)
	})
}

func (v *visit) recallCase() error {
	return v.onCase("The case is recalled.", func(ctx context.Context, tenant, id uuid.UUID, by string) error {
		return v.Cases.Recall(ctx, tenant, id, v.field("why"), by)
	})
}

func (v *visit) noteCase() error {
	return v.onCase("Noted.", func(ctx context.Context, tenant, id uuid.UUID, by string) error {
		if v.field("kind") == "heard" {
			return v.Cases.Hear(ctx, tenant, id, bailiff.Note{Kind: "status", Text: v.field("text")}, by)
		}
		kind := "question"
		if asked := v.field("kind"); asked == "answer" || asked == "status" {
			kind = asked
		}
		return v.Cases.Write(ctx, tenant, id, kind, v.field("text"), by)
	})
}
