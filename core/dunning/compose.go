package dunning

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/core/outreach/token"
	"github.com/voldaan/voldaan/core/payment/reference"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// compose writes the message in the forms that its channels need.
func (f *fence) compose(ctx context.Context, o *outgoing) (err error) {
	o.mail, o.paper = f.key(o, policy.Email).id(), f.key(o, policy.Letter).id()
	if o.token = newToken(); f.trial {
		o.token = previewLink
	}
	c := f.led.content(o.step, o.parts, f.today)
	if o.byPost() && !c.PayBy.IsZero() {
		c.PayBy = f.led.payBy(o.step, f.today.AddDays(PostDays)) // R51: a letter is on its way first
	}
	c.PortalURL, c.PayURL, c.GenuineURL = f.Links.Portal(o.token), f.Links.Pay(o.token), f.Links.Genuine(o.id())
	if marketing(o.step) && o.by(policy.Email) {
		c.StopURL = f.Links.Stop(f.Post.Keys.Text(token.Stop, o.mail))
	}
	f.recall(o, &c)
	if err := f.lawful(ctx, o, &c); err != nil {
		return err
	}
	if err := f.reworded(ctx, o, &c); err != nil {
		return err
	}
	o.content = c
	return f.write(o)
}

// lawful states what the creditor's law gives and wants: costs and interest, the
// text of a notice, protected sentences. An ordinary message needs none of it,
// so that it can go out also where the law is not known.
func (f *fence) lawful(ctx context.Context, o *outgoing, c *outreach.Content) error {
	pack, err := f.led.lawOf(o.parts.demanded...)
	if err != nil {
		if !o.step.Statutory && !charges(o.step) {
			return nil
		}
		return fmt.Errorf("find the law: %w", err)
	}
	c.Country = pack.Code()
	kind, notice := f.led.noticeOf(pack, o.step)
	if charges(o.step) && !(notice && o.step.Phase == receivable.Final) {
		if err := f.charge(ctx, o, c); err != nil {
			return fmt.Errorf("compute costs and interest: %w", err)
		}
	}
	if err := f.readRules(ctx, o); err != nil {
		return err
	}
	if err := f.fees(ctx, o, c, pack, notice); err != nil {
		return fmt.Errorf("compute what the reminder costs: %w", err)
	}
	if notice {
		by := law.Post
		if !o.by(policy.Letter) {
			by = law.Email
		}
		if o.notice, err = f.led.newStatutory(pack, kind, o.parts.demanded, f.today, by, c.Charges); err != nil {
			return fmt.Errorf("compute the statutory notice: %w", err)
		}
		c.Notice, c.Step = o.notice.block(), outreach.StatutoryNotice
		if t := o.notice.text.Template; t != "" {
			c.Step = outreach.Step(t)
		}
		c.Language = outreach.Language(o.notice.notice.Language)
		if pack.NoticeHasTerm(kind) {
			c.PayBy = date.Date{} // the law's own term is the only one in the letter (R95)
		}
	}
	switch {
	case o.notice != nil:
		c.Exchange = told(pack, o.notice.rate, o.notice.sum)
	case o.claim != nil && len(c.Charges)+len(c.Announced) > 0:
		c.Exchange = told(pack, o.claim.rate, money.Amount{})
	}
	if o.texts, err = f.led.texts(pack, o.step, o.parts.demanded, f.today); err != nil {
		return fmt.Errorf("write what the law wants: %w", err)
	}
	for _, t := range o.texts {
		c.Law = append(c.Law, t.Text)
		if o.notice != nil {
			o.notice.notice.Stated = append(o.notice.notice.Stated, t.Amounts...)
		}
	}
	return nil
}

// write renders the content in the forms that its channels need.
func (f *fence) write(o *outgoing) (err error) {
	if !o.by(policy.Email) && !o.by(policy.Letter) && !o.by(policy.Peppol) {
		// A call or a text message has words of its own.
		o.message.Subject = o.step.Title
		return f.writeForms(o)
	}
	if o.message, err = outreach.Render(o.content); err != nil {
		return fmt.Errorf("write the message: %w", err)
	}
	if o.notice != nil {
		// The letter has the same words in another form.
		if err := o.notice.check(o.message.Text); err != nil {
			return err
		}
	}
	if err := f.writeForms(o); err != nil {
		return err
	}
	if !o.by(policy.Letter) {
		return nil
	}
	pdf, err := letter.Render(o.content, letter.Options{PaymentCode: paymentCode(o)})
	if err != nil {
		return fmt.Errorf("print the letter: %w", err)
	}
	o.letter = &pdf
	return nil
}

// charge states costs and interest: announced in a final reminder, due from the
// case on. Those of an open case are what its ledger says.
func (f *fence) charge(ctx context.Context, o *outgoing, c *outreach.Content) (err error) {
	switch kind := o.step.Kind(); {
	case kind == policy.FinalReminder:
		if o.claim, err = f.led.newClaim(o.parts.demanded, f.today); err == nil {
			c.Announced = o.claim.charges()
		}
	case kind == policy.OpenCase && f.it.claim == nil: // else its message goes out again
		if o.claim, err = f.led.newClaim(o.parts.demanded, f.today); err != nil {
			return err
		}
		c.Charges = o.claim.charges()
		o.caseNumber, err = f.caseNumber(ctx, o)
		c.CaseNumber = o.caseNumber
	default:
		if o.claim, err = f.bookedClaim(ctx, o.parts.demanded); err == nil {
			c.Charges = o.claim.charges()
		}
		if f.it.claim != nil {
			c.CaseNumber = f.it.claim.Number
		}
	}
	return err
}

// caseNumber is the number that an earlier attempt at this message stated, else
// the next one. It is taken in a transaction of its own, so that a message that
// leaves keeps its number whatever happens here.
func (f *fence) caseNumber(ctx context.Context, o *outgoing) (string, error) {
	old, err := f.tx.Message(ctx, o.id())
	if err == nil && old.CaseNumber != "" {
		return old.CaseNumber, nil
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("look for an earlier attempt: %w", err)
	}
	if f.trial {
		return fmt.Sprintf("Z%d-…", f.today.Year()), nil
	}
	var n int64
	err = f.Store.Aside(ctx, f.tx.Tenant, func(tx store.Tx) (err error) {
		n, err = tx.NextNumber(ctx, db.NextNumberParams{TenantID: tx.Tenant, Name: "case"})
		return err
	})
	return fmt.Sprintf("Z%d-%04d", f.today.Year(), n), err
}

// paymentCode is the EPC code of the slip; none when it cannot be made, as for
// another currency than the euro.
func paymentCode(o *outgoing) string {
	sum, ok := o.sum()
	if !ok {
		return ""
	}
	numbers := make([]string, len(o.parts.demanded))
	for i, it := range o.parts.demanded {
		numbers[i] = it.invoice.Number
	}
	code, err := reference.EPC{Name: o.content.Creditor.Name, IBAN: o.content.Creditor.IBAN, Amount: sum, Text: strings.Join(numbers, " ")}.Payload()
	if err != nil {
		return ""
	}
	return code
}

func newToken() string {
	b := make([]byte, 18)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
