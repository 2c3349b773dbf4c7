package recipe_test

import (
	"errors"

	"github.com/voldaan/voldaan/sdk"
)

// books is a sink that remembers, as the host does.
type books struct {
	parties     map[string]sdk.Party
	invoices    map[string]sdk.Invoice
	payments    map[string]sdk.Payment
	gone        []string
	unreadable  map[string]string
	sent        int // records received, repeats included
	checkpoints int
	progress    map[sdk.Stream]int
	breakAfter  int // when set, the sink refuses the record after this many
}

var errFull = errors.New("host wants no more")

func newBooks() *books {
	return &books{
		parties: map[string]sdk.Party{}, invoices: map[string]sdk.Invoice{},
		payments: map[string]sdk.Payment{}, progress: map[sdk.Stream]int{},
		unreadable: map[string]string{},
	}
}

func (b *books) count() error {
	if b.breakAfter > 0 && b.sent >= b.breakAfter {
		return errFull
	}
	b.sent++
	return nil
}

func (b *books) Party(p sdk.Party) error {
	if err := b.count(); err != nil {
		return err
	}
	b.parties[p.ID] = p
	return nil
}

func (b *books) Invoice(i sdk.Invoice) error {
	if err := b.count(); err != nil {
		return err
	}
	b.invoices[i.ID] = i
	return nil
}

func (b *books) Payment(p sdk.Payment) error {
	if err := b.count(); err != nil {
		return err
	}
	b.payments[p.ID] = p
	return nil
}

func (b *books) Unreadable(_ sdk.Stream, id, reason string) error {
	b.unreadable[id] = reason
	return nil
}

func (b *books) Gone(s sdk.Stream, id string) error {
	b.gone = append(b.gone, string(s)+"/"+id)
	return nil
}

func (b *books) Compare(s sdk.Stream, list []sdk.Revision) ([]string, error) {
	var wanted []string
	for _, r := range list {
		var have string
		if s == sdk.Parties {
			have = b.parties[r.ID].Revision
		} else {
			have = b.invoices[r.ID].Revision
		}
		if have != r.Revision {
			wanted = append(wanted, r.ID)
		}
	}
	return wanted, nil
}

func (b *books) Complete(sdk.Stream) error { return nil }

func (b *books) Checkpoint([]byte) error {
	b.checkpoints++
	return nil
}

func (b *books) Progress(s sdk.Stream, n int) error {
	b.progress[s] = n
	return nil
}
