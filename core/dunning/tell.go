package dunning

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Word is a message to a debtor outside the flow: an instalment that is due, a
// collection that is announced, a statement that was corrected.
type Word struct {
	Debtor uuid.UUID
	Step   outreach.Step // its text
	// Key makes it once-only for the debtor and Step, as "plan/<id>/2/warning".
	Key string
	// Invoices are what it is about; it puts no step behind them.
	Invoices []uuid.UUID
	// Channels are tried in their order, and the first that reaches the debtor is
	// taken; none means e-mail, else a letter.
	Channels []policy.Channel
	// Ask says that it asks for payment: books and payment provider are asked
	// first, and the minimum interval counts from it (R1, R15).
	Ask bool
	// Legal words go out during a legal stop, such as one about the stop (R97).
	Legal bool
	// Rule and Why are recorded as the decision to send it, for every invoice.
	Rule, Why string
	// Still says whether it is still to be sent. It is asked under the debtor's
	// lock, right before the hand-over; nil means yes.
	Still func(ctx context.Context, tx store.Tx) (bool, error)
	// Fill adds to the content what is particular to Step.
	Fill func(*outreach.Content)
	// Files go with an e-mail.
	Files []email.Attachment
}

// PostDays is how long a letter may take.
const PostDays = policy.PostDays

// Travels returns how many days a word takes to reach a debtor who is written to
// today: none by e-mail, PostDays by letter.
func Travels(ctx context.Context, tx store.Tx, debtor uuid.UUID) (int, error) {
	ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{debtor})
	if err != nil || len(ledgers) == 0 {
		return 0, err
	}
	if slices.Equal(ledgers[0].first(nil), []policy.Channel{policy.Letter}) {
		return PostDays, nil
	}
	return 0, nil
}

// ErrMoot is a word that was not sent since Still said no.
var ErrMoot = errors.New("the message is not called for any more")

// errRefused is an address that the mail server refused: it is blocked, and the
// word goes by another way.
var errRefused = errors.New("the mail server does not know the address")

// Tell sends a word, once for its key however often it is called, and returns
// the message. It obeys blocked addresses and legal stops; on which day and at
// what hour is the caller's to choose.
//
// It returns ErrLater when nothing was sent and the same call may be made again,
// ErrMoot when Still said no, and a fault of kind Conflict when there is no
// address ("no_address", with a task) or the law forbids it ("legal_stop"). A
// message of unknown fate counts as told: a person gets a task (R9).
func (s *Steps) Tell(ctx context.Context, tenant uuid.UUID, w Word) (uuid.UUID, error) {
	t := woken{tenant: tenant, debtor: w.Debtor, siblings: w.Invoices}
	if told, err := s.told(ctx, t, w); err != nil || told != uuid.Nil {
		return told, err
	}
	if w.Ask {
		if err := s.confirm(ctx, t); err != nil {
			return uuid.Nil, err
		}
	}
	id, err := s.tell(ctx, t, w)
	if errors.Is(err, errRefused) {
		id, err = s.tell(ctx, t, w)
	}
	return id, err
}

// key is the once-only key of a word (I2).
func (w *Word) key(ch policy.Channel) messageKey {
	sum := sha256.Sum256([]byte(w.Key))
	return messageKey{w.Debtor, string(w.Step), "word:" + hex.EncodeToString(sum[:12]), 1, string(ch)}
}

// told returns the message of a word that went out before, after settling one
// that was left half-way.
func (s *Steps) told(ctx context.Context, t woken, w Word) (uuid.UUID, error) {
	for _, ch := range []policy.Channel{policy.Email, policy.Letter} {
		id := w.key(ch).id()
		m, err := s.message(ctx, t.tenant, id)
		if err == nil && m.State == handingOver {
			if err := s.settle(ctx, t, id); err != nil {
				return uuid.Nil, err
			}
			m, err = s.message(ctx, t.tenant, id)
		}
		switch {
		case errors.Is(err, pgx.ErrNoRows):
		case err != nil:
			return uuid.Nil, fmt.Errorf("look for an earlier attempt: %w", err)
		case m.State == "sent" || m.State == "uncertain":
			return id, nil
		}
	}
	return uuid.Nil, nil
}

