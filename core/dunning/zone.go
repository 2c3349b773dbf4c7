package dunning

import (
	"fmt"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

func loadZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", name, err)
	}
	return zone, nil
}

func dateIn(t time.Time, zone *time.Location) date.Date { return date.Of(t.In(zone)) }
