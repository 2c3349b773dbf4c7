package main

import (
	"fmt"
	"net"
	"time"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/common/primitives"
)

// internal holds the ports on which the services of this one process talk to each other.
type internal struct{ history, matching, worker int }

// internalPorts picks three free ports. They need not stay the same: only this process uses them.
func internalPorts() (internal, error) {
	var picked [3]int
	for i := range picked {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return internal{}, fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close() // all three stay taken until all are picked
		picked[i] = l.Addr().(*net.TCPAddr).Port
	}
	return internal{history: picked[0], matching: picked[1], worker: picked[2]}, nil
}

// ensureFree fails when another program listens on one of the ports on 127.0.0.1; 0 stands for none.
func ensureFree(ports ...int) error {
	for _, port := range ports {
		if port == 0 {
			continue
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return fmt.Errorf("port %d is taken by another program: give another with --port or --ui-port", port)
		}
		_ = l.Close()
	}
	return nil
}

// staticHosts replaces the gossip ring: with one process there is nothing to discover, and after a
// kill -9 no stale member has to time out first.
func staticHosts(o options, p internal) map[primitives.ServiceName]static.Hosts {
	at := func(port int) static.Hosts { return static.SingleLocalHost(fmt.Sprintf("127.0.0.1:%d", port)) }
	return map[primitives.ServiceName]static.Hosts{
		primitives.FrontendService: at(o.port),
		primitives.HistoryService:  at(p.history),
		primitives.MatchingService: at(p.matching),
		primitives.WorkerService:   at(p.worker),
	}
}

func serverConfig(o options, p internal) *config.Config {
	loopback := func(port int) config.Service {
		return config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: "127.0.0.1"}}
	}
	return &config.Config{
		Global: config.Global{
			Membership: config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: "127.0.0.1"},
		},
		Persistence: config.Persistence{
			DefaultStore:     "workflows",
			VisibilityStore:  "visibility",
			NumHistoryShards: int32(o.shards),
			DataStores: map[string]config.DataStore{
				"workflows":  {SQL: sqlConfig(o, o.database, o.maxConns)},
				"visibility": {SQL: sqlConfig(o, o.visibility, max(2, o.maxConns/3))},
			},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        "active",
			CurrentClusterName:       "active",
			ClusterInformation: map[string]cluster.ClusterInformation{
				"active": {Enabled: true, InitialFailoverVersion: 1, RPCAddress: o.frontendAddress()},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services: map[string]config.Service{
			string(primitives.FrontendService): loopback(o.port),
			string(primitives.HistoryService):  loopback(p.history),
			string(primitives.MatchingService): loopback(p.matching),
			string(primitives.WorkerService):   loopback(p.worker),
		},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
		PublicClient: config.PublicClient{HostPort: o.frontendAddress()},
	}
}

func sqlConfig(o options, database string, maxConns int) *config.SQL {
	password, _ := o.postgres.User.Password()
	attributes := map[string]string{}
	for key, values := range o.postgres.Query() {
		attributes[key] = values[len(values)-1]
	}
	return &config.SQL{
		PluginName:        postgresql.PluginNamePGX,
		DatabaseName:      database,
		ConnectAddr:       o.address(),
		ConnectProtocol:   "tcp",
		User:              o.postgres.User.Username(),
		Password:          password,
		ConnectAttributes: attributes,
		MaxConns:          maxConns,
		MaxIdleConns:      min(maxConns, 4),
		MaxConnLifetime:   time.Hour,
	}
}

// dynamicConfig holds the settings that differ from the server's defaults, each with its reason.
func dynamicConfig(o options) dynamicconfig.Client {
	return dynamicconfig.StaticClient{
		// One busy connection must not starve the others; brings the new matcher with it.
		dynamicconfig.MatchingEnableFairness.Key(): true,
		// One machine gains nothing from partitions, and per-key rate limits are divided by their number.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		dynamicconfig.NamespaceCacheRefreshInterval.Key():       o.refresh,
		// Nothing leaves this machine unasked.
		dynamicconfig.EnableServerVersionCheck.Key(): false,
	}
}
