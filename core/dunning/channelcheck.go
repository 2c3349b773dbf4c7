package dunning

import (
	"strings"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach/phone"
	"github.com/voldaan/voldaan/core/outreach/sms"
	"github.com/voldaan/voldaan/core/policy"
)

// checkSender refuses a sender that the channel does not take.
func checkSender(ch policy.Channel, sender string) error {
	switch ch {
	case policy.SMS:
		if strings.HasPrefix(sender, "MG") && len(sender) == 34 {
			return nil // a messaging service of Twilio
		}
		return sms.CheckSender(sender)
	case policy.Voice:
		if n, ok := phone.Parse(sender, ""); !ok || n.E164 != sender {
			return fault.New(fault.Invalid, "voice_sender", "%q is not a telephone number with its country, such as +31201234567.", sender)
		}
	}
	return nil
}
