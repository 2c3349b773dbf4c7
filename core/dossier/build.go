package dossier

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// Version is a dossier as it was made.
type Version struct {
	Number  int
	AsOf    date.Date
	Missing []Missing
	PDF     uuid.UUID // documents
	Archive uuid.UUID
	Digest  []byte
}

// archiveOf is the subject that archives of a case are stored with, apart from
// its PDF.
func archiveOf(id uuid.UUID) uuid.UUID { return uuid.NewSHA1(id, []byte("dossier/archive")) }

// Look lists what is missing without making anything.
func Look(ctx context.Context, tx store.Tx, id uuid.UUID) (Manifest, error) {
	p, err := collect(ctx, tx, id, date.Date{})
	if err != nil {
		return Manifest{}, err
	}
	return p.Manifest, nil
}

// Build makes the dossier of a case of a day, or of the last day on which
// something happened. When it says the same as the last version, that is it.
func Build(ctx context.Context, tx store.Tx, id uuid.UUID, on date.Date, now time.Time) (Version, error) {
	p, err := collect(ctx, tx, id, on)
	if err != nil {
		return Version{}, err
	}
	pdf, err := p.print()
	if err != nil {
		return Version{}, err
	}
	p.put("", "dossier.pdf", "application/pdf", pdf)
	slices.SortFunc(p.Files, func(a, b FileOfCase) int { return cmp.Compare(a.Path, b.Path) })
	manifest, err := json.MarshalIndent(p.Manifest, "", "  ")
	if err != nil {
		return Version{}, err
	}
	digest := sha256.Sum256(manifest)
	last, err := tx.LastDossier(ctx, id)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Version{}, fmt.Errorf("load the last dossier: %w", err)
	}
	if err == nil && bytes.Equal(last.Digest, digest[:]) {
		return Version{Number: int(last.Version), AsOf: last.AsOf, Missing: p.Missing, PDF: last.PdfID, Archive: last.ArchiveID, Digest: digest[:]}, nil
	}
	archive, err := p.pack(manifest)
	if err != nil {
		return Version{}, err
	}
	v := Version{Number: int(last.Version) + 1, AsOf: p.Case.AsOf, Missing: p.Missing, PDF: uuid.New(), Archive: uuid.New(), Digest: digest[:]}
	missing, err := json.Marshal(p.Missing)
	if err != nil {
		return Version{}, err
	}
	number := p.file.Case.Number
	for _, d := range []db.AddDocumentParams{
		{ID: v.PDF, SubjectID: id, Name: fmt.Sprintf("dossier %s v%d.pdf", number, v.Number), MediaType: "application/pdf", Content: pdf},
		{ID: v.Archive, SubjectID: archiveOf(id), Name: fmt.Sprintf("dossier %s v%d.zip", number, v.Number), MediaType: "application/zip", Content: archive},
	} {
		sum := sha256.Sum256(d.Content)
		d.TenantID, d.Kind, d.Sha256, d.CreatedAt = tx.Tenant, "dossier", sum[:], now
		if err := tx.AddDocument(ctx, d); err != nil {
			return Version{}, fmt.Errorf("store the dossier: %w", err)
		}
	}
	if err := tx.AddDossier(ctx, db.AddDossierParams{
		CaseID: id, Version: int32(v.Number), TenantID: tx.Tenant, AsOf: v.AsOf, Digest: digest[:], Missing: missing, PdfID: v.PDF, ArchiveID: v.Archive, MadeAt: now,
	}); err != nil {
		return Version{}, fmt.Errorf("store the dossier: %w", err)
	}
	return v, claim.Note(ctx, tx, id, now, "dossier", "voldaan", fmt.Sprintf("Version %d of the dossier was made; %s.", v.Number, completeness(p.Missing)), map[string]any{"sha256": hex.EncodeToString(digest[:])})
}

func completeness(missing []Missing) string {
	if len(missing) == 0 {
		return "it is complete"
	}
	return fmt.Sprintf("%d things are missing", len(missing))
}

// Incomplete is the fault of a dossier that lacks something, with the list
// (R107); nil when nothing is.
func Incomplete(missing []Missing) error {
	if len(missing) == 0 {
		return nil
	}
	texts := make([]string, len(missing))
	for i, m := range missing {
		texts[i] = m.Text
	}
	return fault.New(fault.Conflict, "dossier_incomplete", "The dossier is not complete. Missing: %s", strings.Join(texts, " "))
}

