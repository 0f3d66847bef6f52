package studio

// A blob is ink that hangs together.
type blob struct {
	pixels []int
	edge   bool // it touches the edge of the picture
}

// faint is the alpha below which ink does not hold together.
const faint = 0.25

// drop takes away what is no stroke of the signature: blobs that are small beside
// the whole, and what comes in from the edge of the picture, such as the rim of
// the paper or a finger, unless nothing else is there.
func drop(alpha plane) {
	all := blobsOf(alpha)
	kept, inner := 0, 0
	for _, b := range all {
		kept += len(b.pixels)
		if !b.edge {
			inner += len(b.pixels)
		}
	}
	dropEdge := inner > 0
	if dropEdge {
		kept = inner
	}
	least := max(12, kept/400)
	stay := make([]bool, len(alpha.v))
	for _, b := range all {
		if len(b.pixels) < least || dropEdge && b.edge {
			continue
		}
		for _, i := range b.pixels {
			stay[i] = true
		}
	}
	for i := range alpha.v {
		if !stay[i] && !beside(stay, alpha, i) {
			alpha.v[i] = 0
		}
	}
}

// beside reports that a faint pixel lies at the rim of ink that stays.
func beside(stay []bool, p plane, i int) bool {
	if p.v[i] == 0 || p.v[i] >= faint {
		return false
	}
	x, y := i%p.w, i/p.w
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			nx, ny := x+dx, y+dy
			if nx >= 0 && ny >= 0 && nx < p.w && ny < p.h && stay[ny*p.w+nx] {
				return true
			}
		}
	}
	return false
}

// blobsOf finds what hangs together.
func blobsOf(p plane) []blob {
	seen := make([]bool, len(p.v))
	var all []blob
	for start := range p.v {
		if !seen[start] && p.v[start] >= faint {
			all = append(all, grow(p, seen, start))
		}
	}
	return all
}

// grow gathers what hangs together with a pixel.
func grow(p plane, seen []bool, start int) blob {
	var b blob
	stack := []int{start}
	seen[start] = true
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		b.pixels = append(b.pixels, i)
		x, y := i%p.w, i/p.w
		b.edge = b.edge || x == 0 || y == 0 || x == p.w-1 || y == p.h-1
		for ny := max(y-1, 0); ny <= min(y+1, p.h-1); ny++ {
			for nx := max(x-1, 0); nx <= min(x+1, p.w-1); nx++ {
				if n := ny*p.w + nx; !seen[n] && p.v[n] >= faint {
					seen[n] = true
					stack = append(stack, n)
				}
			}
		}
	}
	return b
}
