// Package chart draws small charts as SVG on the server, each with the same
// figures as a table beneath it.
//
// Horizontal places are percentages and vertical ones pixels, so that a chart
// fits any width while its text keeps its size. Colours are classes of the
// style sheet; nothing is inline.
package chart

import (
	"fmt"
	"strconv"
	"strings"
)

// Bar is one figure of a chart.
type Bar struct {
	Label string // "31–60"
	Name  string // the label in words for the table, "31 to 60 days late"
	Value int64  // what the height or width shows; below zero is drawn as zero
	Short string // the value above the bar, "€12.4k"
	Text  string // the exact value, for the table and the tip
	Count int    // how many invoices
	Legal bool   // drawn in the colour of legal steps
	Href  string // where the table's row leads to, if anywhere
}

func (b Bar) name() string {
	if b.Name != "" {
		return b.Name
	}
	return b.Label
}

// Labels are the words of a table twin.
type Labels struct {
	Show, First, Count, Value string
}

// English are the words of the tenant's pages.
var English = Labels{Show: "Show as table", First: "Group", Count: "Invoices", Value: "Amount"}

func percent(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 2, 64), "0"), ".") + "%"
}

func pixels(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 1, 64), "0"), ".")
}

// highest returns the largest value, at least 1 so that it can divide.
func highest(bars []Bar) int64 {
	top := int64(1)
	for _, b := range bars {
		top = max(top, b.Value)
	}
	return top
}

// column is where one bar of a column chart stands.
type column struct {
	Bar
	class            string
	x, width, middle string
	y, height        string
	valueY           string
}

const (
	columnHeight = 132.0 // of the highest bar, in pixels
	columnTop    = 20.0  // room for the value above it
	columnGap    = 0.24  // share of a column that is empty
)

func columns(bars []Bar) []column {
	out, top, step := make([]column, len(bars)), float64(highest(bars)), 100/float64(max(len(bars), 1))
	for i, b := range bars {
		h := columnHeight * float64(max(b.Value, 0)) / top
		if b.Value > 0 {
			h = max(h, 2)
		}
		y := columnTop + columnHeight - h
		out[i] = column{
			Bar: b, class: "b" + strconv.Itoa(min(i, 5)),
			x: percent(step * (float64(i) + columnGap/2)), width: percent(step * (1 - columnGap)), middle: percent(step * (float64(i) + 0.5)),
			y: pixels(y), height: pixels(h), valueY: pixels(y - 6),
		}
		if b.Legal {
			out[i].class = "legal"
		}
	}
	return out
}

// rowHeight is the height of one row of a funnel, in pixels.
const rowHeight = 26

type funnelRow struct {
	Bar
	class, width, y, textY string
}

func funnelRows(bars []Bar) []funnelRow {
	out, top := make([]funnelRow, len(bars)), float64(highest(bars))
	for i, b := range bars {
		w := 52 * float64(max(b.Value, 0)) / top // the label takes 30%, the figure 18%
		if b.Value > 0 {
			w = max(w, 0.6)
		}
		class := "flow"
		if b.Legal {
			class = "legal"
		}
		out[i] = funnelRow{Bar: b, class: class, width: percent(w), y: strconv.Itoa(i*rowHeight + 5), textY: strconv.Itoa(i*rowHeight + 17)}
	}
	return out
}

// sparkPaths returns the line and the area under it in a box of 100 by 24.
func sparkPaths(bars []Bar) (line, area string) {
	if len(bars) < 2 {
		return "", ""
	}
	low, high := bars[0].Value, bars[0].Value
	for _, b := range bars {
		low, high = min(low, b.Value), max(high, b.Value)
	}
	span := float64(max(high-low, 1))
	var points []string
	for i, b := range bars {
		x := 100 * float64(i) / float64(len(bars)-1)
		y := 22 - 20*float64(b.Value-low)/span
		points = append(points, fmt.Sprintf("%s %s", pixels(x), pixels(y)))
	}
	line = "M" + strings.Join(points, "L")
	return line, line + "L100 24L0 24Z"
}
