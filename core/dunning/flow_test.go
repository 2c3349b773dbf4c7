package dunning_test

import (
	"bytes"
	"context"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

var (
	businessFlow = []string{
		"2026-03-02 sent invoice R1", "2026-03-12 sent pre_reminder R1", "2026-03-19 sent reminder_1 R1", "2026-03-26 sent reminder_2 R1",
		"2026-03-30 done call_task flow", "2026-04-07 sent final_reminder R1", "2026-04-15 sent case_opened R1", "2026-04-22 sent summons_reminder R1",
		"2026-04-29 sent summons_2 R1", "2026-05-08 sent pre_judicial R1", "2026-05-18 done ready_for_bailiff flow",
	}
	consumerFlow = []string{
		"2026-03-02 sent invoice R1", "2026-03-13 sent pre_reminder R1", "2026-03-19 sent reminder_1 R1", "2026-03-26 sent reminder_2 R1",
		"2026-04-02 sent fourteen_day_letter R1", "2026-04-28 sent case_opened R1", "2026-05-04 done contact_attempt flow", "2026-05-08 sent plan_offer R1",
		"2026-05-15 sent summons_2 R1", "2026-05-28 sent pre_judicial R1", "2026-06-09 done ready_for_bailiff flow",
	}
)

// world has one debtor with one invoice of 3,000.00, due on 16 March.
func world(t *testing.T, kind sdk.PartyKind) *dunningtest.World {
	t.Helper()
	w := dunningtest.New(t, "2026-03-02 07:00")
	w.Books.Put(dunningtest.Debtor("jan", kind), dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000))
	w.Books.Sync()
	return w
}

func TestFlow(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		kind  sdk.PartyKind
		story []string
		phase string
	}{
		{"B2B NL to the bailiff", sdk.Business, businessFlow, "bailiff"},
		{"B2C NL to the bailiff", sdk.Consumer, consumerFlow, "bailiff"},
		{"R102 who is not known is protected as a consumer", sdk.Unknown, consumerFlow, "bailiff"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := world(t, tc.kind)
			w.Walk("2026-07-01 00:00")
			if got := w.Story("F1"); !slices.Equal(got, tc.story) {
				t.Errorf("the story is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tc.story, "\n"))
			}
			if s := w.State("F1"); s.Phase != tc.phase || s.NextStep != "" {
				t.Errorf("phase %s, next %q", s.Phase, s.NextStep)
			}
			once(t, w)
		})
	}
}

func TestFlowOfEveryDebtor(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*sdk.Party){
		"in English":                      func(p *sdk.Party) { p.Language = "en-GB" },
		"in a language without templates": func(p *sdk.Party) { p.Language = "fi" },
		"abroad":                          func(p *sdk.Party) { p.Address.Country = "BE" },
		"where we keep no calendar":       func(p *sdk.Party) { p.Address.Country = "US" },
		"by letter only":                  func(p *sdk.Party) { p.Email = "" },
		"with a strange name": func(p *sdk.Party) {
			p.Name, p.Attention = "=cmd|' /C calc'!A0\r\nBcc: x@y.test <b>", "Ünïcödé \u200b\x00"
		},
	} {
		for _, kind := range []sdk.PartyKind{sdk.Business, sdk.Consumer} {
			t.Run(name+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				w := dunningtest.New(t, "2026-03-02 07:00")
				p := dunningtest.Debtor("jan", kind)
				change(&p)
				w.Books.Put(p, dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000))
				w.Books.Sync()
				w.Walk("2026-03-28 00:00")
				approve(t, w) // the English words of the statutory notice
				w.Walk("2026-07-01 00:00")
				if s := w.State("F1"); s.Phase != "bailiff" {
					t.Errorf("phase %s, held by %q (%s)\n%s", s.Phase, s.HeldRule, s.HeldWhy, strings.Join(w.Story("F1"), "\n"))
				}
				if c := claims(w); c["costs"] != 42_500 {
					t.Errorf("the case has %v", c)
				}
				once(t, w)
			})
		}
	}
}

// once holds the mail server to each message once, and every message of ours to
// the server.
func once(t *testing.T, w *dunningtest.World) {
	t.Helper()
	seen := map[string]int{}
	for _, m := range w.Mail.Received() {
		seen[m.ID]++
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("message %s arrived %d times", id, n)
		}
	}
	w.In(func(tx store.Tx) error {
		rows, err := tx.Query(context.Background(), "select header_id from message where channel = 'email' and state = 'sent'")
		if err != nil {
			return err
		}
		defer rows.Close()
		n := 0
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			if seen[id] == 0 {
				t.Errorf("message %s is on record as sent and never arrived", id)
			}
			n++
		}
		if n != len(seen) {
			t.Errorf("%d messages on record, %d arrived", n, len(seen))
		}
		return rows.Err()
	})
}

