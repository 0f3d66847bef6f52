package doctor

import (
	"context"
	"crypto/x509"
	"net/http"
	"time"

	"kyso/app/outbox"
	"kyso/app/settings"
	"kyso/signer"
	"kyso/signer/token"
	"kyso/signer/token/discover"
)

// Config is what is looked at. Functions that are nil leave their part out.
type Config struct {
	// Version is the program's.
	Version string
	// Folders are the program's; zero where there is none, and FolderErr says why.
	Folders   settings.Folders
	FolderErr error
	// SettingsErr is why the settings could not be loaded.
	SettingsErr error
	// Helper is the kyso-token program, which loads the drivers.
	Helper string
	// Modules lists the modules that are looked into, Devices what is plugged in.
	Modules func() []discover.Candidate
	Devices func() []discover.Device
	// Open gives the provider of a module; false where no helper can load it. The
	// doctor does not close it.
	Open func(discover.Candidate) (token.Provider, bool)
	// Service tells the state of the system's smart-card service.
	Service func(ctx context.Context) ServiceState
	// Server is the base address of the document system, empty for none.
	Server string
	// Level is the PAdES level of signatures, Stamps are the time-stamping servers.
	Level  string
	Stamps []signer.TSA
	// Anchors and Intermediates are the certificates of CAs at hand; TrustErr is
	// why they could not be read.
	Anchors, Intermediates []*x509.Certificate
	TrustErr               error
	// Outbox lists what waits for delivery.
	Outbox func(ctx context.Context) ([]outbox.Item, error)
	// Client reaches the servers.
	Client *http.Client
	// Clock is this computer's.
	Clock func() time.Time
	// Screen is the window's; zero for a command line.
	Screen Screen
	// Limits bound the checks; the zero value of each means its default.
	Limits Limits
}

// Screen is where the window is shown.
type Screen struct {
	// Width and Height are the window's, in pixels; Scale is pixels to a unit.
	Width, Height int
	Scale         float64
}

// Limits are the times after which a check is given up.
type Limits struct {
	Local   time.Duration // files, folders, services of this machine: 10 s
	Driver  time.Duration // one driver with its tokens: 45 s
	Network time.Duration // one server or one certificate: 25 s
}

func (l Limits) orDefaults() Limits {
	set := func(d *time.Duration, standard time.Duration) {
		if *d <= 0 {
			*d = standard
		}
	}
	set(&l.Local, 10*time.Second)
	set(&l.Driver, 45*time.Second)
	set(&l.Network, 25*time.Second)
	return l
}
