package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/marketplace"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/pack"
)

// Change is one difference between two versions of a connector.
type Change struct {
	Weight   string `json:"weight" enum:"patch,minor,major" doc:"What it asks of users: nothing, to know, or to agree or act"`
	Path     string `json:"path" doc:"Where it is in connector.yaml"`
	Sentence string `json:"sentence" example:"It reads payments too, to which users must agree."`
}

func changesOf(list []registry.Change) []Change {
	out := make([]Change, len(list))
	for i, c := range list {
		out[i] = Change{Weight: string(c.Weight), Path: c.Path, Sentence: c.Sentence}
	}
	return out
}

// PublishedConnector tells a publisher what became of a package.
type PublishedConnector struct {
	Name        string    `json:"name"`
	Version     string    `json:"version"`
	Publisher   string    `json:"publisher"`
	Level       string    `json:"level" enum:"community,verified,certified"`
	SHA256      string    `json:"sha256" doc:"Of the package, in hex"`
	PublishedAt time.Time `json:"published_at"`
	Percent     int       `json:"percent" doc:"Of organisations that get it at first"`
	Changes     []Change  `json:"changes" doc:"Since the version before"`
	Again       bool      `json:"again" doc:"It was there already, with the same content"`
}

type publishConnector struct {
	RawBody []byte `contentType:"application/vnd.voldaan.connector" required:"true"`
}

type publishedConnector struct{ Body PublishedConnector }

type yankConnector struct {
	Name    string `path:"name" maxLength:"63"`
	Version string `path:"version" maxLength:"24"`
	RawBody []byte `required:"true"`
	Body    struct {
		Why string `json:"why" minLength:"1" maxLength:"2000" doc:"What is wrong with it; users see this"`
	}
}

