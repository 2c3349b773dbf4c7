package component

import (
	"slices"
	"time"

	"github.com/voldaan/voldaan/api/web/locale"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Section is a place in the side bar.
type Section string

// The sections. A section without a page yet is not in the side bar.
const (
	Nowhere     Section = ""
	Dashboard   Section = "dashboard"
	Inbox       Section = "inbox"
	Invoices    Section = "invoices"
	Debtors     Section = "debtors"
	Bank        Section = "bank"
	Debits      Section = "debits"
	Cases       Section = "cases"
	Letters     Section = "letters"
	Agreements  Section = "agreements"
	Insight     Section = "insight"
	Credit      Section = "credit"
	Flows       Section = "flows"
	Marketplace Section = "marketplace"
	Settings    Section = "settings"
)

type place struct {
	section           Section
	label, icon, href string
}

var places = []place{
	{Dashboard, "Dashboard", "layout-dashboard", "/"},
	{Inbox, "Inbox", "inbox", "/inbox"},
	{Invoices, "Invoices", "receipt-text", "/invoices"},
	{Debtors, "Debtors", "users", "/debtors"},
	{Bank, "Bank", "landmark", "/bank"},
	{Debits, "Direct debit", "refresh-cw", "/debits"},
	{Agreements, "Agreements", "handshake", "/plans"},
	{Cases, "Cases", "scale", "/cases"},
	{Letters, "Letters to post", "printer", "/letters"},
	{Insight, "Insight", "eye", "/insight"},
	{Credit, "Credit", "shield-question", "/credit"},
	{Flows, "Flows", "workflow", "/flows"},
	{Marketplace, "Marketplace", "store", "/marketplace"},
	{Settings, "Settings", "settings", "/settings"},
}

// waits is how many things wait at a place.
func (f Frame) waits(s Section) int {
	switch s {
	case Inbox:
		return f.Unread
	case Letters:
		return f.Letters
	}
	return 0
}

// places are those of the side bar.
func (f Frame) places() []place {
	if f.Letters > 0 || f.Section == Letters {
		return places
	}
	return slices.DeleteFunc(slices.Clone(places), func(p place) bool { return p.section == Letters })
}

// Frame is what every page of a tenant needs around its content.
type Frame struct {
	Title   string         // of the document, without the product's name
	Section Section        // marked in the side bar
	Tenant  string         // name of the organisation
	User    User           // who is signed in
	Theme   string         // "light", "dark" or "" to follow the system
	Path    string         // this page with its query, where small forms return to
	Now     time.Time      // the tenant's clock, in the tenant's location
	Locale  *locale.Locale // of the reader; English when nil
	Unread  int            // messages in the inbox that wait for an answer
	Letters int            // that wait for the post; without any the side bar has no entry
	Demo    string         // one line above the page of a demo, "" otherwise
	Flash   *Flash         // what the last action did
}

// User is who is signed in.
type User struct{ Name, Email, Role string }

// Flash says once what an action did, and how to take it back.
type Flash struct {
	Tone Tone
	Text string
	Undo string // token for POST /undo; "" when it cannot be undone
}

// Lang returns the reader's locale.
func (f Frame) Lang() *locale.Locale {
	if f.Locale == nil {
		return locale.English
	}
	return f.Locale
}

// Today is the tenant's day.
func (f Frame) Today() date.Date { return date.Of(f.Now) }

// Amount writes an amount for the reader.
func (f Frame) Amount(a money.Amount) string { return f.Lang().Amount(a) }

// Date writes a full date for the reader.
func (f Frame) Date(d date.Date) string { return f.Lang().Date(d) }

// Day writes a day in words when it is near.
func (f Frame) Day(d date.Date) string { return f.Lang().Day(d, f.Today()) }

// Weekday writes a day with its weekday, for after words like "until".
func (f Frame) Weekday(d date.Date) string { return f.Lang().Weekday(d, f.Today()) }

// Moment writes a moment with its day in words when it is near.
func (f Frame) Moment(t time.Time) string { return f.Lang().Moment(t, f.Now) }

// Ago writes how long ago a moment was.
func (f Frame) Ago(t time.Time) string { return f.Lang().Ago(t, f.Now) }

// Number writes a whole number for the reader.
func (f Frame) Number(n int) string { return f.Lang().Number(n) }

// ISO writes a moment for the datetime attribute of <time>.
func ISO(t time.Time) string { return t.Format(time.RFC3339) }