// pack writes the archive. All its files bear the day of the dossier, so that the
// same content is the same bytes.
func (p *papers) pack(manifest []byte) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	at := p.Case.AsOf.At(0, 0, time.UTC)
	add := func(name string, content []byte) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at})
		if err == nil {
			_, err = w.Write(content)
		}
		return err
	}
	if err := add("manifest.json", manifest); err != nil {
		return nil, fmt.Errorf("pack the dossier: %w", err)
	}
	for _, f := range p.Files {
		if err := add(f.Path, p.contents[f.Path]); err != nil {
			return nil, fmt.Errorf("pack the dossier: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack the dossier: %w", err)
	}
	return out.Bytes(), nil
}

// print makes the PDF: cover and summary, calculation, notices, what happened and
// what goes along.
func (p *papers) print() ([]byte, error) {
	lang := p.statement.Language
	w, err := outreach.WordsOf(lang)
	if err != nil {
		return nil, err
	}
	c := letter.Case{
		Language: lang, Number: p.Case.Number, Drawn: p.Case.AsOf.At(12, 0, time.UTC), AsOf: p.Case.AsOf, Zone: p.file.Zone, Creditor: p.statement.Creditor, Debtor: p.statement.Debtor,
		Totals: []letter.Sum{{Principal: p.claimed(), Costs: p.charged(), Interest: p.accrued(), Paid: p.paid(), Total: p.Sum.Total}},
	}
	for _, e := range p.Evidence {
		if e.Kind == "contract" || e.Kind == "terms" {
			c.Basis = strings.TrimPrefix(e.File, "evidence/")
			break
		}
	}
	for _, i := range p.Invoices {
		paid := i.Total
		paid.Minor -= i.Open.Minor
		c.Invoices = append(c.Invoices, outreach.Item{Number: i.Number, Issued: i.Issued, Due: i.Due, Original: i.Total, Paid: paid, Open: i.Open})
	}
	for _, r := range p.statement.Rows {
		c.Calculation = append(c.Calculation, outreach.Charge{Label: r.Label(w), Detail: r.Details(w), Amount: r.Amount})
	}
	for _, n := range p.Notices {
		c.Notices = append(c.Notices, letter.Service{Name: fmt.Sprintf(w.Label("dossier_notice"), strings.Join(n.Invoices, ", ")), Sent: n.Posted.At(12, 0, p.file.Zone),
			Evidence: fmt.Sprintf(w.Label("dossier_served"), w.Date(n.Posted), w.Date(n.Received), w.Date(n.LastDay))})
	}
	for _, m := range p.Messages {
		c.Events = append(c.Events, letter.Event{At: m.At, What: m.Subject + " (" + fate(w, m) + ")"})
	}
	for _, d := range p.Disputes {
		c.Disputes = append(c.Disputes, letter.Event{At: d.Opened, What: strings.TrimSpace(fmt.Sprintf("%s: %s; %s %s", d.Invoice, d.Reason, d.State, d.Resolution))})
	}
	for _, m := range p.Missing {
		c.Events = append(c.Events, letter.Event{At: c.Drawn, What: w.Label("dossier_missing") + ": " + m.Text})
	}
	slices.SortStableFunc(c.Events, func(a, b letter.Event) int { return a.At.Compare(b.At) })
	files := slices.Clone(p.Files)
	slices.SortFunc(files, func(a, b FileOfCase) int { return cmp.Compare(a.Path, b.Path) })
	for _, f := range files {
		c.Attachments = append(c.Attachments, letter.Attachment{Name: f.Path, SHA256: f.SHA256})
	}
	pdf, err := letter.Dossier(c)
	if err != nil {
		return nil, fmt.Errorf("print the dossier: %w", err)
	}
	return pdf.Bytes, nil
}

// fate is how a message went, in the words of the dossier.
func fate(w *outreach.Words, m Message) string {
	known := func(key string) string {
		switch key {
		case "email", "letter", "sms", "voice", "peppol", "portal", "accepted", "printed", "posted", "delivered", "returned", "bounced":
			return w.Label("dossier_" + key)
		}
		return key
	}
	way := w.Label("dossier_sent")
	if m.Direction == "in" {
		way = w.Label("dossier_received")
	}
	parts := []string{strings.TrimSpace(way + " " + known(m.Channel))}
	if m.Delivery != "" {
		parts = append(parts, known(m.Delivery))
	}
	return strings.Join(parts, ", ")
}
