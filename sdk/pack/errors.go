package pack

import "errors"

// Why a package is refused. Errors that wrap these say what to do.
var (
	ErrFormat     = errors.New("not a connector package")
	ErrPath       = errors.New("a file that may not be in a package")
	ErrTooLarge   = errors.New("the package is too large")
	ErrUnsigned   = errors.New("the package is not signed")
	ErrSignature  = errors.New("the signature does not fit the package")
	ErrUnknownKey = errors.New("the key of the signature is not known")
	ErrExpired    = errors.New("the key of the signature has expired")
	ErrRevoked    = errors.New("the key of the signature was revoked")
	ErrPublisher  = errors.New("the package is not its publisher's to sign")
	ErrSwapped    = errors.New("a file is not the one that was signed")
)
