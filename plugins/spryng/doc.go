// Package spryng connects Spryng: connector.yaml says how, and the tests hold it to
// that.
package spryng
