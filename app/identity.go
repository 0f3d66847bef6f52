package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"kyso/app/docsys"
	"kyso/app/network"
	"kyso/app/session"
	"kyso/app/settings"
)

// Reach is how servers are reached, for commands that start no services.
type Reach struct {
	// HTTP is the program's client, with the rules of the settings.
	HTTP *http.Client
	// Server is the document system of the settings, empty for none.
	Server string
	// Folder is the program's, empty where there is none.
	Folder string
}

// FindReach reads settings and the administrator's file and starts nothing. A person
// without a folder has the administrator's rules alone.
func FindReach(ctx context.Context, o Options) (Reach, error) {
	a := &App{options: o}
	folders, err := settings.FindFolders(o.Data)
	if err == nil {
		a.Folders = folders
		a.Settings, err = settings.Load(folders)
	}
	if errors.Is(err, settings.ErrNoFolder) && o.Data == "" {
		err = nil
	}
	if err == nil {
		err = a.heed(first(o.Policy, settings.PolicyFile()))
	}
	if err != nil {
		return Reach{}, fmt.Errorf("find the way to servers: %w", err)
	}
	a.network(ctx)
	return Reach{HTTP: a.client, Server: a.Effective.Server, Folder: a.Folders.Data}, nil
}

// Session keeps a person logged in at a server, whose client logs in.
func (r Reach) Session(server string, client *docsys.Client) *session.Keeper {
	return session.New(session.Options{Client: client, HTTP: r.HTTP, Target: server, Folder: r.Folder})
}

// Provider is the identity provider whose accounts the document system takes; without
// one, or without a server that can be reached now, it is an error.
func (a *App) Provider(ctx context.Context) (docsys.Provider, error) {
	if a.keeper == nil || !a.reference() {
		return docsys.Provider{}, fmt.Errorf("look for the identity provider: %w", session.ErrNoProvider)
	}
	return a.keeper.Provider(ctx)
}

// reference reports that documents leave for a server that keeps the contract.
func (a *App) reference() bool {
	k := a.effective().Connector.Kind
	return k == "" || k == settings.Reference
}

// LogInAt logs in at the document system's identity provider and lets waiting
// documents go. What renews the log-in is kept in the keyring; kept is false where
// there is none, and then the person is asked at each start. The caller saves
// identity, where it was, in the settings.
func (a *App) LogInAt(ctx context.Context, way session.Way) (identity string, kept bool, err error) {
	if a.keeper == nil || !a.reference() {
		return "", false, fmt.Errorf("log in: %w", session.ErrNoProvider)
	}
	if err := network.CheckAddress(a.effective().Server); err != nil {
		return "", false, fmt.Errorf("log in: %w", err)
	}
	identity, kept, err = a.keeper.LogIn(ctx, way)
	if err != nil {
		return "", false, err
	}
	c := a.effective().Connector
	_ = a.forgetPassword(ctx, c.Login) // of the account that is used no more; it would stay unused
	a.loggedIn("", identity)
	c.Login, c.Identity = "", identity
	return identity, kept, a.reconnect(ctx, c, "")
}
