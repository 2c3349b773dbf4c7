// Package sync mirrors the books: it pulls records through the connector host,
// writes only what changed, and tells the dunning process which invoices to look
// at again.
package sync
