package sdk

import "context"

type (
	repeatableKey struct{}
	onceKey       struct{}
)

// Repeatable marks the requests made with the context as safe to send twice,
// such as a POST that only reads. The host may then try them again after a
// broken connection; it does so for GET and HEAD anyway.
func Repeatable(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatableKey{}, true)
}

// IsRepeatable reports whether the context comes from Repeatable.
func IsRepeatable(ctx context.Context) bool {
	v, _ := ctx.Value(repeatableKey{}).(bool)
	return v
}

// Once marks the requests made with the context as not to be sent twice, such as a
// GET that is charged. The host then tries none of them again that may have arrived.
func Once(ctx context.Context) context.Context {
	return context.WithValue(ctx, onceKey{}, true)
}

// IsOnce reports whether the context comes from Once.
func IsOnce(ctx context.Context) bool {
	v, _ := ctx.Value(onceKey{}).(bool)
	return v
}
