package handout

// Living counts the objects that somebody holds.
func Living() int {
	living.mu.Lock()
	defer living.mu.Unlock()
	return len(living.all)
}

// Goes says what IDropSource::QueryContinueDrag answers.
func Goes(escape, keys uintptr) uintptr { return queryContinueDrag(0, escape, keys) }
