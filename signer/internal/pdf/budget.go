package pdf

import "errors"

// errCostly stops a file that points to the same bytes again and again.
var errCostly = errors.New("the file costs more than its size allows")

// budget is the work that a file may still cause. An honest file has each
// object read a few times, and so costs in proportion to its size; a hostile
// one makes little bytes cost much.
type budget struct {
	parsed   int64 // bytes of objects and cross-reference sections
	expanded int64 // bytes of decoded streams
	rows     int64 // of cross-reference sections
	steps    int64 // of walks through pages and fields
}

func newBudget(size int64) *budget {
	return &budget{
		parsed:   16<<20 + 8*size,
		expanded: 128<<20 + 64*size,
		rows:     1<<20 + size,
		steps:    4 << 20,
	}
}

// spend takes n from what is left of one part of a budget.
func spend(left *int64, n int64) error {
	if *left -= n; *left < 0 {
		return errCostly
	}
	return nil
}
