package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/bank"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/matching"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) bankRoutes() {
	s.look("GET /bank", (*visit).bank)
	s.look("GET /bank/{statement}", (*visit).bank)
	s.upload("POST /bank/statements", (*visit).uploadStatement)
	s.act("POST /bank/lines/{line}/confirm", (*visit).confirmLine)
	s.act("POST /bank/lines/{line}/ignore", (*visit).ignoreLine)
}

// bankTabs are the filters of the lines, with the states that each shows.
var bankTabs = []struct {
	key, label string
	tone       component.Tone
	states     []string
}{
	{"", "To decide", component.Amber, []string{"suggested", "unmatched", "reversal"}},
	{"matched", "Matched", "", []string{"matched"}},
	{"ignored", "Not for an invoice", "", []string{"ignored"}},
}

func (v *visit) bank() error {
	m, err := v.bankModel()
	if err != nil {
		return err
	}
	return v.show(bank.Page(m))
}

func (v *visit) bankModel() (m bank.Model, err error) {
	one := uuid.NullUUID{}
	if v.r.PathValue("statement") != "" {
		if one.UUID, err = v.id("statement"); err != nil {
			return m, err
		}
		one.Valid = true
	}
	tab := v.r.URL.Query().Get("tab")
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Bank, "Bank"); err != nil {
			return err
		}
		if err := statementsOf(ctx, tx, &m, one.UUID); err != nil {
			return err
		}
		counts, err := tx.LineCounts(ctx, one)
		if err != nil {
			return fmt.Errorf("count lines: %w", err)
		}
		states := bankTabs[0].states
		for _, t := range bankTabs {
			item := component.Tab{Label: t.label, Href: tabHref(v.r.URL.Path, t.key), Tone: t.tone, Active: t.key == tab}
			for _, c := range counts {
				if slices.Contains(t.states, c.State) {
					item.Count += int(c.Lines)
				}
			}
			if t.key == tab {
				states = t.states
			}
			m.Tabs = append(m.Tabs, item)
		}
		total := 0
		for _, t := range m.Tabs {
			if t.Active {
				total = t.Count
			}
		}
		from, back := asked(v.r.URL.Query())
		return linesOf(ctx, tx, &m, db.LinesInParams{States: states, Statement: one, Back: back}, from, url.URL{Path: tabHref(v.r.URL.Path, ""), RawQuery: query("tab", tab)}, total)
	})
	return m, err
}

func tabHref(path, tab string) string {
	if !strings.HasPrefix(path, "/bank") || path == "/bank/statements" {
		path = "/bank"
	}
	if tab == "" {
		return path
	}
	return path + "?tab=" + tab
}

func statementsOf(ctx context.Context, tx store.Tx, m *bank.Model, selected uuid.UUID) error {
	rows, err := tx.Statements(ctx)
	if err != nil {
		return fmt.Errorf("list statements: %w", err)
	}
	for i, r := range rows {
		s := bank.Statement{
			ID: r.ID.String(), Bank: r.Administration, Account: grouped(r.Iban), Number: r.Reference, From: r.Day, To: r.Day, Lines: int(r.Lines), Waiting: int(r.Waiting),
			Opening: money.Of(r.OpeningMinor, r.Currency), Closing: money.Of(r.ClosingMinor, r.Currency), ReadAt: r.ImportedAt, Selected: r.ID == selected,
		}
		if !r.FirstDay.IsZero() && r.FirstDay.Before(r.Day) {
			s.From = r.FirstDay
		}
		if j := slices.IndexFunc(rows[i+1:], func(o db.StatementsRow) bool { return o.Iban == r.Iban }); j >= 0 {
			if before := rows[i+1+j]; before.ClosingMinor != r.OpeningMinor {
				s.Gap = "It does not follow on the statement of " + m.Frame.Date(before.Day) + ": one in between is missing."
			}
		}
		m.Statements = append(m.Statements, s)
	}
	return nil
}

// lineStates are how a line shows; a reversal is one to look at.
var lineStates = map[string]bank.Match{"matched": bank.Matched, "suggested": bank.Suggested, "unmatched": bank.Unmatched, "reversal": bank.Unmatched, "ignored": bank.Ignored}

