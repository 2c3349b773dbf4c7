package dunning

// holdTitles say what each rule holds a step for.
var holdTitles = map[string]string{
	"R1": "a draft again", "R4": "a small rest", "R5": "books or bank not up to date", "R6": "payment under way", "R7": "record in error",
	"R9": "message of unknown fate", "R16": "not live yet", "R19": "PDF missing", "R24": "changed in the books", "R25": "presumed paid", "R33": "credit covers it",
	"R40": "credit to apply first", "R67": "a promise to pay", "R97": "a legal stop", "R51": "no address", "R55": "mail does not arrive", "R109": "with a bailiff", "R61": "debtor wrote", "R62": "message not read", "R63": "reminders paused",
	"R64": "paused by a person", "R70": "disputed", "R75": "paid by instalments", "R83": "direct debit", "R93": "no statutory notice",
	"provisional_figure": "a figure to approve", "approval": "an approval", "R58": "no number",
}

// holdWords names the hold of a rule without anything about a person; empty
// without a rule.
func holdWords(rule string) string {
	switch title := holdTitles[rule]; {
	case rule == "":
		return ""
	case title == "":
		return rule
	default:
		return title + " (" + rule + ")"
	}
}
