package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
)

func webhookRooms() []Exhibit {
	list, none, look := webhooksRoom(), webhooksRoom(), webhooksRoom()
	none.Endpoints = nil
	none.Form.Error, none.Form.URL.Value = "Events are sent over https only. Use an address that begins with https://.", "http://erp.vandijk.example"
	look.Look = true
	one, made, stopped := webhookRoom(), webhookRoom(), webhookRoom()
	made.Deliveries, made.Endpoint = nil, list.Endpoints[0]
	made.Endpoint.State, made.Endpoint.Tone, made.Endpoint.Delivered = "Waits for its first event", component.Ink, 0
	made.Secret = &settings.EndpointSecret{Name: "our ERP", Value: "whsec_3kT9vQmW0example0example0example0example00", Back: "/settings/webhooks/1"}
	stopped.Endpoint = list.Endpoints[2]
	return []Exhibit{
		{"settings-webhooks", "addresses for events", settings.Webhooks(list)},
		{"settings-webhooks-none", "no address, and a refused one", settings.Webhooks(none)},
		{"settings-webhooks-look", "seen by who is no owner", settings.Webhooks(look)},
		{"settings-webhook", "an address that fails", settings.Webhook(one)},
		{"settings-webhook-made", "an address that was just made", settings.Webhook(made)},
		{"settings-webhook-stopped", "an address that was stopped", settings.Webhook(stopped)},
	}
}

func endpointForm(name, url string, all bool) settings.EndpointForm {
	types := func(thing string, chosen int, verbs ...string) settings.Thing {
		t := settings.Thing{Name: thing, Label: thing, Chosen: chosen}
		for i, v := range verbs {
			t.Types = append(t.Types, component.Option{Value: thing + "." + v, Label: v, Selected: i < chosen})
		}
		return t
	}
	return settings.EndpointForm{
		All: all, Name: field("name", "Name", name), URL: component.TextInput{ID: "url", Name: "url", Label: "Address", Type: "url", Value: url, Placeholder: "https://erp.example/voldaan"},
		Things: []settings.Thing{types("Invoice", 2, "Sent", "Paid", "Held", "Closed", "Reopened", "Phase changed", "Left out"), types("Payment", 0, "Received", "Reversed"), types("Plan", 1, "Proposed", "Accepted", "Broken")},
	}
}

func webhooksRoom() settings.WebhooksModel {
	return settings.WebhooksModel{
		Frame: frame(component.Settings, "Webhooks"), Form: endpointForm("", "", true),
		Endpoints: []settings.Endpoint{
			{ID: "1", Name: "our ERP", URL: "https://erp.vandijk.example/voldaan", State: "Works", Tone: component.Green, On: true, Gets: "Everything", Delivered: 318, At: "Mon 2 Nov 10:00", By: "Sanne van Dijk"},
			{ID: "2", Name: "the shop", URL: "https://shop.vandijk.example/integrations/incoming/voldaan-events", State: "Fails", Tone: component.Amber, On: true, Gets: "invoice.paid, invoice.sent, plan.accepted", At: "Mon 2 Nov 10:00", By: "Sanne van Dijk", Delivered: 12, Waiting: 3,
				OldUntil: "tomorrow 09:10",
				Trouble:  &settings.EndpointTrouble{Tone: component.Amber, Title: "It fails since today 11:20.", Text: "The receiver answered 401 Unauthorized. We try again today 14:40, and stop on Tue 24 Nov 11:20 if nothing gets through.", Todo: "It does not believe that the call is ours: look whether it checks with the present secret, and reads Voldaan-Signature."}},
			{ID: "3", Name: "old dashboard", URL: "https://wall.vandijk.example/", State: "Stopped", Tone: component.Red, Gets: "Everything", At: "Mon 2 Nov 10:00", By: "Piet Bos",
				Trouble: &settings.EndpointTrouble{Tone: component.Red, Title: "Stopped.", Text: "It has failed for three days. The receiver could not be reached.", Todo: "Look whether the program runs, whether its name and certificate are right, and whether its firewall lets us in. Then switch it on, and send again what it missed."}},
		},
	}
}

func webhookRoom() settings.WebhookModel {
	list := webhooksRoom()
	return settings.WebhookModel{
		Frame: list.Frame, Endpoint: list.Endpoints[1], Form: endpointForm("the shop", "https://shop.vandijk.example/integrations/incoming/voldaan-events", false),
		Since: component.TextInput{ID: "since", Name: "since", Label: "From", Type: "datetime-local", Value: "2026-11-21T13:02", Hint: "At most 30 days back. The ids stay the same, so a program that tells repeats is safe."},
		Deliveries: []settings.Delivery{
			{Event: "01KAM3Z5QX8T2V9W4Y6B7C1D0E", Type: "invoice.paid", State: "On its way", Tone: component.Amber, At: at(21, 13, 58), When: "today 13:58", Detail: "The receiver answered 401 Unauthorized. 3 attempts; next today 14:40."},
			{Event: "01KAM3Z5QX8T2V9W4Y6B7C1D0F", Type: "plan.accepted", State: "Delivered", Tone: component.Green, At: at(21, 10, 12), When: "today 10:12", Detail: "Answered 200, 1 attempt", Again: true},
			{Event: "01KAM3Z5QX8T2V9W4Y6B7C1D0G", Type: "message.bounced", State: "Given up", Tone: component.Red, At: at(17, 9, 1), When: "Tue 17 Nov 09:01", Detail: "The receiver did not answer within 15s. 18 attempts."},
		},
		Pager: component.Pager{Next: "/settings/webhooks/2?before=7"},
	}
}
