package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-pdf/fpdf"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// What the bailiff of the demonstration is called, and signs in with.
const (
	demoBailiff      = "Gerechtsdeurwaarders De Wit"
	demoBailiffToken = "demo" // of voldaan emulate bailiff
	demoBailiffIBAN  = "NL02RABO0123456789"
)

// bailiffID is the bailiff of the demonstration.
func bailiffID(tenant uuid.UUID) uuid.UUID { return uuid.NewSHA1(tenant, []byte("demo/bailiff")) }

// settleBailiff puts the emulated bailiff on the list of the tenant, once, and again
// when it moved to another address.
func (a *app) settleBailiff(ctx context.Context, tenant uuid.UUID, endpoint string) error {
	id := bailiffID(tenant)
	return a.services.Store.In(ctx, tenant, func(tx store.Tx) error {
		known, err := tx.Bailiff(ctx, id)
		if err == nil && known.Endpoint == endpoint {
			return nil
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		return a.services.Bailiffs.Put(ctx, tx, db.PutBailiffParams{
			ID: id, Name: demoBailiff, Kind: "bailiff", Country: "NL", PaysTo: "bailiff", Transport: "api", Endpoint: endpoint, Standard: true,
			Email: "zaken@dewit.example", Terms: "Costs of the writ are the debtor's.",
		}, demoBailiffToken, storyOrigin, date.Of(storyOrigin), "voldaan demo")
	})
}

// collection is the case of an invoice at the bailiff, as the creditor sees it.
type collection struct {
	row      db.CollectionCase
	evidence int
	handover *db.HandoversRow
	notes    []db.BailiffNote
	parts    map[string]int64 // what the money of the bailiff settled, by kind
}

// collectionOf reads it; nil while there is no case.
func collectionOf(ctx context.Context, tx store.Tx, invoice uuid.UUID) (*collection, error) {
	c := &collection{parts: map[string]int64{}}
	var id uuid.UUID
	if err := tx.QueryRow(ctx, "select case_id from case_invoice where invoice_id = $1", invoice).Scan(&id); errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var err error
	if c.row, err = tx.CaseByID(ctx, id); err != nil {
		return nil, err
	}
	evidence, err := tx.EvidenceOf(ctx, id)
	if err != nil {
		return nil, err
	}
	c.evidence = len(evidence)
	list, err := tx.Handovers(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(list) > 0 {
		c.handover = &list[len(list)-1]
	}
	if c.notes, err = tx.BailiffNotes(ctx, id); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, "select a.kind, sum(a.amount_minor)::bigint from allocation a join payment p on p.id = a.payment_id where a.invoice_id = $1 and p.source = 'bailiff' and a.reversed_at is null group by a.kind", invoice)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var minor int64
		if err := rows.Scan(&kind, &minor); err != nil {
			return nil, err
		}
		c.parts[kind] = minor
	}
	return c, rows.Err()
}

// said reports whether a kind of note went in a direction.
func (c *collection) said(direction, kind string) bool {
	return slices.ContainsFunc(c.notes, func(n db.BailiffNote) bool { return n.Direction == direction && n.Kind == kind })
}

// money are the payments that the bailiff reported.
func (c *collection) money() []db.BailiffNote {
	return slices.DeleteFunc(slices.Clone(c.notes), func(n db.BailiffNote) bool { return n.Direction != "in" || n.Kind != "payment" })
}

// handedOn reports whether all of it came in on a bank statement.
func (c *collection) handedOn() bool {
	list := c.money()
	return len(list) > 0 && !slices.ContainsFunc(list, func(n db.BailiffNote) bool { return n.HandedOn == "" })
}

// goToBailiff is what the creditor does about a debtor who ignores everything: adds
// the contract when the case is ready, approves that the bailiff gets it, asks and
// answers, and takes in the bank statement with what the bailiff hands on.
func (p *player) goToBailiff(a *part) error {
	var c *collection
	if err := p.inBooks(func(ctx context.Context, tx store.Tx) (err error) {
		c, err = collectionOf(ctx, tx, a.ids[0])
		return err
	}); c == nil || err != nil {
		return err
	}
	page := "/cases/" + c.row.ID.String()
	with := c.row.State == "bailiff" && c.handover != nil && c.handover.State == "sent"
	switch {
	case c.row.State == "ready" && c.evidence == 0:
		file, err := contract(a)
		if err != nil {
			return err
		}
		return p.clerk.upload(page+"/evidence", "opdrachtbevestiging.pdf", file, map[string]string{"kind": "contract"})
	case c.row.State == "ready" && c.handover == nil:
		return p.clerk.send(page+"/handover", url.Values{"bailiff": {bailiffID(p.tenant).String()}})
	case with && !c.said("out", "question"):
		return p.clerk.send(page+"/note", url.Values{"kind": {"question"}, "text": {"When do you visit the debtor?"}})
	case with && c.said("in", "question") && !c.said("out", "answer"):
		return p.clerk.send(page+"/note", url.Values{"kind": {"answer"}, "text": {"Nothing has changed there, as far as we know."}})
	case c.row.State == "closed" && !c.handedOn():
		file, err := remittance(c, p.today())
		if err != nil {
			return err
		}
		return p.bank(context.Background(), "dewit.xml", strings.NewReader(file))
	}
	a.done = c.row.State == "closed"
	return nil
}

