# Voldaan: from invoice to voldaan (paid). `make` lists what there is.

SHELL      := bash
.SHELLFLAGS := -eu -o pipefail -c
BIN        := bin
STATICCHECK := v0.8.2
CONNECTORS := moneybird files tryton eboekhouden exactonline hubspot odoo twinfield twilio bird spryng pingen storecove creditsafe
export GOTOOLCHAIN := local

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z\/-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build temporal ## start everything, with a demonstration tenant; Ctrl-C stops it
	@exec $(BIN)/voldaan dev

.PHONY: demo
demo: build temporal ## play the demonstration headless and print what happened
	@exec $(BIN)/voldaan demo

.PHONY: build
build: ## build the program and the connectors into bin/
	@mkdir -p $(BIN)
	@go build -trimpath -o $(BIN)/voldaan ./deploy/voldaan
	@CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o $(BIN)/recipes ./plugins/recipes
	@$(BIN)/voldaan connector keygen --if-missing $(BIN)/keys/voldaan.pem >/dev/null
	@for c in $(CONNECTORS); do \
		rm -rf $(BIN)/connectors/$$c; program=; \
		if [ -e plugins/$$c/main.go ]; then \
			CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o $(BIN)/programs/$$c ./plugins/$$c; \
			program="--program $$(go env GOOS)-$$(go env GOARCH)=$(BIN)/programs/$$c"; \
		fi; \
		$(BIN)/voldaan connector pack plugins/$$c $$program --fast --key $(BIN)/keys/voldaan.pem -o $(BIN)/connectors/$$c.vpkg >/dev/null; \
		$(BIN)/voldaan connector trust $(BIN)/connectors voldaan --key $(BIN)/keys/voldaan.pem --name $$c; \
	done

.PHONY: temporal
temporal: ## build the Temporal server, once, outside the tree
	@go run ./deploy/temporalbuild >/dev/null

.PHONY: test
test: temporal ## run every test; starts what it needs by itself
	@go vet ./...
	@go test -timeout 20m ./...

.PHONY: test/race
test/race: temporal ## run the tests of concurrent parts under the race detector
	@go test -race -timeout 30m ./core/connect/... ./core/dunning/... ./core/payment/... ./core/sync/... ./workflows/... ./sdk/...

.PHONY: chaos
chaos: temporal ## kill -9 processes at random in the demonstration, for ten minutes
	@VOLDAAN_CHAOS=$${VOLDAAN_CHAOS:-10m} go test -count=1 -timeout 30m -v -run TestChaos ./deploy/voldaan

.PHONY: soak
soak: temporal ## live a simulated year of 20,000 invoices with faults, and hold every cent and message against the truth
	@go run ./deploy/soak

.PHONY: bench
bench: build temporal ## measure cost and speed against their limits
	@go run ./deploy/bench

.PHONY: generate
generate: ## regenerate code that is committed
	@cd core/store && go run github.com/sqlc-dev/sqlc/cmd/sqlc@v1.31.1 generate
	@cd sdk/wire && go run github.com/bufbuild/buf/cmd/buf@v1.75.0 lint && go run github.com/bufbuild/buf/cmd/buf@v1.75.0 generate
	@cd api/web && go run github.com/a-h/templ/cmd/templ@v0.3.977 generate >/dev/null

.PHONY: lint
lint: ## look for mistakes: go vet and staticcheck
	@go vet ./...
	@go run honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK) ./...

.PHONY: verify
verify: generate lint ## lint, and fail when generated code or formatting is stale, or the wire breaks old connectors
	@gofmt -l $$(git ls-files '*.go') | (! grep .)
	@cd sdk/wire && go run github.com/bufbuild/buf/cmd/buf@v1.75.0 breaking --against released.binpb
	@git diff --exit-code --stat

.PHONY: clean
clean: ## remove what was built and the state of the one-machine stack
	@rm -rf $(BIN) .voldaan
