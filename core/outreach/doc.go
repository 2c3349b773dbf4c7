// Package outreach turns what is owed into what is said: one Content becomes a
// Document of blocks, and the same blocks become an e-mail with a plain-text
// twin (Render) or a letter (package letter).
//
// The package is pure: no clock, no database, no network. Words live in
// templates/<language>, one file per step, so that a language is data.
package outreach
