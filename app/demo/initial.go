package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"

	"kyso/app"
	"kyso/app/placement"
	"kyso/app/signing"
)

// initialWidth is the width of initials on the page, in points: 15 mm.
const initialWidth = 42.5

// initial has the section head initial the letters that are shown initialed,
// with the head's own token, on the road that everybody's signature takes.
func (b *builder) initial(ctx context.Context) (err error) {
	private := filepath.Join(b.demo.dir, "initialing")
	a, err := app.Start(ctx, app.Options{
		Data: private, Helper: b.tools.Helper, NoOutbox: true,
		Handover: &app.Handover{Demonstration: true, SoftHSM: b.demo.SoftHSM(), Modules: []string{b.module}, Trust: b.demo.Trust()},
	})
	if err != nil {
		return fmt.Errorf("initial a letter: %w", err)
	}
	defer func() { err = errors.Join(err, a.Close(), os.RemoveAll(private)) }()
	seat, err := b.login(ctx, a.Road, SectionHead())
	if err != nil {
		return fmt.Errorf("initial a letter: %w", err)
	}
	defer func() { err = errors.Join(err, seat.Close(ctx)) }()
	for _, l := range Letters() {
		if !l.Initialed {
			continue
		}
		if err := b.initialLetter(ctx, seat, l); err != nil {
			return fmt.Errorf("initial letter %s: %w", l.File, err)
		}
	}
	return nil
}

// login finds the person's certificate and opens a seat with the PIN.
func (b *builder) login(ctx context.Context, road signing.Road, p Person) (signing.Seat, error) {
	found, err := road.Keys(ctx)
	if err != nil {
		return nil, err
	}
	want := fingerprint(b.people[p.ID])
	for _, k := range found.Keys {
		if k.Subject.SHA256 == want {
			pin := []byte(p.PIN)
			defer clear(pin)
			return road.Open(ctx, k, pin)
		}
	}
	return nil, fmt.Errorf("no token shows the certificate of %s: %d certificates found", p.Name, len(found.Keys))
}

func (b *builder) initialLetter(ctx context.Context, seat signing.Seat, l Letter) error {
	paper, err := set(l.File, b.now)
	if err != nil {
		return err
	}
	f, err := os.Open(b.demo.Initials(SectionHead()))
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	picture, err := png.Decode(f)
	if err != nil {
		return fmt.Errorf("read the picture of the initials: %w", err)
	}
	end := paper.End()
	height := initialWidth * float64(picture.Bounds().Dy()) / float64(picture.Bounds().Dx())
	done := b.demo.Letter(l) + ".signed"
	_, err = seat.Sign(ctx, signing.Job{
		Path: b.demo.Letter(l), Role: placement.Initials, Field: "KyNhay1",
		Page: end.Page, Rect: placement.Rect{X: end.X + 5, Y: end.Y - 7, W: initialWidth, H: height},
		Image: picture, Out: done, Time: b.now,
	}, func(signing.Step) {})
	if err != nil {
		return err
	}
	return os.Rename(done, b.demo.Letter(l))
}

// fingerprint is the SHA-256 of a certificate in lower-case hexadecimal.
func fingerprint(id certificateAndKey) string {
	sum := sha256.Sum256(id.Certificate.Raw)
	return hex.EncodeToString(sum[:])
}
