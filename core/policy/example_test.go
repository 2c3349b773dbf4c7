package policy_test

import (
	"fmt"

	"github.com/voldaan/voldaan/core/policy"
)

// An invoice of a business, due on 16 September, that nobody paid.
func Example() {
	s := state("2026-09-15 09:00", due("2026-09-16"))
	p := policy.Next(business, s)
	fmt.Printf("%s on %s: %s (%s)\n", p.Title, p.At.Format("Mon 2 Jan 15:04"), p.Why, p.Rule)

	// At that moment the books turn out to have the payment.
	m := moment(business, p.Step, "2026-09-21 08:15", due("2026-09-16"), books(0))
	v := policy.Gate(m)
	fmt.Printf("%s: %s (%s)\n", v.Outcome, v.Why, v.Rule)

	// Output:
	// Reminder 1 on Mon 21 Sep 08:15: 2026-09-19 is no sending day (Saturday). (R13)
	// close: Nothing is open on this invoice. (R1)
}
