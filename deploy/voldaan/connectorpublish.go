package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/connect/registry/blob/oci"
	"github.com/voldaan/voldaan/sdk/pack"
)

// hubFlag adds --hub.
func hubFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("hub", os.Getenv("VOLDAAN_HUB"), "address of the hub, as https://hub.example, else $VOLDAAN_HUB")
}

func connectorPublish() *cobra.Command {
	cmd := &cobra.Command{Use: "publish PACKAGE", Short: "Send a signed package to a hub, which lists it at once", Args: cobra.ExactArgs(1)}
	hub, key := hubFlag(cmd), keyFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		k, err := loadKey(*key)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		p, err := pack.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		if p.Signature() == nil {
			return fmt.Errorf("%s: %w; sign it with: voldaan connector sign %s", args[0], pack.ErrUnsigned, args[0])
		}
		var out registry.Published
		if err := post(cmd.Context(), *hub, registry.PublishPath, registry.MediaType, p.Index().Publisher, k, data, &out); err != nil {
			return err
		}
		word := "published"
		if out.Again {
			word = "was published before"
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s@%s %s as %s, for %d%% of tenants at first\n", out.Name, out.Version, word, out.Level, out.Percent)
		for _, c := range out.Changes {
			fmt.Fprintf(cmd.OutOrStdout(), "%-6s %s\n", c.Weight, c.Sentence)
		}
		return nil
	}
	return cmd
}

func connectorYank() *cobra.Command {
	var why, publisher string
	cmd := &cobra.Command{Use: "yank NAME VERSION", Short: "Withdraw a version, so that nobody gets it any more", Args: cobra.ExactArgs(2)}
	cmd.Flags().StringVar(&why, "why", "", "what is wrong with it; tenants see this")
	cmd.Flags().StringVar(&publisher, "publisher", "", "the publisher that you are")
	hub, key := hubFlag(cmd), keyFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if why == "" || publisher == "" {
			return errors.New("say who you are and why, by --publisher and --why")
		}
		k, err := loadKey(*key)
		if err != nil {
			return err
		}
		body, err := json.Marshal(map[string]string{"why": why})
		if err != nil {
			return err
		}
		return post(cmd.Context(), *hub, registry.YankPath(args[0], args[1]), "application/json", publisher, k, body, nil)
	}
	return cmd
}

// post sends a signed request to a hub and reads its answer.
func post(ctx context.Context, hub, path, mediaType, publisher string, key pack.PrivateKey, body []byte, into any) error {
	u, err := url.Parse(strings.TrimSuffix(hub, "/"))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("--hub %q is not an address such as https://hub.example", hub)
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String()+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", mediaType)
	r.Header.Set(registry.SignatureHeader, registry.SignRequest(key, publisher, http.MethodPost, u.Path+path, u.Host, body, time.Now()))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("reach the hub: %w", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("read the hub's answer: %w", err)
	}
	if answer.StatusCode/100 != 2 {
		var problem struct{ Detail string }
		if json.Unmarshal(text, &problem) != nil || problem.Detail == "" {
			problem.Detail = strings.TrimSpace(string(text))
		}
		return fmt.Errorf("the hub refuses (%d): %s", answer.StatusCode, problem.Detail)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read the hub's answer: %w", err)
	}
	return nil
}

func connectorPush() *cobra.Command {
	var plain bool
	cmd := &cobra.Command{
		Use: "push PACKAGE REPOSITORY:TAG", Short: "Push a package to an OCI registry", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, tag, err := repository(args[1], plain)
			if err != nil {
				return err
			}
			data, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			return r.Push(cmd.Context(), data, tag)
		},
	}
	cmd.Flags().BoolVar(&plain, "plain-http", false, "without TLS, for a registry on this machine")
	return cmd
}

func connectorPull() *cobra.Command {
	var plain bool
	cmd := &cobra.Command{
		Use: "pull REPOSITORY:TAG PACKAGE", Short: "Pull a package from an OCI registry; verify it before you use it", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, tag, err := repository(args[0], plain)
			if err != nil {
				return err
			}
			data, err := r.Pull(cmd.Context(), tag)
			if err != nil {
				return err
			}
			p, err := pack.Open(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				return err
			}
			return writePackage(cmd.OutOrStdout(), args[1], data, p)
		},
	}
	cmd.Flags().BoolVar(&plain, "plain-http", false, "without TLS, for a registry on this machine")
	return cmd
}

// repository takes "ghcr.io/acme/connectors:acme-1.0.0" apart.
func repository(reference string, plain bool) (*oci.Repository, string, error) {
	i := strings.LastIndex(reference, ":")
	if i < strings.LastIndex(reference, "/") || i == len(reference)-1 {
		return nil, "", fmt.Errorf("%q is not of the form ghcr.io/acme/connectors:acme-1.0.0", reference)
	}
	r, err := oci.Open(reference[:i], plain)
	return r, reference[i+1:], err
}
