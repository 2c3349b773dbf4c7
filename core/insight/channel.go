package insight

import (
	"slices"
	"time"
)

// Reach is messages delivered on any channel / messages planned.
func Reach(delivered, planned int) Ratio { return Quotient(int64(delivered), int64(planned)) }

// BounceRate is messages that came back / messages sent, of one channel.
func BounceRate(bounced, sent int) Ratio { return Quotient(int64(bounced), int64(sent)) }

// AnswerWithin is how long a message of a debtor may wait.
const AnswerWithin = 24 * time.Hour

// Overlooked is how many messages of debtors wait for more than a day at now.
// received are the moments at which messages came that nobody answered yet.
func Overlooked(received []time.Time, now time.Time) (n int) {
	for _, at := range received {
		if now.Sub(at) > AnswerWithin {
			n++
		}
	}
	return n
}

// Freshness is how old the books were when reminders were sent.
type Freshness struct {
	Median time.Duration // of an even number, the newer of the middle two
	Oldest time.Duration
}

// FreshnessAtSend sums up the ages of data at send; all zero for none.
func FreshnessAtSend(ages []time.Duration) Freshness {
	if len(ages) == 0 {
		return Freshness{}
	}
	ages = slices.Clone(ages)
	slices.Sort(ages)
	return Freshness{Median: ages[(len(ages)-1)/2], Oldest: ages[len(ages)-1]}
}