func (s *Steps) message(ctx context.Context, tenant, id uuid.UUID) (m db.Message, err error) {
	err = s.Store.In(ctx, tenant, func(tx store.Tx) error {
		m, err = tx.Message(ctx, id)
		return err
	})
	return m, err
}

// confirm reads at the sources what the word asks payment of.
func (s *Steps) confirm(ctx context.Context, t woken) error {
	if len(t.siblings) == 0 {
		return nil
	}
	var adm uuid.UUID
	if err := s.Store.In(ctx, t.tenant, func(tx store.Tx) error {
		inv, err := tx.Invoice(ctx, t.siblings[0])
		adm = inv.AdministrationID
		return err
	}); err != nil {
		return fmt.Errorf("load invoice %s: %w", t.siblings[0], err)
	}
	if err := errors.Join(s.Checkouts.Refresh(ctx, t.tenant, t.siblings), s.Books.Confirm(ctx, t.tenant, adm, t.siblings)); err != nil {
		return &ErrLater{Why: err}
	}
	return nil
}

// tell sends the word under the debtor's lock (I1).
func (s *Steps) tell(ctx context.Context, t woken, w Word) (id uuid.UUID, outcome error) {
	steady := context.WithoutCancel(ctx)
	err := s.Store.In(steady, t.tenant, func(tx store.Tx) error {
		f, err := s.enter(ctx, tx, t)
		if err != nil {
			return err
		}
		id, err = f.word(steady, ctx, &w)
		var later *ErrLater
		if errors.As(err, &later) || errors.Is(err, errRefused) || errors.Is(err, ErrMoot) || fault.Is(err, fault.Conflict) {
			outcome = err // what was noted on the way stays
			return nil
		}
		return err
	})
	return id, errors.Join(err, outcome)
}

var (
	errNoAddress = fault.New(fault.Conflict, "no_address", "There is no address left to reach this debtor at. Find a working one in the books or on the debtor's page.")
	errLegalStop = fault.New(fault.Conflict, "legal_stop", "The law stops all pressure on this debtor (R97), so this message is not sent. Lift the stop first, if it is over.")
)

func (f *fence) word(ctx, caller context.Context, w *Word) (uuid.UUID, error) {
	o := &outgoing{word: w, step: policy.Step{ID: policy.StepID(w.Step)}, parts: parts{notDemanded: map[*item]string{}}, own: map[*item]policy.Advance{}}
	for _, id := range w.Invoices {
		if it := f.led.item(id); it != nil {
			o.parts.demanded = append(o.parts.demanded, it)
		}
	}
	if !w.Legal && f.barred() {
		return uuid.Nil, errLegalStop
	}
	if f.spared(w) {
		return uuid.Nil, ErrMoot
	}
	if w.Still != nil {
		if yes, err := w.Still(ctx, f.tx); err != nil {
			return uuid.Nil, err
		} else if !yes {
			return uuid.Nil, ErrMoot
		}
	}
	if o.channels = f.led.first(w.Channels); o.channels == nil {
		return uuid.Nil, errors.Join(f.lost(ctx), errNoAddress)
	}
	if err := f.composeWord(ctx, o); err != nil {
		return uuid.Nil, err
	}
	if o.by(policy.Letter) {
		if err := f.print(ctx, o); err != nil {
			return uuid.Nil, err
		}
		return o.paper, f.wordSent(ctx, o)
	}
	return f.mailWord(ctx, caller, o)
}

// barred reports whether the law stops all pressure on the debtor.
func (f *fence) barred() bool {
	return slices.ContainsFunc(f.led.items, func(it *item) bool {
		return slices.ContainsFunc(it.holds, func(h policy.Hold) bool {
			return h.Reason == receivable.LegalStop && (h.Until.IsZero() || f.now.Before(h.Until))
		})
	})
}

