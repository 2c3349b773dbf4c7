package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach/phone"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) channelRoutes() {
	s.look("GET /settings/channels", (*visit).channelsPage)
	s.own("POST /settings/channels/{administration}/mail", (*visit).resumeMail)
	s.own("POST /settings/channels/{administration}/{channel}", (*visit).setChannel)
	s.own("POST /settings/channels/{administration}/{channel}/test", (*visit).testChannel)
}

// channelTitles are the channels that settings say something about.
var channelTitles = []struct {
	channel policy.Channel
	kind    sdk.MessageKind
	title   string
}{
	{policy.SMS, sdk.SMS, "Text messages"}, {policy.Voice, sdk.Voice, "Calls by a robot"}, {policy.Letter, sdk.PostalLetter, "Letters"}, {policy.Peppol, sdk.ElectronicFile, "Invoices over Peppol"},
}

func (v *visit) courier() sync.Courier { return sync.Courier{Store: v.Store, Host: v.Host} }

func (v *visit) channelsPage() error {
	m, err := v.channelsModel(v.r.URL.Query().Get("administration"))
	if err != nil {
		return err
	}
	return v.show(settings.Channels(m))
}

func (v *visit) channelsModel(administration string) (m settings.ChannelsModel, err error) {
	m.Look = !v.owner()
	var chosen db.Administration
	var rows []db.Channel
	var connections []db.Connection
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Settings, "Channels"); err != nil {
			return err
		}
		adms, err := tx.Administrations(ctx)
		if err != nil || len(adms) == 0 {
			return err
		}
		i := slices.IndexFunc(adms, func(a db.Administration) bool { return a.ID.String() == administration })
		if i < 0 && administration != "" {
			return errNotHere
		}
		chosen = adms[max(i, 0)]
		for _, a := range adms {
			m.Books = append(m.Books, component.Tab{Label: a.Name, Href: "/settings/channels?administration=" + a.ID.String(), Active: a.ID == chosen.ID})
		}
		if rows, err = tx.ChannelsOf(ctx, chosen.ID); err != nil {
			return err
		}
		connections, err = tx.Connections(ctx)
		return err
	}); err != nil || chosen.ID == uuid.Nil {
		return m, err
	}
	m.ID = chosen.ID.String()
	if chosen.MailStoppedAt != nil {
		m.MailStopped = chosen.MailStoppedWhy + " Reminders wait; invoices and statutory notices go by letter."
	}
	delivers := map[uuid.UUID][]sdk.MessageKind{}
	if v.Host != nil {
		for _, c := range connections {
			if kinds, err := v.courier().Delivers(v.r.Context(), c); err == nil {
				delivers[c.ID] = kinds
			}
		}
	}
	for _, t := range channelTitles {
		row := db.Channel{Mode: dunning.ByProvider, PriceCurrency: chosen.Currency}
		if t.channel == policy.Letter {
			row.Mode = dunning.LettersAssumed
		}
		if i := slices.IndexFunc(rows, func(r db.Channel) bool { return r.Channel == string(t.channel) }); i >= 0 {
			row = rows[i]
		}
		m.Channels = append(m.Channels, channelCard(t.channel, t.kind, t.title, row, connections, delivers))
	}
	return m, nil
}

func channelCard(ch policy.Channel, kind sdk.MessageKind, title string, row db.Channel, connections []db.Connection, delivers map[uuid.UUID][]sdk.MessageKind) settings.Channel {
	name := string(ch)
	c := settings.Channel{Name: name, Title: title}
	if ch == policy.Letter {
		c.Carriers = []component.Option{
			{Value: dunning.LettersAssumed, Label: "Printed and posted by you on the same day", Selected: row.Mode == dunning.LettersAssumed},
			{Value: dunning.LettersInBatches, Label: "Printed in batches; you say when they were posted", Selected: row.Mode == dunning.LettersInBatches},
		}
		c.Href = "/letters"
	} else {
		c.Carriers = []component.Option{{Value: "", Label: "Not used", Selected: !row.Enabled}}
	}
	c.State = "Not used"
	for _, o := range c.Carriers {
		if o.Selected && o.Value != "" {
			c.State = o.Label
		}
	}
	for _, conn := range connections {
		if !slices.Contains(delivers[conn.ID], kind) || conn.State == "removed" {
			continue
		}
		chosen := row.Enabled && row.Mode == dunning.ByProvider && row.ConnectionID.UUID == conn.ID
		c.Carriers = append(c.Carriers, component.Option{Value: conn.ID.String(), Label: conn.Title, Selected: chosen})
		if chosen {
			c.State = "By " + conn.Title
		}
	}
	if ch != policy.Letter && len(c.Carriers) == 1 {
		c.State = "Connect a provider in the marketplace first"
	}
	hints := map[policy.Channel]string{
		policy.SMS: "At most 11 letters and digits, or a number. Nobody can answer a name. Empty for your company's name.", policy.Voice: "The number that calls come from, such as +31201234567.",
		policy.Peppol: "Your own identifier, as your access point knows it; may be empty.",
	}
	if hint, ok := hints[ch]; ok {
		c.Sender = component.TextInput{ID: name + "-sender", Name: "sender", Label: "Sender", Value: row.Sender, Hint: hint}
	}
	limit := ""
	if row.DailyLimit > 0 {
		limit = strconv.Itoa(int(row.DailyLimit))
	}
	c.Limit = component.TextInput{ID: name + "-limit", Name: "limit", Label: "At most a day", Value: limit, InputMode: "numeric", Hint: "Empty for no limit."}
	price := ""
	if row.PriceMinor > 0 {
		price = money.Of(row.PriceMinor, row.PriceCurrency).Decimal()
	}
	c.Price = component.TextInput{ID: name + "-price", Name: "price", Label: "Expected price (" + string(row.PriceCurrency) + ")", Value: price, InputMode: "decimal", Hint: "For rehearsals and the cost of letters."}
	if (ch == policy.SMS || ch == policy.Voice) && row.Enabled {
		c.Test = component.TextInput{ID: name + "-test", Name: "to", Label: "Your number", Type: "tel", Required: true}
	}
	return c
}

