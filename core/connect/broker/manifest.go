package broker

import (
	"context"
	"fmt"

	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

// Manifest implements the wire contract: it hands out the file of the connector
// that a call under way in this process is made to, and no other.
func (p *Port) Manifest(_ context.Context, q *pb.ManifestRequest) (*pb.ManifestResponse, error) {
	c := p.call(q.GetToken())
	if c == nil || c.target.Source == nil {
		_, err := wire.ToStatus(fmt.Errorf("%w: a manifest outside a call to a connector that is one", wire.ErrDenied))
		return nil, err
	}
	return &pb.ManifestResponse{Content: c.target.Source}, nil
}
