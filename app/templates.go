package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"kyso/app/docsys"
)

// kept are the agency's templates as the last answer of a server had them.
type kept struct {
	docsys.TaggedTemplates

	Server string `json:"server"`
}

// Templates gives how the agency wants marks to look, as it was heard last, also
// when the server cannot be reached now. What another server said does not count,
// nor what cannot be read: it is asked for again.
func (a *App) Templates() docsys.MarkTemplates { return a.keptTemplates().MarkTemplates }

func (a *App) keptTemplates() kept {
	var k kept
	b, err := os.ReadFile(a.templatesFile())
	if err != nil || json.Unmarshal(b, &k) != nil || k.Server != a.templatesServer() {
		return kept{}
	}
	return k
}

// FetchTemplates asks the server for its templates and keeps them. fresh reports
// that they are others than those at hand.
func (a *App) FetchTemplates(ctx context.Context) (fresh bool, err error) {
	if a.Client == nil {
		return false, nil
	}
	got, fresh, err := a.Client.Templates(ctx, a.keptTemplates().Tag)
	if err != nil || !fresh {
		return false, err
	}
	if why := got.Check(); why != "" { // of a server that does not check them itself
		return false, fmt.Errorf("keep the templates of marks: %s", why)
	}
	b, err := json.Marshal(kept{got, a.templatesServer()})
	if err != nil {
		return false, fmt.Errorf("keep the templates of marks: %w", err)
	}
	t, err := os.CreateTemp(a.Folders.Data, ".templates-*")
	if err != nil {
		return false, fmt.Errorf("keep the templates of marks: %w", err)
	}
	defer os.Remove(t.Name()) //nolint:errcheck // gone after the rename
	_, err = t.Write(b)
	err = errors.Join(err, t.Sync(), t.Close())
	if err == nil {
		err = os.Rename(t.Name(), a.templatesFile())
	}
	if err != nil {
		return false, fmt.Errorf("keep the templates of marks: %w", err)
	}
	return true, nil
}

func (a *App) templatesFile() string { return filepath.Join(a.Folders.Data, "templates.json") }

// templatesServer is the server whose templates count: a demonstration has another
// address at each start.
func (a *App) templatesServer() string {
	if a.Handover.Demonstration {
		return "demonstration"
	}
	return first(a.Handover.Server, a.Effective.Server)
}
