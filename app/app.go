package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"kyso/app/docsys"
	"kyso/app/journal"
	"kyso/app/outbox"
	"kyso/app/placement"
	"kyso/app/preview"
	"kyso/app/session"
	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/assets"
	"kyso/signer"
	"kyso/signer/token"
	"kyso/signer/token/discover"
	"kyso/signer/token/remote"
	"kyso/signer/token/soft"
	"kyso/signer/verify"
)

// Options say how to start the services. The zero value starts them for the
// person who is logged in to the computer.
type Options struct {
	// Data overrides the folder for settings, outbox and signed documents.
	Data string
	// Handover is what a starting program passed; nil without one.
	Handover *Handover
	// Modules are PKCS #11 modules to look into besides those found on the
	// machine and those of the settings; with OnlyModules no others are.
	Modules     []string
	OnlyModules bool
	// Helper is the kyso-token program; empty looks beside this program.
	Helper string
	// Level, TimeStampServers, PSS and Trust win over the settings when they are not zero.
	Level            string
	TimeStampServers []string
	PSS              bool
	Trust            string
	// Policy overrides the place of the administrator's file, for tests.
	Policy string
	// NoOutbox leaves the outbox closed: for commands that only sign or look.
	NoOutbox bool
}

// App holds the services. Close ends them.
type App struct {
	Folders settings.Folders
	// Settings are the person's; Effective are those with what the administrator
	// has locked.
	Settings, Effective settings.Settings
	Policy              settings.Policy
	// PolicyProblem says why the administrator's file is not heeded, nil when it is
	// or when there is none.
	PolicyProblem error
	Handover      Handover
	// Road signs documents.
	Road *signing.Desk
	// Client talks to the document system; nil without a server.
	Client *docsys.Client
	// Outbox is nil with Options.NoOutbox.
	Outbox *outbox.Box

	// Journal is what was signed here; JournalProblem says why nothing is written.
	Journal        *journal.Journal
	JournalProblem error
	noting         sync.Mutex // guards JournalProblem

	// ConnectorProblem says why the connector of the settings cannot be used, nil
	// when it can: signed documents wait then.
	ConnectorProblem error

	helper  string
	options Options
	queue   signing.Queue

	client *http.Client
	keeper *session.Keeper // nil without a server of the settings

	verdicts verdicts
	audits   audits

	mu        sync.Mutex                // guards Settings, Effective and Road once Change is called, and what follows
	providers map[string]token.Provider // by module path
	soft      []signing.Module          // keys in files that were opened
	passwords map[account]string        // of this session
	refused   map[account]bool          // whose password the server refused
	// followLogIn is told whether an ended session could be renewed; nil tells nobody.
	followLogIn func(somebody bool)
	renderer    *preview.Renderer
}

// Start assembles the services. It loads no driver and asks no network.
func Start(ctx context.Context, o Options) (*App, error) {
	a := &App{options: o, providers: map[string]token.Provider{}}
	if o.Handover != nil {
		a.Handover = *o.Handover
	}
	var err error
	if a.Folders, err = settings.FindFolders(first(o.Data, a.Handover.Data)); err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	if a.Settings, err = settings.Load(a.Folders); err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	if err = a.heed(first(o.Policy, settings.PolicyFile())); err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	a.helper = findHelper(first(o.Helper, a.Handover.Helper))
	a.network(ctx)
	connector := a.connect(ctx)
	var queue signing.Queue
	if !o.NoOutbox {
		if a.Outbox, err = a.openOutbox(ctx, connector); err != nil {
			return nil, fmt.Errorf("start: %w", err)
		}
		queue = a.Outbox
	}
	a.queue = queue
	a.openJournal()
	if a.Road, err = a.desk(a.Effective); err != nil {
		return nil, fmt.Errorf("start: %w", errors.Join(err, a.Close()))
	}
	return a, nil
}

