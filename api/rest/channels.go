package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/money"
)

// Channel is how messages of one form leave an administration.
type Channel struct {
	Channel    string     `json:"channel" enum:"sms,voice,letter,peppol"`
	Mode       string     `json:"mode" enum:"assumed,batch,provider" doc:"Letters: assumed is posted by you on the day it is made, batch waits until you say so. Everything else goes by a provider"`
	Enabled    bool       `json:"enabled"`
	Connection *uuid.UUID `json:"connection,omitempty" format:"uuid" doc:"Of the provider"`
	Account    string     `json:"account,omitempty" doc:"At the provider"`
	Sender     string     `json:"sender,omitempty"`
	DailyLimit int        `json:"daily_limit" doc:"0 for none"`
	Price      Amount     `json:"price" doc:"Expected, of one"`
}

func channelOf(c db.Channel) Channel {
	out := Channel{Channel: c.Channel, Mode: c.Mode, Enabled: c.Enabled, Account: c.Account, Sender: c.Sender, DailyLimit: int(c.DailyLimit), Price: amountOf(c.PriceMinor, c.PriceCurrency)}
	if c.ConnectionID.Valid {
		out.Connection = &c.ConnectionID.UUID
	}
	return out
}

type channelList struct {
	Body struct {
		Items []Channel `json:"items"`
	}
}

type putChannel struct {
	ByID
	Channel string `path:"channel" enum:"sms,voice,letter,peppol"`
	Body    struct {
		Mode       string     `json:"mode" enum:"assumed,batch,provider"`
		Enabled    bool       `json:"enabled"`
		Connection *uuid.UUID `json:"connection,omitempty" format:"uuid" doc:"Needed with the mode provider"`
		Account    string     `json:"account,omitempty" maxLength:"200"`
		Sender     string     `json:"sender,omitempty" maxLength:"60"`
		DailyLimit int        `json:"daily_limit,omitempty" minimum:"0" maximum:"1000000"`
		PriceMinor int64      `json:"price_minor,omitempty" minimum:"0" doc:"Expected price of one, in the administration's currency"`
	}
}

// DeliveryEvent is something that was heard of a message on its way.
type DeliveryEvent struct {
	At     time.Time `json:"at"`
	State  string    `json:"state" example:"delivered"`
	Detail string    `json:"detail"`
	Source string    `json:"source" doc:"Who said it"`
}

type deliveryEventList struct {
	Body struct {
		Items []DeliveryEvent `json:"items"`
	}
}

func (h *hub) channels() {
	const tag = "Channels"
	none := []int{http.StatusNotFound}
	register(h, operation{id: "list-channels", method: http.MethodGet, path: "/administrations/{id}/channels", tag: tag, scope: tenant.Read, summary: "List how messages leave an administration", errors: none}, h.listChannels)
	register(h, operation{id: "put-channel", method: http.MethodPut, path: "/administrations/{id}/channels/{channel}", tag: tag, scope: tenant.Write, settings: true, status: http.StatusNoContent,
		summary: "Choose what carries a channel", description: "The provider is not asked whether it lets us in; the page of the settings does that.", errors: none}, h.putChannel)
	register(h, operation{id: "list-delivery-events", method: http.MethodGet, path: "/messages/{id}/events", tag: "Messages", scope: tenant.Read, summary: "List what was heard of a message on its way", errors: none}, h.deliveryEvents)
}

func (h *hub) listChannels(ctx context.Context, who actor, in *ByID) (*channelList, error) {
	out := &channelList{}
	out.Body.Items = []Channel{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		if _, err := tx.Administration(ctx, in.ID); err != nil {
			return err
		}
		rows, err := tx.ChannelsOf(ctx, in.ID)
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, channelOf(r))
		}
		return err
	})
}

func (h *hub) putChannel(ctx context.Context, who actor, in *putChannel) (*struct{}, error) {
	return nil, h.write(ctx, who, func(tx store.Tx) error {
		adm, err := tx.Administration(ctx, in.ID)
		if err != nil {
			return err
		}
		b := in.Body
		p := db.PutChannelParams{AdministrationID: in.ID, Channel: in.Channel, Mode: b.Mode, Enabled: b.Enabled, Account: b.Account, Sender: b.Sender, DailyLimit: int32(b.DailyLimit), PriceMinor: b.PriceMinor, PriceCurrency: adm.Currency}
		if p.PriceCurrency == "" {
			p.PriceCurrency = money.Currency("EUR")
		}
		if b.Connection != nil {
			if _, err := tx.Connection(ctx, *b.Connection); err != nil {
				return fmt.Errorf("find the connection: %w", err)
			}
			p.ConnectionID = uuid.NullUUID{UUID: *b.Connection, Valid: true}
		}
		return h.Planner.SetChannel(ctx, tx, p, who.by)
	})
}

func (h *hub) deliveryEvents(ctx context.Context, who actor, in *ByID) (*deliveryEventList, error) {
	out := &deliveryEventList{}
	out.Body.Items = []DeliveryEvent{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		if _, err := tx.Message(ctx, in.ID); err != nil {
			return err
		}
		rows, err := tx.DeliveryEvents(ctx, []uuid.UUID{in.ID})
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, DeliveryEvent{At: r.At.UTC(), State: r.State, Detail: r.Detail, Source: r.Source})
		}
		return err
	})
}
