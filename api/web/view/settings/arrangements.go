package settings

import "github.com/voldaan/voldaan/api/web/view/component"

// ArrangementsModel is GET /settings/arrangements?administration=: how far a
// debtor and a colleague may go by themselves. It posts every field to
// /settings/arrangements/{administration}.
type ArrangementsModel struct {
	Frame  component.Frame
	Look   bool
	Books  []component.Tab
	ID     string // of the administration, "" when there is none
	Error  string
	Groups []RuleGroup
}

// RuleGroup is what is decided about one thing.
type RuleGroup struct {
	Name, Title, Text string
	Fields            []component.TextInput
	Toggles           []RuleToggle
	Choice            *RuleChoice
}

// RuleToggle is switched on or off.
type RuleToggle struct {
	Name, Label, Hint string
	On                bool
}

// RuleChoice is one of several.
type RuleChoice struct {
	Name, Label, Hint string
	Options           []component.Option
}
