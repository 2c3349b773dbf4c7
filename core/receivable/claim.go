package receivable

import "github.com/voldaan/voldaan/sdk/money"

// Claim is what an invoice asks at one moment. Its amounts are all of the
// invoice's currency.
type Claim struct {
	Total money.Amount // of the invoice, tax included
	Books money.Amount // open according to the books
	// Received is money that we saw and the books do not count yet.
	Received money.Amount
	// Disputed is the part that the debtor does not agree with, and what the
	// creditor agreed to credit and has not credited yet. It is not asked (R70).
	Disputed money.Amount
}

// Open returns what is still to be paid: the books' open amount less what we
// received and they do not know of. It is negative when too much was paid.
func (c Claim) Open() money.Amount {
	return money.Of(c.Books.Minor-c.Received.Minor, c.Books.Currency)
}

// Ask returns what may be asked now: what is open and not in dispute (R70).
func (c Claim) Ask() money.Amount {
	open := c.Open()
	open.Minor -= max(0, min(c.Disputed.Minor, open.Minor))
	return open
}

// Paid returns what was paid or credited of the total so far (R3).
func (c Claim) Paid() money.Amount {
	return money.Of(c.Total.Minor-c.Open().Minor, c.Books.Currency)
}
