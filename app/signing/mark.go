package signing

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"time"

	"kyso/app/placement"
	"kyso/signer/cert"
)

// ErrNoToken reports that a driver is there and no token is plugged in.
var ErrNoToken = errors.New("no token is plugged in")

// ErrNoCertificate reports that no certificate of the tokens found is the one meant.
var ErrNoCertificate = errors.New("no certificate fits")

const mm = 72 / 25.4 // points in a millimetre

// MarkSize gives the size of a mark in points as a role wants it, with the
// proportions of its picture: a signature 50 mm wide, initials 16 mm (the
// tradition is 12–20 mm), a seal in its real size; all bounded in height so that the mark stays between
// the printed title and name.
func MarkSize(r placement.Role, picture image.Image) (w, h float64) {
	w, h = 50*mm, 22*mm
	switch r {
	case placement.Initials:
		w, h = 16*mm, 9*mm
	case placement.Seal:
		w, h = SealDiameter*mm, SealDiameter*mm
	case placement.Approval, placement.Appendix, placement.Copy:
	}
	return fit(w, h, picture)
}

// fit makes a picture as large as a box lets it.
func fit(w, h float64, picture image.Image) (float64, float64) {
	if picture == nil || picture.Bounds().Empty() {
		return w, h
	}
	ratio := float64(picture.Bounds().Dy()) / float64(picture.Bounds().Dx())
	if w*ratio > h {
		return h / ratio, h
	}
	return w, w * ratio
}

// TextMark gives the lines of a mark without a picture: holder, unit, and the
// time by ISO 8601 in Vietnam's zone (NĐ 30/2020/NĐ-CP, Annex I, II, 7 and 8).
func TextMark(s cert.Subject, at time.Time) []string {
	lines := []string{"Ký bởi: " + s.Name}
	if s.Unit != "" && s.Unit != s.Name {
		lines = append(lines, "Cơ quan: "+s.Unit)
	}
	return append(lines, "Thời gian ký: "+signingTime(at))
}

// ReadPicture reads the PNG of a mark.
func ReadPicture(path string) (m image.Image, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if m, err = png.Decode(f); err != nil {
		return nil, fmt.Errorf("read the picture %s: %w", path, err)
	}
	return m, nil
}
