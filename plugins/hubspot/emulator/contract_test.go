package emulator_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/emulator/contract"
)

// TestAnswersFollowTheContract holds the answers against HubSpot's OpenAPI
// documents.
func TestAnswersFollowTheContract(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("VOLDAAN_SHARED")
	if dir == "" {
		t.Skip("VOLDAAN_SHARED is not set: it names the folder with the vendors' API contracts, which are not part of this repository")
	}
	for kind, properties := range map[string]string{"companies": `"name":"Acme"`, "contacts": `"email":"a@b.example"`, "notes": `"hs_timestamp":"2026-03-02T09:00:00Z","hs_note_body":"x"`} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			doc, err := contract.Open(filepath.Join(dir, "specs", "hubspot-"+kind+"-v3.json"))
			if err != nil {
				t.Fatal(err)
			}
			d := open(t, nil)
			company, _ := d.seed("linked")
			ask := func(status int, method, path, body string) {
				t.Helper()
				path = "/crm/v3/objects/" + kind + path
				d.Must(status, method, path, body)
				plain, _, _ := strings.Cut(path, "?")
				for _, p := range doc.Check(method, plain, status, d.Got.Get("Content-Type"), d.Body) {
					t.Error(p)
				}
			}
			ask(201, "POST", "", `{"properties":{`+properties+`},"associations":[]}`)
			id := d.At("id")
			d.Must(200, "PUT", "/crm/v4/objects/"+kind+"/"+id+"/associations/default/companies/"+company, nil)
			ask(200, "GET", "?limit=1&associations=companies", "")
			ask(200, "GET", "/"+id+"?associations=companies", "")
			ask(200, "PATCH", "/"+id, `{"properties":{"hubspot_owner_id":"502"}}`)
			ask(200, "POST", "/search", `{"filterGroups":[],"sorts":[],"properties":["hubspot_owner_id"],"limit":1,"after":"0"}`)
			ask(200, "POST", "/batch/read", `{"properties":[],"propertiesWithHistory":[],"inputs":[{"id":"`+id+`"}]}`)
			ask(207, "POST", "/batch/read", `{"properties":[],"propertiesWithHistory":[],"inputs":[{"id":"1"}]}`)
			ask(200, "POST", "/batch/update", `{"inputs":[{"id":"`+id+`","properties":{"hubspot_owner_id":"503"}}]}`)
			ask(204, "DELETE", "/"+id, "")
			ask(200, "GET", "?archived=true", "")
			ask(404, "GET", "/"+id, "")
			ask(400, "GET", "?limit=1000", "")
		})
	}
}
