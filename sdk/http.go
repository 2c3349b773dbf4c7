package sdk

import "context"

type repeatableKey struct{}

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
