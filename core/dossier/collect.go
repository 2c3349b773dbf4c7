package dossier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// papers is a case with everything that goes into its dossier.
type papers struct {
	Manifest
	file      *claim.File
	adm       db.Administration
	debtor    db.Debtor
	state     claim.State
	statement letter.Statement
	contents  map[string][]byte
	invoices  map[uuid.UUID]db.ClaimInvoicesRow
	sent      []db.Message
	about     map[uuid.UUID][]uuid.UUID // invoices, by message
	files     map[uuid.UUID][]db.FilesOfRow
	last      time.Time
}

// collect reads all that belongs to a case. Without a day, the amounts are of the
// last day on which something happened, so that nothing new gives nothing else.
func collect(ctx context.Context, tx store.Tx, id uuid.UUID, on date.Date) (p *papers, err error) {
	p = &papers{contents: map[string][]byte{}, invoices: map[uuid.UUID]db.ClaimInvoicesRow{}, files: map[uuid.UUID][]db.FilesOfRow{}}
	if p.file, err = claim.Load(ctx, tx, id); err != nil {
		return nil, err
	}
	if p.adm, err = tx.Administration(ctx, p.file.Case.AdministrationID); err != nil {
		return nil, fmt.Errorf("load the administration: %w", err)
	}
	if p.debtor, err = tx.Debtor(ctx, p.file.Case.DebtorID); err != nil {
		return nil, fmt.Errorf("load the debtor: %w", err)
	}
	var ids []uuid.UUID
	for _, i := range p.file.Invoices {
		if i.LeftAt == nil {
			ids = append(ids, i.InvoiceID)
			p.invoices[i.InvoiceID] = i
		}
	}
	p.last = p.file.Case.OpenedAt
	if err := p.messages(ctx, tx, ids); err != nil {
		return nil, err
	}
	evidence, err := tx.EvidenceOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("load evidence: %w", err)
	}
	for _, e := range evidence {
		p.note(e.AddedAt)
		p.Evidence = append(p.Evidence, Evidence{Kind: e.Kind, Note: e.Note, File: p.put("evidence", e.Kind+" "+e.Name, e.MediaType, e.Content)})
	}
	if err := p.talk(ctx, tx, ids); err != nil {
		return nil, err
	}
	events, err := tx.CaseEvents(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("load what happened: %w", err)
	}
	for _, e := range events {
		if e.Kind != "dossier" {
			p.note(e.At)
		}
	}
	if on.IsZero() {
		on = date.Of(p.last.In(p.file.Zone))
	}
	if p.state, err = p.file.Today(on); err != nil {
		return nil, err
	}
	p.facts(on)
	p.claims(ids)
	p.notices()
	p.missing()
	return p, nil
}

// note remembers the last moment at which something happened.
func (p *papers) note(at time.Time) {
	if at.After(p.last) {
		p.last = at
	}
}

// put adds a file under a name that no other has, and returns its path.
func (p *papers) put(folder, name, media string, content []byte) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, strings.TrimSpace(name))
	ext := path.Ext(name)
	at := strings.TrimPrefix(folder+"/"+name, "/")
	for n := 2; p.contents[at] != nil; n++ {
		at = strings.TrimPrefix(fmt.Sprintf("%s/%s (%d)%s", folder, strings.TrimSuffix(name, ext), n, ext), "/")
	}
	if content == nil {
		content = []byte{}
	}
	p.contents[at] = content
	sum := sha256.Sum256(content)
	p.Files = append(p.Files, FileOfCase{Path: at, Media: media, Bytes: len(content), SHA256: hex.EncodeToString(sum[:])})
	return at
}

// messages are all that went out about the invoices, with their letters.
func (p *papers) messages(ctx context.Context, tx store.Tx, invoices []uuid.UUID) error {
	sent, err := tx.MessagesOfInvoices(ctx, invoices)
	if err != nil {
		return fmt.Errorf("load messages: %w", err)
	}
	p.sent = sent
	about, err := tx.MessagesAbout(ctx, invoices)
	if err != nil {
		return fmt.Errorf("load what messages are about: %w", err)
	}
	p.about = map[uuid.UUID][]uuid.UUID{}
	for _, a := range about {
		p.about[a.MessageID] = append(p.about[a.MessageID], a.InvoiceID)
	}
	subjects := slices.Clone(invoices)
	for _, m := range sent {
		subjects = append(subjects, m.ID)
	}
	files, err := tx.FilesOf(ctx, subjects)
	if err != nil {
		return fmt.Errorf("load files: %w", err)
	}
	for _, f := range files {
		p.files[f.SubjectID] = append(p.files[f.SubjectID], f)
	}
	for _, m := range sent {
		at := m.CreatedAt
		if m.SentAt != nil {
			at = *m.SentAt
		}
		p.note(at)
		out := Message{At: at.UTC(), Direction: "out", Step: m.Step, Channel: m.Channel, Recipient: m.Recipient, Subject: m.Subject, Delivery: m.Delivery, Evidence: plain(m.Evidence), Files: []string{}}
		day := date.Of(at.In(p.file.Zone)).String()
		if m.Channel != "letter" {
			out.Files = append(out.Files, p.put("messages", day+" "+m.Step+" "+m.Channel+".txt", "text/plain; charset=utf-8", []byte(m.Subject+"\n\n"+m.BodyText)))
		}
		for _, f := range p.files[m.ID] {
			out.Files = append(out.Files, p.put("messages", day+" "+f.Name, f.MediaType, f.Content))
		}
		p.Messages = append(p.Messages, out)
	}
	return nil
}