// remittance is the bank statement of the day on which the bailiff hands on what the
// debtor paid there.
func remittance(c *collection, day date.Date) (string, error) {
	sum, text := int64(0), "Afdracht"
	for _, n := range c.money() {
		sum, text = sum+n.AmountMinor, text+" "+n.Reference
	}
	s, err := statement.Compose(creditor.IBAN, "2026-201", "201", day, money.EUR(1_800_000),
		statement.Line{Amount: money.EUR(sum), CounterpartyName: demoBailiff, CounterpartyIBAN: demoBailiffIBAN, Text: text, BankReference: "2026052000031"},
	)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = statement.WriteCAMT053(&b, day.At(23, 0, amsterdam()), s)
	return b.String(), err
}

// contract is the order confirmation that the claim rests on.
func contract(a *part) ([]byte, error) {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCreationDate(storyOrigin)
	pdf.SetModificationDate(storyOrigin)
	pdf.AddPage()
	pdf.SetFont("Helvetica", "B", 16)
	pdf.Cell(0, 10, "Opdrachtbevestiging")
	pdf.Ln(16)
	pdf.SetFont("Helvetica", "", 11)
	for _, line := range []string{
		creditor.Name + ", " + creditor.Address + ", " + creditor.Zipcode + " " + creditor.City, "",
		"Opdrachtgever: " + name(a.actor), "Opdracht: drukwerk voorjaar 2026", "Prijs: EUR " + a.invoices[0].Total + " inclusief btw", "Betaling: binnen 7 dagen na de factuur", "",
		"Voor akkoord, 16 februari 2026",
	} {
		pdf.Cell(0, 7, line)
		pdf.Ln(7)
	}
	var b bytes.Buffer
	err := pdf.Output(&b)
	return b.Bytes(), err
}

// judgeCollection holds what came of it against the ending that the cast promises:
// the bailiff got the case on somebody's word, both asked and answered, and what came
// in was booked to costs, interest and principal, and handed on.
func (o *row) judgeCollection() {
	c := o.atBailiff
	if c == nil || c.handover == nil {
		o.miss(true, "no bailiff got the case")
		return
	}
	o.miss(c.handover.State != "ended" || !strings.HasPrefix(c.handover.Reference, "GDW-") || c.handover.ApprovedBy == "", "the hand-over is %s under %q, approved by %q", c.handover.State, c.handover.Reference, c.handover.ApprovedBy)
	for _, want := range [][2]string{{"in", "status"}, {"in", "question"}, {"out", "answer"}, {"out", "question"}, {"in", "answer"}, {"in", "payment"}} {
		o.miss(!c.said(want[0], want[1]), "no %s went %s", want[1], want[0])
	}
	collected, booked := int64(0), int64(0)
	for _, n := range c.money() {
		collected += n.AmountMinor
		o.miss(n.Booking != "booked", "a payment of the bailiff is %q: %s", n.Booking, n.BookingWhy)
	}
	for _, minor := range c.parts {
		booked += minor
	}
	o.miss(collected != booked, "%s was collected and %s booked", money.EUR(collected), money.EUR(booked))
	o.miss(c.parts["costs"] != o.found.Costs || c.parts["interest"] <= 0, "%s went to costs and %s to interest", money.EUR(c.parts["costs"]), money.EUR(c.parts["interest"]))
	principal, err := money.Parse(o.actor.invoices[o.seed].Total, "EUR")
	o.miss(err != nil || c.parts["principal"] != principal.Minor, "%s went to the principal", money.EUR(c.parts["principal"]))
	o.miss(!c.handedOn(), "what the bailiff collected is not handed on")
}

// collected says what the bailiff brought in, in words.
func (c *collection) collected() string {
	return fmt.Sprintf("Collected by the bailiff and handed on: principal %s, interest %s, costs %s.", money.EUR(c.parts["principal"]), money.EUR(c.parts["interest"]), money.EUR(c.parts["costs"]))
}

// clerk is who works at the creditor's, in the pages.
type clerk struct {
	hub    string
	client *http.Client
}

// signIn signs in, and is done where that was so.
func (k *clerk) signIn() error {
	if k.client != nil {
		return nil
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	c := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	res, err := c.PostForm(k.hub+"/sign-in", url.Values{"email": {demoEmail}, "password": {demoPassword}})
	if err != nil {
		return err
	}
	if err := res.Body.Close(); err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("the sign-in is refused: %s", res.Status)
	}
	k.client = c
	return nil
}

// send sends a form of a page.
func (k *clerk) send(path string, form url.Values) error {
	return k.post(path, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

// upload sends a form with a file.
func (k *clerk) upload(path, name string, content []byte, fields map[string]string) error {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for field, value := range fields {
		if err := w.WriteField(field, value); err != nil {
			return err
		}
	}
	f, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = f.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return err
	}
	return k.post(path, w.FormDataContentType(), b.Bytes())
}

func (k *clerk) post(path, media string, body []byte) error {
	if err := k.signIn(); err != nil {
		return err
	}
	res, err := k.client.Post(k.hub+path, media, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if err := res.Body.Close(); err != nil {
		return err
	}
	switch {
	case res.Request.URL.Path == "/sign-in":
		k.client = nil
		return errors.New("the session has ended")
	case res.StatusCode >= http.StatusBadRequest:
		return fmt.Errorf("the page refuses %s: %s", path, res.Status)
	}
	return nil
}
