package credit

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/erasure"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// Agency gives reports on companies, over a connection that the tenant made.
type Agency interface {
	// Connection is the one to ask; ok is false when there is none.
	Connection(ctx context.Context, tenant uuid.UUID) (id uuid.UUID, title string, ok bool, err error)
	// Companies finds companies, the best fit first. It is free of charge.
	Companies(ctx context.Context, tenant, connection uuid.UUID, q sdk.CompanyQuery) ([]sdk.Company, error)
	// CreditReport asks for a report, which is charged. Asked is whether the question
	// left for the agency. The error wraps sdk.ErrGone where there is no report.
	CreditReport(ctx context.Context, tenant, connection uuid.UUID, r sdk.CreditRequest) (out sdk.CreditReport, asked bool, err error)
}

// The states of a request for a report.
const (
	Asked    = "asked"    // no answer yet
	Kept     = "kept"     // the report is in
	Refused  = "refused"  // nothing was charged
	Withheld = "withheld" // it was charged, and it may not be kept
	Unclear  = "unknown"  // it is not known whether it was charged
)

var (
	errNoAgency = fault.New(fault.Conflict, "no_agency", "No agency is connected. Connect one in the marketplace first.")
	errConsumer = fault.New(fault.Invalid, "not_a_company", "Reports are about companies, and this debtor is a consumer. A report on a person is personal data and is not asked for.")
	errUnsure   = fault.New(fault.Invalid, "not_a_company", "Reports are about companies, and it is not known whether this debtor is one. Say so in the books first.")
	errUnfound  = fault.New(fault.Conflict, "company_unknown", "Look the company up first: it is not known as which company the agency has this debtor.")
	errPrice    = fault.New(fault.Conflict, "price_changed", "The price of the report is not the one that you were shown. Look at it again before you ask.")
	errErased   = fault.New(fault.Denied, "erasure", "This debtor asked to be erased; no reports about them are asked for or kept.")
	errPerson   = fault.New(fault.Denied, "natural_person", "The agency says that this business is a person. A report on a person is personal data; an owner can allow it in the settings of credit.")
)

// Look asks the agency which company a debtor is: by the number in the trade
// register, else by the VAT number, else by the name. What it finds is kept for
// the asking of a report. Nothing is charged.
func (o *Office) Look(ctx context.Context, tenant, debtor uuid.UUID, by string) ([]db.CreditCompany, error) {
	conn, title, d, err := o.agency(ctx, tenant, debtor)
	if err != nil {
		return nil, err
	}
	var found []sdk.Company
	how := ""
	for _, q := range []struct {
		how string
		sdk.CompanyQuery
	}{
		{"registration", sdk.CompanyQuery{Registration: d.Registration}},
		{"vat_number", sdk.CompanyQuery{VATNumber: d.VatNumber}},
		{"name", sdk.CompanyQuery{Name: d.Name, PostalCode: d.PostalCode}},
	} {
		if q.Registration == "" && q.VATNumber == "" && q.Name == "" {
			continue
		}
		q.Country, how = d.Country, q.how
		if found, err = o.Agency.Companies(ctx, tenant, conn, q.CompanyQuery); err != nil {
			return nil, fmt.Errorf("look a company up at %s: %w", title, err)
		}
		if len(found) > 0 {
			break
		}
	}
	var rows []db.CreditCompany
	return rows, o.Store.In(ctx, tenant, func(tx store.Tx) error {
		now, err := tx.Now(ctx, o.Real)
		if err != nil {
			return err
		}
		if err := tx.DropCreditCompanies(ctx, debtor); err != nil {
			return fmt.Errorf("forget what was found before: %w", err)
		}
		for i, c := range found[:min(len(found), mostFound)] {
			p := db.AddCreditCompanyParams{
				TenantID: tenant, DebtorID: debtor, ConnectionID: conn, CompanyID: c.ID, Rank: int32(i), Name: c.Name, Registration: c.Registration, City: c.Address.City,
				Status: string(c.Status), NaturalPerson: c.NaturalPerson, FoundBy: how, FoundAt: now,
			}
			p.PriceMinor, p.PriceCurrency = priceColumns(c.Price)
			if err := tx.AddCreditCompany(ctx, p); err != nil {
				return fmt.Errorf("keep what was found: %w", err)
			}
		}
		if err := audit(ctx, tx, by, "credit.company_looked_up", debtor, map[string]any{"source": title, "found": len(found), "by": how}, now); err != nil {
			return err
		}
		rows, err = tx.CreditCompanies(ctx, debtor)
		return err
	})
}

