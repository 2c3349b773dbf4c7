// Package letter prints outreach documents and case dossiers as PDF.
//
// The bytes depend on the input only: the same content gives the same file, so
// a stored hash proves what was sent.
package letter
