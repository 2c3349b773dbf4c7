// Package pingen connects Pingen: connector.yaml says how, and the tests hold it to
// that.
package pingen
