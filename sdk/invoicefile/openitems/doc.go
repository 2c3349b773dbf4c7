// Package openitems reads lists of open invoices, CSV or Excel, as accounting
// packages without an API export them.
//
// It finds the character encoding, the delimiter, the header row, the columns,
// the decimal mark and the form of dates by itself, and a [Mapping] can settle
// each of them. A row that cannot be read is reported and the others go on; a
// file of which the columns are not clear is refused whole.
package openitems
