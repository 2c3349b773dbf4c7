// Package eboekhouden connects e-Boekhouden.nl: connector.yaml says how, and the
// tests hold it to that.
package eboekhouden
