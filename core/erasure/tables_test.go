package erasure_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/erasure"
	"github.com/voldaan/voldaan/core/store"
)

// holdNothing are the tenant tables without personal data of debtors, and why.
var holdNothing = map[string]string{
	"administration":          "the creditor",
	"allocation":              "amounts and ids",
	"api_answer":              "answers to a program are gone after a day",
	"api_key":                 "the creditor's programs",
	"arrangement_policy":      "settings",
	"audit":                   "ids and actions; the actors are the creditor's people",
	"bailiff":                 "a business partner",
	"bank_statement":          "the creditor's account",
	"behaviour_event":         "kinds and amounts",
	"case_payment":            "ids and orders of settling",
	"case_policy":             "settings",
	"channel":                 "settings",
	"checkout_invoice":        "amounts and ids",
	"claim_entry":             "amounts and how they were computed",
	"connection":              "the creditor's account at a package",
	"connection_account":      "the creditor's account at a package",
	"connector_install":       "the creditor's choice",
	"connector_pin":           "the creditor's choice",
	"connector_wish":          "the creditor's choice",
	"counter":                 "numbers",
	"credit_alert":            "amounts",
	"credit_setting":          "settings",
	"debit_choice":            "a choice without words",
	"debit_invoice":           "amounts and ids",
	"debit_setting":           "settings",
	"event":                   "ids, kinds and amounts, for programs",
	"event_counter":           "numbers",
	"exchange_rate":           "rates, and who of the creditor gave them",
	"figure_approval":         "figures of the law",
	"flow":                    "the creditor's flows",
	"flow_resume":             "steps and amounts",
	"flow_version":            "the creditor's flows",
	"hold_back":               "steps and amounts",
	"inbox_claim":             "keys of invoices",
	"inbox_source":            "the creditor's folder",
	"invoice_change":          "amounts and days",
	"letter_batch":            "the creditor's people",
	"letter_batch_message":    "ids",
	"matter":                  "words of ours without personal data",
	"member":                  "the creditor's people",
	"message_invoice":         "amounts and ids",
	"notice":                  "days and amounts",
	"notice_invoice":          "amounts and ids",
	"outbox":                  "ids, until they are carried out",
	"own_text":                "the creditor's texts",
	"payment_plan_instalment": "days and amounts",
	"payment_plan_invoice":    "amounts and ids",
	"refresh_failure":         "the creditor's account at a package",
	"segment":                 "rules of the creditor",
	"session":                 "the creditor's people",
	"step_approval":           "the creditor's people",
	"step_record":             "steps and moments",
	"step_trial":              "settings",
	"subscription":            "the creditor's account at a package",
	"sync_cursor":             "how far the books were read",
	"sync_run":                "counts",
	"webhook_attempt":         "statuses and the programs' answers",
	"webhook_delivery":        "ids",
	"webhook_endpoint":        "the creditor's programs",
	"webhook_event":           "ids of providers",
}

