package statement

import "github.com/voldaan/voldaan/core/payment/reference"

// isIBAN checks the form and the check digits of an account number in upper
// case without spaces.
func isIBAN(s string) bool {
	_, err := reference.ParseIBAN(s)
	return err == nil
}