func (v *visit) setChannel() error {
	adm, err := v.id("administration")
	if err != nil {
		return err
	}
	err = v.saveChannel(adm)
	if f := fault.Of(err); err != nil && f.Kind == fault.Invalid {
		m, err := v.channelsModel(adm.String())
		if err != nil {
			return err
		}
		m.Error = f.Message
		return v.again(settings.Channels(m))
	}
	if err != nil {
		return err
	}
	return v.done("/settings/channels?administration="+adm.String(), component.Flash{Tone: component.Green, Text: "Saved."})
}

func (v *visit) saveChannel(adm uuid.UUID) error {
	ctx := v.r.Context()
	p := db.PutChannelParams{AdministrationID: adm, Channel: v.r.PathValue("channel"), Mode: dunning.ByProvider, Sender: strings.TrimSpace(cutText(v.r.FormValue("sender"), 60)), PriceCurrency: "EUR"}
	if !slices.ContainsFunc(channelTitles, func(t struct {
		channel policy.Channel
		kind    sdk.MessageKind
		title   string
	}) bool {
		return string(t.channel) == p.Channel
	}) {
		return errNotHere
	}
	if said := v.r.FormValue("limit"); said != "" {
		n, err := strconv.Atoi(strings.TrimSpace(said))
		if err != nil || n < 0 {
			return fault.New(fault.Invalid, "channel_limit", "%q is not a number of messages.", said)
		}
		p.DailyLimit = int32(n)
	}
	var current db.Administration
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		current, err = tx.Administration(ctx, adm)
		return err
	}); err != nil {
		return errNotHere
	}
	p.PriceCurrency = cmp.Or(current.Currency, p.PriceCurrency)
	if said := strings.ReplaceAll(strings.TrimSpace(v.r.FormValue("price")), ",", "."); said != "" {
		a, err := money.Parse(said, p.PriceCurrency)
		if err != nil {
			return fault.New(fault.Invalid, "channel_price", "%q is not a price. Write it as 0.85.", said)
		}
		p.PriceMinor = a.Minor
	}
	switch carrier := v.r.FormValue("carrier"); carrier {
	case "":
	case dunning.LettersAssumed, dunning.LettersInBatches:
		p.Mode, p.Enabled = carrier, true
	default:
		id, err := uuid.Parse(carrier)
		if err != nil {
			return errNotHere
		}
		// What the provider calls the account is asked now, which also proves that it
		// lets us in.
		list, err := v.Connections.Administrations(ctx, v.member.Tenant, id)
		if err != nil {
			return fault.New(fault.Invalid, "channel_connection", "The provider does not answer: %s", fault.Of(err).Message)
		}
		if len(list) > 0 {
			p.Account = list[0].ID
		}
		p.ConnectionID, p.Enabled = uuid.NullUUID{UUID: id, Valid: true}, true
	}
	return v.write(func(ctx context.Context, tx store.Tx) error { return v.Planner.SetChannel(ctx, tx, p, v.member.Name) })
}

// testChannel sends the person who asks a message over a channel, outside of every
// flow.
func (v *visit) testChannel() error {
	adm, err := v.id("administration")
	if err != nil {
		return err
	}
	var row db.Channel
	var a db.Administration
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		rows, err := tx.ChannelsOf(ctx, adm)
		if err != nil {
			return err
		}
		if a, err = tx.Administration(ctx, adm); err != nil {
			return err
		}
		i := slices.IndexFunc(rows, func(r db.Channel) bool {
			return r.Channel == v.r.PathValue("channel") && r.Enabled && r.ConnectionID.Valid
		})
		if i < 0 {
			return errNotHere
		}
		row = rows[i]
		return nil
	}); err != nil {
		return err
	}
	to := "/settings/channels?administration=" + adm.String()
	n, ok := phone.Parse(v.r.FormValue("to"), a.Country)
	if !ok {
		return v.done(to, component.Flash{Tone: component.Red, Text: "That is not a telephone number."})
	}
	kind := map[string]sdk.MessageKind{"sms": sdk.SMS, "voice": sdk.Voice}[row.Channel]
	text := fmt.Sprintf("Test message of %s over Voldaan.", a.Name)
	out, err := v.courier().Deliver(v.r.Context(), v.member.Tenant, row.ConnectionID.UUID, sdk.Write{Key: uuid.NewString(), Administration: row.Account, Message: &sdk.MessageWrite{
		Kind: kind, To: n.E164, From: row.Sender, Text: text, Language: "en-GB", Moment: v.Real.Now(),
	}})
	switch {
	case err != nil:
		return v.done(to, component.Flash{Tone: component.Red, Text: "It was not sent: " + fault.Of(err).Message})
	case out.State != sdk.Applied:
		return v.done(to, component.Flash{Tone: component.Red, Text: "It was not taken: " + cmp.Or(out.Message, "the provider did not say why")})
	}
	return v.done(to, component.Flash{Tone: component.Green, Text: "The provider took it; it should reach you in a moment."})
}

func (v *visit) resumeMail() error {
	adm, err := v.id("administration")
	if err != nil {
		return err
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error { return v.Planner.ResumeMail(ctx, tx, adm, v.member.Name) }); err != nil {
		return err
	}
	return v.done("/settings/channels?administration="+adm.String(), component.Flash{Tone: component.Green, Text: "E-mail goes again, with what waited for it."})
}
