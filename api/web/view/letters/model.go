// Package letters shows letters that wait for the post, and the batches they were
// printed in.
package letters

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
)

// Model is GET /letters.
type Model struct {
	Frame   component.Frame
	Look    bool
	Waiting []Group
	Batches []Batch
}

// Group is the letters of one administration.
type Group struct {
	ID, Name string
	Letters  []Letter
}

// Letter waits for the post.
type Letter struct {
	ID, Debtor, Subject string
	Made                time.Time
	Statutory           bool
	Settled             bool // nothing it asks is owed any more
}

// Batch is a file of letters.
type Batch struct {
	ID, Title, By, PostedBy string
	Made                    time.Time
	Posted                  date.Date
}
