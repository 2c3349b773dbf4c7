package debit

import "github.com/voldaan/voldaan/core/store/db"

// Row is the collection of a line of the list.
func Row(r db.DebitsPageRow) db.Debit {
	return db.Debit{
		ID: r.ID, TenantID: r.TenantID, AdministrationID: r.AdministrationID, DebtorID: r.DebtorID, MandateID: r.MandateID, State: r.State, Attempt: r.Attempt, RetryOf: r.RetryOf,
		Currency: r.Currency, AmountMinor: r.AmountMinor, AnnounceOn: r.AnnounceOn, SubmitOn: r.SubmitOn, CollectOn: r.CollectOn, Why: r.Why, AnnouncedOn: r.AnnouncedOn, MessageID: r.MessageID,
		SubmittedAt: r.SubmittedAt, SettledOn: r.SettledOn, BankReference: r.BankReference, ReasonCode: r.ReasonCode, ReasonRule: r.ReasonRule, WillRetry: r.WillRetry, Asked: r.Asked,
		BackMinor: r.BackMinor, Tell: r.Tell, PayBy: r.PayBy, CreatedAt: r.CreatedAt, EndedAt: r.EndedAt, EndedBy: r.EndedBy,
	}
}