func plain(b json.RawMessage) any {
	var v map[string]any
	if json.Unmarshal(b, &v) != nil || len(v) == 0 {
		return nil
	}
	return v
}

// talk is what the debtor wrote and what was answered, and what is in dispute.
func (p *papers) talk(ctx context.Context, tx store.Tx, invoices []uuid.UUID) error {
	rows, err := tx.CorrespondenceOf(ctx, p.file.Case.DebtorID)
	if err != nil {
		return fmt.Errorf("load correspondence: %w", err)
	}
	for _, c := range rows {
		if c.InvoiceID.Valid && !slices.Contains(invoices, c.InvoiceID.UUID) {
			continue
		}
		p.note(c.At)
		day := date.Of(c.At.In(p.file.Zone)).String()
		p.Messages = append(p.Messages, Message{
			At: c.At.UTC(), Direction: c.Direction, Channel: c.Channel, Subject: c.Subject,
			Files: []string{p.put("messages", day+" "+c.Direction+" "+c.Channel+".txt", "text/plain; charset=utf-8", []byte(c.Subject+"\n\n"+c.Body))},
		})
	}
	slices.SortStableFunc(p.Messages, func(a, b Message) int { return a.At.Compare(b.At) })
	disputes, err := tx.CaseDisputes(ctx, invoices)
	if err != nil {
		return fmt.Errorf("load disputes: %w", err)
	}
	p.Disputes = []Dispute{}
	for _, d := range disputes {
		p.note(d.OpenedAt)
		p.Disputes = append(p.Disputes, Dispute{Invoice: d.Number, Opened: d.OpenedAt.UTC(), Reason: d.Reason, Note: d.Note, Amount: money.Of(d.AmountMinor, d.Currency), State: d.State, Resolution: d.Resolution})
	}
	return nil
}

func (p *papers) facts(on date.Date) {
	cur := p.file.Case.Currency
	p.Format = Format
	p.Case = CaseFacts{Number: p.file.Case.Number, Opened: p.file.Case.OpenedAt.UTC(), AsOf: on, Currency: cur}
	if r := p.file.Rate; !r.IsZero() {
		p.Case.Exchange = &r
		costs, interest := p.file.ChargesByLaw(p.state)
		p.Case.CostsByLaw, p.Case.InterestByLaw = &costs, &interest
	}
	c := creditor(p.adm)
	p.Creditor = Party{Name: c.Name, Address: c.Address, Country: p.adm.Country, Email: c.Email, Phone: c.Phone, Registration: c.Number, IBAN: c.IBAN}
	d := debtor(p.debtor, "")
	kind := "consumer"
	if p.debtor.Kind == string(sdk.Business) {
		kind = "business"
	}
	p.Debtor = Party{Name: d.Name, Kind: kind, Attention: d.Attention, Address: d.Address, Country: p.debtor.Country, Email: p.debtor.Email, Phone: p.debtor.Phone, Registration: p.debtor.Registration}
	p.statement = compose(p.file, p.state, p.adm, p.debtor, language(p.adm.Language))
	p.Sum = Sum{Principal: p.statement.Open.Principal, Costs: p.statement.Open.Costs, Interest: p.statement.Open.Interest, Total: p.statement.Open.Total, PerDay: p.statement.PerDay}
	for _, r := range p.statement.Rows {
		l := Line{On: r.On, Kind: string(r.Kind), Invoice: r.Invoice, Amount: r.Amount}
		for _, run := range r.Runs {
			l.Runs = append(l.Runs, Run(run))
		}
		p.Lines = append(p.Lines, l)
	}
	p.Payments = []Payment{}
	for _, t := range p.state.Taken {
		p.Payments = append(p.Payments, Payment{
			On: t.On, Amount: money.Of(t.Amount, cur), Costs: money.Of(t.Costs, cur), Interest: money.Of(t.InterestTotal(), cur), Principal: money.Of(t.PrincipalTotal(), cur), Left: money.Of(t.Left, cur), Order: string(t.Order),
		})
	}
}

func (p *papers) claims(ids []uuid.UUID) {
	for _, id := range ids {
		i := p.invoices[id]
		inv := Invoice{Number: i.Number, Issued: i.Issued, Due: i.Due, Total: money.Of(i.TotalMinor, i.Currency), Open: money.Of(0, i.Currency)}
		for _, l := range p.state.Lines {
			if l.Invoice == id {
				inv.Open = money.Of(l.Open, i.Currency)
			}
		}
		for _, f := range p.files[id] {
			switch f.Kind {
			case "invoice":
				inv.File = p.put("invoices", f.Name, f.MediaType, f.Content)
			case "upload": // with a claim that came without books (R121)
				p.Evidence = append(p.Evidence, Evidence{Kind: "contract", File: p.put("evidence", "contract "+f.Name, f.MediaType, f.Content)})
			case "attachment":
				p.Evidence = append(p.Evidence, Evidence{Kind: "notice", File: p.put("evidence", "notice "+f.Name, f.MediaType, f.Content)})
			}
		}
		for _, m := range p.sent {
			if m.Step == "invoice" && slices.Contains(p.about[m.ID], id) && arrives(m.Delivery) && m.SentAt != nil {
				inv.Delivered = fmt.Sprintf("sent by %s on %s, %s", m.Channel, date.Of(m.SentAt.In(p.file.Zone)), m.Delivery)
			}
		}
		p.Invoices = append(p.Invoices, inv)
	}
}
