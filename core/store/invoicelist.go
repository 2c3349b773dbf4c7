package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// InvoiceTab is a saved filter of the list of invoices.
type InvoiceTab string

// The filters.
const (
	AllOpen       InvoiceTab = ""
	NeedAttention InvoiceTab = "attention"
	NotDue        InvoiceTab = "sent"
	Reminded      InvoiceTab = "reminding"
	Held          InvoiceTab = "held"
	InCase        InvoiceTab = "case"
	Settled       InvoiceTab = "paid"
	Any           InvoiceTab = "any"
)

const isOpen = "i.status = 'open' and i.gone_at is null"

// needsPerson is an open task on the invoice or a message that nobody answered.
const needsPerson = `(exists (select 1 from task t where t.subject_id = i.id and t.done_at is null)
	or exists (select 1 from correspondence w where w.debtor_id = i.debtor_id and w.direction = 'in' and w.handled_at is null))`

var tabConditions = map[InvoiceTab]string{
	AllOpen: isOpen, NeedAttention: isOpen + " and " + needsPerson, NotDue: isOpen + " and i.due >= $1",
	Reminded: isOpen + " and c.phase in ('reminding', 'final')", Held: isOpen + " and c.held_rule <> ''",
	InCase: isOpen + " and c.phase in ('case', 'bailiff')", Settled: "(i.status in ('paid', 'void', 'uncollectible') or c.phase = 'closed')",
	Any: "i.gone_at is null",
}

// InvoiceSort is a column that the list can be sorted by.
type InvoiceSort string

// The columns.
const (
	ByDue    InvoiceSort = "due"
	ByOpen   InvoiceSort = "open"
	ByDebtor InvoiceSort = "debtor"
	ByNumber InvoiceSort = "number"
)

// sortColumns are the SQL of each column and the type of its values.
var sortColumns = map[InvoiceSort][2]string{
	ByDue: {"i.due", "date"}, ByOpen: {"i.open_minor", "bigint"}, ByDebtor: {"coalesce(d.name, '')", "text"}, ByNumber: {"i.number", "text"},
}

// InvoiceFilter chooses a page of invoices.
type InvoiceFilter struct {
	Tab            InvoiceTab
	Search         string        // part of a number, a debtor's name or a reference
	Amount         *int64        // an amount that was searched for, in minor units
	Debtor         uuid.UUID     // only of this debtor, Nil for all
	Administration uuid.UUID     // only of this administration, Nil for all
	Segment        Segment       // only of debtors of this segment, without a name for all
	Risk           string        // only of debtors of this risk, "" for all
	Today          date.Date     // of the tenant
	Sort           InvoiceSort   // ByDue when empty
	Down           bool          // from high to low
	After          *InvoicePlace // the last invoice of the page before
	Back           bool          // After is the first of the page after
	Most           int
}

// Segment is who belongs to a segment: those that were put in it by hand and, when
// it has a rule, those that the rule takes in. Empty parts of a rule ask nothing.
type Segment struct {
	Name             string
	HasRule          bool
	Kind             string // of the debtor
	Countries, Risks []string
	Least, Top       int64 // total of the invoice in minor units; 0 for no bound
}

// InvoicePlace is where an invoice stands in a sorted list.
type InvoicePlace struct {
	Value string    `json:"v"`
	ID    uuid.UUID `json:"i"`
}

// InvoiceLine is one invoice of a list.
type InvoiceLine struct {
	ID, DebtorID, AdministrationID uuid.UUID
	Number, Kind, Status           string
	Debtor, Administration         string
	Issued, Due                    date.Date
	Currency                       money.Currency
	TotalMinor                     int64
	OpenMinor                      int64 // less what was received and the books do not know of
	SourceSent                     bool
	Phase, HeldRule, HeldWhy       string
	NextStep, Flow, ClosedWhy      string
	NextAt                         *time.Time
	Unread                         bool
	Task                           string // kind of an open task, "" without one
	Place                          string // its value in the sorted column
}

