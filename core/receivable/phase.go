package receivable

// Phase is how far the process with an invoice is.
type Phase string

// The phases in their order.
const (
	Draft     Phase = "draft"     // known, nothing sent yet
	Sent      Phase = "sent"      // the debtor has the invoice
	Reminding Phase = "reminding" // reminders under way
	Final     Phase = "final"     // last notice: final reminder or statutory notice
	Case      Phase = "case"      // amicable collection with costs and interest
	Bailiff   Phase = "bailiff"   // ready for, or with, a bailiff
	Closed    Phase = "closed"    // paid, credited, withdrawn
)

var phaseOrder = map[Phase]int{Draft: 0, Sent: 1, Reminding: 2, Final: 3, Case: 4, Bailiff: 5, Closed: 6}

// Beyond reports whether p is a later phase than q.
func (p Phase) Beyond(q Phase) bool { return phaseOrder[p] > phaseOrder[q] }
