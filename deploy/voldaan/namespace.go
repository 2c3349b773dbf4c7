package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"
)

// ensureNamespace makes sure that a server can be reached and has the namespace.
func ensureNamespace(ctx context.Context, address, namespace string, retention time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	c, err := client.NewNamespaceClient(client.Options{HostPort: address})
	if err != nil {
		return fmt.Errorf("reach the server: %w", err)
	}
	defer c.Close()
	var missing *serviceerror.NamespaceNotFound
	look, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	if _, err := c.Describe(look, namespace); err == nil {
		return nil
	} else if !errors.As(err, &missing) {
		return fmt.Errorf("look for namespace %s: %w", namespace, err)
	}
	var exists *serviceerror.NamespaceAlreadyExists
	err = c.Register(ctx, &workflowservice.RegisterNamespaceRequest{Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(retention)})
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("register namespace %s: %w", namespace, err)
	}
	return untilServed(ctx, address, namespace)
}

// untilServed waits until a server's other parts know the namespace as well.
func untilServed(ctx context.Context, address, namespace string) error {
	c, err := client.DialContext(ctx, client.Options{HostPort: address, Namespace: namespace})
	if err != nil {
		return err
	}
	defer c.Close()
	for {
		_, err := c.ScheduleClient().GetHandle(ctx, "nothing").Describe(ctx)
		var missing *serviceerror.NamespaceNotFound
		if !errors.As(err, &missing) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("namespace %s was registered, but is not served: %w", namespace, err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
