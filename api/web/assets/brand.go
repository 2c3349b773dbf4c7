package assets

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// Brand returns the URL of the style sheet that gives the debtor's pages the
// creditor's colour, written as "#1f6f4a". An unreadable colour gives "", and
// the pages keep Voldaan's green.
func Brand(colour string) string {
	hex := strings.ToLower(strings.TrimPrefix(colour, "#"))
	if _, err := parseColour(hex); err != nil {
		return ""
	}
	return Prefix + "brand/" + hex + ".css"
}

type rgb [3]float64 // sRGB, 0..1

func parseColour(hex string) (rgb, error) {
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		return rgb{}, fmt.Errorf("%q is not a colour of the form 1f6f4a", hex)
	}
	return rgb{float64(n>>16&255) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}, nil
}

func (c rgb) hex() string {
	b := func(v float64) int { return int(math.Round(v * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", b(c[0]), b(c[1]), b(c[2]))
}

// luminance as WCAG 2.2 defines it.
func (c rgb) luminance() float64 {
	lin := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c[0]) + 0.7152*lin(c[1]) + 0.0722*lin(c[2])
}

// contrast is the WCAG 2.2 ratio of two colours, 1 to 21.
func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func (c rgb) mix(d rgb, part float64) rgb {
	for i := range c {
		c[i] += (d[i] - c[i]) * part
	}
	return c
}

// readable moves c towards goal until it holds the ratio against ground.
func readable(c, ground, goal rgb, ratio float64) rgb {
	for part := 0.0; part <= 1; part += 0.04 {
		if m := c.mix(goal, part); contrast(m, ground) >= ratio {
			return m
		}
	}
	return goal
}

var (
	white = rgb{1, 1, 1}
	black = rgb{}
	ink   = rgb{0.09, 0.11, 0.18}
	night = rgb{0.115, 0.13, 0.18} // the dark theme's card
)

// brandSheet derives from one colour the ground of the header and the button,
// the text on it, and a text colour per theme, each at 4.5:1 or better.
func brandSheet(c rgb) string {
	on, away := white, black
	if contrast(c, white) < 4.6 && contrast(c, ink) >= contrast(c, white) {
		on, away = ink, white
	}
	c = readable(c, on, away, 4.6)
	light, dark := readable(c, rgb{0.975, 0.97, 0.95}, black, 4.6), readable(c, night, white, 5)
	return fmt.Sprintf(".portal.portal{--brand:%s;--brand-foreground:%s;--primary:%s;--primary-foreground:%s;--ring:light-dark(%s,%s);--brand-text:light-dark(%s,%s)}",
		c.hex(), on.hex(), c.hex(), on.hex(), light.hex(), dark.hex(), light.hex(), dark.hex())
}

func serveBrand(w http.ResponseWriter, r *http.Request, hex string) {
	c, err := parseColour(hex)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write([]byte(brandSheet(c)))
}
