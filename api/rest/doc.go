// Package rest is the REST API of the hub: OpenAPI 3.1, bearer keys or the
// session of a browser, problems as RFC 9457 has them, pages by cursor, and
// requests that may be repeated.
//
// Invariants, cited where they are kept:
//
//	A1  An operation that does not say who may call it is closed.
//	A2  A request with an Idempotency-Key is carried out once; a repeat gets the
//	    same answer (R114).
//	A3  A program ends only the holds that it set itself (R115).
package rest
