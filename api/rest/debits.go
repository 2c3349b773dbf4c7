package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/date"
)

// Debit is one collection by direct debit.
type Debit struct {
	ID            uuid.UUID      `json:"id" format:"uuid"`
	Debtor        uuid.UUID      `json:"debtor" format:"uuid"`
	Mandate       uuid.UUID      `json:"mandate" format:"uuid"`
	State         string         `json:"state" enum:"scheduled,announced,submitted,paid,failed,cancelled,reversed" doc:"reversed: it was paid, and taken back"`
	Amount        Amount         `json:"amount"`
	Invoices      []DebitInvoice `json:"invoices,omitempty" doc:"Of one collection; a list leaves them out"`
	AnnounceOn    string         `json:"announce_on" format:"date" doc:"The debtor is told on this day"`
	AnnouncedOn   *string        `json:"announced_on,omitempty" format:"date"`
	CollectOn     string         `json:"collect_on" format:"date" doc:"A banking day"`
	SettledOn     *string        `json:"settled_on,omitempty" format:"date"`
	Attempt       int            `json:"attempt" doc:"2 for the one after a lack of funds"`
	RetryOf       *uuid.UUID     `json:"retry_of,omitempty" format:"uuid"`
	WillRetry     bool           `json:"will_retry" doc:"It failed and is tried once more; reminders wait for that"`
	Asked         bool           `json:"asked" doc:"A person is asked whether the refusal is a dispute"`
	ReasonCode    string         `json:"reason_code,omitempty" example:"AM04" doc:"Of the bank, by ISO 20022"`
	Rule          string         `json:"rule,omitempty" example:"R85"`
	Why           string         `json:"why"`
	TakenBack     Amount         `json:"taken_back" doc:"What was charged back of it"`
	PayBy         *string        `json:"pay_by,omitempty" format:"date" doc:"The new term to transfer it"`
	BankReference string         `json:"bank_reference,omitempty" doc:"The provider's reference, as on the debtor's bank statement"`
	CreatedAt     time.Time      `json:"created_at"`
}

// DebitInvoice is what of a collection is for an invoice.
type DebitInvoice struct {
	Invoice uuid.UUID `json:"invoice" format:"uuid"`
	Number  string    `json:"number"`
	Amount  Amount    `json:"amount"`
}

func debitOf(d db.Debit) Debit {
	return Debit{
		ID: d.ID, Debtor: d.DebtorID, Mandate: d.MandateID, State: d.State, Amount: amountOf(d.AmountMinor, d.Currency), AnnounceOn: d.AnnounceOn.String(), AnnouncedOn: day(d.AnnouncedOn),
		CollectOn: d.CollectOn.String(), SettledOn: day(d.SettledOn), Attempt: int(d.Attempt), RetryOf: optional(d.RetryOf), WillRetry: d.WillRetry, Asked: d.Asked, ReasonCode: d.ReasonCode,
		Rule: d.ReasonRule, Why: d.Why, TakenBack: amountOf(d.BackMinor, d.Currency), PayBy: day(d.PayBy), BankReference: d.BankReference, CreatedAt: d.CreatedAt.UTC(),
	}
}

type debitList struct {
	Body struct {
		Items      []Debit `json:"items"`
		NextCursor string  `json:"next_cursor,omitempty"`
	}
}

type oneDebit struct{ Body Debit }

type listDebits struct {
	Paged
	State string `query:"state" enum:"scheduled,announced,submitted,paid,failed,cancelled,reversed"`
}

type newDebit struct {
	Repeatable
	Body struct {
		Invoice uuid.UUID `json:"invoice" format:"uuid"`
	}
}

type answerDebit struct {
	ByID
	Repeatable
	Body struct {
		Dispute bool `json:"dispute" doc:"The refusal is a dispute; otherwise the invoices are to be transferred"`
	}
}

func (h *hub) debits() {
	h.mandates()
	const tag = "Direct debit"
	register(h, operation{id: "list-debits", method: http.MethodGet, path: "/debits", tag: tag, scope: tenant.Read, summary: "List collections by direct debit, the latest day first"}, h.listDebits)
	register(h, operation{id: "get-debit", method: http.MethodGet, path: "/debits/{id}", tag: tag, scope: tenant.Read, summary: "Get a collection", errors: []int{http.StatusNotFound}}, h.getDebit)
	register(h, operation{id: "create-debit", method: http.MethodPost, path: "/debits", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Collect an invoice",
		description: "Of a debtor with a valid mandate. The debtor is told first, the agreed days ahead.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.createDebit)
	register(h, operation{id: "cancel-debit", method: http.MethodDelete, path: "/debits/{id}", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Cancel a collection",
		description: "Before it goes to the bank. The debtor gets a new term to transfer it.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.cancelDebit)
	register(h, operation{id: "answer-debit", method: http.MethodPost, path: "/debits/{id}/answer", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Say whether a refused debit is a dispute",
		errors: []int{http.StatusNotFound, http.StatusConflict}}, h.answerDebit)
	register(h, operation{id: "get-debit-settings", method: http.MethodGet, path: "/administrations/{id}/debit-settings", tag: tag, scope: tenant.Read, summary: "Get how an administration collects", errors: []int{http.StatusNotFound}}, h.getDebitSettings)
	register(h, operation{id: "put-debit-settings", method: http.MethodPut, path: "/administrations/{id}/debit-settings", tag: tag, scope: tenant.Write, settings: true, summary: "Change how an administration collects", errors: []int{http.StatusNotFound}}, h.putDebitSettings)
}

func (h *hub) listDebits(ctx context.Context, who actor, in *listDebits) (*debitList, error) {
	out := &debitList{}
	out.Body.Items = []Debit{}
	want := db.DebitsPageParams{States: []string{}, Most: int32(in.Limit) + 1}
	if in.State != "" {
		want.States = []string{in.State}
	}
	var after struct {
		Day date.Date
		ID  uuid.UUID
	}
	if ok, err := in.unseal(&after); err != nil {
		return nil, err
	} else if ok {
		want.AfterDay, want.AfterID = after.Day, after.ID
	}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.DebitsPage(ctx, want)
		if err != nil {
			return fmt.Errorf("list collections: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			after.Day, after.ID = rows[in.Limit-1].CollectOn, rows[in.Limit-1].ID
			out.Body.NextCursor = seal(after)
		}
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, debitOf(debit.Row(r)))
		}
		return nil
	})
}

func (h *hub) getDebit(ctx context.Context, who actor, in *ByID) (*oneDebit, error) {
	out := &oneDebit{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		d, err := tx.Debit(ctx, in.ID)
		if err != nil {
			return err
		}
		out.Body = debitOf(d)
		parts, err := tx.DebitInvoices(ctx, in.ID)
		for _, p := range parts {
			out.Body.Invoices = append(out.Body.Invoices, DebitInvoice{Invoice: p.InvoiceID, Number: p.Number, Amount: amountOf(p.AmountMinor, d.Currency)})
		}
		return err
	})
}

