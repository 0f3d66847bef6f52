package signrate

import (
	"strconv"
	"strings"
)

// Formula names the rate that this package computes, with its version. Every
// figure that leaves the program carries it.
const Formula = "R1 v1"

// Definition says in one sentence what Formula counts; the help and every
// export print it.
const Definition = "Tỷ lệ ký số cá nhân: số văn bản đi có ít nhất một chữ ký số cá nhân hợp lệ của người có thẩm quyền, " +
	"chia cho số văn bản đi đã phát hành trong kỳ, trừ văn bản mật và loại văn bản được loại trừ. " +
	"Kỳ tính theo ngày ban hành; chỉ tính chữ ký do máy chủ tự kiểm tra."

// MinVolume is the number of documents below which a unit is not judged, unless
// a target says otherwise: a rate of few documents says nothing.
const MinVolume = 10

// NoRate is shown where nothing was due; never 0 % or 100 %.
const NoRate = "—"

// Bounds of the bands, in per cent. Both are strict.
const (
	praiseAbove = 99
	warnBelow   = 20
)

// Judge gives the band of fulfilled documents of required ones. A unit with
// fewer than minVolume documents is not judged; minVolume below 1 judges all.
func Judge(required, fulfilled, minVolume int) Band {
	switch {
	case required <= 0:
		return None
	case required < minVolume:
		return LowVolume
	case 100*fulfilled > praiseAbove*required:
		return Praised
	case 100*fulfilled < warnBelow*required:
		return Warned
	}
	return Normal
}

// Add gives the figure of two disjoint sets of documents together: the ratio
// of the sums, never the mean of the rates. Its band is judged anew.
func (f Figure) Add(g Figure, minVolume int) Figure {
	sum := Figure{
		Required:  f.Required + g.Required,
		Fulfilled: f.Fulfilled + g.Fulfilled,
		Pending:   f.Pending + g.Pending,
		Excluded:  f.Excluded + g.Excluded,
		Late:      f.Late + g.Late,
	}
	sum.Band = Judge(sum.Required, sum.Fulfilled, minVolume)
	return sum
}

// Text shows the rate as the board prints it: "94,12 %", with a decimal comma,
// to the nearest hundredth but never up to a whole per cent, where the bounds
// of the bands and of targets lie: 98,996 % shows 98,99 %, so that nobody reads
// "99,00 %" without having reached it. It is NoRate when nothing was due.
func (f Figure) Text() string {
	if f.Required <= 0 {
		return NoRate
	}
	hundredths := f.Hundredths()
	var b strings.Builder
	b.WriteString(strconv.Itoa(hundredths / 100))
	b.WriteByte(',')
	if hundredths%100 < 10 {
		b.WriteByte('0')
	}
	b.WriteString(strconv.Itoa(hundredths % 100))
	b.WriteString(" %")
	return b.String()
}

// Hundredths is the rate in hundredths of a per cent as Text shows it; 0 when
// nothing was due.
func (f Figure) Hundredths() int {
	if f.Required <= 0 {
		return 0
	}
	hundredths, rest := 10000*f.Fulfilled/f.Required, 10000*f.Fulfilled%f.Required
	if 2*rest >= f.Required && (hundredths+1)%100 != 0 {
		hundredths++
	}
	return hundredths
}

// Missing is the number of documents that are due and not fulfilled.
func (f Figure) Missing() int { return f.Required - f.Fulfilled }

// ToPraise is the number of documents that must still be signed so that the
// rate is above 99 %. It is zero when it already is, or when nothing is due.
func ToPraise(f Figure) int {
	if f.Required <= 0 {
		return 0
	}
	return max(0, praiseAbove*f.Required/100+1-f.Fulfilled)
}

// ToLeaveWarning is the number of documents that must still be signed so that
// the rate is not below 20 %. It is zero when it is not.
func ToLeaveWarning(f Figure) int {
	if f.Required <= 0 {
		return 0
	}
	ceil := (warnBelow*f.Required + 99) / 100
	return max(0, ceil-f.Fulfilled)
}
