package connect

import (
	"context"
	"errors"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

var errNoAddress = fault.New(fault.NotFound, "webhook_not_found", "Nobody asked for calls to this address.")

// CalledInCommon lets a connector verify a call that its package makes to the one
// address it has for all users of our registration. The newest version hears it:
// no tenant is known yet. It is verified by a secret of our registration; a program
// without one is not asked. The error wraps sdk.ErrAuth for a wrong signature.
func (h *Host) CalledInCommon(ctx context.Context, connector string, w sdk.WebhookCall) (out Heard, err error) {
	pkg, err := h.catalog.Get(connector, "")
	if err != nil || !pkg.Manifest.Has(manifest.Webhooks) {
		return out, errNoAddress
	}
	secrets := h.tokens.AppSecrets(ctx, pkg.Manifest)
	if len(secrets) == 0 {
		if pkg.Program != "" {
			return out, errNoAddress
		}
		secrets = [][]byte{nil} // a manifest may know the package's public key
	}
	for _, secret := range secrets {
		out, err = h.Webhook(ctx, Connection{Connector: connector, Version: pkg.Manifest.Version}, w, secret)
		if !errors.Is(err, sdk.ErrAuth) {
			break
		}
	}
	return out, err
}
