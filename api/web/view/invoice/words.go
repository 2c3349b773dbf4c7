package invoice

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
)

func from(ours bool) string {
	if ours {
		return "us"
	}
	return "them"
}

func day(f component.Frame, e Event) date.Date { return date.Of(e.At.In(f.Now.Location())) }

func eventDay(f component.Frame, e Event) string { return f.Lang().Weekday(day(f, e), f.Today()) }

func doneTone(d *Done) string {
	if d.Paid {
		return string(component.Green)
	}
	return ""
}

func doneIcon(d *Done) string {
	if d.Paid {
		return "circle-check"
	}
	return "folder-open"
}

func holdTone(h Hold) string {
	if h.NeedsYou {
		return string(component.Amber)
	}
	return ""
}

// nextWhen says when the next step is; under a hold it is only a date that the
// step would have.
func nextWhen(f component.Frame, at time.Time, held bool) string {
	d := date.Of(at.In(f.Now.Location()))
	when := f.Day(d) + " at " + f.Lang().Clock(at.In(f.Now.Location()))
	if held {
		return "not before " + when
	}
	return when
}

func owedTitle(m Model) string {
	switch {
	case m.Done != nil:
		return "Open"
	case m.Phase == component.Case || m.Phase == component.Bailiff:
		return "Open, with costs and interest"
	default:
		return "Open"
	}
}

func dueLine(m Model) string {
	switch {
	case m.Done != nil:
		return "Was due " + m.Frame.Date(m.Due)
	case m.DaysLate > 0:
		return "Due " + m.Frame.Date(m.Due) + ", " + late(m.DaysLate)
	default:
		return "Due " + m.Frame.Day(m.Due)
	}
}
