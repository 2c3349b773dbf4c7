package settings

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
)

// MessagesModel is GET /settings/messages.
type MessagesModel struct {
	Frame  component.Frame
	Look   bool
	Books  []component.Tab // the whole organisation, then each administration
	Scope  string          // id of the administration, "" for the whole organisation
	Choose []TextChoice
	Groups []MessageGroup
}

// TextChoice is a choice of which words are shown.
type TextChoice struct {
	Name, Label string
	Options     []component.Option
}

// MessageGroup is messages of one kind.
type MessageGroup struct {
	ID, Title, What string
	Rows            []MessageRow
}

// MessageRow is a message in the list.
type MessageRow struct {
	Title, Step, Href string
	When              string
	Ways              []Way
	Fixed             bool
	Own               []string // where words are the creditor's own, as "Dutch, formal"
}

// Way is a channel that a message can take.
type Way struct{ Icon, Label string }

// MessageModel is GET /settings/messages/{step}; its form posts subject, part
// (repeated), base, language, form and administration.
type MessageModel struct {
	Frame       component.Frame
	Look        bool
	Path        string // /settings/messages/{step}
	Query       string // language, form and administration, as they are posted
	Title, When string
	Fixed       string // why the words stay as they are
	State       string // "Ours", "Yours, version 3"
	Own         bool
	Open        bool // others may see it: no subject
	Choose      []TextChoice
	Hidden      []component.Option // name and value of what is posted as it is
	Subject     string
	SubjectWhy  []string // what is wrong with it
	Parts       []TextPart
	Needed      []string // what is missing in the whole text
	Fields      []TextField
	Versions    []TextVersion
	Debtors     []component.Option
	Ways        []component.Option // of the preview
	Letter      bool
	Error       string
}

// TextPart is what stands between two protected blocks.
type TextPart struct {
	ID, Label, Value string
	Rows             int
	Wrong            []string
	Block            *TextBlock // that follows
}

// TextBlock is a protected block.
type TextBlock struct{ Name, Title, What string }

// TextField is a field that may be used.
type TextField struct {
	Name, What    string
	Whole, Needed bool
}

// TextVersion is one wording that was kept.
type TextVersion struct {
	Number  int
	By      string
	At      time.Time
	Reset   bool
	Now     bool
	Excerpt string
}

// TrialModel is the preview of a text message or a call, in a frame of its own.
type TrialModel struct {
	Problems []string
	Sender   string
	Text     string
	Facts    []string // "1 segment", ...
	Note     string
	Keys     []string
	Thanks   string
}
