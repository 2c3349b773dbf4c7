package broker

import (
	"context"
	"crypto/rand"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk/manifest"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

// Connection is what a call is made for.
type Connection struct {
	ID       uuid.UUID
	Tenant   uuid.UUID
	Config   map[string]string // answers to the form, without the secret ones
	Run      uuid.UUID         // the sync that the call is part of, if any
	Priority budget.Priority
	// Administration is the package's name for the books that the call is about,
	// where it is about some.
	Administration string
}

func (c Connection) ref() token.Ref { return token.Ref{Tenant: c.Tenant, Connection: c.ID} }

// Target is the connector that a call is made to. It is known for each call, and
// not for each process: a process may carry out many connectors.
type Target struct {
	Manifest *manifest.Manifest
	// Source is the manifest's file, for a connector that is that and nothing else;
	// nil otherwise. The process that carries it out may ask for it.
	Source []byte
}

// Port is the broker's side of one connector process. It knows the calls that
// the host has under way in that process: a request for any other call is
// refused, so that a connector can only ever use connections it is being asked
// about.
type Port struct {
	pb.UnimplementedHostServiceServer
	broker *Broker
	held   atomic.Int64 // bytes of request bodies

	mu    sync.Mutex
	calls map[string]*Call
}

// NewPort returns the port of a process.
func (b *Broker) NewPort() *Port {
	return &Port{broker: b, calls: map[string]*Call{}}
}

// Call is one call of the host into the connector.
type Call struct {
	// Token is what the connector shows to use this call.
	Token string

	port       *Port
	target     Target
	ctx        context.Context
	connection Connection
	busy       atomic.Int64 // exchanges under way
	exchanges  atomic.Int64
	sign       atomic.Int64 // last sign of life in an exchange, Unix nanoseconds

	mu    sync.Mutex
	fault error // protected by mu
}

// Open admits requests on behalf of a call until Close, or until ctx ends.
func (p *Port) Open(ctx context.Context, t Target, c Connection) *Call {
	call := &Call{Token: rand.Text(), port: p, target: t, ctx: ctx, connection: c}
	call.touch()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[call.Token] = call
	return call
}

// Close ends the admission.
func (c *Call) Close() {
	c.port.mu.Lock()
	defer c.port.mu.Unlock()
	delete(c.port.calls, c.Token)
}

func (p *Port) call(tok string) *Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[tok]
}

// Fault returns what kept the connector from doing its work, when that lies
// with the connection and not with the connector: no access any more, or a
// spent limit. It is nil otherwise.
func (c *Call) Fault() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fault
}

func (c *Call) note(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = err
}

// Busy reports whether the connector is waiting for an exchange: then it is the
// package that is slow, or its limit that is spent, not the connector.
func (c *Call) Busy() bool { return c.busy.Load() > 0 }

// Exchanges returns how many requests the call has made.
func (c *Call) Exchanges() int64 { return c.exchanges.Load() }

// LastSign returns when the connector last used the broker in this call.
func (c *Call) LastSign() time.Time { return time.Unix(0, c.sign.Load()) }

func (c *Call) touch() { c.sign.Store(time.Now().UnixNano()) }
