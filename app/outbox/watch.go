package outbox

// Progress is how far the bytes of an item are.
type Progress struct {
	ID string
	// Sent of Total bytes reached the system. Sent goes back when a transfer has
	// to begin again.
	Sent, Total int64
}

// Watch calls f after every change of an item, on the goroutine that made it;
// f must not call back into the Box. stop ends it. An item that was cancelled or
// discarded comes a last time with an empty State.
func (b *Box) Watch(f func(Item)) (stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watcher++
	n := b.watcher
	b.watchers[n] = f
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers, n)
	}
}

// WatchProgress calls f while bytes are sent, at most a hundred times for each
// item, on the goroutine that sends them; f must not call back into the Box.
// stop ends it.
func (b *Box) WatchProgress(f func(Progress)) (stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watcher++
	n := b.watcher
	b.listeners[n] = f
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.listeners, n)
	}
}

// Progress gives the progress of an item that is being sent now; ok is false for others.
func (b *Box) Progress(id string) (p Progress, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok = b.progress[id]
	return p, ok
}

func (b *Box) tell(i Item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.watchers {
		f(i)
	}
}

// progressSteps is how finely progress is told.
const progressSteps = 100

// count notes the progress of an item and tells it when it moved visibly.
func (b *Box) count(i Item, sent int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := Progress{i.ID, sent, i.Size}
	old, known := b.progress[i.ID]
	if step := max(1, i.Size/progressSteps); known && sent != i.Size && sent/step == old.Sent/step {
		return
	}
	b.progress[i.ID] = p
	for _, f := range b.listeners {
		f(p)
	}
}