func (h *hub) createDebit(ctx context.Context, who actor, in *newDebit) (*struct{}, error) {
	return nil, h.Debits.Collect(ctx, who.tenant, in.Body.Invoice, who.by)
}

func (h *hub) cancelDebit(ctx context.Context, who actor, in *ByID) (*struct{}, error) {
	return nil, h.Debits.Cancel(ctx, who.tenant, in.ID, who.by)
}

func (h *hub) answerDebit(ctx context.Context, who actor, in *answerDebit) (*struct{}, error) {
	return nil, h.Debits.Answer(ctx, who.tenant, in.ID, in.Body.Dispute, who.by)
}

// DebitSettings say how an administration collects.
type DebitSettings struct {
	Enabled       bool   `json:"enabled" doc:"Collect of everyone who gave a mandate"`
	Offered       bool   `json:"offered" doc:"Debtors may give a mandate in the portal"`
	CreditorID    string `json:"creditor_id" maxLength:"35" example:"NL08ZZZ502057730000" doc:"Under which the bank statement names the collection: the provider's"`
	LeadDays      int    `json:"lead_days" minimum:"1" maximum:"60" default:"14" doc:"Days between announcement and collection, for mandates to come"`
	RetryLeadDays int    `json:"retry_lead_days" minimum:"1" maximum:"60" default:"3"`
	Retry         bool   `json:"retry" doc:"Try once more after a lack of funds"`
	RetryPayDay   int    `json:"retry_pay_day" minimum:"0" maximum:"31" default:"26" doc:"Day of the month by which wages are on the account; 0 for none"`
	RetryAfter    int    `json:"retry_after" minimum:"1" maximum:"60" default:"5" doc:"Least number of days between two attempts"`
	LimitMinor    int64  `json:"limit_minor" minimum:"0" doc:"Of one collection; 0 is none"`
	MonthMinor    int64  `json:"month_minor" minimum:"0" doc:"Of one debtor in a calendar month; 0 is none"`
	FreshDays     int    `json:"fresh_days" minimum:"1" maximum:"60" default:"14" doc:"Days to transfer after a debit failed or a mandate ended"`
}

type debitSettings struct{ Body DebitSettings }

type putDebitSettings struct {
	ByID
	Body DebitSettings
}

func (h *hub) getDebitSettings(ctx context.Context, who actor, in *ByID) (*debitSettings, error) {
	out := &debitSettings{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		if _, err := tx.Administration(ctx, in.ID); err != nil {
			return err
		}
		s, err := debit.Setting(ctx, tx, in.ID)
		out.Body = DebitSettings{
			Enabled: s.Enabled, Offered: s.Offered, CreditorID: s.CreditorID, LeadDays: int(s.LeadDays), RetryLeadDays: int(s.RetryLeadDays), Retry: s.Retry,
			RetryPayDay: int(s.RetryPayDay), RetryAfter: int(s.RetryAfter), LimitMinor: s.LimitMinor, MonthMinor: s.MonthMinor, FreshDays: int(s.FreshDays),
		}
		return err
	})
}

func (h *hub) putDebitSettings(ctx context.Context, who actor, in *putDebitSettings) (*debitSettings, error) {
	if err := h.read(ctx, who, func(tx store.Tx) error {
		_, err := tx.Administration(ctx, in.ID)
		return err
	}); err != nil {
		return nil, err
	}
	s := in.Body
	if err := h.Debits.Configure(ctx, who.tenant, db.DebitSetting{
		AdministrationID: in.ID, TenantID: who.tenant, Enabled: s.Enabled, Offered: s.Offered, CreditorID: s.CreditorID, LeadDays: int32(s.LeadDays), RetryLeadDays: int32(s.RetryLeadDays),
		Retry: s.Retry, RetryPayDay: int32(s.RetryPayDay), RetryAfter: int32(s.RetryAfter), LimitMinor: s.LimitMinor, MonthMinor: s.MonthMinor, FreshDays: int32(s.FreshDays),
	}, who.by); err != nil {
		return nil, err
	}
	return h.getDebitSettings(ctx, who, &in.ByID)
}
