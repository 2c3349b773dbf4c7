// Command recipes carries out every connector that is a connector.yaml and
// nothing else, all in one process.
package main

import (
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/recipe/interpret"
	"github.com/voldaan/voldaan/sdk/serve"
)

func main() {
	serve.RunManifests(func(file []byte) (sdk.Connector, error) {
		m, err := manifest.Parse(manifest.FileName, file)
		if err != nil {
			return nil, err
		}
		return interpret.New(m, interpret.Options{})
	})
}
