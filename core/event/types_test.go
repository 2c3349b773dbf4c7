package event_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/event"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// TestTypes holds that every type that is told can be asked for by its name: what
// the core puts on the audit log as "thing.verb", and on the record of a case.
func TestTypes(t *testing.T) {
	t.Parallel()
	types := event.Types()
	told := map[string]string{} // type to where
	things := regexp.MustCompile(`^(promise|plan|dispute|mandate|debit|case|paid_claim|legal_stop|invoice|debtor|credit|flow|text)\.[a-z_]+$`)
	// Where the kind of an event of a case stands among the arguments.
	kinds := map[string]int{"Note": 4, "event": 0, "inCases": 3}
	files := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "../event/") || strings.Contains(path, "/store/") {
			return err
		}
		f, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		cases := strings.HasPrefix(path, "../casework/") || strings.HasPrefix(path, "../claim/") || strings.HasPrefix(path, "../dossier/") || strings.HasPrefix(path, "../dunning/") || strings.HasPrefix(path, "../arrangement/stop")
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := ""
			switch fun := call.Fun.(type) {
			case *ast.SelectorExpr:
				name = fun.Sel.Name
			case *ast.Ident:
				name = fun.Name
			}
			for i, a := range call.Args {
				s, ok := word(a)
				if !ok {
					continue
				}
				switch at, found := kinds[name]; {
				case name == "note" || name == "audit" || name == "auditOf":
					if s, _, _ = strings.Cut(s, " "); things.MatchString(s) {
						told[s] = path
					}
				case found && cases && i == at && regexp.MustCompile(`^[a-z_]+[a-z]$`).MatchString(s):
					told["case."+s] = path
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind := range bailiff.Kinds {
		told["case.bailiff_"+kind] = "the kinds of notes of a bailiff"
	}
	if len(told) < 70 {
		t.Errorf("only %d types were found; the reading of the code is out of date: %v", len(told), told)
	}
	for kind, where := range told {
		thing, verb, _ := strings.Cut(kind, ".")
		if !slices.Contains(types[thing], verb) {
			t.Errorf("%s is told by %s and is not among the types", kind, where)
		}
	}
}

// TestWhatPeopleDecideIsTold holds that decisions about things with a name are told
// as those about things with an id.
func TestWhatPeopleDecideIsTold(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := dunningtest.New(t, "2026-03-02 10:00")
	id := uuid.NewString()
	for _, tc := range []struct{ action, subject, event, kind, name string }{
		{"flow.published 3", "flow/b2b-nl", "flow.published", "flow", "b2b-nl"},
		{"flow.chosen b2b-nl", "administration/" + id, "flow.chosen", "administration", ""},
		{"flow.chosen b2b-nl", "segment/Slow payers of Jan", "flow.chosen", "segment", ""},
		{"text.changed", "text/nl/reminder_1", "text.changed", "text", "nl/reminder_1"},
		{"law_set", "administration/" + id, "law.changed", "administration", ""},
		{"approve_figure", "figure", "law.figure_approved", "figure", ""},
		{"credit.limit_passed", "debtor/" + id, "credit.limit_passed", "debtor", ""},
		{"credit.settings", "credit", "credit.settings", "credit", ""},
		{"letters_batched 12", "letter_batch/" + id, "letters.batched", "letter_batch", ""},
		{"letter_posted 2026-03-02", "message/" + id, "message.posted", "message", ""},
		{"debtor.risk high", "debtor/" + id, "debtor.risk", "debtor", ""},
		{"one_off", "invoice/" + id, "invoice.claimed", "invoice", ""},
		{"sign_in", "member/" + id, "", "", ""},
	} {
		t.Run(tc.action+" "+tc.subject, func(t *testing.T) {
			last := func() (list []event.Event) {
				w.In(func(tx store.Tx) error {
					rows, err := tx.Query(ctx, "select type, subject_kind, coalesce(data ->> 'name', '') from event order by id")
					if err != nil {
						return err
					}
					for rows.Next() {
						var e event.Event
						var name string
						if err := rows.Scan(&e.Type, &e.Subject.Kind, &name); err != nil {
							return err
						}
						e.Data = []byte(name)
						list = append(list, e)
					}
					return rows.Err()
				})
				return list
			}
			before := len(last())
			w.In(func(tx store.Tx) error {
				return tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: w.Clock.Now(), Actor: "anna", Action: tc.action, Subject: tc.subject, Detail: []byte(`{"exposure": 1}`)})
			})
			got := last()[before:]
			if tc.event == "" {
				if len(got) != 0 {
					t.Errorf("told %+v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Type != tc.event || got[0].Subject.Kind != tc.kind || string(got[0].Data) != tc.name {
				t.Fatalf("told %+v", got)
			}
			if thing, verb, _ := strings.Cut(tc.event, "."); !slices.Contains(event.Types()[thing], verb) {
				t.Errorf("%s cannot be asked for", tc.event)
			}
		})
	}
}

// word is the text of a string, or what a format or a sum of strings begins with.
func word(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.CallExpr:
		if len(e.Args) > 0 {
			return word(e.Args[0])
		}
	case *ast.BinaryExpr:
		if s, ok := word(e.X); ok && strings.HasSuffix(s, " ") {
			return s, true
		}
	}
	return "", false
}