// mostFound is how many companies are kept of a search.
const mostFound = 10

func priceColumns(p *money.Amount) (minor *int64, currency *string) {
	if p == nil {
		return nil, nil
	}
	c := string(p.Currency)
	return &p.Minor, &c
}

// PriceOf puts the columns of a price together; nil when the agency did not say.
func PriceOf(minor *int64, currency *string) *money.Amount {
	if minor == nil || currency == nil {
		return nil
	}
	a := money.Of(*minor, money.Currency(*currency))
	return &a
}

// agency is whom to ask about a debtor, or why nobody may be asked.
func (o *Office) agency(ctx context.Context, tenant, debtor uuid.UUID) (conn uuid.UUID, title string, d db.Debtor, err error) {
	if o.Agency == nil {
		return conn, "", d, errNoAgency
	}
	if err := o.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if d, err = tx.Debtor(ctx, debtor); err != nil {
			return fault.New(fault.NotFound, "debtor_not_found", "This debtor does not exist.").Because(err)
		}
		return unerased(ctx, tx, debtor)
	}); err != nil {
		return conn, "", d, err
	}
	switch sdk.PartyKind(d.Kind) {
	case sdk.Business:
	case sdk.Consumer:
		return conn, "", d, errConsumer
	default:
		return conn, "", d, errUnsure
	}
	conn, title, ok, err := o.Agency.Connection(ctx, tenant)
	if err == nil && !ok {
		err = errNoAgency
	}
	return conn, title, d, err
}

// unerased refuses what is about a debtor who asked to be erased (R116).
func unerased(ctx context.Context, tx store.Tx, debtor uuid.UUID) error {
	row, err := tx.Erasure(ctx, debtor)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && row.State == erasure.Withdrawn {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a request of erasure: %w", err)
	}
	return errErased
}

// Question asks for a report.
type Question struct {
	// Key names the asking: the same key is asked once, however often it comes.
	Key    uuid.UUID
	Debtor uuid.UUID
	// Company is one that Look found.
	Company string
	// Price is what whoever asks was told that it costs; nil for told nothing.
	Price *money.Amount
	By    string
}

// Ask asks the agency for a report on a debtor and keeps it. The question is
// written down first, so that one key is charged at most once; what a lost answer
// leaves open stays open until a person looks. It opens its own transactions,
// because the agency is asked between them.
func (o *Office) Ask(ctx context.Context, tenant uuid.UUID, q Question) (db.CreditRequest, error) {
	conn, title, d, err := o.agency(ctx, tenant, q.Debtor)
	if err != nil {
		return db.CreditRequest{}, err
	}
	var row db.CreditRequest
	fresh, persons := false, false
	if err := o.Store.In(ctx, tenant, func(tx store.Tx) error {
		now, err := tx.Now(ctx, o.Real)
		if err != nil {
			return err
		}
		settings, err := LoadSettings(ctx, tx)
		if err != nil {
			return err
		}
		persons = settings.NaturalPersons
		if row, err = tx.CreditRequest(ctx, q.Key); err == nil {
			if row.DebtorID != q.Debtor {
				return fault.New(fault.Conflict, "key_used", "This key was used for another debtor.")
			}
			return nil
		}
		fresh = true
		row, err = o.note(ctx, tx, q, conn, title, persons, now)
		return err
	}); err != nil || !fresh {
		return row, err
	}
	r, asked, err := o.Agency.CreditReport(ctx, tenant, conn, sdk.CreditRequest{Key: q.Key.String(), Company: q.Company, Country: d.Country, Language: "en"})
	// What the agency answered is kept also when whoever asked is gone.
	ctx = context.WithoutCancel(ctx)
	var kept db.CreditRequest
	ended := o.Store.In(ctx, tenant, func(tx store.Tx) (failed error) {
		if err == nil {
			if err = unerased(ctx, tx, q.Debtor); err == nil && r.NaturalPerson && !persons {
				err = errPerson
			}
			if err != nil {
				kept, failed = o.withhold(ctx, tx, row, r, err)
				return failed
			}
		}
		if err != nil {
			kept, failed = o.refuse(ctx, tx, row, asked, err)
			return failed
		}
		kept, failed = o.keep(ctx, tx, row, d, r)
		return failed
	})
	return kept, errors.Join(err, ended)
}

