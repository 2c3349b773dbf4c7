package gallery

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
)

// now is the moment of the whole gallery: Saturday 21 November 2026, 14:02.
var now = time.Date(2026, 11, 21, 14, 2, 0, 0, time.FixedZone("CET", 3600))

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, now.Location())
}

func on(iso string) date.Date { return date.MustParse(iso) }

func frame(section component.Section, title string) component.Frame {
	return component.Frame{
		Title: title, Section: section, Tenant: "Van Dijk Installaties",
		User:   component.User{Name: "Sanne van Dijk", Email: "sanne@vandijk.example", Role: "Owner"},
		Path:   "/invoices?tab=reminding",
		Now:    now,
		Unread: 2,
	}
}

// finder is the bar above a list of the gallery.
func finder(path, things, placeholder string, filters ...component.Filter) component.Finder {
	return component.Finder{Path: path, Things: things, Placeholder: placeholder, Filters: filters, CSV: path + ".csv"}
}

// filter is a drop-down with nothing chosen.
func filter(name, label string, options ...string) component.Filter {
	f := component.Filter{Name: name, Label: label, Options: []component.Option{{Label: options[0], Selected: true}}}
	for _, o := range options[1:] {
		f.Options = append(f.Options, component.Option{Value: o, Label: o})
	}
	return f
}

func anySegment() component.Filter {
	return filter("segment", "Segment", "Any segment", "Key accounts")
}
func anyRisk() component.Filter {
	return filter("risk", "Risk", "Any risk", "Low risk", "Medium risk", "High risk")
}

const mailCopy = Prefix + "mail-copy.html"

const mailHTML = `<!doctype html><html lang="nl"><meta charset="utf-8"><body style="margin:0;background:#f4f2ec;font-family:Arial,sans-serif;color:#1a2030">
<div style="max-width:560px;margin:24px auto;background:#fff;border-radius:8px;padding:28px;line-height:1.5">
<p style="font-weight:bold;font-size:18px;margin:0 0 16px">Van Dijk Installaties</p>
<p>Beste heer/mevrouw,</p><p>Factuur 2026-0412 van € 1.210,00 moest op 8 november 2026 betaald zijn. Wij hebben nog geen betaling gezien.</p>
<p>Wilt u het bedrag vóór 27 november betalen? Dat kan direct via de knop.</p>
<p><a href="#" style="display:inline-block;background:#0b5d78;color:#fff;padding:12px 20px;border-radius:6px;text-decoration:none">Bekijk en betaal</a></p>
<p>Met vriendelijke groet,<br>Sanne van Dijk</p></div></body></html>`
