package arrangement

import "github.com/voldaan/voldaan/core/clock"

type Desk struct{ Real clock.Clock }
