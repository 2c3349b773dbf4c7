// Package inbound receives the mail that answers ours, bounces and replies, at
// addresses made by package token, and says what each of them means.
//
// It takes mail for its own addresses only, so it is never a relay, and it
// answers 4yz when the Handler fails, so that nothing is lost.
package inbound
