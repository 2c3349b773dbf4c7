package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
)

// provider is what payments and direct debits need of the payment provider.
type provider interface {
	payment.Provider
	debit.Provider
}

// wireDebits lets the hub take mandates, and the worker collect by them.
func (a *app) wireDebits(p provider) error {
	box, err := secret.Open(filepath.Join(a.config.Keys, "master.json"))
	if err != nil {
		return err
	}
	s := &a.services
	s.Debits = &debit.Service{Store: s.Store, Real: s.Real, Planner: s.Planner, Checkouts: s.Checkouts, Provider: p, Books: a.runner, Teller: s.Steps, Box: box}
	s.Checkouts.Follower = s.Debits
	return nil
}

// observers hear which invoices a sync changed: first their plans are made anew,
// then what is to be collected.
type observers struct{ *app }

// InvoicesChanged implements sync.Observer.
func (o observers) InvoicesChanged(ctx context.Context, tx store.Tx, administration uuid.UUID, invoices []uuid.UUID) error {
	if err := o.services.Planner.InvoicesChanged(ctx, tx, administration, invoices); err != nil {
		return err
	}
	if err := o.services.Cases.BeginLimits(ctx, tx); err != nil {
		return err
	}
	if o.services.Debits == nil {
		return nil
	}
	return o.services.Debits.InvoicesChanged(ctx, tx, administration, invoices)
}

var errNoProvider = errors.New("no payment provider is set up; set VOLDAAN_MOLLIE_KEY")

// noProvider stands in where nobody can pay online.
type noProvider struct{}

func (noProvider) CreatePayment(context.Context, string, mollie.NewPayment) (mollie.Payment, error) {
	return mollie.Payment{}, errNoProvider
}

func (noProvider) GetPayment(context.Context, string) (mollie.Payment, error) {
	return mollie.Payment{}, errNoProvider
}

func (noProvider) CancelPayment(context.Context, string, string) (mollie.Payment, error) {
	return mollie.Payment{}, errNoProvider
}

func (noProvider) CreateRefund(context.Context, string, string, mollie.NewRefund) (mollie.Refund, error) {
	return mollie.Refund{}, errNoProvider
}

func (noProvider) CreateCustomer(context.Context, string, mollie.NewCustomer) (mollie.Customer, error) {
	return mollie.Customer{}, errNoProvider
}

func (noProvider) ListMandates(context.Context, string, mollie.ListOptions) (mollie.Page[mollie.Mandate], error) {
	return mollie.Page[mollie.Mandate]{}, errNoProvider
}

func (noProvider) GetMandate(context.Context, string, string) (mollie.Mandate, error) {
	return mollie.Mandate{}, errNoProvider
}

func (noProvider) RevokeMandate(context.Context, string, string, string) error { return errNoProvider }
