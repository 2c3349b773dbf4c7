// Package pginbox keeps received files in Postgres, where every hub and worker
// finds them.
package pginbox
