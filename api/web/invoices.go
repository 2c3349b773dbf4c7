package web

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/invoice"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) invoiceRoutes() {
	s.look("GET /invoices", (*visit).invoices)
	s.look("GET /invoices.csv", (*visit).invoicesCSV)
	s.look("GET /invoices/{id}", (*visit).invoice)
	s.look("GET /invoices/{id}/pdf", (*visit).invoiceDocument)
	s.look("GET /invoices/{id}/messages/{message}", (*visit).message)
	s.look("GET /invoices/{id}/messages/{message}/html", (*visit).messageHTML)
	s.look("GET /invoices/{id}/messages/{message}/files/{file}", (*visit).messageFile)
	s.look("GET /search", (*visit).search)
	s.act("POST /invoices/pause", (*visit).pauseMany)
	s.act("POST /invoices/resume", (*visit).resumeMany)
	s.look("GET /invoices/{id}/pause", (*visit).pauseForm)
	s.act("POST /invoices/{id}/pause", (*visit).pause)
	s.act("POST /invoices/{id}/resume", (*visit).resume)
	s.act("POST /invoices/{id}/reply", (*visit).reply)
	s.act("POST /invoices/{id}/by-hand", (*visit).byHand)
	s.act("POST /invoices/{id}/fees/waive", (*visit).waiveFees)
	s.act("POST /invoices/{id}/fees/restore", (*visit).restoreFees)
	s.own("POST /invoices/{id}/approve", (*visit).approveFigures)
	s.look("GET /invoices/{id}/step", (*visit).stepForm)
	s.look("GET /invoices/{id}/step/html", (*visit).stepHTML)
	s.act("POST /invoices/{id}/step", (*visit).stepNow)
	s.act("POST /undo", (*visit).undo)
}

// pageSize is how many rows a list shows at once.
const pageSize = 50

var invoiceTabs = []struct {
	tab   store.InvoiceTab
	label string
	tone  component.Tone
}{
	{store.AllOpen, "All open", ""}, {store.NeedAttention, "Needs attention", component.Amber}, {store.NotDue, "Not due", ""},
	{store.Reminded, "Reminding", ""}, {store.Held, "Held", ""}, {store.InCase, "Case", ""}, {store.Settled, "Paid", ""},
}

func (v *visit) invoices() error {
	a := v.asking("/invoices")
	m := invoice.ListModel{Tab: a.tab, Sort: a.in.Get("sort")}
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Invoices, "Invoices"); err != nil {
			return err
		}
		filter, err := invoiceFilter(ctx, tx, a, m.Frame.Today())
		if err != nil {
			return err
		}
		filter.Most = pageSize
		if place, ok := placeOf(a.in.Get("after")); ok {
			filter.After = place
		} else if place, ok := placeOf(a.in.Get("before")); ok {
			filter.After, filter.Back = place, true
		}
		m.Find = a.finder("invoices", "Number, debtor or amount")
		return loadInvoices(ctx, tx, &m, filter)
	}); err != nil {
		return err
	}
	return v.show(invoice.List(m))
}

// invoiceFilter is what the address of the list asks for, of its page or its file.
func invoiceFilter(ctx context.Context, tx store.Tx, a *asking, today date.Date) (f store.InvoiceFilter, err error) {
	sort := a.in.Get("sort")
	f = store.InvoiceFilter{
		Tab: store.InvoiceTab(a.tab), Search: a.search, Amount: a.amount, Today: today, Sort: store.InvoiceSort(strings.TrimPrefix(sort, "-")), Down: strings.HasPrefix(sort, "-"),
	}
	name, err := chooseSegment(ctx, tx, a)
	if err != nil {
		return f, err
	}
	f.Risk = chooseRisk(a)
	f.Segment, err = flow.Members(ctx, tx, name)
	return f, err
}

// invoicesCSV is the list, as it is filtered and sorted, as a file.
func (v *visit) invoicesCSV() error {
	return v.listFile("invoices", []string{"id", "number", "kind", "debtor", "administration", "issued", "due", "days_late", "total", "open", "currency", "status", "phase", "held", "next_step", "next_on"},
		func(ctx context.Context, tx store.Tx, f component.Frame, add func(...string)) error {
			filter, err := invoiceFilter(ctx, tx, v.asking("/invoices"), f.Today())
			if err != nil {
				return err
			}
			filter.Most = mostExported
			lines, err := tx.Invoices(ctx, filter)
			if err != nil {
				return err
			}
			names, err := namesOf(ctx, tx)
			for _, l := range lines {
				r := invoiceRow(f, l, true, names)
				open, currency := cells(r.Open)
				add(r.ID, r.Number, l.Kind, r.Debtor, r.Administration, l.Issued.String(), r.Due.String(), strconv.Itoa(r.DaysLate), r.Total.Decimal(), open, currency, l.Status, string(r.Phase), r.Held, r.Next, r.NextOn.String())
			}
			return err
		})
}

