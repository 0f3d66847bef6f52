package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"kyso/app/doctor"
	"kyso/app/network"
	"kyso/app/outbox"
	"kyso/app/settings"
	"kyso/signer/token"
	"kyso/signer/token/discover"
	"kyso/signer/token/remote"
)

// NewCheckup prepares a look at this machine without starting the program: what
// keeps it from a start becomes a finding. Close the App after the look; nothing
// else of it may be used.
func NewCheckup(o Options, version string) (*App, doctor.Config) {
	a := &App{options: o, providers: map[string]token.Provider{}}
	if o.Handover != nil {
		a.Handover = *o.Handover
	}
	var err error
	if a.Folders, err = settings.FindFolders(first(o.Data, a.Handover.Data)); err == nil {
		a.Settings, _ = settings.Load(a.Folders) // Checkup tells the error
	}
	if err := a.heed(first(o.Policy, settings.PolicyFile())); err != nil {
		a.Effective, a.PolicyProblem = a.Settings, err // Checkup tells it
	}
	a.helper = findHelper(first(o.Helper, a.Handover.Helper))
	n := a.Effective.Network
	a.client = network.New(network.Rules{Proxy: n.Proxy, Authority: n.Authority, Pins: n.Pins}, callLimit)
	c := a.Checkup(version)
	c.FolderErr = err
	return a, c
}

// Checkup says what the doctor looks at. Drivers are asked through the helpers
// that run already.
func (a *App) Checkup(version string) doctor.Config {
	e := a.effective()
	c := doctor.Config{
		Version: version, Folders: a.Folders, Helper: a.helper,
		Modules: a.candidates, Devices: discover.System().Devices, Open: a.open, Service: doctor.SystemService,
		Server: first(a.Handover.Server, e.Server),
		Outbox: a.waiting, Client: a.HTTP(), Clock: time.Now,
	}
	if a.Folders.Data != "" {
		_, err := settings.Load(a.Folders)
		c.SettingsErr = errors.Join(err, a.PolicyProblem)
	}
	c.Anchors, c.Intermediates, c.TrustErr = ReadTrust(a.trustFolder(e))
	l := a.lasting(e, c.Anchors)
	c.Level, c.Stamps = string(l.Level), l.TSAs
	return c
}

// open gives the provider of a module that a helper here can load.
func (a *App) open(c discover.Candidate) (token.Provider, bool) {
	helper, ok := a.helper, c.Err == nil
	if errors.Is(c.Err, token.ErrWrongMachine) {
		helper, ok = remote.HelperFor(a.helper, c.Machines)
	}
	if !ok {
		return nil, false
	}
	return a.provider(c, helper), true
}

// waiting lists the outbox. One that is not open is opened for the look and
// delivers nothing; one that was never made is not made.
func (a *App) waiting(ctx context.Context) ([]outbox.Item, error) {
	if a.Outbox != nil {
		return a.Outbox.List(ctx)
	}
	if _, err := os.Stat(filepath.Join(a.Folders.Outbox(), "outbox.db")); errors.Is(err, fs.ErrNotExist) || a.Folders.Data == "" {
		return nil, nil
	}
	b, err := outbox.Open(ctx, a.Folders.Outbox(), outbox.Options{Clock: time.Now})
	if err != nil {
		return nil, err
	}
	items, err := b.List(ctx)
	return items, errors.Join(err, b.Close())
}
