package dunningtest

import (
	"context"
	"fmt"
	"sync"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// Provider carries text messages, calls, letters and electronic invoices, keeps
// what it got, and misbehaves on request.
type Provider struct {
	mu      sync.Mutex
	got     []sdk.Write
	ids     map[string]string // by key
	reports map[string]sdk.DeliveryReport
	answer  func(sdk.Write) (sdk.OutcomeState, bool, error)
	// Connection is the one that all channels go by.
	Connection uuid.UUID
}

// Carry has a provider carry channels of the administration, and wakes their
// deliveries on a walk.
func (w *World) Carry(channels ...policy.Channel) *Provider {
	w.T.Helper()
	ctx := context.Background()
	p := &Provider{ids: map[string]string{}, reports: map[string]sdk.DeliveryReport{}, Connection: uuid.New()}
	w.In(func(tx store.Tx) error {
		if err := tx.AddConnection(ctx, db.AddConnectionParams{ID: p.Connection, TenantID: w.Tenant, Connector: "twilio", Title: "Provider", Config: []byte("{}"), State: "connected"}); err != nil {
			return err
		}
		for _, ch := range channels {
			if err := tx.PutChannel(ctx, db.PutChannelParams{
				TenantID: w.Tenant, AdministrationID: w.Adm, Channel: string(ch), Mode: dunning.ByProvider, ConnectionID: uuid.NullUUID{UUID: p.Connection, Valid: true},
				PriceCurrency: "EUR", Enabled: true,
			}); err != nil {
				return err
			}
		}
		return nil
	})
	w.Wakers[dunning.Delivery] = dunning.Deliveries{Steps: w.Steps, Courier: p}
	return p
}

// Answer sets what comes of a hand-over: the outcome told, whether it was taken,
// and an error. Nil takes everything.
func (p *Provider) Answer(f func(sdk.Write) (told sdk.OutcomeState, taken bool, err error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = f
}

// Got is what was handed over and taken, in order.
func (p *Provider) Got() []sdk.Write {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]sdk.Write(nil), p.got...)
}

// Settle says what became of the n-th message.
func (p *Provider) Settle(n int, r sdk.DeliveryReport) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reports[fmt.Sprintf("x%d", n)] = r
}

// Deliver implements dunning.Courier.
func (p *Provider) Deliver(_ context.Context, _, _ uuid.UUID, w sdk.Write) (sdk.Outcome, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	told, taken, err := sdk.Applied, true, error(nil)
	if p.answer != nil {
		told, taken, err = p.answer(w)
	}
	if taken {
		p.ids[w.Key] = fmt.Sprintf("x%d", len(p.got))
		p.got = append(p.got, w)
	}
	if err != nil || told != sdk.Applied {
		return sdk.Outcome{State: told, Message: "refused by the provider"}, err
	}
	return sdk.Outcome{State: told, ExternalID: p.ids[w.Key]}, nil
}

// Recall implements dunning.Courier.
func (p *Provider) Recall(_ context.Context, _, _ uuid.UUID, w sdk.Write) (sdk.Outcome, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if id, ok := p.ids[w.Key]; ok {
		return sdk.Outcome{State: sdk.Applied, ExternalID: id}, nil
	}
	return sdk.Outcome{State: sdk.Rejected}, nil
}

// Report implements dunning.Courier.
func (p *Provider) Report(_ context.Context, _, _ uuid.UUID, r sdk.ReportRequest) (sdk.DeliveryReport, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if got, ok := p.reports[r.ID]; ok {
		return got, nil
	}
	return sdk.DeliveryReport{State: sdk.Underway}, nil
}
