package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
)

func arrangementRooms() []Exhibit {
	look, none := arrangementsRoom(), arrangementsRoom()
	look.Look, none.ID = true, ""
	refused := arrangementsRoom()
	refused.Error = "The term of a warning is between 3 and 30."
	return []Exhibit{
		{"settings-arrangements", "limits of promises and plans", settings.Arrangements(arrangementsRoom())},
		{"settings-arrangements-refused", "limits that make no sense", settings.Arrangements(refused)},
		{"settings-arrangements-look", "seen by who is no owner", settings.Arrangements(look)},
		{"settings-arrangements-none", "no books yet", settings.Arrangements(none)},
	}
}

func arrangementsRoom() settings.ArrangementsModel {
	number := func(name, label, value, hint string) component.TextInput {
		return component.TextInput{ID: name, Name: name, Label: label, Type: "number", Value: value, Hint: hint, Min: "0", Max: "90"}
	}
	return settings.ArrangementsModel{
		Frame: frame(component.Settings, "Promises and plans"), ID: "a",
		Books: []component.Tab{{Label: "Van Dijk BV", Href: "/settings/arrangements?administration=a", Active: true}, {Label: "Van Dijk Onderhoud", Href: "/settings/arrangements?administration=b"}},
		Groups: []settings.RuleGroup{
			{
				Name: "promises", Title: "Promises", Text: "A debtor names a day to pay. Nothing is asked until that day and its grace are over; then the flow goes on, one tone firmer.",
				Fields: []component.TextInput{number("promise_days", "Days ahead, at most", "14", "From the day of the promise."), number("promise_grace", "Grace", "2", "Bank days, for money that is under way."), number("promise_most", "Promises for one invoice", "2", "0 to take none in the portal.")},
			},
			{
				Name: "plans", Title: "Payment plans", Text: "A plan that a debtor proposes within these limits starts by itself. Any other waits for you, and is never longer than the longest.",
				Fields:  []component.TextInput{number("plan_auto", "Starts by itself up to (EUR)", "1000.00", "0 to decide on every plan."), number("plan_auto_months", "And up to so many months", "6", "")},
				Toggles: []settings.RuleToggle{{Name: "plan_approval", Label: "A person decides whether a plan ends", Hint: "Otherwise it ends by itself when the warning has run out."}, {Name: "plan_rest_due", Label: "The rest is due at once when a plan ends", Hint: "Otherwise each invoice keeps its own due date.", On: true}},
			},
			{
				Name: "disputes", Title: "Disputes", Text: "What is in dispute is not asked until you decide; the rest of the invoice goes on.",
				Fields: []component.TextInput{number("dispute_days", "Days to decide", "10", "")},
				Choice: &settings.RuleChoice{Name: "dispute_owner", Label: "New disputes go to", Hint: "Each can be given to somebody else on its page.", Options: []component.Option{{Label: "Nobody: it waits for all of you"}, {Value: "1", Label: "Sanne van Dijk", Selected: true}}},
			},
		},
	}
}
