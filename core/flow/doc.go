// Package flow keeps the flows of a tenant: drafts and published versions, the
// segments of debtors, and the choice of which invoice follows which flow. The
// most specific choice wins: invoice, debtor, segment, administration.
//
// A published version never changes. An edit is a new version, and every open
// invoice of the flow is planned again by it: it counts from the next gate, while
// what was sent stays as it was sent (R118).
package flow
