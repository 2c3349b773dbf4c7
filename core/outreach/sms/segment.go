package sms

import "unicode/utf16"

// Encoding is how a text travels.
type Encoding string

// The encodings. One character outside the GSM alphabet makes the whole message
// UCS-2.
const (
	GSM7 Encoding = "GSM-7"
	UCS2 Encoding = "UCS-2"
)

// Count is what a text takes.
type Count struct {
	Encoding Encoding
	Units    int // septets of GSM-7, 16-bit units of UCS-2
	Segments int // each is charged as a message
}

// Room of a message of 140 octets, and of each segment of a longer one, which
// begins with six octets that say how the segments belong together.
const (
	aloneGSM, partGSM = 160, 153
	aloneUCS, partUCS = 70, 67
)

// Measure counts a text. A character of two units is never divided: what is left
// of a segment before it stays empty.
func Measure(text string) Count {
	sizes := make([]int, 0, len(text))
	c := Count{Encoding: GSM7}
	for _, r := range text {
		n := septets[r]
		if n == 0 {
			c.Encoding = UCS2
			break
		}
		sizes, c.Units = append(sizes, n), c.Units+n
	}
	alone, part := aloneGSM, partGSM
	if c.Encoding == UCS2 {
		sizes, c.Units, alone, part = sizes[:0], 0, aloneUCS, partUCS
		for _, r := range text {
			n := max(utf16.RuneLen(r), 1)
			sizes, c.Units = append(sizes, n), c.Units+n
		}
	}
	switch {
	case c.Units == 0:
		return c
	case c.Units <= alone:
		c.Segments = 1
		return c
	}
	c.Segments = 1
	for used, i := 0, 0; i < len(sizes); i++ {
		if used+sizes[i] > part {
			c.Segments, used = c.Segments+1, 0
		}
		used += sizes[i]
	}
	return c
}
