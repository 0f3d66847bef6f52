package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"

	"kyso/app/demo/ink"
	"kyso/assets"
)

// sealDiameter is the seal's, in millimeters.
const sealDiameter = 38

// writePictures draws signatures, initials and the seal.
func (d *Demo) writePictures() error {
	for _, p := range People() {
		if p.hand == "" {
			continue
		}
		signature, err := ink.Signature(p.hand)
		if err != nil {
			return fmt.Errorf("draw signatures: %w", err)
		}
		initials, err := ink.Initials(p.hand)
		if err != nil {
			return fmt.Errorf("draw signatures: %w", err)
		}
		if err := writePNG(d.Signature(p), signature); err != nil {
			return err
		}
		if err := writePNG(d.Initials(p), initials); err != nil {
			return err
		}
	}
	seal, err := ink.Seal("ỦY BAN NHÂN DÂN PHƯỜNG KIM LIÊN", sealDiameter, assets.SerifBold())
	if err != nil {
		return fmt.Errorf("draw the seal: %w", err)
	}
	return writePNG(d.SealPicture(), seal)
}

func writePNG(path string, m image.Image) error {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write a picture: %w", err)
	}
	return nil
}

func readers(buffers []*bytes.Buffer) []io.Reader {
	out := make([]io.Reader, len(buffers))
	for i, b := range buffers {
		out[i] = b
	}
	return out
}