func (h *hub) publishing() {
	registerSigned(h, operation{id: "publish-connector", method: http.MethodPost, path: "/connectors", tag: "Publishing", status: http.StatusCreated, maxBody: pack.MaxPackage, summary: "Publish a version of a connector",
		description: "The package is the body, the request is signed by a key of its publisher. The same package sent again changes nothing. The path may be used without " + Prefix + " too.",
		errors:      []int{http.StatusConflict}}, h.publishConnector)
	registerSigned(h, operation{id: "yank-connector-version", method: http.MethodPost, path: "/connectors/{name}/versions/{version}/yank", tag: "Publishing", status: http.StatusNoContent, maxBody: 64 << 10, summary: "Withdraw a version",
		description: "Nobody gets it from now on; those who hold on to it are told why.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.yankConnector)
	register(h, operation{id: "get-publisher-figures", method: http.MethodGet, path: "/publishers/{publisher}/figures", tag: "Publishing", scope: tenant.Read, signable: true, summary: "How a publisher's connectors do",
		description: "Counts of organisations and calls, never who they are. For the publisher, by its signature over an empty body, or for members and programs of the organisation that the publisher is.",
		errors:      []int{http.StatusNotFound}}, h.getPublisherFigures)
}

func (h *hub) publishConnector(ctx context.Context, from *registry.Request, in *publishConnector) (*publishedConnector, error) {
	select {
	case h.uploads <- struct{}{}:
		defer func() { <-h.uploads }()
	default:
		return nil, fault.New(fault.Unavailable, "uploads_busy", "Other packages are being taken in. Send it again in a minute.")
	}
	p, err := h.Register.Publish(ctx, from, in.RawBody)
	if err != nil {
		return nil, err
	}
	if err := h.Market.Refresh(ctx); err != nil {
		// It is published; this process offers it a little later.
		h.log.WarnContext(ctx, "catalogue not refreshed", "connector", p.Name, "version", p.Version, "error", err)
	}
	return &publishedConnector{Body: PublishedConnector{
		Name: p.Name, Version: p.Version, Publisher: p.Publisher, Level: string(p.Level), SHA256: p.SHA256.String(), PublishedAt: p.PublishedAt.UTC(), Percent: p.Percent,
		Changes: changesOf(p.Changes), Again: p.Again,
	}}, nil
}

func (h *hub) yankConnector(ctx context.Context, from *registry.Request, in *yankConnector) (*struct{}, error) {
	if err := h.Register.Yank(ctx, from, in.Name, in.Version, in.RawBody); err != nil {
		return nil, err
	}
	if err := h.Market.Refresh(ctx); err != nil {
		h.log.WarnContext(ctx, "catalogue not refreshed", "connector", in.Name, "version", in.Version, "error", err)
	}
	return nil, nil
}

// PublisherFigures are how a publisher's connectors do.
type PublisherFigures struct {
	Publisher  string             `json:"publisher"`
	Title      string             `json:"title"`
	Verified   bool               `json:"verified"`
	Connectors []ConnectorFigures `json:"connectors"`
}

// ConnectorFigures are those of one connector.
type ConnectorFigures struct {
	Name     string           `json:"name"`
	Installs int64            `json:"installs" doc:"Organisations that use it"`
	Versions []VersionFigures `json:"versions" doc:"The newest first"`
}

// VersionFigures are those of one version.
type VersionFigures struct {
	Version     string    `json:"version"`
	Level       string    `json:"level" enum:"community,verified,certified"`
	PublishedAt time.Time `json:"published_at"`
	Installs    int64     `json:"installs"`
	Calls       int64     `json:"calls" doc:"In the last 30 days"`
	Failures    int64     `json:"failures" doc:"Of those calls, by the connector's own doing"`
	FailureRate int64     `json:"failure_rate" doc:"Failures of calls in hundredths of a percent"`
	Percent     int       `json:"percent" doc:"Of organisations that may get it now"`
	State       string    `json:"state" enum:"offered,halted,yanked,revoked"`
	Why         string    `json:"why,omitempty" doc:"It is halted or yanked"`
	Days        []DayCall `json:"days"`
}

// DayCall is a day's calls.
type DayCall struct {
	On       string `json:"on" format:"date" doc:"In UTC"`
	Calls    int64  `json:"calls"`
	Failures int64  `json:"failures"`
}

type getPublisherFigures struct {
	Publisher string `path:"publisher" maxLength:"63"`
}

type publisherFigures struct{ Body PublisherFigures }

func (h *hub) getPublisherFigures(ctx context.Context, who actor, in *getPublisherFigures) (*publisherFigures, error) {
	if err := h.mayFigures(ctx, who, in.Publisher); err != nil {
		return nil, err
	}
	p, err := h.Market.Partner(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	out := &publisherFigures{Body: PublisherFigures{Publisher: p.ID, Title: p.Title, Verified: p.Verified, Connectors: []ConnectorFigures{}}}
	for _, c := range p.Connectors {
		f := ConnectorFigures{Name: c.Name, Installs: c.Installs, Versions: []VersionFigures{}}
		for i := range c.Versions {
			f.Versions = append(f.Versions, versionFigures(&c.Versions[i]))
		}
		out.Body.Connectors = append(out.Body.Connectors, f)
	}
	return out, nil
}

// mayFigures lets the publisher itself, and the organisation that it is, see its
// figures; to others there is no such publisher.
func (h *hub) mayFigures(ctx context.Context, who actor, publisher string) error {
	if from, ok := ctx.Value(requestKey{}).(*registry.Request); ok {
		if err := h.Register.Authorise(ctx, from, nil); err != nil || from.Publisher == publisher {
			return err
		}
		return errNotFound
	}
	mine, err := h.Market.PublisherOf(ctx, who.tenant)
	if err == nil && (mine == "" || mine != publisher) {
		err = errNotFound
	}
	return err
}

func versionFigures(v *marketplace.PartnerVersion) VersionFigures {
	state, why := stateOf(&v.Version)
	out := VersionFigures{
		Version: v.Version.Version.String(), Level: string(v.Badge.Level), PublishedAt: v.PublishedAt.UTC(), Installs: v.Installs, Calls: v.Calls, Failures: v.Failures,
		FailureRate: v.FailureRate(), Percent: v.Percent, State: state, Why: why, Days: []DayCall{},
	}
	for _, d := range v.Days {
		out.Days = append(out.Days, DayCall{On: d.On.UTC().Format(time.DateOnly), Calls: d.Calls, Failures: d.Failures})
	}
	return out
}

// stateOf says whether a version is offered, and why not.
func stateOf(v *marketplace.Version) (state, why string) {
	switch {
	case v.YankedAt != nil:
		return "yanked", v.YankedWhy
	case v.Revoked:
		return "revoked", ""
	case v.HaltedAt != nil:
		return "halted", v.HaltedWhy
	}
	return "offered", ""
}
