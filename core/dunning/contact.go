package dunning

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/token"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// contactDays is how long the link that proves an address works.
const contactDays = 3

// AskContact sends a link to an e-mail address that a debtor gave in the portal.
// The address is used once the link was followed, not before (R60).
func (s *Steps) AskContact(ctx context.Context, tenant, debtor uuid.UUID, address string, link func(token string) string) error {
	parsed, err := mail.ParseAddress(strings.TrimSpace(address))
	if err != nil || parsed.Name != "" || len(parsed.Address) > 254 {
		return fault.New(fault.Invalid, "email_invalid", "%q is not an e-mail address. Write it as name@example.com.", address)
	}
	l, err := s.ledgerOf(ctx, tenant, debtor)
	if err != nil {
		return err
	}
	now, err := s.nowOf(ctx, tenant)
	if err != nil {
		return err
	}
	secret := newToken()
	sum := sha256.Sum256([]byte(secret))
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) error {
		return tx.AddContact(ctx, db.AddContactParams{TenantID: tenant, DebtorID: debtor, Email: parsed.Address, SourceEmail: l.debtor.Email,
			TokenHash: sum[:], AskedAt: now, ExpiresAt: now.AddDate(0, 0, contactDays)})
	}); err != nil {
		return fmt.Errorf("keep the address: %w", err)
	}
	c := l.content(policy.Step{}, parts{}, dateIn(now, l.zone))
	words := contactWords[c.Language]
	if words == [2]string{} {
		words = contactWords[outreach.English]
	}
	m := outreach.Message{Subject: fmt.Sprintf(words[0], c.Creditor.Name), Text: fmt.Sprintf(words[1], c.Creditor.Name, link(secret), contactDays)}
	return s.deliver(ctx, s.Post.seal(uuid.New(), c.Creditor, mail.Address{Name: l.debtor.Name, Address: parsed.Address}, m, nil, nil, now))
}

// contactWords are subject and text of the mail that proves an address.
var contactWords = map[outreach.Language][2]string{
	"nl": {"Bevestig uw e-mailadres voor %s", "Iemand heeft dit e-mailadres opgegeven voor berichten van %s. Was u dat? Open dan deze link en bevestig het:\n\n%s\n\nDe link werkt %d dagen. Was u het niet? Dan hoeft u niets te doen.\n"},
	"en": {"Confirm your e-mail address for %s", "Somebody gave this e-mail address for messages of %s. Was it you? Then open this link and confirm it:\n\n%s\n\nThe link works for %d days. If it was not you, do nothing.\n"},
	"de": {"Bestätigen Sie Ihre E-Mail-Adresse für %s", "Jemand hat diese E-Mail-Adresse für Nachrichten von %s angegeben. Waren Sie das? Dann öffnen Sie diesen Link und bestätigen Sie es:\n\n%s\n\nDer Link gilt %d Tage. Waren Sie es nicht, dann brauchen Sie nichts zu tun.\n"},
	"fr": {"Confirmez votre adresse électronique pour %s", "Quelqu'un a indiqué cette adresse pour les messages de %s. Était-ce vous ? Ouvrez alors ce lien et confirmez-le :\n\n%s\n\nLe lien fonctionne %d jours. Si ce n'était pas vous, ne faites rien.\n"},
}