// note writes a question down.
func (o *Office) note(ctx context.Context, tx store.Tx, q Question, conn uuid.UUID, title string, persons bool, now time.Time) (db.CreditRequest, error) {
	companies, err := tx.CreditCompanies(ctx, q.Debtor)
	if err != nil {
		return db.CreditRequest{}, fmt.Errorf("load what was found: %w", err)
	}
	var c *db.CreditCompany
	for i := range companies {
		if companies[i].CompanyID == q.Company && companies[i].ConnectionID == conn {
			c = &companies[i]
		}
	}
	switch {
	case c == nil:
		return db.CreditRequest{}, errUnfound
	case c.NaturalPerson && !persons:
		return db.CreditRequest{}, errPerson
	case !samePrice(PriceOf(c.PriceMinor, c.PriceCurrency), q.Price):
		return db.CreditRequest{}, errPrice
	}
	n, err := tx.AddCreditRequest(ctx, db.AddCreditRequestParams{
		ID: q.Key, TenantID: tx.Tenant, DebtorID: q.Debtor, ConnectionID: conn, Source: title, CompanyID: q.Company, PriceMinor: c.PriceMinor, PriceCurrency: c.PriceCurrency, AskedBy: q.By, AskedAt: now,
	})
	if err != nil || n == 0 {
		return db.CreditRequest{}, cmpErr(err, fault.New(fault.Conflict, "asked_already", "This report is being asked for already."))
	}
	if err := audit(ctx, tx, q.By, "credit.report_asked", q.Debtor, map[string]any{"source": title, "request": q.Key, "price": q.Price}, now); err != nil {
		return db.CreditRequest{}, err
	}
	return tx.CreditRequest(ctx, q.Key)
}

func cmpErr(err, otherwise error) error {
	if err != nil {
		return fmt.Errorf("write the question down: %w", err)
	}
	return otherwise
}

func samePrice(a, b *money.Amount) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// refuse ends a question that brought no report.
func (o *Office) refuse(ctx context.Context, tx store.Tx, row db.CreditRequest, asked bool, why error) (db.CreditRequest, error) {
	now, err := tx.Now(ctx, o.Real)
	if err != nil {
		return row, err
	}
	state := Unclear
	if !asked || errors.Is(why, sdk.ErrGone) || errors.Is(why, sdk.ErrInvalid) || errors.Is(why, sdk.ErrAuth) {
		state = Refused
	}
	return o.unanswered(ctx, tx, row, state, why, now)
}

// withhold ends a question that was answered, and charged, by a report that may not
// be kept. Its price is the one that the agency charged, where it said so.
func (o *Office) withhold(ctx context.Context, tx store.Tx, row db.CreditRequest, r sdk.CreditReport, why error) (db.CreditRequest, error) {
	now, err := tx.Now(ctx, o.Real)
	if err != nil {
		return row, err
	}
	if r.Price != nil {
		p := db.PriceCreditRequestParams{ID: row.ID}
		p.PriceMinor, p.PriceCurrency = priceColumns(r.Price)
		if err := tx.PriceCreditRequest(ctx, p); err != nil {
			return row, fmt.Errorf("note what a report cost: %w", err)
		}
	}
	return o.unanswered(ctx, tx, row, Withheld, why, now)
}

