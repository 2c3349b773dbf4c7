package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// The promises about words.
const (
	readable   = "every decision has a rule, and a reason that a person can read"
	costsNamed = "no message names collection costs before they may be asked or announced"
)

// inspectDecisions reads every decision, row by row.
func (y *year) inspectDecisions(ctx context.Context, f *findings) error {
	var number, step, outcome, rule, reason string
	return y.rows(ctx, `select i.number, d.step, d.outcome, d.rule, d.reason from decision d join invoice i on i.id = d.invoice_id order by d.id`,
		[]any{&number, &step, &outcome, &rule, &reason}, func() error {
			f.Checked[readable]++
			if wrong := unreadable(rule, reason); wrong != "" {
				f.breaks("the decision on %s (%s %s, %s) %s: %q", number, step, outcome, rule, wrong, reason)
			}
			return nil
		})
}

var (
	ruleName = regexp.MustCompile(`^(R[0-9]{1,3}|[a-z][a-z_]+)$`)
	machine  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-|%!|<nil>|\{\{|\b[a-z]+_[a-z_]+\b|SQLSTATE|\\u00|context canceled`)
)

// unreadable says why a person cannot do with a reason; empty when one can.
func unreadable(rule, reason string) string {
	words := strings.Fields(reason)
	switch {
	case !ruleName.MatchString(rule):
		return "has no rule"
	case len(words) < 2:
		return "says too little"
	case len(reason) > 1200:
		return "says too much"
	case strings.ToUpper(reason[:1]) != reason[:1] && words[0] != by:
		return "does not begin like a sentence"
	case machine.MatchString(reason):
		return "speaks to a machine"
	case strings.TrimSpace(reason) != reason || !strings.ContainsAny(reason[len(reason)-1:], ".!?"):
		return "does not end like a sentence"
	}
	return ""
}

// inspectNamed looks at every message that names collection costs: whether the law
// lets them be announced or asked on that day.
func (y *year) inspectNamed(ctx context.Context, f *findings) error {
	notices := map[uuid.UUID]time.Time{}
	var id uuid.UUID
	var at time.Time
	if err := y.rows(ctx, `select i.invoice_id, min(m.sent_at) from message m join message_invoice i on i.message_id = m.id and i.role = 'demanded'
		where m.state = 'sent' and m.step = 'fourteen_day_letter' group by 1`, []any{&id, &at}, func() error {
		notices[id] = at
		return nil
	}); err != nil {
		return err
	}
	var step, kind string
	var invoices []uuid.UUID
	// A message says the same of all its invoices; one that asks for none is about all that it lists.
	return y.rows(ctx, fmt.Sprintf(`select m.step, m.sent_at, d.kind, coalesce(array_agg(i.invoice_id order by i.invoice_id) filter (where i.role = 'demanded'), array_agg(i.invoice_id order by i.invoice_id))
		from message m join debtor d on d.id = m.debtor_id join message_invoice i on i.message_id = m.id join invoice v on v.id = i.invoice_id and v.kind = 'invoice'
		where m.state = 'sent' and m.body_text ~* '%s' group by m.id, d.kind order by m.sent_at, m.id`, costWords), []any{&step, &at, &kind, &invoices}, func() error {
		f.Checked[costsNamed]++
		on := date.Of(at.In(y.zone))
		for _, id := range invoices {
			e := y.entry(id)
			if wrong := y.land.named(kind == string(sdk.Business), step, on, e, notices[id], y.zone); wrong != "" {
				f.breaks("%s of %s names collection costs of %s, and %s", step, on, e.invoice.Number, wrong)
			}
		}
		return nil
	})
}