// VerifyContact takes an address into use whose link was followed and confirmed:
// at once, with a task to write it into the books, until the books give another
// than they do now (R60). It returns the address.
func (s *Steps) VerifyContact(ctx context.Context, token string) (string, error) {
	sum := sha256.Sum256([]byte(token))
	errLink := fault.New(fault.NotFound, "link_invalid", "This link does not work any more. Give your address again in the portal.")
	door, err := s.Store.Door().DoorContact(ctx, sum[:])
	if errors.Is(err, pgx.ErrNoRows) {
		return "", errLink
	}
	if err != nil {
		return "", fmt.Errorf("find the link: %w", err)
	}
	address := ""
	err = s.Store.In(ctx, door.TenantID, func(tx store.Tx) error {
		if _, err := tx.LockDebtors(ctx, []uuid.UUID{door.DebtorID}); err != nil {
			return fmt.Errorf("lock the debtor: %w", err)
		}
		now, err := tx.Now(ctx, s.Real)
		if err != nil {
			return err
		}
		c, err := tx.ContactByToken(ctx, sum[:])
		if err != nil {
			return errLink.Because(err)
		}
		address = c.Email
		n, err := tx.VerifyContact(ctx, db.VerifyContactParams{TokenHash: sum[:], VerifiedAt: &now})
		if err != nil {
			return fmt.Errorf("take the address into use: %w", err)
		}
		if n == 0 && c.VerifiedAt != nil {
			return nil
		}
		if n == 0 {
			return errLink
		}
		if err := tx.EndContacts(ctx, db.EndContactsParams{At: &now, DebtorID: c.DebtorID, But: sum[:]}); err != nil {
			return fmt.Errorf("end earlier addresses: %w", err)
		}
		ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{c.DebtorID})
		if err != nil || len(ledgers) == 0 {
			return err
		}
		l := ledgers[0]
		if err := addTask(ctx, tx, l, "write_back_contact", c.DebtorID, "Write a new e-mail address into the books", "The debtor gave a new address in the portal and confirmed it. It is used already.", now); err != nil {
			return err
		}
		if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: "bad_address", SubjectID: c.DebtorID, At: now, ByWhom: "debtor"}); err != nil {
			return fmt.Errorf("finish the task: %w", err)
		}
		if err := audit(ctx, tx, now, "debtor", "email_given", "debtor/"+c.DebtorID.String()); err != nil {
			return err
		}
		rows, err := Planner{Real: s.Real}.plansAfter(ctx, tx, l, now)
		if err != nil {
			return err
		}
		return writePlans(ctx, tx, rows)
	})
	return address, err
}

// Stop ends e-mail to the debtor who got a message, by the token in its link (R59).
// A repeat changes nothing.
func (s *Steps) Stop(ctx context.Context, text string) error {
	return s.stopped(ctx, text, func(tx store.Tx, m db.Message) error {
		return Planner{Real: s.Real}.Object(ctx, tx, m.DebtorID, "email", "unsubscribed")
	})
}

// StopLanguage is the language of the message that such a link came with, "" for a
// link of no message.
func (s *Steps) StopLanguage(ctx context.Context, text string) (lang string) {
	_ = s.stopped(ctx, text, func(_ store.Tx, m db.Message) error {
		lang = m.Language
		return nil
	})
	return lang
}

// stopped finds the message whose link ends e-mail.
func (s *Steps) stopped(ctx context.Context, text string, f func(store.Tx, db.Message) error) error {
	message, err := s.Post.Keys.Read(token.Stop, text)
	if err != nil {
		return errStop.Because(err)
	}
	tenant, err := s.Store.Door().DoorMessage(ctx, message)
	if err != nil {
		return errStop.Because(err)
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		m, err := tx.Message(ctx, message)
		if err != nil {
			return errStop.Because(err)
		}
		return f(tx, m)
	})
}

var errStop = fault.New(fault.NotFound, "stop_unknown", "This link does not work. Use the one in the message itself.")

// Debtor is who did what debtors do themselves.
const Debtor = "debtor"

// Agree ends an objection: the debtor wants messages by the channel again, and said
// so on the page (Debtor) or to a person.
func (p Planner) Agree(ctx context.Context, tx store.Tx, debtor uuid.UUID, channel, by string) error {
	return p.consent(ctx, tx, debtor, by, "objection_ended "+channel, func(time.Time) (int64, error) {
		return tx.EndObjection(ctx, db.EndObjectionParams{DebtorID: debtor, Channel: channel})
	})
}

// Object records that a debtor unsubscribed from a channel or called a message
// spam: what is a service stops, what the law asks for goes by letter (R59).
func (p Planner) Object(ctx context.Context, tx store.Tx, debtor uuid.UUID, channel, reason string) error {
	return p.consent(ctx, tx, debtor, Debtor, "objection "+channel+" "+reason, func(now time.Time) (int64, error) {
		return tx.AddObjection(ctx, db.AddObjectionParams{TenantID: tx.Tenant, DebtorID: debtor, Channel: channel, Reason: reason, At: now})
	})
}

// consent records what a debtor wants of a channel, and plans by it from now on.
func (p Planner) consent(ctx context.Context, tx store.Tx, debtor uuid.UUID, by, action string, record func(now time.Time) (int64, error)) error {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{debtor}); err != nil {
		return fmt.Errorf("lock the debtor: %w", err)
	}
	if n, err := record(now); err != nil || n == 0 {
		return err
	}
	if err := audit(ctx, tx, now, by, action, "debtor/"+debtor.String()); err != nil {
		return err
	}
	ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{debtor})
	if err != nil || len(ledgers) == 0 {
		return err
	}
	rows, err := p.plansAfter(ctx, tx, ledgers[0], now)
	if err != nil {
		return err
	}
	return writePlans(ctx, tx, rows)
}
