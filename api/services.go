// Package api is the face of the hub: the REST API in rest, the pages in web.
package api

import (
	"context"
	"net/netip"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/contain"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/credit"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/erasure"
	"github.com/voldaan/voldaan/core/event"
	"github.com/voldaan/voldaan/core/marketplace"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/portal"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/core/tenant"
)

// SessionCookie holds the token of a member's session.
const SessionCookie = "voldaan_session"

// ByProgram begins what a program did over the API, as it is written down; the
// name of its key follows.
const ByProgram = "api:"

// Services are what pages and operations call. The composition root makes them.
type Services struct {
	Store     *store.Store
	Real      clock.Clock
	Directory tenant.Directory
	Portal    *portal.Gatekeeper
	Planner   dunning.Planner
	Steps     *dunning.Steps
	Bank      *payment.Bank
	Checkouts *payment.Checkouts
	// Cases follows what was opened; Bailiffs finds the way to each.
	Cases    *casework.Desk
	Bailiffs *bailiff.Office
	// Debits takes mandates and collects by them.
	Debits *debit.Service
	// Credit keeps limits and reports, and watches what is at stake.
	Credit *credit.Office
	// Desk makes and ends promises, plans, disputes and legal stops.
	Desk        *arrangement.Desk
	Host        *connect.Host
	Connections *sync.Connections
	// Register takes what publishers send; nil where nobody publishes.
	Register *registry.Registry
	Market   *marketplace.Service
	// Contained says what keeps connectors to themselves on this machine.
	Contained []contain.Line
	// Events are the addresses that what happens is sent to.
	Events *event.Endpoints
	// Erasure answers debtors who ask to be forgotten.
	Erasure *erasure.Office
	// SyncNow mirrors an administration at once.
	SyncNow func(ctx context.Context, tenant, administration uuid.UUID) error
	// WorkflowURL is the page of a workflow in the Temporal UI, "" without one.
	WorkflowURL func(id string) string
	// Public is how browsers reach the hub, without a slash at the end.
	Public string
	// Proxies are the networks of reverse proxies whose word on where a request
	// comes from is believed.
	Proxies []netip.Prefix
	// Demo installations show how to sign in, when an account is named.
	Demo                    bool
	DemoEmail, DemoPassword string
}
