package calendar

import (
	"sync"
	"time"
)

// Zone returns the time zone of a country by its ISO 3166-1 code, nil for one that
// is not known or has several. Islands far from the mainland are not told apart.
func Zone(country string) *time.Location { return zones()[country] }

var zones = sync.OnceValue(func() map[string]*time.Location {
	out := map[string]*time.Location{}
	for country, name := range map[string]string{
		"AT": "Europe/Vienna", "BE": "Europe/Brussels", "BG": "Europe/Sofia", "CH": "Europe/Zurich", "CY": "Asia/Nicosia", "CZ": "Europe/Prague",
		"DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "EE": "Europe/Tallinn", "ES": "Europe/Madrid", "FI": "Europe/Helsinki", "FR": "Europe/Paris",
		"GB": "Europe/London", "GR": "Europe/Athens", "HR": "Europe/Zagreb", "HU": "Europe/Budapest", "IE": "Europe/Dublin", "IT": "Europe/Rome",
		"LT": "Europe/Vilnius", "LU": "Europe/Luxembourg", "LV": "Europe/Riga", "MT": "Europe/Malta", "NL": "Europe/Amsterdam", "NO": "Europe/Oslo",
		"PL": "Europe/Warsaw", "PT": "Europe/Lisbon", "RO": "Europe/Bucharest", "SE": "Europe/Stockholm", "SI": "Europe/Ljubljana", "SK": "Europe/Bratislava",
	} {
		if zone, err := time.LoadLocation(name); err == nil {
			out[country] = zone
		}
	}
	return out
})
