// Package credit tells how far a debtor can be trusted: a score from how they pay,
// reports of agencies, limits, and what is at stake. Passing a limit tells people
// of the creditor, never the debtor (R122).
package credit