// Invoices returns a page of invoices in the wanted order. It asks for one more
// than Most, so that the caller sees whether there are more.
func (tx Tx) Invoices(ctx context.Context, f InvoiceFilter) ([]InvoiceLine, error) {
	where, args := f.where()
	column, ok := sortColumns[f.Sort]
	if !ok {
		column = sortColumns[ByDue]
	}
	descending := f.Down != f.Back
	direction, beyond := "asc", ">"
	if descending {
		direction, beyond = "desc", "<"
	}
	if f.After != nil {
		args = append(args, f.After.Value, f.After.ID)
		where += fmt.Sprintf(" and (%s, i.id) %s ($%d::text::%s, $%d::uuid)", column[0], beyond, len(args)-1, column[1], len(args))
	}
	args = append(args, f.Most+1)
	// The page is found first: what it shows is read for its rows alone.
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		with page as (
			select i.id, %[1]s as place from %[2]s where %[3]s order by %[1]s %[4]s, i.id %[4]s limit $%[5]d)
		select i.id, i.debtor_id, i.administration_id, i.number, i.kind, i.status, coalesce(d.name, ''), m.name, i.issued, i.due, i.currency,
			i.total_minor, (i.open_minor - coalesce(r.received, 0))::bigint, i.sent_at is not null,
			coalesce(c.phase, ''), coalesce(c.held_rule, ''), coalesce(c.held_why, ''), coalesce(c.next_step, ''), coalesce(c.flow, ''), coalesce(c.closed_why, ''), c.next_at,
			exists (select 1 from correspondence w where w.debtor_id = i.debtor_id and w.direction = 'in' and w.handled_at is null),
			coalesce((select t.kind from task t where t.subject_id = i.id and t.done_at is null order by t.created_at limit 1), ''), page.place::text
		from page join invoice i on i.id = page.id join administration m on m.id = i.administration_id
		left join debtor d on d.id = i.debtor_id left join collection c on c.invoice_id = i.id
		left join lateral (
			select sum(a.amount_minor) as received from allocation a join payment p on p.id = a.payment_id
			where a.invoice_id = i.id and a.reversed_at is null and a.reflected_at is null and p.state = 'booked' and a.kind = 'principal') r on true
		order by page.place %[4]s, page.id %[4]s`, column[0], f.tables(), where, direction, len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("list invoices: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[InvoiceLine])
	if err != nil {
		return nil, fmt.Errorf("list invoices: %w", err)
	}
	if f.Back {
		slices.Reverse(list)
	}
	return list, nil
}

// tables are those that the conditions and the order of a list look at.
func (f InvoiceFilter) tables() string {
	out := "invoice i"
	if f.Search != "" || f.Sort == ByDebtor {
		out += " left join debtor d on d.id = i.debtor_id"
	}
	if strings.Contains(tabConditions[f.Tab], "c.") {
		out += " left join collection c on c.invoice_id = i.id"
	}
	return out
}

func (f InvoiceFilter) where() (string, []any) {
	condition, ok := tabConditions[f.Tab]
	if !ok {
		condition = tabConditions[AllOpen]
	}
	args := []any{f.Today}
	where := "$1::date is not null and " + strings.ReplaceAll(condition, "$1", "$1::date") + " and i.status <> 'draft'"
	add := func(sql string, v any) {
		args = append(args, v)
		where += fmt.Sprintf(" and "+sql, len(args))
	}
	if f.Debtor == uuid.Nil {
		// Data that is kept for the law only shows where a claim is still open (R116).
		where += " and (i.status = 'open' or not exists (select 1 from erasure e where e.debtor_id = i.debtor_id and e.state <> 'withdrawn'))"
	}
	if f.Debtor != uuid.Nil {
		add("i.debtor_id = $%d", f.Debtor)
	}
	if f.Administration != uuid.Nil {
		add("i.administration_id = $%d", f.Administration)
	}
	if f.Segment.Name != "" {
		where += f.Segment.where(&args)
	}
	if f.Risk != "" {
		add("coalesce((select r.risk from debtor_risk r where r.debtor_id = i.debtor_id), 'medium') = $%d", f.Risk)
	}
	if f.Search != "" {
		found := "i.number ilike $%[1]d or d.name ilike $%[1]d or i.reference ilike $%[1]d"
		if f.Amount != nil {
			args = append(args, *f.Amount)
			found += fmt.Sprintf(" or i.open_minor = $%d or i.total_minor = $%d", len(args), len(args))
		}
		add("("+found+")", Containing(f.Search))
	}
	return where, args
}

// where is the condition of an invoice whose debtor is in the segment.
func (s Segment) where(args *[]any) string {
	arg := func(v any) string {
		*args = append(*args, v)
		return fmt.Sprintf("$%d", len(*args))
	}
	in := "exists (select 1 from debtor_segment m where m.debtor_id = i.debtor_id and m.segment = " + arg(s.Name) + ")"
	if !s.HasRule {
		return " and " + in
	}
	rule := "exists (select 1 from debtor b left join debtor_risk r on r.debtor_id = b.id where b.id = i.debtor_id"
	if s.Kind != "" {
		rule += " and b.kind = " + arg(s.Kind)
	}
	if len(s.Countries) > 0 {
		rule += " and b.country = any (" + arg(s.Countries) + "::text[])"
	}
	if len(s.Risks) > 0 {
		rule += " and coalesce(r.risk, 'medium') = any (" + arg(s.Risks) + "::text[])"
	}
	rule += ")"
	if s.Least > 0 {
		rule += " and i.total_minor >= " + arg(s.Least)
	}
	if s.Top > 0 {
		rule += " and i.total_minor <= " + arg(s.Top)
	}
	return " and (" + in + " or " + rule + ")"
}

// Containing is the pattern of texts that contain a text, for ilike.
func Containing(text string) string { return "%" + likeEscape.Replace(text) + "%" }

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// InvoiceCounts returns how many open invoices each filter has.
func (tx Tx) InvoiceCounts(ctx context.Context, today date.Date) (map[InvoiceTab]int, error) {
	tabs := []InvoiceTab{AllOpen, NeedAttention, NotDue, Reminded, Held, InCase}
	var columns []string
	for _, t := range tabs {
		columns = append(columns, "count(*) filter (where "+strings.ReplaceAll(tabConditions[t], "$1", "$1::date")+")")
	}
	counts := make([]int, len(tabs))
	into := make([]any, len(tabs))
	for i := range counts {
		into[i] = &counts[i]
	}
	if err := tx.QueryRow(ctx, "select "+strings.Join(columns, ", ")+" from invoice i left join collection c on c.invoice_id = i.id where "+isOpen, today).Scan(into...); err != nil {
		return nil, fmt.Errorf("count invoices: %w", err)
	}
	out := map[InvoiceTab]int{}
	for i, t := range tabs {
		out[t] = counts[i]
	}
	return out, nil
}
