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

func (Base) embedsBase() {}
