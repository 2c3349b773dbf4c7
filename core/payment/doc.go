// Package payment records money that comes in, from the payment provider, from
// bank statements and by hand, and what it settles.
package payment
