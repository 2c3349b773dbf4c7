package casework

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// ownLive is how many days our own books count as live already: who starts a claim
// by hand approves of its case, so none waits for the approval of the first weeks.
const ownLive = 365

// lands are what books of a country have besides its law: the zone that days are
// counted in, the language of messages, and the flows of businesses and consumers.
var lands = map[string]struct{ zone, language, business, consumer string }{
	"NL": {"Europe/Amsterdam", "nl", "b2b-nl", "b2c-nl"},
	"BE": {"Europe/Brussels", "nl", "b2b-be", "b2c-be"},
	"DE": {"Europe/Berlin", "de", "b2b-de", "b2c-nl"},
	"FR": {"Europe/Paris", "fr", "b2b-fr", "b2c-nl"},
	"GB": {"Europe/London", "en", "b2b-uk", "b2c-nl"},
}

// ownBooks is the administration of claims that are in no accounting package, by
// the law of a country, and that law; without a country, those that there are. It
// is made the first time, with the sender of the organisation's other one. A fault
// of kind Invalid says that the law is not known here.
func ownBooks(ctx context.Context, tx store.Tx, country string, now time.Time) (adm db.Administration, pack *law.Country, err error) {
	if country != "" {
		if pack, err = law.Pack(country); err != nil {
			return adm, nil, fault.New(fault.Invalid, "one_off_law", "The law of %q is not known here. Choose one of %v.", country, law.Countries()).Because(err)
		}
		country = pack.Code()
	}
	name := "own"
	adm, err = tx.OwnBooks(ctx, name)
	if err == nil && country != "" && lawOf(adm) != country {
		name += "-" + country
		adm, err = tx.OwnBooks(ctx, name)
	}
	if err == nil {
		pack, err = law.Pack(lawOf(adm))
		return adm, pack, err
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return adm, nil, fmt.Errorf("look for our own books: %w", err)
	}
	if err := makeOwnBooks(ctx, tx, name, country, now); err != nil {
		return adm, nil, err
	}
	if adm, err = tx.OwnBooks(ctx, name); err != nil {
		return adm, nil, fmt.Errorf("load our own books: %w", err)
	}
	pack, err = law.Pack(lawOf(adm))
	return adm, pack, err
}

// lawOf is the country whose law an administration claims by.
func lawOf(a db.Administration) string {
	if pack, err := law.Pack(cmp.Or(a.LawCountry, a.Country)); err == nil {
		return pack.Code()
	}
	return cmp.Or(a.LawCountry, a.Country)
}

func makeOwnBooks(ctx context.Context, tx store.Tx, name, country string, now time.Time) error {
	t, err := tx.Queries.Tenant(ctx)
	if err != nil {
		return fmt.Errorf("load the organisation: %w", err)
	}
	others, err := tx.Administrations(ctx)
	if err != nil {
		return fmt.Errorf("load administrations: %w", err)
	}
	p := db.AddAdministrationParams{ID: uuid.New(), TenantID: tx.Tenant, ExternalID: name, Name: t.Name, Country: "NL", Currency: "EUR", TimeZone: t.TimeZone, Language: "nl", LegalName: t.Name}
	if len(others) > 0 {
		p.Country, p.Currency, p.TimeZone, p.Language = others[0].Country, others[0].Currency, others[0].TimeZone, others[0].Language
	}
	land, known := lands[country]
	if country != "" && country != p.Country && known {
		pack, err := law.Pack(country)
		if err != nil {
			return err
		}
		p.Name, p.Country, p.Currency, p.TimeZone, p.Language = t.Name+", "+country, country, pack.Currency(), land.zone, land.language
	}
	if err := tx.AddAdministration(ctx, p); err != nil {
		return fmt.Errorf("make our own books: %w", err)
	}
	if len(others) > 0 {
		if err := tx.CopySender(ctx, db.CopySenderParams{ID: p.ID, OfID: others[0].ID}); err != nil {
			return fmt.Errorf("make our own books: %w", err)
		}
	}
	if flows, ok := lands[p.Country]; ok {
		if err := tx.SetFlows(ctx, db.SetFlowsParams{ID: p.ID, FlowBusiness: flows.business, FlowConsumer: flows.consumer}); err != nil {
			return fmt.Errorf("make our own books: %w", err)
		}
	}
	if err := tx.MakeOwnBooks(ctx, db.MakeOwnBooksParams{ID: p.ID, At: now, Live: date.Of(now).AddDays(-ownLive)}); err != nil {
		return fmt.Errorf("make our own books: %w", err)
	}
	return nil
}
