package sdktest

import "github.com/voldaan/voldaan/sdk"

// Recorder is a Sink that keeps what it is given. The zero value is ready.
type Recorder struct {
	// Got is what the connector sent, in its order.
	Got Recording
	// Known holds the revisions, by id, that Compare answers from. What is not
	// in it in that revision is wanted.
	Known map[sdk.Stream]map[string]string
	// Stop, when set, is the answer to every record after the first StopAfter.
	Stop      error
	StopAfter int
	records   int
}

// Recording is what a pull sent.
type Recording struct {
	Parties     []sdk.Party
	Invoices    []sdk.Invoice
	Payments    []sdk.Payment
	Gone        []Ref
	Unreadable  []Ref
	Complete    []sdk.Stream
	Checkpoints [][]byte
	Expected    map[sdk.Stream]int            // from Progress
	Compared    map[sdk.Stream][]sdk.Revision // lists given to Compare
}

// Ref names a record.
type Ref struct {
	Stream sdk.Stream
	ID     string
	Reason string // why it is unreadable
}

var _ sdk.Sink = (*Recorder)(nil)

func (r *Recorder) take() error {
	if r.Stop != nil && r.records >= r.StopAfter {
		return r.Stop
	}
	r.records++
	return nil
}

// Party implements sdk.Sink.
func (r *Recorder) Party(p sdk.Party) error {
	r.Got.Parties = append(r.Got.Parties, p)
	return r.take()
}

// Invoice implements sdk.Sink.
func (r *Recorder) Invoice(v sdk.Invoice) error {
	r.Got.Invoices = append(r.Got.Invoices, v)
	return r.take()
}

// Payment implements sdk.Sink.
func (r *Recorder) Payment(p sdk.Payment) error {
	r.Got.Payments = append(r.Got.Payments, p)
	return r.take()
}

// Unreadable implements sdk.Sink.
func (r *Recorder) Unreadable(s sdk.Stream, id, reason string) error {
	r.Got.Unreadable = append(r.Got.Unreadable, Ref{s, id, reason})
	return r.take()
}

// Gone implements sdk.Sink.
func (r *Recorder) Gone(s sdk.Stream, id string) error {
	r.Got.Gone = append(r.Got.Gone, Ref{Stream: s, ID: id})
	return nil
}

// Complete implements sdk.Sink.
func (r *Recorder) Complete(s sdk.Stream) error {
	r.Got.Complete = append(r.Got.Complete, s)
	return nil
}

// Checkpoint implements sdk.Sink.
func (r *Recorder) Checkpoint(cursor []byte) error {
	r.Got.Checkpoints = append(r.Got.Checkpoints, append([]byte{}, cursor...))
	return nil
}

// Progress implements sdk.Sink.
func (r *Recorder) Progress(s sdk.Stream, expected int) error {
	if r.Got.Expected == nil {
		r.Got.Expected = make(map[sdk.Stream]int)
	}
	r.Got.Expected[s] = expected
	return nil
}

// Compare implements sdk.Sink.
func (r *Recorder) Compare(s sdk.Stream, list []sdk.Revision) ([]string, error) {
	if r.Got.Compared == nil {
		r.Got.Compared = make(map[sdk.Stream][]sdk.Revision)
	}
	r.Got.Compared[s] = append([]sdk.Revision{}, list...)
	var wanted []string
	for _, v := range list {
		if have, ok := r.Known[s][v.ID]; !ok || have != v.Revision {
			wanted = append(wanted, v.ID)
		}
	}
	return wanted, nil
}

// Cursor returns the last checkpoint, nil when there was none.
func (g *Recording) Cursor() []byte {
	if len(g.Checkpoints) == 0 {
		return nil
	}
	return g.Checkpoints[len(g.Checkpoints)-1]
}

// Invoice returns the last record with the id.
func (g *Recording) Invoice(id string) (sdk.Invoice, bool) {
	for i := len(g.Invoices) - 1; i >= 0; i-- {
		if g.Invoices[i].ID == id {
			return g.Invoices[i], true
		}
	}
	return sdk.Invoice{}, false
}

// Party returns the last record with the id.
func (g *Recording) Party(id string) (sdk.Party, bool) {
	for i := len(g.Parties) - 1; i >= 0; i-- {
		if g.Parties[i].ID == id {
			return g.Parties[i], true
		}
	}
	return sdk.Party{}, false
}

// Payment returns the last record with the id.
func (g *Recording) Payment(id string) (sdk.Payment, bool) {
	for i := len(g.Payments) - 1; i >= 0; i-- {
		if g.Payments[i].ID == id {
			return g.Payments[i], true
		}
	}
	return sdk.Payment{}, false
}
