package policy

import (
	"slices"

	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
)

// place looks at a step among those before it.
func (c *checker) place(i int, s Step) {
	c.anchor(i, s)
	if c.seen[ReadyForBailiff] {
		c.no(s, "order", "Nothing follows the hand-over; move %s before it, or remove it.", s.Title)
	}
	if s.ID == SendInvoice && i > 0 {
		c.no(s, "order", "The invoice goes first; move it to the top.")
	}
	if s.Phase == receivable.Case && s.ID != OpenCase && !c.seen[OpenCase] {
		c.no(s, "order", "%s belongs to a case; open one before it.", s.Title)
	}
	if s.ID == OpenCase && !c.seen[FinalReminder] && !c.seen[FourteenDay] {
		c.no(s, "order", "The debtor is warned before a case: put a final reminder or the statutory notice before %s.", s.Title)
	}
	if s.ID == ReadyForBailiff && !c.seen[OpenCase] {
		c.no(s, "order", "A hand-over is the end of a case; open one before it.")
	}
	if i == 0 {
		return
	}
	before := c.flow.Steps[i-1]
	if before.Phase.Beyond(s.Phase) {
		c.no(s, "order", "%s comes after %s and is less grave; move it up, or change its phase.", s.Title, before.Title)
	}
	c.distance(i, s)
}

func (c *checker) anchor(i int, s Step) {
	switch {
	case !slices.Contains(anchors, s.From):
		c.no(s, "from", "Choose what %s counts from.", s.Title)
	case s.From == FromPrevious && i == 0:
		c.no(s, "from", "There is no step before %s to count from; choose the due date.", s.Title)
	case s.From == FromNotice && !c.seen[FourteenDay]:
		c.no(s, "from", "%s counts from the statutory notice; put that before it.", s.Title)
	case s.From == FromCase && !c.seen[OpenCase]:
		c.no(s, "from", "%s counts from the case; open one before it, or choose the due date.", s.Title)
	case s.Offset < 0 && s.From != FromDue:
		c.no(s, "offset", "Only the due date has days before it; choose a number above zero for %s.", s.Title)
	case s.Offset < 0 && s.Demand:
		c.no(s, "offset", "%s asks for payment, so it comes after the due date.", s.Title)
	case s.Offset == 0 && s.Demand && s.From == FromDue:
		c.no(s, "offset", "On the due date itself nothing is overdue; let %s come a day later at least.", s.Title)
	case s.From == FromNext && i != len(c.flow.Steps)-1:
		c.no(s, "order", "%s goes along with another invoice, so it is the last step; move it to the end.", s.Title)
	case s.From == FromNext && s.Phase != receivable.Reminding:
		c.no(s, "phase", "%s goes along with a reminder, so its phase is reminding.", s.Title)
	}
}

// distance looks at offsets from the same anchor: in order, and far enough from
// each other.
func (c *checker) distance(i int, s Step) {
	if s.From == FromNext || s.ID == SendInvoice {
		return
	}
	asked := false
	for j := i - 1; j >= 0; j-- {
		b := c.flow.Steps[j]
		gap, comparable := s.Offset-b.Offset, b.From == s.From && s.From != FromPrevious
		switch {
		case b.ID == OpenCase && s.From == FromCase:
			gap, comparable = s.Offset, true
		case s.From == FromPrevious && j == i-1:
			gap, comparable = s.Offset, true
		}
		if !comparable {
			if b.Demand {
				asked = true
			}
			continue
		}
		if gap < 0 {
			c.no(s, "offset", "%s falls before %s, which it follows; give it a later day.", s.Title, b.Title)
			return
		}
		if !s.Demand || !b.Demand || asked {
			continue
		}
		asked = true
		if need := c.flow.interval(); gap < need && !s.Statutory {
			c.no(s, "offset", "%s follows %s after %s; leave at least %s between two reminders.", s.Title, b.Title, days(gap), days(need))
		} else if b.Term > 0 && gap <= b.Term {
			c.no(s, "offset", "%s promises %s to pay; let %s come after that.", b.Title, days(b.Term), s.Title)
		}
	}
}

// law looks at what the law asks of a flow.
func (c *checker) law() {
	f := c.flow
	open, hasCase := f.Step(OpenCase)
	protected := f.Debtors != sdk.Business && (f.Country == "NL" || f.Country == "BE" || f.Country == "")
	if !hasCase || !protected {
		return
	}
	switch {
	case f.index(FourteenDay) < 0:
		c.no(open, "order", "A consumer owes no costs without the statutory notice: put the step %s before %s, or keep the flow for businesses (R93).", FourteenDay, open.Title)
	case open.From != FromNotice:
		c.no(open, "from", "For a consumer %s counts from the day on which the statutory notice has run out; choose the notice as its anchor (R93).", open.Title)
	}
}