func loadInvoices(ctx context.Context, tx store.Tx, m *invoice.ListModel, f store.InvoiceFilter) error {
	counts, err := tx.InvoiceCounts(ctx, f.Today)
	if err != nil {
		return err
	}
	for _, t := range invoiceTabs {
		tab := component.Tab{Label: t.label, Href: "/invoices", Count: counts[t.tab], Tone: t.tone, Active: t.tab == f.Tab}
		if t.tab != "" {
			tab.Href += "?tab=" + string(t.tab)
		}
		m.Tabs = append(m.Tabs, tab)
	}
	adms, err := tx.Administrations(ctx)
	if err != nil {
		return fmt.Errorf("list administrations: %w", err)
	}
	lines, err := tx.Invoices(ctx, f)
	if err != nil {
		return err
	}
	names, err := namesOf(ctx, tx)
	if err != nil {
		return err
	}
	lines, more := cut(lines, f)
	for _, l := range lines {
		m.Rows = append(m.Rows, invoiceRow(m.Frame, l, len(adms) > 1, names))
	}
	m.New = len(adms) == 0 && len(lines) == 0 && !m.Find.Filtered()
	m.Pager = pager(*m, f, lines, more, counts[f.Tab])
	return nil
}

// cut drops the extra line that says whether there are more.
func cut(lines []store.InvoiceLine, f store.InvoiceFilter) ([]store.InvoiceLine, bool) {
	if len(lines) <= f.Most {
		return lines, false
	}
	if f.Back {
		return lines[1:], true
	}
	return lines[:f.Most], true
}

func invoiceRow(f component.Frame, l store.InvoiceLine, severalBooks bool, names stepNames) invoice.Row {
	sign := int64(1)
	if l.Kind == string(sdk.CreditNote) {
		sign = -1
	}
	r := invoice.Row{
		ID: l.ID.String(), Number: l.Number, Debtor: l.Debtor, Due: l.Due, Open: money.Of(sign*l.OpenMinor, l.Currency), Total: money.Of(sign*l.TotalMinor, l.Currency),
		Phase: phaseOf(l.Phase, l.Status, l.SourceSent), Held: heldWord(l.HeldRule), Unread: l.Unread && l.Status == string(sdk.Open), Attention: taskWord(l.Task),
	}
	if severalBooks {
		r.Administration = l.Administration
	}
	if r.Unread && r.Attention == "" {
		r.Attention = "Answer"
	}
	if late := f.Today().DaysSince(l.Due); late > 0 && l.Status == string(sdk.Open) && l.Kind == string(sdk.SalesInvoice) && r.Phase != component.Paid {
		r.DaysLate = late
	}
	if l.NextStep != "" && l.NextAt != nil {
		r.Next, r.NextOn = names.title(l.Flow, l.NextStep), date.Of(l.NextAt.In(f.Now.Location()))
	} else if l.NextStep != "" {
		r.Next = names.title(l.Flow, l.NextStep)
	}
	return r
}

func pager(m invoice.ListModel, f store.InvoiceFilter, lines []store.InvoiceLine, more bool, total int) (p component.Pager) {
	if len(lines) == 0 {
		return p
	}
	to := func(key string, l store.InvoiceLine) string {
		return m.Find.With(key, cursorOf(l))
	}
	if more && !f.Back || f.Back && f.After != nil {
		p.Next = to("after", lines[len(lines)-1])
	}
	if f.After != nil && (!f.Back || more) {
		p.Previous = to("before", lines[0])
	}
	p.Shown = m.Frame.Number(len(lines)) + " " + plural(len(lines), "invoice", "invoices")
	if !m.Find.Filtered() && total > len(lines) {
		p.Shown = fmt.Sprintf("%s of %s invoices", m.Frame.Number(len(lines)), m.Frame.Number(total))
	}
	return p
}

func cursorOf(l store.InvoiceLine) string {
	b, err := json.Marshal(store.InvoicePlace{Value: l.Place, ID: l.ID})
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func placeOf(cursor string) (*store.InvoicePlace, bool) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) == 0 {
		return nil, false
	}
	var p store.InvoicePlace
	if json.Unmarshal(b, &p) != nil {
		return nil, false
	}
	return &p, true
}

// searchOf reads what was typed: also as an amount when it looks like one.
func searchOf(q string) (string, *int64) {
	if len(q) > 100 {
		q = q[:100]
	}
	digits := strings.NewReplacer("€", "", " ", "", "\u00a0", "", "EUR", "").Replace(q)
	if i := strings.LastIndexAny(digits, ",."); i >= 0 && len(digits)-i == 3 {
		digits = strings.NewReplacer(",", "", ".", "").Replace(digits[:i]) + digits[i+1:]
	} else {
		digits = strings.NewReplacer(",", "", ".", "").Replace(digits) + "00"
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return q, nil
	}
	return q, &n
}
