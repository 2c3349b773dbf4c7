package dunning

import (
	"context"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk"
)

// Courier hands forms of messages to the providers that tenants connected.
type Courier interface {
	// Deliver hands a message over. An error means that nothing was handed over; when
	// that is not known the outcome is Uncertain.
	Deliver(ctx context.Context, tenant, connection uuid.UUID, w sdk.Write) (sdk.Outcome, error)
	// Recall looks for an earlier hand-over by its key or its content: Applied when
	// the provider has it, Rejected when not (R9).
	Recall(ctx context.Context, tenant, connection uuid.UUID, w sdk.Write) (sdk.Outcome, error)
	// Report asks what became of a message. The error wraps sdk.ErrGone when the
	// provider knows of none.
	Report(ctx context.Context, tenant, connection uuid.UUID, r sdk.ReportRequest) (sdk.DeliveryReport, error)
}
