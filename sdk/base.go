package sdk

// Base is embedded by every connector:
//
//	type Connector struct{ sdk.Base }
//
// It makes a connector of today compile with the package of tomorrow: when
// [Connector] gets a method, Base gets what it does for those who do not have it.
// The optional interfaces never get one: what is new there is an interface of its
// own.
type Base struct{}

//lint:ignore U1000 Connector asks for it, so that only what embeds Base is one
func (Base) embedsBase() {}
