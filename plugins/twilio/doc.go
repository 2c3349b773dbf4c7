// Package twilio connects Twilio: connector.yaml says how, and the tests hold it to
// that.
package twilio
