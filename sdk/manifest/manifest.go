// Package manifest reads connector.yaml, which says everything about a connector
// without running it: what it is, how it signs in, which hosts it may call, how
// often, and what it reads and writes.
package manifest

import (
	"time"

	"github.com/voldaan/voldaan/sdk/recipe"
)

// FileName is the name of the manifest in a connector's folder.
const FileName = "connector.yaml"

// Manifest is a valid connector.yaml.
type Manifest struct {
	// Name identifies the connector: lower case, digits and dashes.
	Name string
	// Title is the package's name as people write it.
	Title     string
	Kind      Kind
	Countries []string // ISO 3166-1 alpha-2; empty means anywhere
	Version   string   // MAJOR.MINOR.PATCH
	Publisher string
	Summary   string // one line
	// Description is Markdown for the marketplace page.
	Description string
	Website     string
	// Sources say where the facts come from that the connector relies on, Unsure what
	// is not known for certain.
	Sources []Citation
	Unsure  []string
	// Program is the file in the connector's folder that the host starts; empty for
	// a connector that is a manifest and nothing else.
	Program string
	// Recipe says how to read and write, for a connector without a program.
	Recipe       *recipe.Recipe
	Capabilities []Capability
	// Auth lists the ways to sign in, the preferred one first.
	Auth []Auth
	// Form is what the user fills in when connecting.
	Form []Field
	// Hosts may be called with credentials; see Allow for their form.
	Hosts []string
	// Downloads may be called, also by redirect, but never with credentials.
	Downloads []string
	Limits    []Limit
	// Reads and Writes tell the user which data is touched.
	Reads  []Data
	Writes []Data
	// WebhookLag is how soon after a change the package calls us at the latest,
	// 0 when it promises nothing.
	WebhookLag time.Duration
}

// Kind is what sort of package a connector is for.
type Kind string

// The kinds.
const (
	Accounting   Kind = "accounting"
	CRM          Kind = "crm"
	Bank         Kind = "bank"
	Messaging    Kind = "messaging"
	CreditReport Kind = "credit_report"
	Bailiff      Kind = "bailiff"
	Files        Kind = "files"
)

// Capability is something that not every connector can do. It stands for the
// optional interface of package sdk.
type Capability string

// The capabilities: sdk.DocumentReader, sdk.Writer with payments and with notes,
// sdk.WebhookReader, sdk.Subscriber, sdk.Writer with sdk.Reporter for each form of
// message, and sdk.CreditReporter.
const (
	Documents     Capability = "documents"
	Payments      Capability = "write_payments"
	Notes         Capability = "write_notes"
	Webhooks      Capability = "webhooks"
	Subscriptions Capability = "subscriptions"
	SendSMS       Capability = "send_sms"
	SendVoice     Capability = "send_voice"
	SendLetter    Capability = "send_letter"
	SendDocument  Capability = "send_document"
	CreditReports Capability = "credit_reports"
)

// Data is a kind of data, for the user's consent.
type Data string

// The kinds of data.
const (
	DataAdministrations Data = "administrations"
	DataParties         Data = "parties"
	DataInvoices        Data = "invoices"
	DataPayments        Data = "payments"
	DataDocuments       Data = "documents"
	DataNotes           Data = "notes"
	DataMessages        Data = "messages"
	DataCreditReports   Data = "credit_reports"
)

// FieldType is the type of a form field.
type FieldType string

// The types of field.
const (
	Text    FieldType = "text"
	URL     FieldType = "url"
	Number  FieldType = "number"
	Boolean FieldType = "boolean"
	Choice  FieldType = "choice"
	File    FieldType = "file"
)

// Field is a question of the connection form.
type Field struct {
	Name     string
	Title    string
	Help     string
	Type     FieldType
	Required bool
	// Secret answers are sealed with the credentials and never reach the
	// connector.
	Secret  bool
	Default string
	Choices []Option
	// Auth limits the field to one way to sign in; empty means all.
	Auth string
}

// Option is an answer to a choice.
type Option struct {
	Value string
	Title string
}