func TestPaidOnTheWay(t *testing.T) {
	t.Parallel()
	for _, kind := range []sdk.PartyKind{sdk.Business, sdk.Consumer} {
		flow := map[sdk.PartyKind][]string{sdk.Business: businessFlow, sdk.Consumer: consumerFlow}[kind]
		for i, step := range flow {
			day, rest, _ := strings.Cut(step, " ")
			if strings.HasPrefix(rest, "done") || i == 0 {
				continue
			}
			t.Run("R2 "+string(kind)+" just before "+rest, func(t *testing.T) {
				t.Parallel()
				w := world(t, kind)
				w.Walk(day + " 00:00")
				on := date.MustParse(day).AddDays(-1)
				w.Books.Pay("F1", 300_000, on)
				w.Walk("2026-07-01 00:00")
				story := w.Story("F1")
				if want := append(slices.Clone(flow[:i]), day+" closed "+strings.Fields(rest)[1]+" R2"); !slices.Equal(story, want) {
					t.Errorf("the story is\n%s\nwant\n%s", strings.Join(story, "\n"), strings.Join(want, "\n"))
				}
				if s := w.State("F1"); s.Phase != "closed" || s.ClosedOn != on || s.WakeAt != nil {
					t.Errorf("closed on %s in phase %s, wakes %v; want the value date %s", s.ClosedOn, s.Phase, s.WakeAt, on)
				}
				once(t, w)
			})
		}
	}
}

func TestPartialPayment(t *testing.T) {
	t.Parallel()
	w := world(t, sdk.Business)
	w.Walk("2026-03-24 00:00")
	w.Books.Pay("F1", 100_000, date.MustParse("2026-03-23"))
	w.Books.Sync()
	if s := w.State("F1"); s.NotBeforeRule != "R34" || s.NotBefore != date.MustParse("2026-03-31") || s.NextStep != "reminder_2" {
		t.Errorf("R34: next is %s, not before %s by %q", s.NextStep, s.NotBefore, s.NotBeforeRule)
	}
	w.Walk("2026-04-01 00:00")
	sent := w.Messages("F1")
	last := sent[len(sent)-1]
	if last.Step != "reminder_2" {
		t.Fatalf("the last message is %s", last.Step)
	}
	for _, want := range []string{"3.000,00", "1.000,00", "2.000,00"} {
		if !strings.Contains(last.BodyText, want) {
			t.Errorf("R3: the reminder does not name %s:\n%s", want, last.BodyText)
		}
	}
	w.Walk("2026-05-20 00:00")
	if got := w.Sent("F1"); slices.Index(got, "reminder_1") != 2 || len(got) != len(slices.Compact(slices.Clone(got))) {
		t.Errorf("R34: the flow restarted: %v", got)
	}
}