// unanswered ends a question without a report in the file.
func (o *Office) unanswered(ctx context.Context, tx store.Tx, row db.CreditRequest, state string, why error, now time.Time) (db.CreditRequest, error) {
	if err := tx.EndCreditRequest(ctx, db.EndCreditRequestParams{ID: row.ID, State: state, Reason: fault.Of(why).Message, EndedAt: &now}); err != nil {
		return row, fmt.Errorf("end the question: %w", err)
	}
	if err := audit(ctx, tx, "voldaan", "credit.report_failed", row.DebtorID, map[string]any{"source": row.Source, "request": row.ID, "state": state}, now); err != nil {
		return row, err
	}
	return tx.CreditRequest(ctx, row.ID)
}

// keep puts a report in the file of a debtor.
func (o *Office) keep(ctx context.Context, tx store.Tx, row db.CreditRequest, d db.Debtor, r sdk.CreditReport) (db.CreditRequest, error) {
	now, err := tx.Now(ctx, o.Real)
	if err != nil {
		return row, err
	}
	before, err := tx.CreditReportsOf(ctx, d.ID)
	if err != nil {
		return row, fmt.Errorf("load the report before: %w", err)
	}
	p, err := columns(row, d, r)
	if err != nil {
		return row, err
	}
	p.FetchedAt = now
	if err := tx.AddCreditReport(ctx, p); err != nil {
		return row, fmt.Errorf("keep the report: %w", err)
	}
	if err := tx.EndCreditRequest(ctx, db.EndCreditRequestParams{ID: row.ID, State: Kept, ReportID: uuid.NullUUID{UUID: p.ID, Valid: true}, EndedAt: &now}); err != nil {
		return row, fmt.Errorf("end the question: %w", err)
	}
	if err := audit(ctx, tx, row.AskedBy, "credit.report", d.ID, map[string]any{"source": row.Source, "report": p.ID, "request": row.ID, "price": PriceOf(p.PriceMinor, p.PriceCurrency)}, now); err != nil {
		return row, err
	}
	var was *sdk.CreditReport
	if len(before) > 0 {
		w := said(before[0])
		was = &w
	}
	if changes := Changes(was, r); len(changes) > 0 {
		if err := o.tellChange(ctx, tx, d, row.Source, changes, now); err != nil {
			return row, err
		}
	}
	if err := o.Watch(ctx, tx, d.ID); err != nil {
		return row, err
	}
	if err := o.Rerisk(ctx, tx, d.ID); err != nil {
		return row, err
	}
	return tx.CreditRequest(ctx, row.ID)
}

// ChangeTask is the task for a report that says something else than the one before;
// its subject is the debtor.
const ChangeTask = "credit_change"

func (o *Office) tellChange(ctx context.Context, tx store.Tx, d db.Debtor, source string, changes []string, now time.Time) error {
	detail := ""
	for _, c := range changes {
		detail += c + ". "
	}
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: uuid.NullUUID{UUID: d.AdministrationID, Valid: true}, Kind: ChangeTask, SubjectID: d.ID,
		Title: "The credit report has changed", Detail: source + ": " + detail, CreatedAt: now,
	}); err != nil {
		return fmt.Errorf("tell that the report changed: %w", err)
	}
	return audit(ctx, tx, "voldaan", "credit.report_changed", d.ID, map[string]any{"source": source, "changes": changes}, now)
}

// Percent is hundredths of a percent in words, "1.25%".
func Percent(hundredths int32) string {
	return strconv.FormatFloat(float64(hundredths)/100, 'f', -1, 64) + "%"
}
