package placement_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kyso/app/placement"
)

func TestADraggedMarkLinesUp(t *testing.T) {
	p := page(1, line("CHỦ TỊCH", right, 300), line("Nguyễn Trọng Hải", right, 200))
	p.Marks = []placement.Rect{{X: 100, Y: 400, W: 50, H: 20}}
	cases := map[string]struct {
		from, want placement.Rect
		guides     int
	}{
		"its centre with title and name, its middle with the room's": {
			placement.Rect{X: right - 65 + 3, Y: 230, W: 130, H: 50}, placement.Rect{X: right - 65, Y: 230.5, W: 130, H: 50}, 3,
		},
		"its edge with an earlier mark's":  {placement.Rect{X: 102, Y: 500, W: 70, H: 30}, placement.Rect{X: 100, Y: 500, W: 70, H: 30}, 1},
		"with nothing when all is far":     {placement.Rect{X: 200, Y: 600, W: 33, H: 17}, placement.Rect{X: 200, Y: 600, W: 33, H: 17}, 0},
		"from beyond the edge of the page": {placement.Rect{X: 560, Y: -9, W: 100, H: 40}, placement.Rect{X: 495, Y: 0, W: 100, H: 40}, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, guides := placement.Snap(p, c.from, 6)
			if diff := cmp.Diff(c.want, got, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
				t.Error(diff)
			}
			if len(guides) != c.guides {
				t.Errorf("got guides %+v, want %d", guides, c.guides)
			}
		})
	}
}

func TestAFreeMarkIsNotPulledOntoText(t *testing.T) {
	p := page(1, line("CHỦ TỊCH", right, 300), line("Nguyễn Trọng Hải", right, 200))
	// 2 points above the name; level with it would be over it.
	from := placement.Rect{X: right - 65, Y: 213, W: 130, H: 12}
	got, _ := placement.Snap(p, from, 30)
	coversNothing(t, p, got)
}

func TestWhatIsNoNumberStaysAsItIs(t *testing.T) {
	p := page(1, line("CHỦ TỊCH", right, 300))
	bad := placement.Rect{X: math.Inf(1), Y: 1, W: 2, H: 3}
	if got, guides := placement.Snap(p, bad, 5); got != bad || guides != nil {
		t.Errorf("got %v with %v, want it as it was", got, guides)
	}
	if _, ok := placement.NearestFree(p, bad); ok {
		t.Error("got a free place for what is no rectangle")
	}
	good := placement.Rect{X: 1, Y: 1, W: 2, H: 3}
	if got, _ := placement.Snap(p, good, math.NaN()); got != good {
		t.Errorf("got %v, want it as it was", got)
	}
}

func TestTheNearestFreePlaceIsFound(t *testing.T) {
	p := page(1, line("CHỦ TỊCH", right, 300), line("Nguyễn Trọng Hải", right, 200))
	over := placement.Rect{X: right - 65, Y: 190, W: 130, H: 55}
	got, ok := placement.NearestFree(p, over)
	if !ok {
		t.Fatal("got none, want one above the name")
	}
	coversNothing(t, p, got)
	if way := math.Hypot(got.X-over.X, got.Y-over.Y); way > 30 {
		t.Errorf("got %+v, %.0f points away, want it right above the name", got, way)
	}
	full := page(1, placement.Line{Text: "kín trang", Rect: placement.Rect{X: 0, Y: 0, W: 595, H: 842}})
	if got, ok := placement.NearestFree(full, over); ok {
		t.Errorf("got %+v on a full page", got)
	}
}