// desk makes the road of settings.
func (a *App) desk(e settings.Settings) (*signing.Desk, error) {
	pool, others, err := ReadTrust(a.trustFolder(e))
	if err != nil {
		return nil, err
	}
	return signing.NewDesk(signing.Config{
		Modules: a.modules,
		Queue:   a.queue,

		LocalFiles: e.Connector.LocalFiles && e.Connector.Kind != "" && e.Connector.Kind != settings.Reference,

		Folder:  a.Folders.Signed(),
		Refuse:  refuseRehearsed,
		Pool:    append(others, pool...),
		Lasting: a.lasting(e, pool),
		Font:    assets.SerifRegular(),
		Status:  a.status,
		Clock:   time.Now,

		Signed:   a.signed,
		Idle:     e.PINIdle(),
		SoftKeys: signing.SoftUse(a.Policy.SoftKeys),
		Batches:  a.Folders.Batches(),
	}), nil
}

// heed reads the administrator's file. One that is not an administrator's counts
// for nothing and is told; a damaged one is an error.
func (a *App) heed(path string) error {
	var err error
	a.Policy, err = settings.LoadPolicy(path)
	if errors.Is(err, settings.ErrNotAdministrators) {
		a.PolicyProblem, err = err, nil
	}
	if err != nil {
		return fmt.Errorf("heed the administrator's settings: %w", err)
	}
	a.Effective, err = a.Policy.Apply(a.Settings)
	if err != nil {
		return fmt.Errorf("heed the administrator's settings: %w", err)
	}
	return nil
}

// OpenSoftKey makes the key of a PKCS #12 file one of those that Road.Keys finds,
// marked as soft, until Close. password opens the file to read its certificates;
// it is asked for again to sign. What the administrator does not allow is
// token.ErrSoftForbidden, and then the file is not read.
func (a *App) OpenSoftKey(path string, password []byte) error {
	policy := soft.Forbidden
	if a.Policy.SoftKeys != "" {
		policy = soft.Allowed
	}
	p, err := soft.Open(path, password, policy)
	if err != nil {
		return fmt.Errorf("open the key file %s: %w", path, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if old := a.providers[path]; old != nil {
		err = old.Close()
		a.soft = slices.DeleteFunc(a.soft, func(m signing.Module) bool { return m.Path == path })
	}
	a.providers[path] = p
	a.soft = append(a.soft, signing.Module{Path: path, Provider: p})
	if err != nil {
		return fmt.Errorf("close the key file %s: %w", path, err)
	}
	return nil
}

// softKeys gives the keys in files that were opened.
func (a *App) softKeys() []signing.Module {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.soft)
}

// statusLimit bounds the question whether a certificate is still good: the
// person waits for it with the PIN typed.
const statusLimit = 8 * time.Second

// status asks the issuer of a certificate. The CA certificates at hand count as
// the end of the path: the question is not whom to trust, but what the issuer says.
func (a *App) status(ctx context.Context, c *x509.Certificate, issuers []*x509.Certificate) verify.Status {
	ctx, cancel := context.WithTimeout(ctx, statusLimit)
	defer cancel()
	return signer.CheckCertificate(ctx, c, signer.VerifyOptions{Anchors: issuers, Intermediates: issuers, Client: a.HTTP(), At: time.Now()})
}

// lasting says to which level signatures are made: what the options say, else
// the settings.
func (a *App) lasting(e settings.Settings, anchors []*x509.Certificate) signing.Lasting {
	servers := a.options.TimeStampServers
	if len(servers) == 0 {
		servers = e.TimeStampServers
	}
	return signing.Lasting{
		Level: signer.Level(first(a.options.Level, e.Level)), TSAs: Servers(servers), Anchors: anchors,
		Client: a.HTTP(), PSS: a.options.PSS || e.PSS, Chain: a.chain,
	}
}

// Extension asks for the signatures of a file to be raised to a level, with the
// servers and the trusted roots of the options, else of the settings. The caller
// sets the time.
func (a *App) Extension(level signer.Level) (signer.ExtendRequest, error) {
	e := a.effective()
	anchors, others, err := ReadTrust(a.trustFolder(e))
	if err != nil {
		return signer.ExtendRequest{}, err
	}
	l := a.lasting(e, anchors)
	return signer.ExtendRequest{
		Level: level, TSAs: l.TSAs, StampSizes: new(signer.StampSizes), Anchors: anchors, Intermediates: others, Client: l.Client,
	}, nil
}

// stampLimit bounds one time stamp: servers that take a minute were seen in
// practice, and the next one is asked after it.
const stampLimit = time.Minute

// Servers makes time-stamping servers of addresses.
func Servers(urls []string) []signer.TSA {
	var out []signer.TSA
	for _, u := range urls {
		out = append(out, signer.TSA{URL: u, Timeout: stampLimit})
	}
	return out
}

// chain completes the chain of a certificate from what is at hand and from the
// addresses in the certificates.
func (a *App) chain(ctx context.Context, c *x509.Certificate, issuers []*x509.Certificate) []*x509.Certificate {
	ctx, cancel := context.WithTimeout(ctx, statusLimit)
	defer cancel()
	out, _ := signer.CompleteChain(ctx, c, issuers, a.HTTP())
	return out
}

// openOutbox opens the queue; without a server it only keeps.
func (a *App) openOutbox(ctx context.Context, c docsys.Connector) (*outbox.Box, error) {
	b, err := outbox.Open(ctx, a.Folders.Outbox(), outbox.Options{
		Connector: c, Target: a.target(), Clock: time.Now, Grace: time.Duration(a.Effective.UndoSeconds) * time.Second,
		Gate: a.gate,
	})
	if err != nil {
		return nil, fmt.Errorf("open the outbox: %w", err)
	}
	return b, nil
}

// Close ends the helpers, the renderer and the outbox. Queued documents stay queued.
func (a *App) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	for _, p := range a.providers {
		errs = append(errs, p.Close())
	}
	clear(a.providers)
	a.soft = nil
	if a.renderer != nil {
		errs = append(errs, a.renderer.Close())
		a.renderer = nil
	}
	if a.Outbox != nil {
		errs = append(errs, a.Outbox.Close())
		a.Outbox = nil
	}
	if a.Journal != nil {
		errs = append(errs, a.Journal.Close())
		a.Journal = nil
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}

// Renderer gives the renderer of pages; it starts at the first call.
func (a *App) Renderer() *preview.Renderer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.renderer == nil {
		a.renderer = preview.New(filepath.Join(a.Folders.Cache, "preview"))
	}
	return a.renderer
}

