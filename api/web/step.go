package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/invoice"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
)

func (v *visit) stepForm() error {
	m, _, err := v.stepModel()
	if err != nil {
		return err
	}
	return v.show(invoice.Step(m))
}

// stepModel composes the step as it would be taken now, without taking it.
func (v *visit) stepModel() (m invoice.StepModel, p dunning.Preview, err error) {
	id, err := v.id("id")
	if err != nil {
		return m, p, err
	}
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		inv, err := tx.Invoice(ctx, id)
		if err != nil {
			return err
		}
		if p, err = v.Steps.Preview(ctx, tx, id); err != nil {
			return err
		}
		f, err := v.frame(tx, component.Invoices, p.Step.Title)
		if err != nil {
			return err
		}
		if p.Moment.Zone != nil {
			f.Now = f.Now.In(p.Moment.Zone)
		}
		m = stepModelOf(f, p, id.String(), inv.Number)
		return nil
	})
	return m, p, err
}

func stepModelOf(f component.Frame, p dunning.Preview, id, number string) invoice.StepModel {
	m := invoice.StepModel{Frame: f, ID: id, Number: number, Step: p.Step.Title, Key: stepKey(p), PlannedAt: p.Plan.At, Checks: checksOf(f, p)}
	if p.Step.ID == "" {
		m.Step, m.Text, m.Refused = "Nothing", "Nothing is planned for this invoice.", "There is no step to take."
		return m
	}
	m.From, m.Subject, m.Text = senderLine(p), p.Message.Subject, p.Message.Text
	m.Channel, m.To = strings.TrimPrefix(channelWords(p.Channels), " by "), p.Email
	if m.Channel != "" {
		m.Channel = strings.ToUpper(m.Channel[:1]) + m.Channel[1:]
	}
	if m.To == "" {
		m.To = strings.Join(p.Address, ", ")
	}
	m.Peppol = p.Participant
	if p.Step.Bookkeeping() {
		m.Channel, m.Subject, m.To = "Your task list", p.Step.Title, "you"
		m.Text = "This step reaches nobody outside. It puts “" + p.Step.Title + ": invoice " + number + "” on the list of what needs you."
	}
	if p.Message.HTML != "" {
		m.HTMLHref = "/invoices/" + id + "/step/html"
	}
	if p.Letter != nil {
		m.Attachments = append(m.Attachments, invoice.Attachment{Name: "letter.pdf", Href: "/invoices/" + id + "/step/html?letter", Size: fmt.Sprintf("%d kB", len(p.Letter)>>10)})
	}
	if p.Step.ID == policy.SendInvoice {
		m.Attachments = append(m.Attachments, invoice.Attachment{Name: number + ".pdf", Href: "/invoices/" + id + "/pdf"})
	}
	if !p.Step.Bookkeeping() && !p.Step.Statutory && !p.Step.Phase.Beyond(receivable.Reminding) {
		m.ByHand, m.StepID = f.Today().String(), string(p.Step.ID)
	}
	if p.Verdict.Outcome != policy.Pass {
		m.Refused = p.Verdict.Why
		if !p.Verdict.Until.IsZero() {
			m.Refused += " It can go " + f.Moment(p.Verdict.Until) + "."
		}
	}
	return m
}

func senderLine(p dunning.Preview) string {
	if p.Creditor.Email == "" {
		return p.Creditor.Name
	}
	return p.Creditor.Name + " <" + p.Creditor.Email + ">"
}

