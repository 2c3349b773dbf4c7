package component

// Tone is the meaning a colour carries. A tone never stands alone: a word or an
// icon says the same.
type Tone string

// The tones. Amber needs you, green is paid or done, red is an error or a legal
// step, planned is not yet true.
const (
	Plain   Tone = ""
	Green   Tone = "green"
	Amber   Tone = "amber"
	Red     Tone = "red"
	Ink     Tone = "ink"
	Planned Tone = "planned"
)

// icon is the icon that goes with a tone where none is given.
func (t Tone) icon() string {
	switch t {
	case Green:
		return "circle-check"
	case Amber, Red:
		return "circle-alert"
	case Planned:
		return "circle-dashed"
	default:
		return "info"
	}
}

// Phase is where an invoice stands, by the names of the domain: draft, sent,
// reminding, final, case, bailiff, paid, closed.
type Phase string

// The phases of an invoice. Paid and Closed are the two ways the domain's phase
// "closed" reads: paid in full, or credited, withdrawn or handed over.
const (
	Draft     Phase = "draft"
	Sent      Phase = "sent"
	Reminding Phase = "reminding"
	Final     Phase = "final"
	Case      Phase = "case"
	Bailiff   Phase = "bailiff"
	Paid      Phase = "paid"
	Closed    Phase = "closed"
)

var phaseLooks = map[Phase]struct {
	label, icon string
	tone        Tone
}{
	Draft:     {"Not sent yet", "circle-dashed", Planned},
	Sent:      {"Sent", "mail", Ink},
	Reminding: {"Reminding", "mail-open", Ink},
	Final:     {"Final reminder", "mail-warning", Ink},
	Case:      {"Case", "scale", Red},
	Bailiff:   {"Bailiff", "gavel", Red},
	Paid:      {"Paid", "check", Green},
	Closed:    {"Closed", "folder-open", Plain},
}

// Label returns the phase in words.
func (p Phase) Label() string {
	if l, ok := phaseLooks[p]; ok {
		return l.label
	}
	return string(p)
}
