package app

import (
	"context"
	"errors"
	"fmt"

	"kyso/app/docsys"
	"kyso/app/outbox"
	"kyso/app/placement"
	"kyso/app/preview"
	"kyso/app/secrecy"
)

// lookedAt is how many pages are read for a mark of secrecy at either end of a
// document: the mark stands on the first page, appendices bring their own.
const lookedAt = 3

// Secrecy looks for marks of secrecy in a file. password opens an encrypted one;
// nil for others.
func (a *App) Secrecy(ctx context.Context, path string, password []byte) (secrecy.Finding, error) {
	d, err := a.Renderer().OpenWith(ctx, path, password)
	if err != nil {
		return secrecy.Finding{}, fmt.Errorf("look for a mark of secrecy in %s: %w", path, err)
	}
	defer d.Close() //nolint:errcheck // only read
	var pages []placement.Page
	n := len(d.Pages())
	for page := 1; page <= n; page++ {
		if page > lookedAt && page <= n-lookedAt {
			continue
		}
		p, err := d.Page(ctx, page)
		if err != nil {
			return secrecy.Finding{}, fmt.Errorf("look for a mark of secrecy in %s: %w", path, err)
		}
		pages = append(pages, p)
	}
	return secrecy.Look(pages), nil
}

// MaySend says before a PIN is asked for what the outbox would say of a file of
// the document d: an error of package secrecy for a secret or doubtful one.
func (a *App) MaySend(ctx context.Context, d *docsys.Document, path string, password []byte) error {
	return a.gate(ctx, outbox.Item{Path: path, Title: d.Subject, Metadata: docsys.MetadataOf(d), Password: password})
}

// gate refuses secret documents at the outbox: by their metadata, their subject
// and the text of their pages. A doubt is refused until the person vouches.
func (a *App) gate(ctx context.Context, i outbox.Item) error {
	if err := refusePractised(i.Path, i.Password); err != nil {
		return err
	}
	told := secrecy.Worst(secrecy.Declared(i.Metadata.Secrecy), secrecy.InSubject(i.Metadata.Subject), secrecy.InSubject(i.Title))
	if err := told.Err(i.NotSecret); err != nil {
		return err
	}
	seen, err := a.Secrecy(ctx, i.Path, i.Password)
	switch {
	case errors.Is(err, preview.ErrPassword) && len(i.Password) == 0: // nobody can look inside
		return secrecy.Finding{Level: secrecy.Mat, Page: 1}.Err(i.NotSecret)
	case err != nil:
		return err
	}
	return seen.Err(i.NotSecret)
}