// checksOf are what the gate looked at, and what it found.
func checksOf(f component.Frame, p dunning.Preview) (out []invoice.Check) {
	m := p.Moment
	add := func(ok bool, rule, text string) {
		out = append(out, invoice.Check{OK: ok, Text: text, Rule: ruleName(rule), RuleText: ruleText(rule)})
	}
	if p.Step.ID == "" {
		return nil
	}
	open := m.Claim.Open()
	add(open.Positive(), "R1", f.Amount(open)+" is open")
	if !p.Asked.IsZero() {
		add(true, "R5", "The books were read "+f.Ago(p.Asked)+"; they are asked again at the moment of sending")
	}
	if !m.BankConfirmed.IsZero() {
		add(p.Verdict.Rule != "R5", "R5", "Last bank statement "+f.Ago(m.BankConfirmed))
	}
	if p.Step.Demand {
		pending := "No payment is under way"
		if !m.PaymentPending.IsZero() {
			pending = "A payment is under way since " + f.Moment(m.PaymentPending)
		}
		add(m.PaymentPending.IsZero(), "R6", pending)
		last := "No earlier reminder to this debtor"
		if !m.LastReminder.IsZero() {
			last = "Last reminder to this debtor " + f.Day(m.LastReminder)
		}
		add(m.LastReminder.IsZero() || f.Today().DaysSince(m.LastReminder) >= m.MinInterval || p.Step.Statutory, "R15", last)
		unread := "No unread message"
		if m.UnreadMessage {
			unread = "The debtor wrote, and nobody answered yet"
		}
		add(!m.UnreadMessage || p.Verdict.Rule != "R62", "R62", unread)
	}
	if v := p.Verdict; v.Outcome != policy.Pass && !saidBy(out, v.Rule) {
		add(false, v.Rule, strings.TrimSuffix(v.Why, "."))
	}
	return out
}

func saidBy(list []invoice.Check, rule string) bool {
	for _, c := range list {
		if !c.OK && c.Rule == rule {
			return true
		}
	}
	return false
}

// stepKey stands for what was shown: another step, another text or another day
// is another key.
func stepKey(p dunning.Preview) string {
	h := sha256.New()
	fmt.Fprintln(h, p.Plan.Version, p.Step.ID, p.Email, strings.Join(p.Address, "/"), date.Of(p.Moment.Now), p.Message.Subject)
	h.Write([]byte(p.Message.Text))
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// stepHTML is the HTML part of the preview, or its letter.
func (v *visit) stepHTML() error {
	_, p, err := v.stepModel()
	if err != nil {
		return err
	}
	if v.r.URL.Query().Has("letter") {
		if p.Letter == nil {
			return errNoPDF
		}
		servePDF(v.w, "letter.pdf", p.Letter)
		return nil
	}
	return v.frameHTML(p.Message.HTML)
}

// stepNow moves the step to this moment, when it is still what was shown. The
// gate decides once more when it is taken.
func (v *visit) stepNow() error {
	m, _, err := v.stepModel()
	if err != nil {
		return err
	}
	if m.Refused != "" || v.r.FormValue("key") != m.Key {
		m.Frame.Flash = &component.Flash{Tone: component.Amber, Text: "Something changed since you looked, so nothing was sent. This is how it stands now."}
		return v.site.show(v.w, v.r, http.StatusConflict, invoice.Step(m))
	}
	id := uuid.MustParse(m.ID)
	if err := v.write(func(ctx context.Context, tx store.Tx) error { return v.Planner.StepNow(ctx, tx, id, v.member.Name) }); err != nil {
		return err
	}
	return v.done("/invoices/"+m.ID, component.Flash{Tone: component.Green, Text: m.Step + " is on its way; all checks run once more before it leaves."})
}

// byHand notes that a person did a step elsewhere, on a day (R11).
func (v *visit) byHand() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	to, f := "/invoices/"+id.String(), component.Flash{Tone: component.Green, Text: "Noted. The flow goes on after it."}
	on, err := date.Parse(v.r.FormValue("on"))
	if err != nil {
		return v.done(to, component.Flash{Tone: component.Amber, Text: "Give the day on which it was done."})
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		return v.Planner.ByHand(ctx, tx, id, policy.StepID(v.r.FormValue("step")), on, v.member.Name)
	}); err != nil {
		wrong := fault.Of(err)
		if wrong.Kind != fault.Invalid && wrong.Kind != fault.Conflict {
			return err
		}
		f = component.Flash{Tone: component.Amber, Text: wrong.Message}
	}
	return v.done(to, f)
}
