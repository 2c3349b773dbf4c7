// Package mollie is a small client of the Mollie API v2: payments, refunds,
// charge-backs, methods, customers and mandates, after Mollie's OpenAPI document.
//
// The client one would choose is github.com/mollie/mollie-api-go/v3. It cannot
// be fetched through the public module proxy, and neither can its predecessors,
// so this package covers the endpoints that Voldaan uses. Callers depend on the
// interfaces Payments and Mandates; an adapter over the official client can replace Client
// behind them without touching them.
//
// Nothing that arrives by webhook is believed: a call names a payment, and the
// payment is read with the API key before anything follows from it.
package mollie
