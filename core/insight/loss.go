package insight

import "github.com/voldaan/voldaan/sdk/money"

// BadDebt is write-offs / sales of the same period. It returns money.ErrMixed.
func BadDebt(writtenOff, sales money.Amount) (Ratio, error) { return Share(writtenOff, sales) }

// CostsRecovered is collection costs paid / collection costs charged. It returns
// money.ErrMixed.
func CostsRecovered(paid, charged money.Amount) (Ratio, error) { return Share(paid, charged) }

// CostsWaived is collection costs waived / collection costs charged, apart from
// what was recovered. It returns money.ErrMixed.
func CostsWaived(waived, charged money.Amount) (Ratio, error) { return Share(waived, charged) }
