// Package sms counts the segments of text messages exactly, and keeps their
// senders and words to the rules: a text message can be read by whoever holds the
// phone.
package sms
