package files

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
	"github.com/voldaan/voldaan/sdk/invoicefile/openitems"
	"github.com/voldaan/voldaan/sdk/invoicefile/ubl"
	"github.com/voldaan/voldaan/sdk/money"
)

func reader(b []byte) io.Reader { return bytes.NewReader(b) }

// result is what a file holds.
type result struct {
	file      filebox.File
	kind      filebox.Kind
	documents []invoicefile.Document
	// settled are invoices of the list before that this list does not have any
	// more: they were paid or withdrawn in the books.
	settled  []sdk.Invoice
	problems []invoicefile.Problem
	refused  bool
}

// read fetches and parses a file. Only a failure to fetch is an error: what is
// wrong with the file itself is in the result.
func (p *pull) read(ctx context.Context, f filebox.File) (*result, error) {
	content, err := p.box.Content(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(content); f.Digest != hex.EncodeToString(sum[:]) {
		// What is read of half a file, or of a page that says why there is none, would
		// stand in the books, and the file would count as taken.
		return nil, errors.New("what came is not the file")
	}
	r := &result{file: f, kind: filebox.UBL}
	if isXML(content) {
		d, err := ubl.Parse(reader(content))
		if err != nil {
			r.refuse(err)
			return r, nil
		}
		d.Invoice.Document = true // the file itself; the host prints one without a PDF
		r.documents = []invoicefile.Document{d}
		r.term(p.m.Term)
		return r, nil
	}
	r.kind = filebox.List
	list, err := openitems.Read(content, p.m)
	if err != nil {
		r.refuse(err)
		return r, nil
	}
	r.documents, r.problems = list.Documents, list.Problems
	r.term(p.m.Term)
	if p.s.Config["complete"] == "true" {
		err = p.settle(ctx, r)
	}
	return r, err
}

// term gives a due date to what has none. A credit note needs none of its own.
func (r *result) term(days int) {
	for n := range r.documents {
		i := &r.documents[n].Invoice
		switch {
		case !i.Due.IsZero() || i.Issued.IsZero():
		case i.Kind == sdk.CreditNote:
			i.Due = i.Issued
		case days > 0:
			i.Due = i.Issued.AddDays(days)
		}
	}
}

// isXML looks past a byte order mark and the zeros of UTF-16.
func isXML(b []byte) bool {
	head := bytes.ReplaceAll(b[:min(len(b), 200)], []byte{0}, nil)
	return bytes.HasPrefix(bytes.TrimLeft(head, "\xef\xbb\xbf\xff\xfe \t\r\n"), []byte("<"))
}

func (r *result) refuse(err error) {
	var problem *invoicefile.Problem
	if !errors.As(err, &problem) {
		problem = invoicefile.Problemf("file", "%v", err)
	}
	r.refused, r.documents, r.settled = true, nil, nil
	r.problems = append(r.problems, *problem)
}

// mostDropped is the share of a list, in percent, that may be gone from the next
// one before that looks like an export that went wrong.
const mostDropped = 50

// settle compares a list that is complete with the one before it.
func (p *pull) settle(ctx context.Context, r *result) error {
	before, err := p.box.LatestList(ctx, r.file.ID)
	if gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	content, err := p.box.Content(ctx, before.ID)
	if err != nil {
		return err
	}
	old, err := openitems.Read(content, p.m)
	if err != nil {
		p.s.Log.Warn("the list before cannot be read with these settings; nothing is taken as settled", "file", before.ID)
		return nil
	}
	here := map[string]bool{}
	for _, d := range r.documents {
		here[d.Invoice.ID] = true
	}
	// A row that could not be read is not gone, and neither is one of the other
	// kind under the same number.
	for _, problem := range r.problems {
		for _, kind := range []sdk.InvoiceKind{sdk.SalesInvoice, sdk.CreditNote} {
			here[invoicefile.InvoiceID(kind, problem.Number)] = true
		}
		if problem.Number == "" {
			p.s.Log.Warn("a row without a number; nothing is taken as settled", "file", r.file.ID, "row", problem.Row)
			return nil
		}
	}
	open := 0
	for _, d := range old.Documents {
		if d.Invoice.Open.IsZero() {
			continue
		}
		open++
		if here[d.Invoice.ID] {
			continue
		}
		i := d.Invoice
		i.Status, i.Open = sdk.Paid, money.Of(0, i.Open.Currency)
		r.settled = append(r.settled, i)
	}
	if len(r.settled) > 3 && len(r.settled)*100 > open*mostDropped {
		r.refuse(invoicefile.Problemf("list_shrunk", "The list lacks %d of the %d open invoices of the list before it (%s). A complete list does not lose that many at once, so it was not taken: nothing was changed. Export it again, or send the lists in between.",
			len(r.settled), open, before.Name))
	}
	return nil
}

// admit claims the invoices of a file. An invoice that another UBL file brought
// with other contents is not taken over it.
func (r *result) admit(ctx context.Context, p *pull) error {
	if r.refused {
		return nil
	}
	var claims []filebox.Claim
	for _, d := range r.documents {
		claims = append(claims, filebox.Claim{Key: d.Invoice.ID, Digest: digest(d), Shared: r.kind == filebox.List})
	}
	for _, i := range r.settled {
		claims = append(claims, filebox.Claim{Key: i.ID, Shared: true})
	}
	owned := map[string]bool{}
	for part := range slices.Chunk(claims, 5000) {
		claimed, err := p.box.Claim(ctx, r.file.ID, part)
		if err != nil {
			return fmt.Errorf("claim invoices: %w", err)
		}
		for _, key := range claimed.Owned {
			owned[key] = true
		}
		for _, c := range claimed.Conflicts {
			number := ""
			for _, d := range r.documents {
				if d.Invoice.ID == c.Key {
					number = d.Invoice.Number
				}
			}
			problem := invoicefile.Problemf("duplicate_number", "Invoice %s came before, in %s of %s, with other contents. The first one counts. If this is a correction, credit the first one and give the new one a number of its own.",
				number, c.File.Name, c.File.Received.Format("2 January 2006"))
			problem.Number = number
			r.refuse(problem)
		}
	}
	r.mark(owned, p.s.Config["sent"])
	return nil
}

// mark says of which invoices there is a document, and which the debtors have
// already. Owned are those of a list of which a UBL file came before: their
// document is still there, and so is what was to be sent.
func (r *result) mark(owned map[string]bool, sent string) {
	listed := r.kind == filebox.List
	mark := func(i *sdk.Invoice) {
		if owned[i.ID] {
			i.Document = true
		}
		i.Sent = time.Time{}
		if sent == "all" || listed && sent != "none" && !owned[i.ID] {
			i.Sent = cmp.Or(i.Issued, i.Due).At(12, 0, time.UTC)
		}
	}
	for n := range r.documents {
		mark(&r.documents[n].Invoice)
	}
	for n := range r.settled {
		mark(&r.settled[n])
	}
}

// digest covers what a debtor is asked to pay, so that the same invoice in a
// file with other white space is the same invoice.
func digest(d invoicefile.Document) string {
	i := d.Invoice
	sum := sha256.Sum256([]byte(strings.Join([]string{
		i.ID, d.Debtor.ID, i.Issued.String(), i.Due.String(), i.Total.String(), i.Open.String(), i.Credits,
	}, "\x1f")))
	return hex.EncodeToString(sum[:])
}

// outcome says what came of the file.
func (r *result) outcome() filebox.Outcome {
	o := filebox.Outcome{State: filebox.Taken, Kind: r.kind, Documents: len(r.documents), Problems: r.problems}
	switch {
	case r.refused || len(r.documents)+len(r.settled) == 0:
		o.State = filebox.Refused
	case len(r.problems) > 0:
		o.State = filebox.Partly
	}
	return o
}

// key is the id of what is wrong with a file as a whole, or with rows that name
// no invoice. A later file of the same name answers it, and so does the next
// list where each is complete: the user corrects a file and sends it again.
func (r *result) key(config map[string]string) string {
	if r.kind == filebox.List && config["complete"] == "true" {
		return "file:list"
	}
	return "file:" + strings.ToLower(r.file.Name)
}

// shown is how many rows are named in one message.
const shown = 5

// unreadable tells what was left out: by invoice where it has a number, so that
// its reminders wait, and in one message for the rest. A file that was refused
// for an invoice that is known already casts no doubt on that invoice.
func (r *result) unreadable() (invoices map[string]string, rest string) {
	invoices = map[string]string{}
	var words []string
	more := 0
	for _, p := range r.problems {
		switch {
		case p.Code == "repeated_row":
		case p.Number != "" && !r.refused:
			invoices[invoicefile.InvoiceID(sdk.SalesInvoice, p.Number)] = r.file.Name + ": " + p.Error()
		case len(words) == shown:
			more++
		default:
			words = append(words, p.Error())
		}
	}
	if more > 0 {
		words = append(words, fmt.Sprintf("And %d more.", more))
	}
	if len(words) > 0 {
		rest = r.file.Name + ": " + strings.Join(words, " ")
	}
	return invoices, rest
}
