package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// A vendor of one page that is told to be busy once.
func Example() {
	kit := emulator.New(emulator.Config{})
	vendor := http.NewServeMux()
	vendor.HandleFunc("GET /invoices", func(w http.ResponseWriter, _ *http.Request) {
		emulator.WriteJSON(w, http.StatusOK, []string{"2026-0001"})
	})
	server := httptest.NewServer(kit.Handler(vendor))
	defer server.Close()

	kit.MustInject(emulator.Fault{Path: "/invoices", Do: emulator.Status, Status: http.StatusTooManyRequests, RetryAfter: "5"})
	for range 2 {
		resp, err := http.Get(server.URL + "/invoices")
		if err != nil {
			fmt.Println(err)
			return
		}
		resp.Body.Close()
	}
	for _, r := range kit.Requests() {
		fmt.Println(r.N, r.Method, r.Path, r.Status)
	}
	// Output:
	// 1 GET /invoices 429
	// 2 GET /invoices 200
}