// Pages reads what the finder of places needs of a file's last pages. password
// opens an encrypted file; nil for others.
func (a *App) Pages(ctx context.Context, path string, password []byte) ([]placement.Page, error) {
	d, err := a.Renderer().OpenWith(ctx, path, password)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	defer d.Close() //nolint:errcheck // only read
	pages, err := preview.EndPages(ctx, d)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return pages, nil
}

// modules gives a provider for every usable module, and why the others are not.
func (a *App) modules(_ context.Context) ([]signing.Module, []signing.ModuleState) {
	var states []signing.ModuleState
	var out []signing.Module
	for _, c := range a.candidates() {
		helper, ok := a.helper, c.Err == nil
		if errors.Is(c.Err, token.ErrWrongMachine) { // a driver of 32 bits, say
			helper, ok = remote.HelperFor(a.helper, c.Machines)
		}
		if !ok {
			states = append(states, signing.ModuleState{Path: c.Path, Err: c.Err})
			continue
		}
		out = append(out, signing.Module{Path: c.Path, Provider: a.provider(c, helper)})
	}
	return append(out, a.softKeys()...), states
}

// candidates lists the modules to look into.
func (a *App) candidates() []discover.Candidate {
	named := slices.Concat(a.options.Modules, a.Handover.Modules)
	if a.options.OnlyModules || a.Handover.Demonstration {
		return discover.Named(named)
	}
	return discover.Modules(append(named, a.effective().Modules...))
}

// provider gives the provider of a module; its helper starts when it is first asked.
func (a *App) provider(c discover.Candidate, helper string) token.Provider {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p := a.providers[c.Path]; p != nil {
		return p
	}
	var env []string
	if a.Handover.SoftHSM != "" {
		env = append(env, "SOFTHSM2_CONF="+a.Handover.SoftHSM)
	}
	p := remote.Start(remote.Options{Helper: helper, Module: c.Path, Reserved: c.Reserved, Env: env})
	a.providers[c.Path] = p
	return p
}

// findHelper gives the path of kyso-token: the one named, else the one beside this program.
func findHelper(named string) string {
	if named != "" {
		return named
	}
	exe, err := os.Executable()
	if err != nil {
		return helperName
	}
	return filepath.Join(filepath.Dir(exe), helperName)
}

// first gives the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
