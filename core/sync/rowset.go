package sync

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk/date"
)

// rowset holds rows of one table as Postgres' binary COPY takes them: they are
// encoded once, where they are read, and pass to the database as they are.
type rowset struct {
	data []byte
	rows []staged
	open int // where the row under construction began
	body int // where its content begins
}

// staged is one row of a rowset.
type staged struct {
	id       uuid.UUID
	debtor   uuid.UUID // of an invoice
	external string
	hash     int64
	from, to int // in data; nothing for a record that the mirror cannot hold
	problem  Problem
}

// begin starts a row with the columns that come before the content.
func (r *rowset) begin(columns int, external string, ids ...uuid.UUID) {
	r.open = len(r.data)
	r.data = binary.BigEndian.AppendUint16(r.data, uint16(columns))
	r.text(external)
	for _, id := range ids {
		r.id(id)
	}
	r.number(0) // the hash, known at the end
	r.body = len(r.data)
}

// end completes a row. Its hash is that of the content and of what points
// elsewhere, as the books name it.
func (r *rowset) end(s staged, points string) {
	h := fnv1a(fnv1a(14695981039346656037, []byte(points)), r.data[r.body:])
	binary.BigEndian.PutUint64(r.data[r.body-8:], h)
	s.hash, s.from, s.to = int64(h), r.open, len(r.data)
	r.rows = append(r.rows, s)
}

func fnv1a(h uint64, data []byte) uint64 {
	for _, b := range data {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

func (r *rowset) length(n int) { r.data = binary.BigEndian.AppendUint32(r.data, uint32(n)) }

func (r *rowset) id(u uuid.UUID) {
	r.length(len(u))
	r.data = append(r.data, u[:]...)
}

func (r *rowset) text(s string) {
	s = storable(s)
	r.length(len(s))
	r.data = append(r.data, s...)
}

// storable leaves out what Postgres cannot keep in a text: a zero byte, or bytes
// that are no UTF-8. One bad letter in the books must not stop the rest of them.
func storable(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func (r *rowset) number(n int64) {
	r.length(8)
	r.data = binary.BigEndian.AppendUint64(r.data, uint64(n))
}

func (r *rowset) flag(b bool) {
	r.length(1)
	if b {
		r.data = append(r.data, 1)
	} else {
		r.data = append(r.data, 0)
	}
}

// epoch is day and moment zero of Postgres.
var epoch = date.New(2000, time.January, 1)

func (r *rowset) day(d date.Date) {
	r.length(4)
	r.data = binary.BigEndian.AppendUint32(r.data, uint32(int32(d.DaysSince(epoch))))
}

// moment writes a moment, NULL for none.
func (r *rowset) moment(t time.Time) {
	if t.IsZero() {
		r.length(-1)
		return
	}
	r.number(t.UnixMicro() - epoch.In(time.UTC).UnixMicro())
}

// settle leaves the last row of each id, in the order of ids so that two syncs
// at once never wait for each other in a circle.
func (r *rowset) settle() {
	slices.Reverse(r.rows)
	slices.SortStableFunc(r.rows, func(a, b staged) int { return byID(a.id, b.id) })
	r.rows = slices.CompactFunc(r.rows, func(a, b staged) bool { return a.id == b.id })
}

var (
	copyHeader  = []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	copyTrailer = []byte{0xff, 0xff}
)

// stream returns the rows as COPY takes them.
func (r *rowset) stream(rows []staged) []byte {
	n := len(copyHeader) + len(copyTrailer)
	for _, s := range rows {
		n += s.to - s.from
	}
	out := append(make([]byte, 0, n), copyHeader...)
	for _, s := range rows {
		out = append(out, r.data[s.from:s.to]...)
	}
	return append(out, copyTrailer...)
}