// first returns the first of the channels that reaches the debtor.
func (l *ledger) first(channels []policy.Channel) []policy.Channel {
	if channels == nil {
		channels = []policy.Channel{policy.Email, policy.Letter}
	}
	reach := l.reach()
	for _, ch := range channels {
		if reach[ch] && ch != policy.Peppol {
			return []policy.Channel{ch}
		}
	}
	return nil
}

func (f *fence) lost(ctx context.Context) error {
	return addTask(ctx, f.tx, f.led, "bad_address", f.led.debtor.ID, "Find a working address", "A message could not be sent: there is no address left to reach this debtor at.", f.now)
}

func (f *fence) composeWord(ctx context.Context, o *outgoing) error {
	o.mail, o.paper, o.token = f.key(o, policy.Email).id(), f.key(o, policy.Letter).id(), newToken()
	c := f.led.content(policy.Step{}, o.parts, f.today)
	c.Step, c.PortalURL, c.PayURL, c.GenuineURL = o.word.Step, f.Links.Portal(o.token), f.Links.Pay(o.token), f.Links.Genuine(o.id())
	if !c.Language.Has(c.Step) {
		c.Language = outreach.English
	}
	if o.word.Fill != nil {
		o.word.Fill(&c)
	}
	if err := f.reworded(ctx, o, &c); err != nil {
		return err
	}
	o.content = c
	return f.write(o)
}

// mailWord hands the word to the mail server; its record is complete before and
// says what became of it after (I3).
func (f *fence) mailWord(ctx, caller context.Context, o *outgoing) (uuid.UUID, error) {
	thread, err := f.tx.ThreadOf(ctx, f.led.debtor.ID)
	if err != nil {
		return uuid.Nil, fmt.Errorf("load the thread: %w", err)
	}
	if err := f.draft(ctx, o, thread); errors.Is(err, errLeft) {
		return o.mail, nil
	} else if err != nil {
		return uuid.Nil, err
	}
	attempt, err := f.tx.Begin(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	if err := f.wordSent(ctx, o); err != nil {
		return uuid.Nil, err
	}
	r, err := f.handOver(caller, o, thread, o.word.Files)
	if err != nil {
		return uuid.Nil, err
	}
	fate := f.Post.fateOf(ctx, r)
	if fate == arrived {
		return o.mail, f.complete(ctx, o, r, attempt)
	}
	if err := attempt.Rollback(ctx); err != nil {
		return uuid.Nil, err
	}
	return f.wordNotLeft(ctx, o, r, fate)
}

func (f *fence) wordNotLeft(ctx context.Context, o *outgoing, r email.Receipt, fate fate) (uuid.UUID, error) {
	mark := func(state string) error {
		return f.tx.MarkFailed(ctx, db.MarkFailedParams{ID: o.mail, State: state, LastError: r.String()})
	}
	switch fate {
	case refusal:
		f.led.blocked["email/"+f.led.email()] = true
		return uuid.Nil, errors.Join(mark("failed"), blockAddress(ctx, f.tx, f.led.debtor, "email", f.led.debtor.Email, r.Text, f.now), errRefused)
	case unknown:
		return o.mail, errors.Join(mark("uncertain"), addTask(ctx, f.tx, f.led, "uncertain", o.mail,
			"Find out whether a message arrived", "The mail server did not say whether it took the message. It is not sent again.", f.now))
	case unasked:
		return uuid.Nil, f.later(errUnasked)
	}
	if err := f.tx.MarkGated(ctx, db.MarkGatedParams{ID: o.mail, LastError: r.String()}); err != nil {
		return uuid.Nil, fmt.Errorf("note that the message did not leave: %w", err)
	}
	return uuid.Nil, f.later(fmt.Errorf("the mail server did not take the message: %s", r))
}

// wordSent records why the word went out (I4).
func (f *fence) wordSent(ctx context.Context, o *outgoing) error {
	if o.word.Why == "" {
		return nil
	}
	for _, it := range o.parts.demanded {
		if err := decide(ctx, f.tx, it, decision{step: string(o.word.Step), outcome: "sent", rule: o.word.Rule, why: o.word.Why, at: f.now,
			facts: map[string]any{"message": o.id()}}); err != nil {
			return err
		}
	}
	return nil
}
