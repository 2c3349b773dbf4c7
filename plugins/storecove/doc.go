// Package storecove connects Storecove: connector.yaml says how, and the tests hold it to
// that.
package storecove