// treated are the tables that hold personal data and what becomes of them; the rest
// of their words stays, and why is said in the names of the columns.
var treated = map[string]struct {
	what  string
	stays string // columns of words or codes that are not about a person
}{
	"acknowledgement":  {"words go; kind and day stay", "actor"},
	"arrangement_word": {what: "what was to be told goes"},
	"bailiff_note":     {"what was written goes; its day and amount stay", "direction external_id reference handed_on"},
	"bank_line":        {"name, account and words go", "line_key why"},
	"blocked_address":  {what: "rows go"},
	"case_dossier":     {what: "rows go, and their files"},
	"case_event":       {"words go; kind and day stay", "actor"},
	"case_evidence":    {what: "rows go, and their files"},
	"case_handover":    {"words and the link go; who decided stays", "pays_to proposed_by approved_by"},
	"case_invoice":     {what: "words go; amounts stay"},
	"checkout":         {"the address of the payment goes", "provider_id"},
	"collection":       {"notes go", "flow workflow_id closed_why next_step next_rule next_why held_rule not_before_rule workflow"},
	"collection_case":  {"words go", "number closed_code terms_agreed_rate"},
	"correspondence":   {what: "rows go"},
	"credit_company":   {what: "rows go"},
	"credit_limit":     {what: "rows go"},
	"credit_report":    {what: "rows go as soon as they ask"},
	"credit_request":   {"who it was about goes; that it was paid for stays", "asked_by"},
	"debit":            {"words go; amounts and days stay", "bank_reference reason_code reason_rule tell ended_by"},
	"debit_customer":   {what: "rows go"},
	"debtor":           {"all but the id at the books, the country and the kind of debtor goes", "external_id revision name"},
	"debtor_contact":   {what: "rows go"},
	"debtor_risk":      {what: "rows go"},
	"debtor_segment":   {what: "rows go"},
	"debtor_voice":     {what: "rows go"},
	"decision":         {"notes of persons go; what was decided by which rule stays", "facts reason"},
	"delivery_event":   {what: "answers of mail servers go"},
	"dispute":          {"words go", "opened_by resolved_by reason"},
	"document":         {what: "files go"},
	"erasure":          {"the request stays as its proof", "why asked_by"},
	"fee_entry":        {"why a person waived it goes; the amount and how it was computed stay", "actor calculation"},
	"flow_choice":      {what: "rows go"},
	"hold":             {"notes go", "created_by released_by reason"},
	"inbox_file":       {"files with nobody else's invoices go; by what they summed to they are known again", "sha256"},
	"invoice":          {"references go; number, days and amounts stay", "external_id revision number payment_reference credits hold"},
	"legal_stop":       {"words go", "recorded_by lifted_by"},
	"mandate":          {"the account goes; that there was a mandate stays", "reference provider_reference provider_id ended_by"},
	"message":          {"address and text go; that it was sent stays", "invoice_set header_id in_reply_to case_number external_id delivery"},
	"objection":        {what: "rows go"},
	"paid_claim":       {"words go", "created_by ended_by"},
	"payment":          {"name, account and words go", "external_id"},
	"payment_plan":     {"words go", "proposed_by created_by accepted_by ended_by interval reduce"},
	"portal_access":    {what: "rows go"},
	"portal_code":      {what: "rows go"},
	"portal_session":   {what: "rows go"},
	"promise":          {"words go", "created_by ended_by"},
	"rehearsal":        {"results that list the debtor go", "asked_by request"},
	"sync_problem":     {what: "rows go"},
	"task":             {"words go", "done_by"},
	"unbilled":         {what: "rows go"},
	"write_back":       {"words go", "external_id"},
}

// codes are columns of any table that hold words of ours and never a person's.
var codes = strings.Fields("booking channel country currency direction form kind language law method next_state outcome phase provider risk rule scheme scope source state status step template type")

// TestEveryTable fails for a tenant table that nobody thought of, and for words
// that are left in one that was.
func TestEveryTable(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := dunningtest.New(t, "2026-03-02 10:00")
	owner, err := pgx.Connect(ctx, w.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close(ctx) })
	f := filler{T: t, owner: owner, world: w, tables: schema(t, owner)}
	for table := range f.tables {
		_, none := holdNothing[table]
		if _, told := treated[table]; none == told {
			t.Errorf("R116 table %s: say in this test what becomes of it when a debtor is erased, or that it holds nothing of them", table)
		}
	}
	f.relax()
	jan, eva := f.debtor("jan"), f.debtor("eva")
	before := f.left("eva")
	office := &erasure.Office{Store: w.Store, Real: w.Clock}
	w.In(func(tx store.Tx) error {
		row, err := office.Ask(ctx, tx, jan, "Sanne")
		if err == nil && row.State != erasure.Anonymised {
			t.Fatalf("the request is %+v", row)
		}
		return err
	})
	after := f.left("eva")
	for place, n := range before {
		if after[place] != n {
			t.Errorf("R116 %s: %d rows of another debtor, %d before", place, after[place], n)
		}
	}
	for place := range f.left("jan") {
		table, column, _ := strings.Cut(place, ".")
		if holdNothing[table] == "" && !slices.Contains(codes, column) && !slices.Contains(strings.Fields(treated[table].stays), column) {
			t.Errorf("R116 %s still says what it said before the debtor was erased", place)
		}
	}
	for _, do := range []string{"delete from credit_report", "delete from case_dossier", "delete from case_evidence", "update case_event set text = ''", "update decision set reason = ''", "update delivery_event set detail = ''", "update fee_entry set why = ''"} {
		if err := w.Store.In(ctx, w.Tenant, func(tx store.Tx) error { _, err := tx.Exec(ctx, do); return err }); err == nil || !strings.Contains(err.Error(), "is proof and stays") {
			t.Errorf("%s of a debtor who asked for nothing: %v", do, err)
		}
	}
	if eva == jan || len(before) < 200 {
		t.Errorf("only %d columns were filled", len(before))
	}
}

