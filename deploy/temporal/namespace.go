package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/durationpb"
)

// startLimit is how long a frontend may take from start to its first answer.
const startLimit = 90 * time.Second

func dialFrontend(address string) (*grpc.ClientConn, error) {
	conn, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithUnaryInterceptor(temporalErrors))
	if err != nil {
		return nil, fmt.Errorf("dial the frontend at %s: %w", address, err)
	}
	return conn, nil
}

// temporalErrors turns gRPC statuses into the typed errors of the Temporal API.
func temporalErrors(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if err := invoke(ctx, method, req, reply, cc, opts...); err != nil {
		return serviceerror.FromStatus(serviceerror.ToStatus(err))
	}
	return nil
}

// prepareNamespace waits for the frontend, then makes sure that the namespace and its search
// attributes exist and can be used at once.
func prepareNamespace(ctx context.Context, conn *grpc.ClientConn, o options) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	workflows := workflowservice.NewWorkflowServiceClient(conn)
	if err := eventually(ctx, func(ctx context.Context) error {
		_, err := workflows.GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})
		return err
	}); err != nil {
		return fmt.Errorf("wait for the frontend: %w", err)
	}
	if o.namespace == "" {
		return nil
	}
	if err := eventually(ctx, func(ctx context.Context) error { return ensureNamespace(ctx, workflows, o) }); err != nil {
		return fmt.Errorf("register namespace %s: %w", o.namespace, err)
	}
	operator := operatorservice.NewOperatorServiceClient(conn)
	if err := eventually(ctx, func(ctx context.Context) error { return ensureAttributes(ctx, operator, o) }); err != nil {
		return fmt.Errorf("add search attributes to namespace %s: %w", o.namespace, err)
	}
	if err := eventually(ctx, func(ctx context.Context) error { return tryAttributes(ctx, workflows, o) }); err != nil {
		return fmt.Errorf("wait for the search attributes of namespace %s: %w", o.namespace, err)
	}
	return nil
}

func ensureNamespace(ctx context.Context, client workflowservice.WorkflowServiceClient, o options) error {
	retention := durationpb.New(o.retention)
	found, err := client.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: o.namespace})
	var missing *serviceerror.NamespaceNotFound
	switch {
	case errors.As(err, &missing):
		_, err = client.RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
			Namespace: o.namespace, WorkflowExecutionRetentionPeriod: retention,
		})
		var exists *serviceerror.NamespaceAlreadyExists
		if errors.As(err, &exists) {
			return nil
		}
		return err
	case err != nil:
		return err
	case found.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration() == o.retention:
		return nil
	}
	_, err = client.UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
		Namespace: o.namespace,
		Config:    &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: retention},
	})
	return err
}

// ensureAttributes adds what is missing and fails until all are listed.
func ensureAttributes(ctx context.Context, client operatorservice.OperatorServiceClient, o options) error {
	if len(o.attributes) == 0 {
		return nil
	}
	listed, err := client.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: o.namespace})
	if err != nil {
		return err
	}
	missing := map[string]enumspb.IndexedValueType{}
	for name, kind := range o.attributes {
		if have, ok := listed.GetCustomAttributes()[name]; !ok {
			missing[name] = kind
		} else if have != kind {
			return fmt.Errorf("%s is a %s already and cannot become a %s: give it another name", name, have, kind)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = client.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: o.namespace, SearchAttributes: missing})
	var exists *serviceerror.AlreadyExists
	if err != nil && !errors.As(err, &exists) {
		return err
	}
	return errors.New("the search attributes are added but not yet visible")
}

// tryAttributes asks for workflows by the attributes, which fails until the frontend's own view of
// the namespace, refreshed now and then, knows them. A list of attributes is no proof of that.
func tryAttributes(ctx context.Context, client workflowservice.WorkflowServiceClient, o options) error {
	if len(o.attributes) == 0 {
		return nil
	}
	var terms []string
	for _, name := range slices.Sorted(maps.Keys(o.attributes)) {
		terms = append(terms, "`"+name+"` IS NOT NULL")
	}
	_, err := client.CountWorkflowExecutions(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: o.namespace, Query: strings.Join(terms, " OR "),
	})
	return err
}

// eventually repeats do every tenth of a second until it succeeds or ctx ends, then tells the last error.
func eventually(ctx context.Context, do func(context.Context) error) error {
	for {
		attempt, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := do(attempt)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}
