// Package dossier makes the papers of a collection case: the statement of what is
// owed and why on any day, and the dossier that a bailiff needs, as one PDF and as
// one archive with a manifest and the SHA-256 of every file. The same content gives
// the same bytes.
package dossier