func linesOf(ctx context.Context, tx store.Tx, m *bank.Model, want db.LinesInParams, from *place, at url.URL, total int) error {
	want.Most = pageSize + 1
	if from != nil {
		want.FromDay, want.FromID = date.Of(from.At), from.ID
	}
	rows, err := tx.LinesIn(ctx, want)
	if err != nil {
		return fmt.Errorf("list lines: %w", err)
	}
	rows, m.Pager = page(rows, at, from, want.Back, func(r db.LinesInRow) place { return place{At: r.ValueDate.In(time.UTC), ID: r.ID} })
	m.Pager.Shown = shownOf(m.Frame, len(rows), total, "payment", "payments")
	proposals := make([]matching.Proposal, len(rows))
	var ids []uuid.UUID
	for i, r := range rows {
		if json.Unmarshal(r.Proposal, &proposals[i]) != nil {
			continue // a line without a proposal
		}
		for _, a := range proposals[i].Allocations {
			if id, err := uuid.Parse(a.InvoiceID); err == nil {
				ids = append(ids, id)
			}
		}
	}
	found, err := tx.Candidates(ctx, ids)
	if err != nil {
		return fmt.Errorf("load the invoices of lines: %w", err)
	}
	for i, r := range rows {
		l := bank.Line{
			ID: r.ID.String(), On: r.ValueDate, Payer: r.CounterName, Account: grouped(r.CounterIban), Text: r.Text, Amount: money.Of(r.AmountMinor, r.Currency), State: lineStates[r.State],
			Why: lowerFirst(strings.TrimSuffix(r.Why, ".")),
		}
		for _, a := range proposals[i].Allocations {
			for _, c := range found {
				if c.ID.String() == a.InvoiceID {
					l.Invoice = append(l.Invoice, bank.Candidate{InvoiceID: c.ID.String(), Number: c.Number, Debtor: c.Debtor, Open: money.Of(c.OpenMinor, c.Currency)})
				}
			}
		}
		m.Lines = append(m.Lines, l)
	}
	return nil
}

func (v *visit) uploadStatement() error {
	name, content, err := v.file("file")
	if err == nil {
		var u *bank.UploadReport
		if u, err = v.takeStatement(name, content); err == nil {
			m, err := v.bankModel()
			if err != nil {
				return err
			}
			m.Upload.Report = u
			return v.show(bank.Page(m))
		}
	}
	f := faultOf(err)
	if f.Kind == fault.Internal {
		return err
	}
	m, err := v.bankModel()
	if err != nil {
		return err
	}
	m.Upload.Error, m.Upload.Detail = "This file was not read", joinNonEmpty(": ", name, f.Message)
	return v.again(bank.Page(m))
}

// file reads an uploaded file whole.
func (v *visit) file(field string) (name string, content []byte, err error) {
	part, header, err := v.r.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return "", nil, fault.New(fault.Invalid, "file_missing", "Choose a file first.")
	}
	if err != nil {
		return "", nil, err
	}
	defer part.Close()
	content, err = io.ReadAll(part)
	return cutText(header.Filename, 120), content, err
}

func (v *visit) takeStatement(name string, content []byte) (*bank.UploadReport, error) {
	adm, err := v.accountOf(content)
	if err != nil {
		return nil, err
	}
	r, err := v.Bank.Import(v.r.Context(), v.member.Tenant, adm, name, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	return &bank.UploadReport{File: name, Lines: r.Lines, Matched: r.Matched, Suggested: r.Suggested, Unmatched: r.Unmatched + r.Reversals, Known: r.Known}, nil
}

// accountOf is the administration that a file is for: the one with the account,
// else the only one.
func (v *visit) accountOf(content []byte) (id uuid.UUID, err error) {
	list, err := statement.Parse(bytes.NewReader(content))
	if err != nil {
		return id, err
	}
	var adms []db.Administration
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		adms, err = tx.Administrations(ctx)
		return err
	}); err != nil {
		return id, err
	}
	for _, a := range adms {
		if len(list) > 0 && a.Iban != "" && a.Iban == list[0].IBAN {
			return a.ID, nil
		}
	}
	switch {
	case len(adms) == 1:
		return adms[0].ID, nil
	case len(adms) == 0:
		return id, fault.New(fault.Invalid, "no_books", "Connect your books first: a statement is matched with their open invoices.")
	}
	return id, fault.New(fault.Invalid, "account_unknown", "None of your administrations has the account of this statement. Set the account of the right one first.")
}

// confirmLine books a proposal, or assigns a line to the invoice that was named.
func (v *visit) confirmLine() error {
	id, err := v.id("line")
	if err != nil {
		return err
	}
	said := strings.TrimSpace(v.r.FormValue("invoice"))
	if _, notID := uuid.Parse(said); notID == nil || said == "" {
		err = v.Bank.Confirm(v.r.Context(), v.member.Tenant, id, v.member.Name)
	} else {
		err = v.Bank.Assign(v.r.Context(), v.member.Tenant, id, cutText(said, 80), v.member.Name)
	}
	return v.lineDone(err, "Booked. The reminders know of it.")
}

func (v *visit) ignoreLine() error {
	id, err := v.id("line")
	if err != nil {
		return err
	}
	return v.lineDone(v.Bank.Ignore(v.r.Context(), v.member.Tenant, id, v.member.Name), "Noted: not for an invoice.")
}

func (v *visit) lineDone(err error, said string) error {
	f := component.Flash{Tone: component.Green, Text: said}
	if err != nil {
		wrong := fault.Of(err)
		if wrong.Kind != fault.Invalid && wrong.Kind != fault.Conflict {
			return err
		}
		f = component.Flash{Tone: component.Amber, Text: wrong.Message}
	}
	return v.done(local(refererPath(v.r), "/bank"), f)
}