func TestCase(t *testing.T) {
	t.Parallel()
	t.Run("R99 R103 R107 business", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-04-16 00:00")
		// 15% of 2,500 and 10% of 500.
		entries := claims(w)
		if entries["costs"] != 42_500 {
			t.Errorf("costs of %d", entries["costs"])
		}
		want := interest(t, law.InterestClaim{Debtor: law.Business, Principal: money.EUR(300_000), From: date.MustParse("2026-03-17"), Through: date.MustParse("2026-04-15")})
		if entries["interest"] != want || want == 0 {
			t.Errorf("interest of %d, want %d", entries["interest"], want)
		}
		m := message(w, "F1", "case_opened")
		for _, said := range []string{"Z2026-0001", "425,00", law.FormatAmount(money.EUR(want), "nl")} {
			if !strings.Contains(strings.ReplaceAll(m.BodyText, "\u00a0", " "), strings.ReplaceAll(said, "\u00a0", " ")) {
				t.Errorf("the summons does not say %q:\n%s", said, m.BodyText)
			}
		}
		dossier(t, w, "Z2026-0001", "Debtor jan", "Bakkerij Voorbeeld B.V.", "F1", "425,00", "25,03", "3.450,03", "laatste herinnering", "final-reminder", "F1.pdf")
	})
	// Where no law pack is, nothing beyond the principal is asked for.
	for _, country := range []string{"IT", "US"} {
		t.Run("creditor in "+country, func(t *testing.T) {
			t.Parallel()
			w := world(t, sdk.Business)
			w.In(func(tx store.Tx) error {
				_, err := tx.Exec(context.Background(), "update administration set country = $1", country)
				return err
			})
			w.Walk("2026-04-16 00:00")
			if entries := claims(w); entries["costs"] != 0 || entries["interest"] != 0 {
				t.Errorf("beyond the principal are asked %v", entries)
			}
			if s := w.State("F1"); s.HeldRule != "R95" || slices.Contains(w.Sent("F1"), "case_opened") {
				t.Errorf("held by %q, sent %v", s.HeldRule, w.Sent("F1"))
			}
		})
	}
	for country, step := range map[string]string{"DE": "final_reminder", "BE": "reminder_2", "FR": "final_reminder"} {
		t.Run("a figure that no source of "+country+" confirms reaches no debtor unapproved", func(t *testing.T) {
			t.Parallel()
			w := world(t, sdk.Business)
			w.In(func(tx store.Tx) error {
				_, err := tx.Exec(context.Background(), "update administration set country = $1", country)
				return err
			})
			w.Walk("2026-04-16 00:00")
			if s := w.State("F1"); s.HeldRule != "provisional_figure" || s.NextStep != step || slices.Contains(w.Sent("F1"), step) {
				t.Errorf("%s is next, held by %q, sent %v", s.NextStep, s.HeldRule, w.Sent("F1"))
			}
			walkApproving(t, w, "2026-06-30", "case_opened")
			if c := claims(w); c["costs"] != 4_000 || c["interest"] == 0 {
				t.Errorf("booked %v", c)
			}
		})
	}
	t.Run("R93 R96 R98 consumer with a part paid in the term and a part after", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Consumer)
		w.Walk("2026-04-03 00:00")
		w.Books.Pay("F1", 200_000, date.MustParse("2026-04-10")) // in the term
		w.Walk("2026-04-23 00:00")
		w.Books.Pay("F1", 40_000, date.MustParse("2026-04-22")) // the day after its end
		w.Walk("2026-06-01 00:00")
		entries := claims(w)
		if entries["costs"] != 15_000 {
			t.Errorf("costs of %d; 15%% of the 1,000.00 that was open when the term ended is 15000", entries["costs"])
		}
		opened := w.State("F1")
		if opened.Phase != "case" {
			t.Fatalf("phase %s: %v", opened.Phase, w.Story("F1"))
		}
		day := message(w, "F1", "case_opened").SentAt.In(dunningtest.Amsterdam)
		want := interest(t, law.InterestClaim{Debtor: law.Consumer, Principal: money.EUR(300_000), From: date.MustParse("2026-03-17"), Through: date.Of(day), Movements: []law.Movement{
			{On: date.MustParse("2026-04-10"), Principal: money.EUR(200_000)}, {On: date.MustParse("2026-04-22"), Principal: money.EUR(40_000)},
		}})
		if entries["interest"] != want || want == 0 {
			t.Errorf("interest of %d, want %d: it runs on the balance of each day", entries["interest"], want)
		}
		dossier(t, w, "posted 2026-04-02, deemed received 2026-04-07, term through 2026-04-21", "150,00", "2.000,00", "400,00")
	})
	t.Run("R36 a case whose invoices are paid asks a person about its costs", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-04-16 00:00")
		w.Books.Pay("F1", 300_000, date.MustParse("2026-04-16"))
		w.Books.Sync()
		if !slices.Contains(tasks(w), "costs_open") {
			t.Errorf("tasks are %v", tasks(w))
		}
	})
}

func interest(t *testing.T, q law.InterestClaim) int64 {
	t.Helper()
	nl, err := law.Pack("NL")
	if err != nil {
		t.Fatal(err)
	}
	i, err := nl.Interest(q)
	if err != nil {
		t.Fatal(err)
	}
	return i.Amount.Minor
}

func claims(w *dunningtest.World) map[string]int64 {
	out := map[string]int64{}
	w.In(func(tx store.Tx) error {
		cases, err := tx.Cases(context.Background())
		for _, c := range cases {
			entries, err := tx.ClaimEntries(context.Background(), c.ID)
			if err != nil {
				return err
			}
			for _, e := range entries {
				out[e.Kind] += e.AmountMinor
			}
		}
		return err
	})
	return out
}

func dossier(t *testing.T, w *dunningtest.World, says ...string) {
	t.Helper()
	w.In(func(tx store.Tx) error {
		cases, err := tx.Cases(context.Background())
		if err != nil || len(cases) != 1 {
			t.Errorf("%d cases, %v", len(cases), err)
			return err
		}
		doc, err := tx.DocumentOf(context.Background(), db.DocumentOfParams{SubjectID: cases[0].ID, Kind: "dossier"})
		if err != nil {
			return err
		}
		if !strings.HasPrefix(string(doc.Content), "%PDF-") {
			t.Error("the dossier is no PDF")
		}
		said := printed(t, doc.Content)
		for _, want := range says {
			if said != "" && !strings.Contains(said, want) {
				t.Errorf("R107: the dossier does not say %q:\n%s", want, said)
			}
		}
		return nil
	})
}

// printed is the text of a PDF, nothing where no reader of PDFs is installed.
func printed(t *testing.T, pdf []byte) string {
	t.Helper()
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Log("pdftotext is not installed: the text of the PDF is not read")
		return ""
	}
	cmd := exec.Command(reader, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func message(w *dunningtest.World, invoice, step string) (found db.Message) {
	for _, m := range w.Messages(invoice) {
		if m.Step == step && (found.ID == uuid.Nil || m.Channel == "email") {
			found = m
		}
	}
	return found
}

func tasks(w *dunningtest.World) (out []string) {
	w.In(func(tx store.Tx) error {
		rows, err := tx.OpenTasks(context.Background())
		for _, r := range rows {
			out = append(out, r.Kind)
		}
		return err
	})
	return out
}
