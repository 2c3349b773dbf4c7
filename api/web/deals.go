package web

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

func (s *site) arrangementRoutes() {
	s.look("GET /plans", (*visit).plans)
	s.look("GET /plans.csv", (*visit).plansCSV)
	s.look("GET /plans/{id}", (*visit).thePlan)
	s.act("POST /plans/{id}/accept", (*visit).planAct)
	s.act("POST /plans/{id}/reject", (*visit).planAct)
	s.act("POST /plans/{id}/cancel", (*visit).planAct)
	s.act("POST /plans/{id}/break", (*visit).planAct)
	s.look("GET /promises", (*visit).promises)
	s.look("GET /promises.csv", (*visit).promisesCSV)
	s.act("POST /promises/{id}/withdraw", (*visit).promiseAct)
	s.look("GET /disputes", (*visit).disputes)
	s.look("GET /disputes.csv", (*visit).disputesCSV)
	s.look("GET /disputes/{id}", (*visit).theDispute)
	s.act("POST /disputes/{id}/decide", (*visit).disputeDecide)
	s.act("POST /disputes/{id}/assign", (*visit).disputeAct)
	s.act("POST /disputes/{id}/credited", (*visit).disputeAct)
	s.act("POST /disputes/{id}/withdraw", (*visit).disputeAct)
	s.look("GET /paid-claims", (*visit).paidClaims)
	s.look("GET /paid-claims.csv", (*visit).paidClaimsCSV)
	s.act("POST /paid-claims/{id}/{found}", (*visit).paidAct)
	s.look("GET /legal-stops", (*visit).legalStops)
	s.look("GET /legal-stops.csv", (*visit).legalStopsCSV)
	s.look("GET /arrangements/files/{id}", (*visit).arrangementFile)
	s.debtorRoutes()
}

// dealSections are the lists beside each other.
func dealSections(ctx context.Context, tx store.Tx, active string) ([]component.Tab, error) {
	plans, err := tx.PlanCounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("count plans: %w", err)
	}
	promises, err := tx.PromiseCounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("count promises: %w", err)
	}
	disputes, err := tx.DisputeCounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("count disputes: %w", err)
	}
	return []component.Tab{
		{Label: "Plans", Href: "/plans", Count: int(plans.Proposed), Tone: component.Amber, Active: active == "plans"},
		{Label: "Promises", Href: "/promises", Count: int(promises.Open), Active: active == "promises"},
		{Label: "Disputes", Href: "/disputes", Count: int(disputes.Open), Tone: component.Amber, Active: active == "disputes"},
		{Label: "Says paid", Href: "/paid-claims", Active: active == "paid"},
		{Label: "Legal stops", Href: "/legal-stops", Active: active == "stops"},
	}, nil
}

// listing prepares a list of arrangements.
func (v *visit) listing(ctx context.Context, tx store.Tx, kind, title string) (m deals.ListModel, err error) {
	m.Kind = kind
	if m.Frame, err = v.frame(tx, component.Agreements, title); err != nil {
		return m, err
	}
	m.Sections, err = dealSections(ctx, tx, kind)
	return m, err
}

// tabsOf are the tabs of a list by the value that they put in its address.
func tabsOf(a *asking, list ...[2]string) (out []component.Tab) {
	known := slices.ContainsFunc(list, func(t [2]string) bool { return t[0] == a.tab })
	if !known {
		a.tab = list[0][0]
	}
	for _, t := range list {
		href := a.path
		if t[0] != "" {
			href += "?tab=" + t[0]
		}
		out = append(out, component.Tab{Label: t[1], Href: href, Active: t[0] == a.tab})
	}
	return out
}

// last is the last part of a path.
func last(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// filesOf are the files that came with an arrangement.
func filesOf(ctx context.Context, tx store.Tx, subject uuid.UUID) (out []component.Link, err error) {
	docs, err := tx.DocumentsOf(ctx, []uuid.UUID{subject})
	for _, d := range docs {
		out = append(out, component.Link{Label: d.Name, Href: "/arrangements/files/" + d.ID.String()})
	}
	return out, err
}

// arrangementFile is what a debtor or a colleague sent along with an arrangement.
func (v *visit) arrangementFile() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	var doc db.Document
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		doc, err = tx.Document(ctx, id)
		if err == nil && doc.Kind != "upload" {
			err = errNotHere
		}
		return err
	}); err != nil {
		return err
	}
	serveDocument(v.w, doc, false)
	return nil
}
