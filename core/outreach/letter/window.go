package letter

import "github.com/voldaan/voldaan/core/outreach"

// Window is the window of an envelope over a sheet that is folded into it, in
// millimetres from the top left corner of the sheet.
type Window struct{ X, Y, Width, Height float64 }

// Windows of the envelopes that are usual in a country. What shows is what stays
// in sight when the sheet slips by a few millimetres.
var windows = map[string]Window{
	// NEN 1026: DL and C5/6 with the window on the left; Belgium takes the same.
	"NL": {X: 20, Y: 47, Width: 90, Height: 35},
	"BE": {X: 20, Y: 47, Width: 90, Height: 35},
	// DIN 5008 form B: field of 85 by 45, of which the upper 17.7 are remarks and
	// the return line.
	"DE": {X: 20, Y: 45, Width: 85, Height: 45},
	// BS 4264: DL with a window of 90 by 35, 20 from the left.
	"GB": {X: 20, Y: 47, Width: 90, Height: 35},
	// NF Z10-011: DL with the window on the right.
	"FR": {X: 110, Y: 45, Width: 90, Height: 40},
}

// WindowOf is the window of a creditor's country, the Dutch one where none is
// known. Right takes the window on the right hand, which Dutch and Belgian
// envelopes have too.
func WindowOf(country string, right bool) Window {
	w, ok := windows[country]
	if !ok {
		w = windows["NL"]
	}
	if right && w.X < pageWidth/2 {
		w.X = pageWidth - w.X - w.Width
	}
	return w
}

const (
	addressLines = 6
	lineHeight   = 4.6
	inside       = 5.0 // from the sides of the window
	returnAt     = 3.5 // baseline of the return line in the lowest 35 of a window
	addressAt    = 8.5 // baseline of the first line of the address
	blockHeight  = 35.0
)

// windowFor is what the options ask for, else what the country has.
func windowFor(c outreach.Content, o Options) Window {
	if o.Window.Width > 0 {
		return o.Window
	}
	return WindowOf(c.Country, o.Right)
}
