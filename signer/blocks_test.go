package signer_test

import (
	"image"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kyso/signer"
	"kyso/signer/signertest"
)

func TestBlocksStandWhereTheDecreeWantsThem(t *testing.T) {
	picture := image.NewNRGBA(image.Rect(0, 0, 300, 150))
	a4 := signer.PageSize{W: 595, H: 842}
	at := time.Date(2026, 11, 23, 7, 5, 9, 0, time.UTC)
	approval := signer.Rect{X: 340, Y: 150, W: 150, H: 60}
	d := 36 * signer.Millimetre
	for name, c := range map[string]struct {
		mark  signer.Mark
		rect  signer.Rect
		lines string
	}{
		"the approval fills its room": {signer.ApprovalMark(2, approval, picture), approval, ""},
		"initials are as wide as they are told to be": {
			signer.InitialsMark(1, 100, 200, 15, picture),
			signer.Rect{X: 100, Y: 200, W: 15 * signer.Millimetre, H: 7.5 * signer.Millimetre},
			"",
		},
		"the seal covers the left third of the approval": {
			signer.SealMark(2, approval, 36, picture), signer.Rect{X: 390 - d, Y: 180 - d/2, W: d, H: d}, "",
		},
		"an annex has its number and time in the corner": {
			signer.AppendixMark(a4, font(t), "12/2026/QĐ-UBND", at),
			signer.Rect{X: 595 - 8 - 170, Y: 842 - 8 - 30, W: 170, H: 30},
			"12/2026/QĐ-UBND|2026-11-23T14:05:09+07:00",
		},
		"a number": {signer.NumberMark(1, signer.Rect{X: 1, Y: 2, W: 30, H: 16}, signer.Face{Font: font(t), Size: 13}, "07"), signer.Rect{X: 1, Y: 2, W: 30, H: 16}, "07"},
		"a date with zeros": {
			signer.DateMark(1, approval, signer.Face{Font: font(t), Size: 13}, "Hà Nội", time.Date(2026, 2, 5, 0, 0, 0, 0, time.UTC)), approval,
			"Hà Nội, ngày 05 tháng 02 năm 2026",
		},
		"a date of March": {
			signer.DateMark(1, approval, signer.Face{Font: font(t), Size: 13}, "", time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC)), approval,
			"ngày 15 tháng 3 năm 2026",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.rect, c.mark.Rect, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
				t.Errorf("rectangle (-want +got):\n%s", diff)
			}
			if got := strings.Join(c.mark.Lines, "|"); got != c.lines {
				t.Errorf("lines %q, want %q", got, c.lines)
			}
		})
	}
}

func TestALongCornerBlockKeepsItsTypeAndGrowsToTheLeft(t *testing.T) {
	pki := newPKI(t)
	a4 := signer.PageSize{W: 595.28, H: 841.89}
	m := signer.CopyMark(a4, font(t), "SAO Y", "Ủy ban nhân dân phường Văn Miếu – Quốc Tử Giám", signTime())
	if right := m.Rect.X + m.Rect.W; math.Abs(right-(a4.W-8)) > 1e-9 || m.Rect.W < 200 || m.FontSize != 10 {
		t.Errorf("block %+v, size %g", m.Rect, m.FontSize)
	}
	req := request(t, pki, "P-256")
	req.Marks = []signer.Mark{m}
	out := mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), req)
	said := run(t, "pdftotext", "-bbox", out, "-")
	if strings.Count(said, "</word>") < 10 || !strings.Contains(said, ">SAO<") {
		t.Errorf("pdftotext reads %s", said)
	}
}
