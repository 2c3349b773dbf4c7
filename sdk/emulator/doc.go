// Package emulator is the toolkit for emulators of vendors' APIs: a request
// log, misbehaviour on request, OAuth, rate limits, webhook deliveries and
// state that survives a killed process.
//
// An emulator is an [http.Handler] around a [Kit]. The kit owns everything
// below /_control/, so that a test, a demonstration or another process can make
// the vendor misbehave and see what was asked of it:
//
//	POST   /_control/faults      one fault or a list of them; answers their ids
//	GET    /_control/faults      the faults that have not fired up
//	DELETE /_control/faults      forget them all
//	GET    /_control/requests    what the vendor was asked, in order (?since=n)
//	DELETE /_control/requests    forget them
//	GET    /_control/deliveries  webhooks waiting, and those attempted
//	POST   /_control/deliveries  {"hold":true} {"release":"reverse"} {"double":1} {"drop":1}
//	GET    /_control/clock       the two clocks
//	POST   /_control/clock       {"skew_ms":-120000}: the vendor's clocks are wrong
//
// and, for an emulator that called [OAuth.Controls]:
//
//	POST   /_control/tokens      {"client","scope","subject"}: as if a user had agreed; answers the tokens
//	DELETE /_control/tokens      revokes what applications were granted
//
// There are two clocks. Now is the time the vendor's books live in; a
// demonstration runs it fast. Wall is the time of the wire: tokens, download
// links, rate-limit windows and signatures expire by it, because the programs
// on the other end of the wire do not run any faster in a demonstration.
package emulator