// column is one of a table, by its type in the catalogue.
type column struct{ name, kind string }

func schema(t *testing.T, owner *pgx.Conn) map[string][]column {
	t.Helper()
	rows, err := owner.Query(context.Background(), `
		select c.table_name, c.column_name, c.udt_name from information_schema.columns c join information_schema.tables b using (table_schema, table_name)
		where c.table_schema = 'public' and b.table_type = 'BASE TABLE' and c.is_generated = 'NEVER' and c.is_identity = 'NO'
		  and exists (select 1 from information_schema.columns k where k.table_schema = 'public' and k.table_name = c.table_name and k.column_name = 'tenant_id')
		order by c.table_name, c.ordinal_position`)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]column{}
	var table string
	var c column
	if _, err := pgx.ForEachRow(rows, []any{&table, &c.name, &c.kind}, func() error { out[table] = append(out[table], c); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// filler writes a row of every table for a debtor, with words that can be found.
type filler struct {
	*testing.T
	owner  *pgx.Conn
	world  *dunningtest.World
	tables map[string][]column
}

// relax takes away what would not let a row in that means nothing.
func (f filler) relax() {
	f.Helper()
	if _, err := f.owner.Exec(context.Background(), `
		do $$ declare c record; begin
			for c in select conrelid::regclass as of, conname from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace loop
				execute format('alter table %s drop constraint %I', c.of, c.conname);
			end loop;
		end $$;
		set session_replication_role = replica`); err != nil {
		f.Fatal(err)
	}
}

// names are columns that hold the id of a row of another table.
var names = map[string]string{
	"case_id": "collection_case", "plan_id": "payment_plan", "pdf_id": "document", "archive_id": "document", "handover_id": "case_handover", "batch_id": "letter_batch",
	"report_id": "credit_report", "statement_id": "bank_statement", "endpoint_id": "webhook_endpoint", "retry_of": "debit", "next_run": "sync_run", "opened_run": "sync_run",
}

// subjects are the tables whose rows others may be about.
var subjects = strings.Fields("debtor invoice message collection_case bailiff_note correspondence dispute promise paid_claim payment_plan payment legal_stop mandate debit")

func id(who, table string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(who+"/"+table)) }

// needle is what stands in every column of words.
func needle(who string) string { return "needle-" + who }

func (f filler) debtor(who string) uuid.UUID {
	f.Helper()
	for table, columns := range f.tables {
		about := []string{""}
		if slices.ContainsFunc(columns, func(c column) bool { return c.name == "subject_id" || c.name == "scope_id" }) {
			about = subjects
		}
		for _, subject := range about {
			f.row(who, table, subject, columns)
		}
	}
	return id(who, "debtor")
}

func (f filler) row(who, table, subject string, columns []column) {
	f.Helper()
	var into, values []string
	var args []any
	for _, c := range columns {
		v := f.value(who, table, subject, c)
		if v == nil {
			continue
		}
		args = append(args, v)
		into, values = append(into, pgx.Identifier{c.name}.Sanitize()), append(values, fmt.Sprintf("$%d::text::%s", len(args), c.kind))
	}
	sql := fmt.Sprintf("insert into %s (%s) values (%s) on conflict do nothing", table, strings.Join(into, ", "), strings.Join(values, ", "))
	if _, err := f.owner.Exec(context.Background(), sql, args...); err != nil {
		f.Fatalf("fill %s: %v", table, err)
	}
}

// special are columns that must say something in particular.
var special = map[string]string{
	"fee_entry.kind": "waived", "invoice.status": "closed", "collection_case.state": "closed", "credit_request.state": "kept", "inbox_file.state": "taken", "flow_choice.scope": "debtor", "erasure.state": "withdrawn",
	"decision.reason": "On hold: needle. It waits.", "collection.held_why": "On hold: needle. It waits.", "rehearsal.result": `{"lines":[{"debtor":"needle"}]}`,
	"administration.time_zone": "Europe/Amsterdam", "administration.country": "NL", "message.state": "sent",
}

// value is the text of one; nil leaves the column to its default.
func (f filler) value(who, table, subject string, c column) any {
	if s, ok := special[table+"."+c.name]; ok {
		return strings.ReplaceAll(s, "needle", needle(who))
	}
	switch c.kind {
	case "uuid":
		switch {
		case c.name == "tenant_id":
			return f.world.Tenant.String()
		case c.name == "administration_id":
			return id(who, "administration").String()
		case c.name == "connection_id":
			return id(who, "connection").String()
		case c.name == "id" && subject != "":
			return id(who, table+"/"+subject).String()
		case c.name == "id":
			return id(who, table).String()
		case c.name == "subject_id" || c.name == "scope_id":
			return id(who, subject).String()
		case names[c.name] == "document":
			return id(who, "document/collection_case").String()
		case names[c.name] != "":
			return id(who, names[c.name]).String()
		}
		if of, ok := strings.CutSuffix(c.name, "_id"); ok && f.tables[of] != nil {
			return id(who, of).String()
		}
		return id(who, c.name).String()
	case "text", "citext", "varchar":
		switch {
		case table == "flow_choice" && c.name == "subject":
			return id(who, "debtor").String()
		case table == "inbox_claim" && c.name == "key":
			return needle(who) // the external id of the invoice
		}
		return needle(who)
	case "bytea":
		return `\x` + hex.EncodeToString([]byte(needle(who)))
	case "jsonb", "json":
		return fmt.Sprintf(`{"said":%q}`, needle(who))
	case "_text":
		return "{" + needle(who) + "}"
	case "_uuid":
		return "{}"
	case "bpchar":
		return "EUR"
	case "bool":
		return "false"
	case "date":
		return "2001-02-03"
	case "timestamptz":
		return "2001-02-03 04:05:06+00"
	case "interval":
		return "1 day"
	case "int2", "int4", "int8", "numeric", "float8":
		return "1"
	}
	f.Fatalf("%s.%s is of the type %s, which this test cannot fill", table, c.name, c.kind)
	return nil
}

// left counts in which columns the words about a debtor are.
func (f filler) left(who string) map[string]int {
	f.Helper()
	out := map[string]int{}
	for table, columns := range f.tables {
		for _, c := range columns {
			if !slices.Contains([]string{"text", "citext", "varchar", "bytea", "jsonb", "json", "_text"}, c.kind) {
				continue
			}
			col := pgx.Identifier{c.name}.Sanitize()
			var n int
			if err := f.owner.QueryRow(context.Background(), fmt.Sprintf("select count(*) from %s where strpos(%s::text, $1) > 0 or strpos(%s::text, $2) > 0", table, col, col),
				needle(who), hex.EncodeToString([]byte(needle(who)))).Scan(&n); err != nil {
				f.Fatal(err)
			}
			if n > 0 {
				out[table+"."+c.name] = n
			}
		}
	}
	return out
}
