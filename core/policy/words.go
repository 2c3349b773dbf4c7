package policy

import (
	"fmt"
	"strings"
	"time"
)

func (s State) anchorText(step Step) string {
	day := map[Anchor]string{
		FromIssue: "the invoice date", FromDue: "the due date",
		FromNotice: "the day costs are due from", FromCase: "the opening of the case",
		FromMonthEnd: "the end of the month of the due date", FromPrevious: "the step before",
	}[step.From]
	if step.From == FromDue && s.dueForSteps() != s.Due {
		day = "the time to pay that the late invoice left"
	}
	switch {
	case step.Offset == 0:
		return "On " + day + "."
	case step.Offset < 0:
		return fmt.Sprintf("%s before %s.", days(-step.Offset), day)
	}
	return fmt.Sprintf("%s after %s.", days(step.Offset), day)
}

func (s State) notBeforeText() string {
	switch s.NotBeforeRule {
	case "R22":
		return "The due date moved earlier; nothing follows before the next sending day."
	case "R26":
		return "A payment was undone; the debtor gets the minimum interval again."
	case "R34":
		return "A part was paid; the same step follows after the minimum interval."
	case "R69":
		return "A promise was not kept; the flow goes on where it was, one tone higher."
	case "R72":
		return "A dispute was not accepted; the debtor has a fresh term first."
	case "R73":
		return "A dispute was accepted in part; the rest follows after the minimum interval."
	case "R78":
		return "A payment plan ended; the flow goes on where it was, after the minimum interval."
	case "R85", "R86", "R87", "R88":
		return fmt.Sprintf("A direct debit did not stand; the debtor was given until %s to transfer it.", s.NotBefore.AddDays(-1))
	case "R90":
		return fmt.Sprintf("It is not collected any more; the debtor was given until %s to transfer it.", s.NotBefore.AddDays(-1))
	case "R53":
		return "The debtor's mailbox took nothing; it is tried again the next day."
	case "R50":
		return "A person left it out of a message; it is eligible again from the next day."
	case "R65":
		return "A pause ended; the next step follows after the minimum interval."
	}
	return fmt.Sprintf("Nothing follows before %s.", s.NotBefore)
}

func days(n int) string { return count(n, "day") }

func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// age says how long ago something was.
func age(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return count(int(d.Minutes()), "minute")
	case d < 72*time.Hour:
		return count(int(d.Hours()), "hour")
	}
	return days(int(d.Hours() / 24))
}

// lower puts a title inside a sentence.
func lower(title string) string {
	if title == "" {
		return "the step before"
	}
	return strings.ToLower(title[:1]) + title[1:]
}
