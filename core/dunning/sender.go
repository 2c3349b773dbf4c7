package dunning

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// A sender whose mail comes back is heard by nobody, and is soon trusted by nobody:
// of at least so many mails in so many days, half come back (R55).
const (
	bouncedOf   = 100
	bouncedDays = 7
)

// MailStopped is the rule by which reminders of a sender wait.
const MailStopped = "R55"

// watchSender stops the mail of an administration when too much of it comes back.
func (p Planner) watchSender(ctx context.Context, tx store.Tx, administration uuid.UUID, now time.Time) error {
	since := now.AddDate(0, 0, -bouncedDays)
	n, err := tx.MailSince(ctx, db.MailSinceParams{AdministrationID: administration, SentAt: &since})
	if err != nil {
		return fmt.Errorf("count what came back: %w", err)
	}
	if n.Sent < bouncedOf || n.Bounced*2 < n.Sent {
		return nil
	}
	return p.StopMail(ctx, tx, administration, fmt.Sprintf("Of %d mails in %d days, %d came back.", n.Sent, bouncedDays, n.Bounced))
}

// StopMail stops the mail of an administration and raises one alert: its reminders
// wait, what has to go goes by letter (R55). It is also for whoever finds that its
// domain is not set up any more.
func (p Planner) StopMail(ctx context.Context, tx store.Tx, administration uuid.UUID, why string) error {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	n, err := tx.StopMail(ctx, db.StopMailParams{ID: administration, MailStoppedAt: &now, MailStoppedWhy: why})
	if err != nil {
		return fmt.Errorf("stop the mail of an administration: %w", err)
	}
	if n == 0 {
		return nil
	}
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: nullID(administration), Kind: "mail_stopped", SubjectID: administration,
		Title: "Mail of an administration does not arrive", Detail: why + " Its reminders wait until you resume them; invoices and statutory notices go by letter.", CreatedAt: now,
	}); err != nil {
		return fmt.Errorf("add task: %w", err)
	}
	return audit(ctx, tx, now, "voldaan", "mail_stopped", "administration/"+administration.String())
}

// ResumeMail lets the mail of an administration go again, with what waited for it.
func (p Planner) ResumeMail(ctx context.Context, tx store.Tx, administration uuid.UUID, by string) error {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	n, err := tx.ResumeMail(ctx, administration)
	if err != nil || n == 0 {
		return err
	}
	if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: "mail_stopped", SubjectID: administration, At: now, ByWhom: by}); err != nil {
		return fmt.Errorf("finish the task: %w", err)
	}
	if err := audit(ctx, tx, now, by, "mail_resumed", "administration/"+administration.String()); err != nil {
		return err
	}
	held, err := tx.HeldByRule(ctx, db.HeldByRuleParams{AdministrationID: administration, Rules: []string{MailStopped}})
	if err != nil {
		return fmt.Errorf("find what waited: %w", err)
	}
	return p.Replan(ctx, tx, held)
}

// untrusted reports whether a server refused a mail for its sender: no DKIM, no
// SPF, a domain that does not exist (the codes of RFC 7372).
func untrusted(r email.Receipt) bool {
	for _, code := range []string{"5.7.20", "5.7.21", "5.7.22", "5.7.23", "5.7.24", "5.7.25", "5.7.26", "5.7.27"} {
		if strings.HasPrefix(r.Enhanced, code) {
			return true
		}
	}
	return false
}

// senderObjects is what the state of the sender and the wishes of the debtor say to
// a step that the gate let pass.
func (f *fence) senderObjects() (policy.Verdict, bool) {
	switch {
	case f.led.adm.MailStoppedAt != nil && f.step.Reminds() && !f.step.Statutory:
		return policy.Verdict{Outcome: policy.Wait, Rule: MailStopped, Why: "Mail of this administration does not arrive: " + f.led.adm.MailStoppedWhy + " Its reminders wait until that is mended."}, true
	case f.led.restricted && courtesy(f.step):
		return policy.Verdict{Outcome: policy.Drop, Rule: "R116", Why: "The debtor asked to be erased: only what the claim needs by law still goes out; the flow goes on without this."}, true
	case f.led.objects[policy.Email] && marketing(f.step):
		return policy.Verdict{Outcome: policy.Drop, Rule: "R59", Why: "The debtor wants nothing but what has to be said; the flow goes on without it."}, true
	}
	return policy.Verdict{}, false
}
