// Package emulator is a Twilio that runs on this machine: one account that sends
// text messages and makes calls, written from Twilio's published documents.
//
// Where the facts come from: the references of the resources Message, Call and Call
// Event, the guide to webhook security, and the list of error codes, all below
// twilio.com/docs.
//
// What it does as Twilio does:
//   - A message goes from queued to sent to delivered, or becomes undelivered with
//     an error code; the price comes with the end of it.
//   - A call is queued and completed, or busy, no-answer or failed. Its events can be
//     read a quarter of an hour after it ended; they hold what was pressed.
//   - A number that is none is refused with code 21211; an account without credit is
//     not active: 401, code 20005.
//   - Calls to the StatusCallback are signed with the auth token.
//
// What is unsure, and what was chosen: the texts of errors, and prices.
//
// The control API is that of package outbox.
package emulator
