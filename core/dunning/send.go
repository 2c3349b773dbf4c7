package dunning

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store/db"
)

// send makes the message of the step for all invoices that go with it, and hands
// it over.
func (f *fence) send(ctx, caller context.Context, m policy.Moment, v policy.Verdict) error {
	o, err := f.bundle(ctx, m, v)
	if err != nil {
		return err
	}
	if f.needsLetter(o.step) && !o.by(policy.Letter) {
		return f.object(ctx, policy.Verdict{Outcome: policy.Wait, Rule: "R51", Task: "no_address",
			Why: "There is no postal address: this notice goes by letter, since an e-mail does not prove its receipt (R56)."})
	}
	if err := f.enclose(ctx, o); err != nil {
		return err
	}
	if err := f.compose(ctx, o); err != nil {
		return f.unwritten(ctx, err)
	}
	if v, objects := policy.Unconfirmed(policy.Unapproved(o.figures(), f.led.approved)); objects {
		return f.object(ctx, v)
	}
	if o.by(policy.Email) {
		err = f.mail(ctx, caller, o)
	} else {
		err = f.advance(ctx, o)
	}
	if errors.Is(err, errLeft) {
		return f.object(ctx, policy.Verdict{Outcome: policy.Wait, Rule: "R9", Task: "uncertain",
			Why: "This message may have left before; a person says whether it did."})
	}
	return err
}

// needsLetter reports whether a step is a notice that an e-mail alone does not
// prove.
func (f *fence) needsLetter(step policy.Step) bool {
	pack, err := f.led.lawOf(f.it)
	if err != nil {
		return step.Statutory
	}
	kind, notice := f.led.noticeOf(pack, step)
	return notice && !pack.NoticeByEmail(kind)
}

// unwritten holds an invoice whose message would say something false or
// unlawful, such as costs in a currency that the law knows none for (R95).
func (f *fence) unwritten(ctx context.Context, err error) error {
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	task := "not_written"
	if fault.Of(err).Code == rateMissing {
		task = rateMissing // R123: a person gives the rate
	}
	return f.object(ctx, policy.Verdict{Outcome: policy.Wait, Rule: "R95", Task: task,
		Why: "The message could not be written: " + fault.Of(err).Message})
}

// mail records the step as done, hands the e-mail over, and takes the record
// back when it did not leave. So nothing that can fail comes after the server's
// answer but the end of the transaction.
func (f *fence) mail(ctx, caller context.Context, o *outgoing) error {
	thread, err := f.tx.ThreadOf(ctx, f.led.debtor.ID)
	if err != nil {
		return fmt.Errorf("load the thread: %w", err)
	}
	files, err := f.attachments(ctx, o)
	if err != nil {
		return err
	}
	if err := f.draft(ctx, o, thread); err != nil {
		return err
	}
	attempt, err := f.tx.Begin(ctx)
	if err != nil {
		return err
	}
	if err := f.advance(ctx, o); err != nil {
		return err
	}
	receipt, err := f.handOver(caller, o, thread, files)
	if err != nil {
		return err
	}
	fate := f.Post.fateOf(ctx, receipt)
	if fate == arrived {
		return f.complete(ctx, o, receipt, attempt)
	}
	if err := errors.Join(attempt.Rollback(ctx), f.load(ctx, f.led.debtor.ID)); err != nil {
		return err
	}
	return f.notLeft(ctx, o, receipt, fate)
}

// complete keeps the record of a step whose message left.
func (f *fence) complete(ctx context.Context, o *outgoing, r email.Receipt, attempt pgx.Tx) error {
	if err := f.tx.MarkSent(ctx, db.MarkSentParams{ID: o.mail, SentAt: &f.now, Delivery: "accepted", Evidence: evidence(r)}); err != nil {
		return fmt.Errorf("record that the message left: %w", err)
	}
	return attempt.Commit(ctx)
}

// attachments are the letter and the invoices' PDFs, where there are any.
func (f *fence) attachments(ctx context.Context, o *outgoing) ([]email.Attachment, error) {
	var out []email.Attachment
	if o.letter != nil {
		out = append(out, email.Attachment{Name: f.letterName(o), ContentType: "application/pdf", Bytes: o.letter.Bytes})
	}
	for _, it := range o.parts.demanded {
		doc, err := f.tx.DocumentOf(ctx, db.DocumentOfParams{SubjectID: it.invoice.ID, Kind: "invoice"})
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("load the invoice's PDF: %w", err)
		}
		out = append(out, email.Attachment{Name: doc.Name, ContentType: doc.MediaType, Bytes: doc.Content})
	}
	return out, nil
}
